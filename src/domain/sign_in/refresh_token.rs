//! Refresh tokens: how they are computed, and what presenting one means.
//!
//! Rotation detects copied cookies. It must never end the session of an honest user. There is one row per session and no table of tokens:
//! the server computes the current token whenever it needs it. So all tabs of a browser converge on the same token, even after a lost
//! response.

use std::fmt;
use std::time::Duration;

use uuid::Uuid;

use crate::clock::Timestamp;
use crate::domain::id::SessionId;
use crate::domain::sign_in::session_kind::SessionKind;
use crate::domain::signed_token::kind::TokenKind;
use crate::domain::signed_token::signer::{SignedToken, Signer};
use crate::secret::{self, MacKey, MasterKey, Secret};

#[cfg(test)]
mod model;

/// Session ID and generation.
const BODY: usize = 16 + 8;

/// 32 random bytes in the row of a session. Forging a token that is bound to them takes the database as well as `SECRET_KEY`.
#[derive(Clone, sqlx::Type)]
#[sqlx(transparent)]
pub struct Seed(Vec<u8>);

impl fmt::Debug for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

impl Seed {
    /// Generates a seed.
    #[must_use]
    pub fn random() -> Self {
        Self(secret::random::<32>().to_vec())
    }

    #[cfg(test)]
    pub(crate) fn of(bytes: [u8; 32]) -> Self {
        Self(bytes.to_vec())
    }

    /// The bytes, as the context of signed tokens.
    #[must_use]
    pub fn reveal(&self) -> &[u8] {
        &self.0
    }

    /// The key of the authenticator app that this session may set up.
    #[must_use]
    pub fn totp_key(&self, master: &MasterKey) -> MacKey {
        master.mac_key(&self.0, "totp enrolment")
    }
}

/// Signs refresh tokens, each kind of session under a label of its own.
#[derive(Clone, Debug)]
pub struct RefreshSigners {
    browser: Signer,
    program: Signer,
    former: Signer,
}

impl RefreshSigners {
    /// Derives the keys.
    #[must_use]
    pub fn derive(master: &MasterKey) -> Self {
        Self {
            browser: Signer::derive(master, TokenKind::BrowserRefreshToken),
            program: Signer::derive(master, TokenKind::ProgramRefreshToken),
            former: Signer::derive(master, TokenKind::FormerRefreshToken),
        }
    }

    fn of(&self, kind: Option<SessionKind>) -> &Signer {
        match kind {
            Some(SessionKind::Browser) => &self.browser,
            Some(SessionKind::Program) => &self.program,
            None => &self.former,
        }
    }
}

/// A refresh token as presented by a browser or program. Its body is `session ID ‖ generation`, its context the session's seed.
#[derive(Clone, Debug)]
pub struct RefreshToken {
    /// `None`: it was issued before sessions had kinds.
    label: Option<SessionKind>,
    session: SessionId,
    generation: i64,
    signed: SignedToken,
}

impl RefreshToken {
    /// The text of the token of a session's `generation`. It is the same each time it is computed. A session from before kinds, which has
    /// none yet, still has its former token.
    #[must_use]
    pub fn compute(
        signers: &RefreshSigners,
        kind: Option<SessionKind>,
        seed: &Seed,
        session: SessionId,
        generation: i64,
    ) -> Secret<String> {
        let body: [&[u8]; 2] = [session.0.as_bytes(), &generation.to_be_bytes()];
        signers.of(kind).sign(&body, &[seed.reveal()])
    }

    /// Parses a token that was presented in the place of `kind`, without verifying its tag. `None` if it is malformed, belongs in the other
    /// place or was signed under another key. A token from before kinds can be presented in either place; its session decides.
    #[must_use]
    pub fn parse(signers: &RefreshSigners, kind: SessionKind, text: &str) -> Option<Self> {
        [Some(kind), None].into_iter().find_map(|label| Self::labelled(signers, label, text))
    }

    /// Whether the text is a refresh token of this kind, which may be forged.
    #[must_use]
    pub fn is_of(signers: &RefreshSigners, kind: SessionKind, text: &str) -> bool {
        Self::labelled(signers, Some(kind), text).is_some()
    }

    fn labelled(signers: &RefreshSigners, label: Option<SessionKind>, text: &str) -> Option<Self> {
        let token = signers.of(label).parse(&[BODY], text)?;
        let (session, generation) = token.body().split_first_chunk()?;
        let session = SessionId(Uuid::from_bytes(*session));
        let generation = i64::from_be_bytes(generation.try_into().ok()?);
        Some(Self { label, session, generation, signed: token })
    }

    /// Whether we issued it for the session with this `seed`. Compared in constant time.
    #[must_use]
    pub fn is_genuine(&self, signers: &RefreshSigners, seed: &Seed) -> bool {
        signers.of(self.label).is_genuine(&self.signed, &[seed.reveal()])
    }

    /// The session it names.
    #[must_use]
    pub fn session(&self) -> SessionId {
        self.session
    }

    /// The generation it names.
    #[must_use]
    pub fn generation(&self) -> i64 {
        self.generation
    }
}

/// The state of a session's tokens, as stored in its row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State {
    /// The number of the current token.
    pub generation: i64,
    /// When it became the current one.
    pub generation_at: Timestamp,
    /// When it was first presented. `None` means that it may not have reached the browser.
    pub confirmed_at: Option<Timestamp>,
}

/// When tokens rotate, and how long the previous token stays valid.
#[derive(Clone, Copy, Debug)]
pub struct Rotation {
    /// `ROTATE_AFTER`: the age at which a token is replaced. Longer than `grace`.
    pub after: Duration,
    /// `ROTATION_GRACE`: how long requests sent before the rotation may still be in flight.
    pub grace: Duration,
}

impl State {
    /// Whether the grace period of the previous token has ended. Only then may the next rotation follow.
    ///
    /// Otherwise a browser that lost a response and comes back with several tabs would look like a thief. The first response sends the
    /// current token, the next request rotates it at once, and the requests still in flight are two generations behind.
    #[must_use]
    pub fn is_settled(self, now: Timestamp, rotation: Rotation) -> bool {
        self.confirmed_at.is_some_and(|at| now.since(at) >= rotation.grace)
    }
}

/// What to do when a genuine token of a live session is presented.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// The current token: signed in.
    Current {
        /// It is presented for the first time: store the time in the row.
        confirm: bool,
        /// Its successor is due: update the row and send the successor.
        rotate: bool,
    },
    /// The previous token, used legitimately: signed in.
    Previous {
        /// The browser never got the current token: send it again.
        resend: bool,
    },
    /// A token that only a copied cookie can still contain: the session ends.
    Copied,
    /// The database is older than the token, as after restoring a backup: not signed in, but no alarm.
    Newer,
}

/// The decision table. `may_rotate`: the request is a navigation or a form, so the browser stores the cookies of the response.
#[must_use]
pub fn decide(
    row: State,
    presented: i64,
    now: Timestamp,
    may_rotate: bool,
    rotation: Rotation,
) -> Decision {
    let confirmed_for = row.confirmed_at.map(|at| now.since(at));
    match row.generation.saturating_sub(presented) {
        ..0 => Decision::Newer,
        0 => {
            let due = now.since(row.generation_at) >= rotation.after;
            Decision::Current {
                confirm: confirmed_for.is_none(),
                rotate: may_rotate && due && row.is_settled(now, rotation),
            }
        }
        1 => match confirmed_for {
            None => Decision::Previous { resend: true },
            Some(passed) if passed < rotation.grace => Decision::Previous { resend: false },
            Some(_) => Decision::Copied,
        },
        2.. => Decision::Copied,
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
    fn every_row_of_the_state_table_holds() {
        let current = |confirm, rotate| Decision::Current { confirm, rotate };
        let previous = |resend| Decision::Previous { resend };
        for (age, confirmed, presented, may_rotate, decision) in [
            // d = 0
            (5, None, 10, true, current(true, false)),
            (5, Some(5), 10, true, current(false, false)),
            (599, Some(500), 10, true, current(false, false)),
            (600, Some(500), 10, true, current(false, true)),
            (600, Some(500), 10, false, current(false, false)),
            (90_000, None, 10, true, current(true, false)),
            (90_000, Some(59), 10, true, current(false, false)),
            (90_000, Some(60), 10, true, current(false, true)),
            // d = 1: the successor was never presented
            (5, None, 9, true, previous(true)),
            (90_000, None, 9, true, previous(true)),
            (90_000, None, 9, false, previous(true)),
            // d = 1: the successor was presented within the grace period
            (5, Some(0), 9, true, previous(false)),
            (90_000, Some(59), 9, true, previous(false)),
            // d = 1: later
            (90_000, Some(60), 9, true, Decision::Copied),
            (90_000, Some(60), 9, false, Decision::Copied),
            // d >= 2
            (5, None, 8, true, Decision::Copied),
            (5, Some(0), 8, false, Decision::Copied),
            (5, Some(0), i64::MIN, true, Decision::Copied),
            // d < 0
            (5, None, 11, true, Decision::Newer),
            (90_000, Some(80_000), 12, true, Decision::Newer),
            (5, None, i64::MAX, true, Decision::Newer),
            // a clock that was set back
            (-500, Some(-500), 10, true, current(false, false)),
            (-500, Some(-500), 9, true, previous(false)),
        ] {
            assert_eq!(
                decide(row(age, confirmed), presented, NOW, may_rotate, ROTATION),
                decision,
                "age {age}, confirmed {confirmed:?}, presented {presented}, may rotate {may_rotate}"
            );
        }
    }

    const KINDS: [SessionKind; 2] = [SessionKind::Browser, SessionKind::Program];

    fn signers(byte: u8) -> RefreshSigners {
        RefreshSigners::derive(&MasterKey::new(vec![byte; 32]))
    }

    /// Whether the text is accepted in the place of `kind` for the session with this seed.
    fn accepts(signers: &RefreshSigners, kind: SessionKind, seed: &Seed, text: &str) -> bool {
        let token = RefreshToken::parse(signers, kind, text);
        token.is_some_and(|token| token.is_genuine(signers, seed))
    }

    #[test]
    fn a_token_is_bound_to_its_session() {
        let (signers, seed, session) = (signers(1), Seed::random(), SessionId::new(NOW));
        for kind in KINDS {
            let compute = || RefreshToken::compute(&signers, Some(kind), &seed, session, 7);
            let text = compute();
            assert_eq!(text.reveal(), compute().reveal(), "the same each time");
            let token = RefreshToken::parse(&signers, kind, text.reveal()).unwrap();
            assert_eq!((token.session(), token.generation()), (session, 7));
            assert!(token.is_genuine(&signers, &seed));
            assert!(!token.is_genuine(&signers, &Seed::random()), "another session's seed");
            assert!(!format!("{token:?}").contains(text.reveal()));
        }
    }

    #[test]
    fn a_token_of_one_kind_is_refused_in_the_place_of_the_other() {
        let (signers, seed, session) = (signers(1), Seed::random(), SessionId::new(NOW));
        for kind in KINDS {
            let text = RefreshToken::compute(&signers, Some(kind), &seed, session, 7);
            assert!(accepts(&signers, kind, &seed, text.reveal()));
            assert!(RefreshToken::parse(&signers, kind.other(), text.reveal()).is_none());
            // Nor can it be relabelled: the tag covers the kind, and each kind has its own key.
            for number in 0..=u8::MAX {
                let mut bytes = secret::decode(text.reveal()).unwrap();
                bytes[0] = number;
                let relabelled = secret::encode(&bytes);
                assert!(!accepts(&signers, kind.other(), &seed, &relabelled), "{number}");
                assert_eq!(
                    accepts(&signers, kind, &seed, &relabelled),
                    relabelled == *text.reveal(),
                    "{number}"
                );
            }
        }
    }

    #[test]
    fn a_token_from_before_kinds_is_read_in_either_place() {
        let (signers, seed, session) = (signers(1), Seed::random(), SessionId::new(NOW));
        let text = RefreshToken::compute(&signers, None, &seed, session, 7);
        for kind in KINDS {
            assert!(accepts(&signers, kind, &seed, text.reveal()));
        }
    }

    #[test]
    fn a_token_of_another_secret_key_is_refused() {
        let (seed, session, kind) = (Seed::random(), SessionId::new(NOW), SessionKind::Browser);
        let text = RefreshToken::compute(&signers(1), Some(kind), &seed, session, 7);
        let parse = |signers| RefreshToken::parse(&signers, kind, text.reveal());
        assert!(parse(signers(2)).is_none(), "before a row is read");
        assert!(!parse(signers(1)).unwrap().is_genuine(&signers(2), &seed));
    }

    #[test]
    fn every_flipped_bit_is_detected() {
        let (signers, seed, session) = (signers(1), Seed::random(), SessionId::new(NOW));
        for label in [Some(SessionKind::Browser), Some(SessionKind::Program), None] {
            let text = RefreshToken::compute(&signers, label, &seed, session, 7);
            let bytes = secret::decode(text.reveal()).unwrap();
            for bit in 0..bytes.len() * 8 {
                let mut forged = bytes.clone();
                forged[bit / 8] ^= 1 << (bit % 8);
                let forged = secret::encode(&forged);
                assert!(
                    !KINDS.iter().any(|kind| accepts(&signers, *kind, &seed, &forged)),
                    "{bit}"
                );
            }
        }
    }

    #[test]
    fn text_that_cannot_be_a_token_is_refused() {
        for text in ["", "x", "Aw", &"A".repeat(82), &"B".repeat(81), &"A".repeat(1_000_000), "äöü"]
        {
            for kind in KINDS {
                assert!(RefreshToken::parse(&signers(1), kind, text).is_none(), "{text:.80}");
            }
        }
    }
}
