//! Tickets: how a sign-in gets from the login host to a guarded one, and the nonce that ties it to one browser.

use std::time::Duration;

use uuid::Uuid;

use crate::clock::Timestamp;
use crate::domain::gate::origin::GateOrigin;
use crate::domain::id::SessionId;
use crate::domain::sign_in::refresh_token::Seed;
use crate::secret::{self, MacKey, Secret};

/// How long a ticket is good: one redirect's time.
pub const LIFETIME: Duration = Duration::from_mins(1);

const VERSION: u8 = 2;
const ID: usize = 16;
const TIME: usize = 8;
const HASH: usize = 32;
const TAG: usize = 32;
/// Version, whether it is a second try, the session, the end, a number of its own, and the hash of the browser's nonce.
const BODY: usize = 2 + ID + TIME + ID + HASH;

/// Random bytes in a cookie of the guarded host. The login host only learns their hash: a ticket is worth nothing in any other
/// browser.
#[derive(Clone, Debug)]
pub struct Nonce(Secret<[u8; 32]>);

impl Nonce {
    /// Makes a new one.
    #[must_use]
    pub fn random() -> Self {
        Self(Secret::new(secret::random()))
    }

    /// Reads the cookie's value; `None` if it cannot be one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        parse_32(text).map(|bytes| Self(Secret::new(bytes)))
    }

    /// The text for the cookie.
    #[must_use]
    pub fn reveal(&self) -> Secret<String> {
        Secret::new(secret::encode(self.0.reveal()))
    }

    /// What the login host learns.
    #[must_use]
    pub fn hash(&self) -> NonceHash {
        NonceHash(secret::sha256(self.0.reveal()))
    }
}

/// The hash of a nonce.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NonceHash([u8; 32]);

impl NonceHash {
    /// Reads it from an address.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        parse_32(text).map(Self)
    }

    /// The text for an address.
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

/// A ticket as a browser brought it: `version ‖ second try ‖ session id ‖ end ‖ number ‖ nonce hash ‖ HMAC-SHA-256`, in base64url. The
/// tag also covers the session's seed and the origin, so that neither database nor `SECRET_KEY` alone makes one. Since the nonce's hash
/// is in the ticket, a genuine one is recognised, and spent, in a browser that does not have the nonce.
#[derive(Clone, Debug)]
pub struct Ticket {
    body: [u8; BODY],
    tag: Secret<[u8; TAG]>,
}

/// What a ticket is for.
#[derive(Clone, Copy, Debug)]
pub struct Journey<'a> {
    /// The session that goes there.
    pub session: SessionId,
    /// The session's seed.
    pub seed: &'a Seed,
    /// Where it goes.
    pub origin: &'a GateOrigin,
}

impl Ticket {
    /// Makes one. `again`: the ticket before it was no good either.
    #[must_use]
    pub fn issue(
        key: &MacKey,
        journey: Journey<'_>,
        nonce: NonceHash,
        again: bool,
        now: Timestamp,
    ) -> Self {
        let mut body = [VERSION; BODY];
        body[1] = u8::from(again);
        body[2..2 + ID].copy_from_slice(journey.session.0.as_bytes());
        body[2 + ID..2 + ID + TIME].copy_from_slice(&now.after(LIFETIME).0.to_be_bytes());
        body[2 + ID + TIME..BODY - HASH].copy_from_slice(&secret::random::<ID>());
        body[BODY - HASH..].copy_from_slice(&nonce.0);
        let tag = Secret::new(key.tag(message(&body, journey).reveal()));
        Self { body, tag }
    }

    /// Reads a ticket; `None` if the text cannot be one. Says nothing yet about who made it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > 2 * (BODY + TAG) {
            return None;
        }
        let bytes = Secret::new(secret::decode(text)?);
        let (body, tag) = bytes.reveal().split_at_checked(BODY)?;
        let body: [u8; BODY] = body.try_into().ok()?;
        let tag = Secret::new(tag.try_into().ok()?);
        (body[0] == VERSION).then_some(Self { body, tag })
    }

    /// Whether this server made it for this journey; compared in constant time.
    #[must_use]
    pub fn is_genuine(&self, key: &MacKey, journey: Journey<'_>) -> bool {
        self.session() == journey.session
            && key.verify(message(&self.body, journey).reveal(), self.tag.reveal())
    }

    /// Whether it was issued to the browser that has this nonce; compared in constant time.
    #[must_use]
    pub fn is_for(&self, nonce: &Nonce) -> bool {
        secret::is_same(&self.body[BODY - HASH..], &nonce.hash().0)
    }

    /// The session it names.
    #[must_use]
    pub fn session(&self) -> SessionId {
        SessionId(Uuid::from_slice(&self.body[2..2 + ID]).expect("an id has 16 bytes"))
    }

    /// Whether it says that it is the second try. Believed without a look at the tag: it only ever stops a loop.
    #[must_use]
    pub fn is_second_try(&self) -> bool {
        self.body[1] != 0
    }

    /// Whether its time is up.
    #[must_use]
    pub fn is_over(&self, now: Timestamp) -> bool {
        let end: [u8; TIME] =
            self.body[2 + ID..2 + ID + TIME].try_into().expect("a time has 8 bytes");
        now.0 >= i64::from_be_bytes(end)
    }

    /// What is kept of a ticket that was used.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        secret::sha256(&self.body)
    }

    /// The text for the address.
    #[must_use]
    pub fn reveal(&self) -> Secret<String> {
        let bytes = Secret::new([self.body.as_slice(), self.tag.reveal()].concat());
        Secret::new(secret::encode(bytes.reveal()))
    }
}

fn message(body: &[u8; BODY], journey: Journey<'_>) -> Secret<Vec<u8>> {
    // Everything before the origin has its fixed length.
    journey.seed.with(&[body.as_slice(), journey.origin.as_str().as_bytes()].concat())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::MasterKey;
    use url::Url;

    fn origin(text: &str) -> GateOrigin {
        GateOrigin::of(&Url::parse(text).unwrap()).unwrap()
    }

    #[test]
    fn a_ticket_is_good_for_one_journey() {
        let key = MasterKey::new(vec![7; 32]).mac_key(&[], "gate ticket");
        let now = Timestamp(1_000_000);
        let (session, seed, nonce) = (SessionId::new(now), Seed::random(), Nonce::random());
        let (app, other) =
            (origin("https://app.example.org"), origin("https://app.example.org:8443"));
        let journey = Journey { session, seed: &seed, origin: &app };
        let issue = |again| Ticket::issue(&key, journey, nonce.hash(), again, now);
        let ticket = Ticket::parse(issue(false).reveal().reveal()).unwrap();
        assert!(ticket.is_genuine(&key, journey) && !ticket.is_second_try());
        assert!(ticket.is_for(&nonce) && !ticket.is_for(&Nonce::random()));
        assert_eq!(ticket.session(), session);
        assert!(
            !ticket.is_over(now.after(Duration::from_secs(59)))
                && ticket.is_over(now.after(LIFETIME))
        );

        let stranger = Seed::random();
        for wrong in [
            Journey { session: SessionId::new(now), ..journey },
            Journey { seed: &stranger, ..journey },
            Journey { origin: &other, ..journey },
        ] {
            assert!(!ticket.is_genuine(&key, wrong), "{wrong:?}");
        }
        let other_key = MasterKey::new(vec![8; 32]).mac_key(&[], "gate ticket");
        assert!(!ticket.is_genuine(&other_key, journey));
        assert!(issue(true).is_second_try());
        assert_ne!(issue(false).hash(), ticket.hash(), "each has a number of its own");
    }

    #[test]
    fn no_bit_of_a_ticket_can_be_changed() {
        let key = MasterKey::new(vec![7; 32]).mac_key(&[], "gate ticket");
        let now = Timestamp(1_000_000);
        let (session, seed, app) =
            (SessionId::new(now), Seed::random(), origin("https://app.example.org"));
        let journey = Journey { session, seed: &seed, origin: &app };
        let nonce = Nonce::random().hash();
        let ticket = Ticket::issue(&key, journey, nonce, false, now);
        let bytes = secret::decode(ticket.reveal().reveal()).unwrap();
        for bit in 0..bytes.len() * 8 {
            let mut broken = bytes.clone();
            broken[bit / 8] ^= 1 << (bit % 8);
            let ticket = Ticket::parse(&secret::encode(&broken));
            assert!(!ticket.is_some_and(|it| it.is_genuine(&key, journey)), "bit {bit}");
        }
        for text in ["", "x", &"A".repeat(4_000), &secret::encode(&bytes[1..])] {
            assert!(Ticket::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn nonces_are_read_back() {
        let nonce = Nonce::random();
        let read = Nonce::parse(nonce.reveal().reveal()).unwrap();
        assert_eq!(read.hash(), nonce.hash());
        assert_eq!(NonceHash::parse(&nonce.hash().to_text()), Some(nonce.hash()));
        assert!(Nonce::parse("short").is_none() && NonceHash::parse("").is_none());
    }
}
