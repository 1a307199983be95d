//! Gate tokens: the credential of a session at one guarded host.

use uuid::Uuid;

use crate::clock::Timestamp;
use crate::domain::gate::origin::GateOrigin;
use crate::domain::id::SessionId;
use crate::domain::sign_in::refresh_token::Seed;
use crate::domain::signed_token::signer::{SignedToken, Signer};
use crate::secret::Secret;

/// Session ID and expiry.
const BODY: usize = 16 + 8;

/// A gate token as presented by a browser. Its body is `session ID ‖ expiry`. Its context is the session's seed, so that a forger needs
/// both the database and `SECRET_KEY`, and the host, so that no other host accepts it.
#[derive(Clone, Debug)]
pub struct GateToken {
    session: SessionId,
    end: Timestamp,
    signed: SignedToken,
}

impl GateToken {
    /// The text of a session's token for the host of `origin`, valid until `end`.
    #[must_use]
    pub fn compute(
        signer: &Signer,
        seed: &Seed,
        session: SessionId,
        origin: &GateOrigin,
        end: Timestamp,
    ) -> Secret<String> {
        signer.sign(&[session.0.as_bytes(), &end.0.to_be_bytes()], &context(seed, origin))
    }

    /// Parses a token without verifying its tag; `None` if it is malformed or was signed under another key.
    #[must_use]
    pub fn parse(signer: &Signer, text: &str) -> Option<Self> {
        let token = signer.parse(&[BODY], text)?;
        let (session, end) = token.body().split_first_chunk()?;
        let session = SessionId(Uuid::from_bytes(*session));
        let end = Timestamp(i64::from_be_bytes(end.try_into().ok()?));
        Some(Self { session, end, signed: token })
    }

    /// Whether we issued it for the session with this `seed` and for this host. Compared in constant time.
    #[must_use]
    pub fn is_genuine(&self, signer: &Signer, seed: &Seed, origin: &GateOrigin) -> bool {
        signer.is_genuine(&self.signed, &context(seed, origin))
    }

    /// The session it names.
    #[must_use]
    pub fn session(&self) -> SessionId {
        self.session
    }

    /// Whether it has expired.
    #[must_use]
    pub fn is_expired(&self, now: Timestamp) -> bool {
        now >= self.end
    }
}

/// Browsers send cookies to every port of a host, so the context does not include the port.
fn context<'a>(seed: &'a Seed, origin: &'a GateOrigin) -> [&'a [u8]; 2] {
    [seed.reveal(), origin.site().as_bytes()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::signed_token::kind::TokenKind;
    use crate::secret::{self, MasterKey};
    use url::Url;

    fn origin(text: &str) -> GateOrigin {
        GateOrigin::of(&Url::parse(text).unwrap()).unwrap()
    }

    fn signer(byte: u8) -> Signer {
        Signer::derive(&MasterKey::new(vec![byte; 32]), TokenKind::GateToken)
    }

    #[test]
    fn a_token_is_valid_at_one_host() {
        let signer = signer(7);
        let (now, end) = (Timestamp(1_000_000), Timestamp(1_000_060));
        let (session, seed) = (SessionId::new(now), Seed::random());
        let app = origin("https://app.example.org");
        let text = GateToken::compute(&signer, &seed, session, &app, end);
        let token = GateToken::parse(&signer, text.reveal()).unwrap();
        assert!(token.is_genuine(&signer, &seed, &app));
        assert_eq!(token.session(), session);
        assert!(!token.is_expired(now) && token.is_expired(end));
        assert!(token.is_genuine(&signer, &seed, &origin("https://app.example.org:8443")));

        for other in ["https://app2.example.org", "http://app.example.org", "https://example.org"] {
            assert!(!token.is_genuine(&signer, &seed, &origin(other)), "{other}");
        }
        assert!(!token.is_genuine(&signer, &Seed::random(), &app));
    }

    #[test]
    fn forged_tokens_are_refused() {
        let (signer, other) = (signer(7), signer(8));
        let (session, seed) = (SessionId::new(Timestamp(1_000_000)), Seed::random());
        let app = origin("https://app.example.org");
        let text = GateToken::compute(&signer, &seed, session, &app, Timestamp(1_000_060));
        assert!(GateToken::parse(&other, text.reveal()).is_none(), "before a row is read");
        let token = GateToken::parse(&signer, text.reveal()).unwrap();
        assert!(!token.is_genuine(&other, &seed, &app));

        let bytes = secret::decode(text.reveal()).unwrap();
        for bit in 0..bytes.len() * 8 {
            let mut forged = bytes.clone();
            forged[bit / 8] ^= 1 << (bit % 8);
            let token = GateToken::parse(&signer, &secret::encode(&forged));
            assert!(!token.is_some_and(|it| it.is_genuine(&signer, &seed, &app)), "bit {bit}");
        }
        for text in ["", "x", &"A".repeat(4_000)] {
            assert!(GateToken::parse(&signer, text).is_none(), "{text}");
        }
    }
}
