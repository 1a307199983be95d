//! Signs, parses and verifies tokens.

use crate::domain::signed_token::kind::TokenKind;
use crate::domain::signed_token::legacy::{self, LegacyKey};
use crate::secret::{self, KeyId, MacKey, MasterKey, Secret};

const HEADER: usize = 1 + size_of::<KeyId>();
const TAG: usize = 32;

/// A token as presented by a browser, in the layout of its kind. Only [`Signer::is_genuine`] tells whether we issued it.
#[derive(Clone, Debug)]
pub struct SignedToken {
    bytes: Secret<Vec<u8>>,
    /// [`HEADER`], or less in a token without a key ID.
    body_at: usize,
}

impl SignedToken {
    /// Parses a token of this kind whose body has one of these lengths. Longer text is not decoded.
    #[must_use]
    pub fn parse(kind: TokenKind, lengths: &[usize], text: &str) -> Option<Self> {
        let longest = HEADER + lengths.iter().max()? + TAG;
        if text.len() > (4 * longest).div_ceil(3) {
            return None;
        }
        let bytes = Secret::new(secret::decode(text)?);
        let fits = |body_at: &usize| {
            let length = bytes.reveal().len().checked_sub(body_at + TAG);
            length.is_some_and(|length| lengths.contains(&length))
        };
        let is_of_kind = bytes.reveal().first() == Some(&kind.number());
        let body_at = Some(HEADER).filter(|at| is_of_kind && fits(at));
        let body_at = body_at.or_else(|| legacy::body_at(kind, bytes.reveal()).filter(fits))?;
        Some(Self { bytes, body_at })
    }

    /// The data of the token.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.message()[self.body_at..]
    }

    /// The ID of the key that it claims to be signed under.
    fn key_id(&self) -> Option<&[u8]> {
        (self.body_at == HEADER).then(|| &self.bytes.reveal()[1..HEADER])
    }

    /// Everything that the tag covers.
    fn message(&self) -> &[u8] {
        let bytes = self.bytes.reveal();
        &bytes[..bytes.len() - TAG]
    }

    fn tag(&self) -> &[u8] {
        let bytes = self.bytes.reveal();
        &bytes[bytes.len() - TAG..]
    }
}

/// Signs the tokens of one kind.
#[derive(Clone, Debug)]
pub struct Signer {
    kind: TokenKind,
    id: KeyId,
    key: MacKey,
    legacy: LegacyKey,
}

impl Signer {
    /// Derives the key for this kind.
    #[must_use]
    pub fn derive(master: &MasterKey, kind: TokenKind) -> Self {
        Self {
            kind,
            id: master.id(),
            key: master.mac_key(&[kind.number()], "signed token"),
            legacy: LegacyKey::derive(master, kind),
        }
    }

    /// The text of a token with this body, which is valid only in this context.
    #[must_use]
    pub fn sign(&self, body: &[&[u8]], context: &[&[u8]]) -> Secret<String> {
        let message = [&[self.kind.number()], self.id.as_slice(), &body.concat()].concat();
        let bytes = Secret::new([&*message, &tag(&self.key, &message, context)].concat());
        Secret::new(secret::encode(bytes.reveal()))
    }

    /// Parses a token without verifying its tag; `None` if it was signed under another key.
    #[must_use]
    pub fn parse(&self, lengths: &[usize], text: &str) -> Option<SignedToken> {
        let token = SignedToken::parse(self.kind, lengths, text)?;
        let is_known = token.key_id().is_none_or(|id| self.key(id).is_some());
        if !is_known {
            // Forged, from before SECRET_KEY was changed, or signed by an instance with another one.
            tracing::warn!(kind = ?self.kind, "refused a token signed under another SECRET_KEY");
        }
        is_known.then_some(token)
    }

    /// Whether we issued the token for this context. Compared in constant time.
    #[must_use]
    pub fn is_genuine(&self, token: &SignedToken, context: &[&[u8]]) -> bool {
        let message = token.message();
        match token.key_id().map(|id| self.key(id)) {
            Some(Some(key)) => secret::is_same(&tag(key, message, context), token.tag()),
            Some(None) => false,
            None => self.legacy.verify(message, context, token.tag()),
        }
    }

    /// Parses and verifies a token that is not bound to a context.
    #[must_use]
    pub fn open(&self, lengths: &[usize], text: &str) -> Option<SignedToken> {
        self.parse(lengths, text).filter(|token| self.is_genuine(token, &[]))
    }

    /// The key with this ID, if we have it.
    fn key(&self, id: &[u8]) -> Option<&MacKey> {
        (id == self.id).then_some(&self.key)
    }
}

fn tag(key: &MacKey, message: &[u8], context: &[&[u8]]) -> [u8; 32] {
    key.tag_of_parts([message].into_iter().chain(context.iter().copied()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KINDS: [TokenKind; 8] = [
        TokenKind::FormerRefreshToken,
        TokenKind::BrowserRefreshToken,
        TokenKind::ProgramRefreshToken,
        TokenKind::GateToken,
        TokenKind::GateTicket,
        TokenKind::Device,
        TokenKind::BrowserState,
        TokenKind::DoctorQuestion,
    ];
    const BODY: &[u8] = b"a body";
    const CONTEXT: [&[u8]; 2] = [b"seed", b"host"];

    fn signer(byte: u8, kind: TokenKind) -> Signer {
        Signer::derive(&MasterKey::new(vec![byte; 32]), kind)
    }

    fn accepts(signer: &Signer, text: &str) -> bool {
        signer.parse(&[BODY.len()], text).is_some_and(|token| signer.is_genuine(&token, &CONTEXT))
    }

    #[test]
    fn a_token_is_valid_only_in_its_context_and_cannot_be_changed() {
        for kind in KINDS {
            let signer = signer(7, kind);
            let text = signer.sign(&[b"a ", b"body"], &CONTEXT);
            let token = signer.parse(&[3, BODY.len()], text.reveal()).unwrap();
            assert_eq!(token.body(), BODY);
            assert!(signer.is_genuine(&token, &CONTEXT));
            let wrong: [&[&[u8]]; 5] = [
                &[],
                &[b"seed"],
                &[b"host", b"seed"],
                &[b"seedh", b"ost"],
                &[b"seed", b"host", b""],
            ];
            for context in wrong {
                assert!(!signer.is_genuine(&token, context), "{kind:?} {context:?}");
            }
            let bytes = secret::decode(text.reveal()).unwrap();
            for bit in 0..bytes.len() * 8 {
                let mut forged = bytes.clone();
                forged[bit / 8] ^= 1 << (bit % 8);
                assert!(!accepts(&signer, &secret::encode(&forged)), "{kind:?} bit {bit}");
            }
        }
    }

    #[test]
    fn no_kind_is_accepted_in_place_of_another() {
        for made in KINDS {
            let text = signer(7, made).sign(&[BODY], &CONTEXT);
            for asked in KINDS {
                let signer = signer(7, asked);
                assert_eq!(accepts(&signer, text.reveal()), made == asked, "{made:?} {asked:?}");
                let mut renamed = secret::decode(text.reveal()).unwrap();
                renamed[0] = asked.number();
                let renamed = secret::encode(&renamed);
                assert_eq!(accepts(&signer, &renamed), made == asked, "{made:?} {asked:?}");
            }
        }
    }

    #[test]
    fn the_kind_and_the_key_id_are_covered_by_the_tag() {
        let kind = TokenKind::GateToken;
        let signer = signer(7, kind);
        let other_id = Signer { id: *b"else", ..signer.clone() };
        let other_kind = Signer { kind: TokenKind::Device, ..signer.clone() };
        for with_same_key in [other_id, other_kind] {
            let text = with_same_key.sign(&[BODY], &CONTEXT);
            assert!(accepts(&with_same_key, text.reveal()));
            let mut forged = secret::decode(text.reveal()).unwrap();
            forged[0] = kind.number();
            forged[1..HEADER].copy_from_slice(&signer.id);
            assert!(!accepts(&signer, &secret::encode(&forged)));
        }
    }

    #[test]
    fn a_token_of_another_secret_key_is_refused_by_its_id() {
        for kind in KINDS {
            let text = signer(8, kind).sign(&[BODY], &CONTEXT);
            let signer = signer(7, kind);
            assert!(signer.parse(&[BODY.len()], text.reveal()).is_none());
            let token = SignedToken::parse(kind, &[BODY.len()], text.reveal()).unwrap();
            assert!(!signer.is_genuine(&token, &CONTEXT));
            // With the right ID, the tag is wrong.
            let mut forged = secret::decode(text.reveal()).unwrap();
            forged[1..HEADER].copy_from_slice(&signer.id);
            assert!(!accepts(&signer, &secret::encode(&forged)), "{kind:?}");
        }
    }

    #[test]
    fn only_bodies_of_the_given_lengths_are_read() {
        let signer = signer(7, TokenKind::GateTicket);
        let lengths = [0, 7, 20];
        for length in 0..40 {
            let text = signer.sign(&[&vec![1; length]], &[]);
            assert_eq!(signer.open(&lengths, text.reveal()).is_some(), lengths.contains(&length));
        }
        let text = signer.sign(&[&[1; 20]], &[]);
        for text in ["", "A", "!", &format!("{}A", text.reveal()), &"A".repeat(1_000_000)] {
            assert!(signer.parse(&lengths, text).is_none(), "{text:.80}");
        }
    }

    #[test]
    fn signers_and_tokens_print_no_secret() {
        let signer = signer(104, TokenKind::BrowserRefreshToken);
        let text = signer.sign(&[BODY], &CONTEXT);
        let token = signer.parse(&[BODY.len()], text.reveal()).unwrap();
        let shown = format!("{token:?}{:?}", signer.legacy);
        assert!(!shown.contains("104") && !shown.contains(text.reveal()), "{shown}");
        assert!(!shown.contains(&format!("{:?}", token.tag())), "{shown}");
    }
}
