//! Gate tokens: the credential of a session at one guarded host.

use uuid::Uuid;

use crate::clock::Timestamp;
use crate::domain::gate::origin::GateOrigin;
use crate::domain::id::SessionId;
use crate::domain::sign_in::refresh_token::Seed;
use crate::secret::{self, MacKey, Secret};

const VERSION: u8 = 1;
const ID: usize = 16;
const TIME: usize = 8;
const TAG: usize = 32;
const BODY: usize = 1 + ID + TIME;

/// A token as a browser presented it: `version ‖ session id ‖ end ‖ HMAC-SHA-256`, in base64url. The tag is also over the session's seed
/// (neither database nor `SECRET_KEY` alone makes one) and over the host: at any other it is worth nothing.
#[derive(Clone, Debug)]
pub struct GateToken {
    body: [u8; BODY],
    tag: Secret<[u8; TAG]>,
}

impl GateToken {
    /// The token of a session at the host of `origin`, good until `end`.
    #[must_use]
    pub fn compute(
        key: &MacKey,
        seed: &Seed,
        session: SessionId,
        origin: &GateOrigin,
        end: Timestamp,
    ) -> Self {
        let mut body = [VERSION; BODY];
        body[1..=ID].copy_from_slice(session.0.as_bytes());
        body[1 + ID..].copy_from_slice(&end.0.to_be_bytes());
        let tag = Secret::new(key.tag(message(&body, seed, origin).reveal()));
        Self { body, tag }
    }

    /// Reads a token; `None` if the text cannot be one. Says nothing yet about who made it.
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

    /// Whether this server made it for the session with this `seed` and for this host; compared in constant time.
    #[must_use]
    pub fn is_genuine(&self, key: &MacKey, seed: &Seed, origin: &GateOrigin) -> bool {
        key.verify(message(&self.body, seed, origin).reveal(), self.tag.reveal())
    }

    /// The session it names.
    #[must_use]
    pub fn session(&self) -> SessionId {
        SessionId(Uuid::from_slice(&self.body[1..=ID]).expect("an id has 16 bytes"))
    }

    /// Whether its time is up.
    #[must_use]
    pub fn is_over(&self, now: Timestamp) -> bool {
        let end: [u8; TIME] = self.body[1 + ID..].try_into().expect("a time has 8 bytes");
        now.0 >= i64::from_be_bytes(end)
    }

    /// The text for the cookie.
    #[must_use]
    pub fn reveal(&self) -> Secret<String> {
        let bytes = Secret::new([self.body.as_slice(), self.tag.reveal()].concat());
        Secret::new(secret::encode(bytes.reveal()))
    }
}

fn message(body: &[u8; BODY], seed: &Seed, origin: &GateOrigin) -> Secret<Vec<u8>> {
    seed.with(&[body.as_slice(), origin.site().as_bytes()].concat())
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
    fn a_token_is_good_at_one_host() {
        let key = MasterKey::new(vec![7; 32]).mac_key(&[], "gate token");
        let (now, end) = (Timestamp(1_000_000), Timestamp(1_000_060));
        let (session, seed) = (SessionId::new(now), Seed::random());
        let app = origin("https://app.example.org");
        let token = GateToken::compute(&key, &seed, session, &app, end);
        let token = GateToken::parse(token.reveal().reveal()).unwrap();
        assert!(token.is_genuine(&key, &seed, &app));
        assert_eq!(token.session(), session);
        assert!(!token.is_over(now) && token.is_over(end));
        // Browsers send cookies to every port of a host.
        assert!(token.is_genuine(&key, &seed, &origin("https://app.example.org:8443")));

        for other in ["https://app2.example.org", "http://app.example.org", "https://example.org"] {
            assert!(!token.is_genuine(&key, &seed, &origin(other)), "{other}");
        }
        assert!(!token.is_genuine(&key, &Seed::random(), &app));
        assert!(!token.is_genuine(
            &MasterKey::new(vec![8; 32]).mac_key(&[], "gate token"),
            &seed,
            &app
        ));
        let bytes = secret::decode(token.reveal().reveal()).unwrap();
        for bit in 0..bytes.len() * 8 {
            let mut broken = bytes.clone();
            broken[bit / 8] ^= 1 << (bit % 8);
            let token = GateToken::parse(&secret::encode(&broken));
            assert!(!token.is_some_and(|it| it.is_genuine(&key, &seed, &app)), "bit {bit}");
        }
        assert!(GateToken::parse("").is_none() && GateToken::parse(&"A".repeat(4_000)).is_none());
    }
}
