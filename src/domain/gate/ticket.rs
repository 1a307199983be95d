//! Tickets, which carry a sign-in from the login host to a guarded host, and the nonce that ties a ticket to one browser.

use std::time::Duration;

use uuid::Uuid;

use crate::clock::Timestamp;
use crate::domain::gate::origin::GateOrigin;
use crate::domain::id::SessionId;
use crate::domain::sign_in::refresh_token::Seed;
use crate::domain::signed_token::kind::TokenKind;
use crate::domain::signed_token::signer::{SignedToken, Signer};
use crate::secret::{self, Secret};

/// How long a ticket is valid: the time that one redirect may take.
pub const LIFETIME: Duration = Duration::from_mins(1);

const NUMBER: usize = 16;

/// Second-try flag, session ID, expiry, random number, and the hash of the browser's nonce.
const BODY: usize = 1 + 16 + 8 + NUMBER + 32;

/// Random bytes in a cookie of the guarded host. The login host learns only their hash. A ticket is useless in a browser without them.
#[derive(Clone, Debug)]
pub struct Nonce(Secret<[u8; 32]>);

impl Nonce {
    /// Generates a nonce.
    #[must_use]
    pub fn random() -> Self {
        Self(Secret::new(secret::random()))
    }

    /// Parses the value of the cookie; `None` if it is malformed.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        parse_32(text).map(|bytes| Self(Secret::new(bytes)))
    }

    /// The text for the cookie.
    #[must_use]
    pub fn reveal(&self) -> Secret<String> {
        Secret::new(secret::encode(self.0.reveal()))
    }

    /// The hash, for the login host.
    #[must_use]
    pub fn hash(&self) -> NonceHash {
        NonceHash(secret::sha256(self.0.reveal()))
    }
}

/// The hash of a nonce.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NonceHash([u8; 32]);

impl NonceHash {
    /// Parses the hash in a URL.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        parse_32(text).map(Self)
    }

    /// The text for a URL.
    #[must_use]
    pub fn to_text(self) -> String {
        secret::encode(&self.0)
    }
}

fn parse_32(text: &str) -> Option<[u8; 32]> {
    if text.len() != 43 {
        return None;
    }
    secret::decode(text)?.try_into().ok()
}

/// A ticket as presented by a browser. Its body is `second try ‖ session ID ‖ expiry ‖ number ‖ nonce hash`. Its context is the origin and
/// the session's seed, so that a forger needs both the database and `SECRET_KEY`. The nonce's hash is in the body rather than in the
/// context, so that a genuine ticket is recognised and spent even in a browser without the nonce.
#[derive(Clone, Debug)]
pub struct Ticket {
    is_second_try: bool,
    session: SessionId,
    end: Timestamp,
    nonce: NonceHash,
    signed: SignedToken,
}

/// What a ticket is for.
#[derive(Clone, Copy, Debug)]
pub struct Journey<'a> {
    /// The session that the sign-in belongs to.
    pub session: SessionId,
    /// The session's seed.
    pub seed: &'a Seed,
    /// The guarded app that it leads to.
    pub origin: &'a GateOrigin,
}

impl<'a> Journey<'a> {
    fn context(self) -> [&'a [u8]; 2] {
        [self.seed.reveal(), self.origin.as_str().as_bytes()]
    }
}

impl Ticket {
    /// The text of a new ticket. `again`: the previous ticket did not work.
    #[must_use]
    pub fn issue(
        signer: &Signer,
        journey: Journey<'_>,
        nonce: NonceHash,
        again: bool,
        now: Timestamp,
    ) -> Secret<String> {
        let end = now.after(LIFETIME).0.to_be_bytes();
        let number = secret::random::<NUMBER>();
        let body = [&[u8::from(again)][..], journey.session.0.as_bytes(), &end, &number, &nonce.0];
        signer.sign(&body, &journey.context())
    }

    /// Parses a ticket without verifying its tag; `None` if it is malformed. A tail that cannot belong to it is ignored.
    ///
    /// Any key ID is accepted: [`Ticket::is_second_try`] must also stop a loop between servers with different keys.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.split(|c| !secret::is_encoded(c)).next()?;
        let signed = SignedToken::parse(TokenKind::GateTicket, &[BODY], text)?;
        let (again, rest) = signed.body().split_first()?;
        let (session, rest) = rest.split_first_chunk()?;
        let (end, rest) = rest.split_first_chunk()?;
        let (_, nonce) = rest.split_first_chunk::<NUMBER>()?;
        Some(Self {
            is_second_try: *again != 0,
            session: SessionId(Uuid::from_bytes(*session)),
            end: Timestamp(i64::from_be_bytes(*end)),
            nonce: NonceHash(nonce.try_into().ok()?),
            signed,
        })
    }

    /// Whether we issued it for this journey. Compared in constant time.
    #[must_use]
    pub fn is_genuine(&self, signer: &Signer, journey: Journey<'_>) -> bool {
        self.session == journey.session && signer.is_genuine(&self.signed, &journey.context())
    }

    /// Whether it was issued to the browser that has this nonce. Compared in constant time.
    #[must_use]
    pub fn is_for(&self, nonce: &Nonce) -> bool {
        secret::is_same(&self.nonce.0, &nonce.hash().0)
    }

    /// The session it names.
    #[must_use]
    pub fn session(&self) -> SessionId {
        self.session
    }

    /// Whether it claims to be the second try. Trusted before the tag is verified, because it can only stop a redirect loop.
    #[must_use]
    pub fn is_second_try(&self) -> bool {
        self.is_second_try
    }

    /// Whether it has expired, or was issued before the clock was set back and would live too long.
    #[must_use]
    pub fn is_expired(&self, now: Timestamp) -> bool {
        now >= self.end || self.end.before(LIFETIME).is_ahead_of(now)
    }

    /// What the database stores of a spent ticket.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        secret::sha256(self.signed.body())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::MasterKey;
    use url::Url;

    fn origin(text: &str) -> GateOrigin {
        GateOrigin::of(&Url::parse(text).unwrap()).unwrap()
    }

    fn signer(byte: u8) -> Signer {
        Signer::derive(&MasterKey::new(vec![byte; 32]), TokenKind::GateTicket)
    }

    #[test]
    fn a_ticket_is_valid_only_for_its_host_nonce_and_time() {
        let (signer, now) = (signer(7), Timestamp(1_000_000));
        let (session, seed, nonce) = (SessionId::new(now), Seed::random(), Nonce::random());
        let (app, other) =
            (origin("https://app.example.org"), origin("https://app.example.org:8443"));
        let journey = Journey { session, seed: &seed, origin: &app };
        let issue = |again| {
            let text = Ticket::issue(&signer, journey, nonce.hash(), again, now);
            Ticket::parse(text.reveal()).unwrap()
        };
        let ticket = issue(false);
        assert!(ticket.is_genuine(&signer, journey) && !ticket.is_second_try());
        assert!(ticket.is_for(&nonce) && !ticket.is_for(&Nonce::random()));
        assert_eq!(ticket.session(), session);
        assert!(!ticket.is_expired(now.after(Duration::from_secs(59))));
        assert!(ticket.is_expired(now.after(LIFETIME)));
        assert!(ticket.is_expired(now.before(Duration::from_hours(24))), "the clock was set back");

        let stranger = Seed::random();
        for wrong in [
            Journey { session: SessionId::new(now), ..journey },
            Journey { seed: &stranger, ..journey },
            Journey { origin: &other, ..journey },
        ] {
            assert!(!ticket.is_genuine(&signer, wrong), "{wrong:?}");
        }
        assert!(issue(true).is_second_try());
        assert_ne!(issue(false).hash(), ticket.hash(), "each has a number of its own");
    }

    #[test]
    fn a_ticket_of_another_secret_key_is_still_recognised_as_a_second_try() {
        let (session, seed) = (SessionId::new(Timestamp(1_000_000)), Seed::random());
        let app = origin("https://app.example.org");
        let journey = Journey { session, seed: &seed, origin: &app };
        let nonce = Nonce::random().hash();
        let text = Ticket::issue(&signer(8), journey, nonce, true, Timestamp(1_000_000));
        let ticket = Ticket::parse(text.reveal()).unwrap();
        assert!(ticket.is_second_try() && !ticket.is_genuine(&signer(7), journey));
    }

    #[test]
    fn no_bit_of_a_ticket_can_be_changed() {
        let (signer, now) = (signer(7), Timestamp(1_000_000));
        let (session, seed, app) =
            (SessionId::new(now), Seed::random(), origin("https://app.example.org"));
        let journey = Journey { session, seed: &seed, origin: &app };
        let text = Ticket::issue(&signer, journey, Nonce::random().hash(), false, now);
        let bytes = secret::decode(text.reveal()).unwrap();
        for bit in 0..bytes.len() * 8 {
            let mut forged = bytes.clone();
            forged[bit / 8] ^= 1 << (bit % 8);
            let ticket = Ticket::parse(&secret::encode(&forged));
            assert!(!ticket.is_some_and(|it| it.is_genuine(&signer, journey)), "bit {bit}");
        }
        for text in ["", "x", &"A".repeat(4_000), &secret::encode(&bytes[1..])] {
            assert!(Ticket::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn nonces_round_trip() {
        let nonce = Nonce::random();
        let read = Nonce::parse(nonce.reveal().reveal()).unwrap();
        assert_eq!(read.hash(), nonce.hash());
        assert_eq!(NonceHash::parse(&nonce.hash().to_text()), Some(nonce.hash()));
        assert!(Nonce::parse("short").is_none() && NonceHash::parse("").is_none());
    }
}
