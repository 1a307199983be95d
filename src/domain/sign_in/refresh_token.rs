//! Refresh tokens: how one is made, and what presenting one means.
//!
//! Rotation is there to notice a copied cookie, and must never cost an honest person the session. There is one row per
//! session and no table of tokens: the server computes the current token again whenever it needs it, so that all tabs
//! of a browser converge on the same one, also after a lost response.

use std::fmt;
use std::time::Duration;

use uuid::Uuid;

use crate::clock::Timestamp;
use crate::domain::id::SessionId;
use crate::secret::{self, MacKey, MasterKey, Secret};

#[cfg(test)]
mod model;

const VERSION: u8 = 1;
const ID: usize = 16;
const GENERATION: usize = 8;
const TAG: usize = 32;
const BODY: usize = 1 + ID + GENERATION;

/// Thirty-two random bytes of a session, part of the key of its tokens: a copy of the database alone makes none.
#[derive(Clone, sqlx::Type)]
#[sqlx(transparent)]
pub struct Seed(Vec<u8>);

impl fmt::Debug for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

impl Seed {
    /// Makes a new one.
    #[must_use]
    pub fn random() -> Self {
        Self(secret::random::<32>().to_vec())
    }

    fn key(&self, master: &MasterKey) -> MacKey {
        master.mac_key(&self.0, "refresh")
    }

    /// `message` with the seed before it: what is signed like that needs the session's row as well as `SECRET_KEY`.
    #[must_use]
    pub fn with(&self, message: &[u8]) -> Secret<Vec<u8>> {
        Secret::new([self.0.as_slice(), message].concat())
    }

    /// The key of the second factor that this session may switch on.
    #[must_use]
    pub fn totp_key(&self, master: &MasterKey) -> MacKey {
        master.mac_key(&self.0, "totp enrolment")
    }
}

/// A token as somebody presented it: `version ‖ session id ‖ generation ‖ HMAC-SHA-256`, in base64url.
#[derive(Clone, Debug)]
pub struct RefreshToken {
    body: [u8; BODY],
    tag: Secret<[u8; TAG]>,
}

impl RefreshToken {
    /// The token of a session's `generation`: the same each time it is computed.
    #[must_use]
    pub fn compute(master: &MasterKey, seed: &Seed, session: SessionId, generation: i64) -> Self {
        let mut body = [VERSION; BODY];
        body[1..=ID].copy_from_slice(session.0.as_bytes());
        body[1 + ID..].copy_from_slice(&generation.to_be_bytes());
        let tag = Secret::new(seed.key(master).tag(&body));
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

    /// Whether this server made it for the session with this `seed`; compared in constant time.
    #[must_use]
    pub fn is_genuine(&self, master: &MasterKey, seed: &Seed) -> bool {
        seed.key(master).verify(&self.body, self.tag.reveal())
    }

    /// The session it names.
    #[must_use]
    pub fn session(&self) -> SessionId {
        SessionId(Uuid::from_slice(&self.body[1..=ID]).expect("an id has 16 bytes"))
    }

    /// The generation it names.
    #[must_use]
    pub fn generation(&self) -> i64 {
        i64::from_be_bytes(self.body[1 + ID..].try_into().expect("a generation has 8 bytes"))
    }

    /// The text for the cookie.
    #[must_use]
    pub fn reveal(&self) -> Secret<String> {
        let bytes = Secret::new([self.body.as_slice(), self.tag.reveal()].concat());
        Secret::new(secret::encode(bytes.reveal()))
    }
}

/// What a session's row says about its tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State {
    /// Which token is the current one.
    pub generation: i64,
    /// Since when.
    pub generation_at: Timestamp,
    /// When the current one was first presented; empty: nobody has shown to have it.
    pub confirmed_at: Option<Timestamp>,
}

/// When tokens rotate, and how long the one before is still good.
#[derive(Clone, Copy, Debug)]
pub struct Rotation {
    /// `ROTATE_AFTER`: the age at which a token is replaced. Longer than `grace`.
    pub after: Duration,
    /// `ROTATION_GRACE`: how long requests sent before the rotation may still be under way.
    pub grace: Duration,
}

impl State {
    /// Whether the token before the current one has had its grace: only then may another rotation follow. Otherwise a browser
    /// that comes back after a lost response with several tabs would be taken for a thief: the first answer hands out the
    /// current token, the next request rotates it at once, and the tabs still under way are two generations behind.
    #[must_use]
    pub fn is_settled(self, now: Timestamp, rotation: Rotation) -> bool {
        self.confirmed_at.is_some_and(|at| now.since(at) >= rotation.grace)
    }
}

/// What presenting a genuine token of a live session means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The current token: signed in.
    Current {
        /// First sight of it: note the time in the row.
        confirm: bool,
        /// Its successor is due: move the row on and send it.
        rotate: bool,
    },
    /// The token before the current one, honestly: signed in.
    Previous {
        /// The browser never got the current token: send it again.
        resend: bool,
    },
    /// A token that only a copy can still hold: the session ends.
    Copied,
    /// The database is older than the token (a restored backup): nobody is signed in, nothing is wrong.
    Newer,
}

/// The decision table. `may_rotate`: the request is a navigation or a form, whose answer the browser will keep.
#[must_use]
pub fn decide(
    row: State,
    presented: i64,
    now: Timestamp,
    may_rotate: bool,
    rotation: Rotation,
) -> Verdict {
    let confirmed_for = row.confirmed_at.map(|at| now.since(at));
    match row.generation.saturating_sub(presented) {
        ..0 => Verdict::Newer,
        0 => {
            let due = now.since(row.generation_at) >= rotation.after;
            Verdict::Current {
                confirm: confirmed_for.is_none(),
                rotate: may_rotate && due && row.is_settled(now, rotation),
            }
        }
        1 => match confirmed_for {
            None => Verdict::Previous { resend: true },
            Some(passed) if passed < rotation.grace => Verdict::Previous { resend: false },
            Some(_) => Verdict::Copied,
        },
        2.. => Verdict::Copied,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROTATION: Rotation =
        Rotation { after: Duration::from_mins(10), grace: Duration::from_mins(1) };
    const NOW: Timestamp = Timestamp(1_000_000);

    /// A row at generation 10 that began `age` seconds ago and was confirmed `confirmed` seconds ago.
    fn row(age: i64, confirmed: Option<i64>) -> State {
        State {
            generation: 10,
            generation_at: Timestamp(NOW.0 - age),
            confirmed_at: confirmed.map(|ago| Timestamp(NOW.0 - ago)),
        }
    }

    #[test]
    fn every_row_of_the_table() {
        let current = |confirm, rotate| Verdict::Current { confirm, rotate };
        let previous = |resend| Verdict::Previous { resend };
        for (age, confirmed, presented, may_rotate, verdict) in [
            // d = 0
            (5, None, 10, true, current(true, false)),
            (5, Some(5), 10, true, current(false, false)),
            (599, Some(500), 10, true, current(false, false)),
            (600, Some(500), 10, true, current(false, true)),
            (600, Some(500), 10, false, current(false, false)),
            (90_000, None, 10, true, current(true, false)),
            (90_000, Some(59), 10, true, current(false, false)),
            (90_000, Some(60), 10, true, current(false, true)),
            // d = 1: nobody presented the successor
            (5, None, 9, true, previous(true)),
            (90_000, None, 9, true, previous(true)),
            (90_000, None, 9, false, previous(true)),
            // d = 1: the successor was presented within the grace
            (5, Some(0), 9, true, previous(false)),
            (90_000, Some(59), 9, true, previous(false)),
            // d = 1: later
            (90_000, Some(60), 9, true, Verdict::Copied),
            (90_000, Some(60), 9, false, Verdict::Copied),
            // d >= 2
            (5, None, 8, true, Verdict::Copied),
            (5, Some(0), 8, false, Verdict::Copied),
            (5, Some(0), i64::MIN, true, Verdict::Copied),
            // d < 0
            (5, None, 11, true, Verdict::Newer),
            (90_000, Some(80_000), 12, true, Verdict::Newer),
            (5, None, i64::MAX, true, Verdict::Newer),
            // a clock that was set back
            (-500, Some(-500), 10, true, current(false, false)),
            (-500, Some(-500), 9, true, previous(false)),
        ] {
            assert_eq!(
                decide(row(age, confirmed), presented, NOW, may_rotate, ROTATION),
                verdict,
                "age {age}, confirmed {confirmed:?}, presented {presented}, may rotate {may_rotate}"
            );
        }
    }

    #[test]
    fn a_token_is_computed_again_and_read_back() {
        let (master, seed) = (MasterKey::new(vec![1; 32]), Seed::random());
        let session = SessionId::new(NOW);
        let text = RefreshToken::compute(&master, &seed, session, 7).reveal();
        assert_eq!(
            text.reveal(),
            RefreshToken::compute(&master, &seed, session, 7).reveal().reveal()
        );
        let token = RefreshToken::parse(text.reveal()).unwrap();
        assert_eq!((token.session(), token.generation()), (session, 7));
        assert!(token.is_genuine(&master, &seed));
        assert!(!token.is_genuine(&MasterKey::new(vec![2; 32]), &seed), "another SECRET_KEY");
        assert!(!token.is_genuine(&master, &Seed::random()), "another session's seed");
        assert!(!format!("{token:?}").contains(text.reveal()));
    }

    #[test]
    fn every_flipped_bit_is_noticed() {
        let (master, seed) = (MasterKey::new(vec![1; 32]), Seed::random());
        let text = RefreshToken::compute(&master, &seed, SessionId::new(NOW), 7).reveal();
        let bytes = secret::decode(text.reveal()).unwrap();
        for bit in 0..bytes.len() * 8 {
            let mut forged = bytes.clone();
            forged[bit / 8] ^= 1 << (bit % 8);
            let accepted = RefreshToken::parse(&secret::encode(&forged))
                .is_some_and(|token| token.is_genuine(&master, &seed));
            assert!(!accepted, "bit {bit}");
        }
    }

    #[test]
    fn what_cannot_be_a_token_is_none() {
        for text in ["", "x", "AQ", &"A".repeat(76), &"B".repeat(75), &"A".repeat(1_000_000), "äöü"]
        {
            assert!(RefreshToken::parse(text).is_none(), "{text:.80}");
        }
    }
}
