//! Sessions: one signed-in browser or program of a user, from sign-in to sign-out.

use std::time::Duration;

use serde::Deserialize;

use crate::clock::Timestamp;
use crate::domain::account::email::EmailAddress;
use crate::domain::account::handle::Handle;
use crate::domain::account::preferences::Preferences;
use crate::domain::account::username::Username;
use crate::domain::id::{SessionId, UserId};
use crate::domain::sign_in::amr::{Amr, Method};
use crate::domain::sign_in::refresh_token::{Seed, State};
use crate::domain::sign_in::session_kind::SessionKind;
use crate::domain::stored::Stored;

/// Idle lifetime of a session without 'keep me signed in'.
pub const SHORT_IDLE: Duration = Duration::from_hours(12);

/// `last_seen_at` is written at most this often, so that most page views write nothing. See also [`Session::is_seen`].
const SEEN_EVERY: Duration = Duration::from_mins(1);
/// With a short idle lifetime it is written more often, so that a session does not end noticeably before that lifetime.
const SEEN_PER_IDLE: u32 = 360;

/// Why a session was ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "TEXT", rename_all = "snake_case")]
pub enum EndReason {
    /// The user signed out.
    SignedOut,
    /// The user signed in again in the same browser.
    Replaced,
    /// An old copy of its refresh token was used.
    Copied,
    /// The password was reset through a link.
    PasswordReset,
    /// The password was changed in another session.
    PasswordChanged,
    /// The address was changed in another session.
    EmailChanged,
    /// 2FA or recovery codes were changed in another session.
    SecondFactorChanged,
    /// The user ended it from another session.
    Revoked,
    /// A reader of the account's emails said 'this was not me'.
    Secured,
    /// An administrator ended it.
    EndedByAdministrator,
    /// An administrator disabled the account.
    AccountDisabled,
    /// The account had [`MOST_LIVE`] other sessions of this kind, all used later.
    MadeRoom,
}

/// How many live sessions of each kind an account may have. A program that keeps signing in never ends the sessions of browsers.
pub const MOST_LIVE: i64 = 50;

/// A session with its owner and their roles: everything that a request needs, from one indexed read.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Session {
    /// The access token's `sid`.
    pub id: SessionId,
    /// What holds its refresh tokens. `None`: it is from before kinds, and gets its kind when a token of it is next presented.
    pub kind: Option<SessionKind>,
    /// Part of the key of its refresh tokens.
    pub seed: Seed,
    /// The number of the current refresh token.
    pub generation: i64,
    /// When it became the current one.
    pub generation_at: Timestamp,
    /// When it was first presented.
    pub confirmed_at: Option<Timestamp>,
    /// Whether the user asked to stay signed in.
    pub remember: bool,
    /// How the user authenticated.
    #[sqlx(try_from = "String")]
    pub amr: Amr,
    /// When the user last authenticated.
    pub authenticated_at: Timestamp,
    /// When the user signed in.
    pub created_at: Timestamp,
    /// The last request, at most a minute off.
    pub last_seen_at: Timestamp,
    /// The end of its absolute lifetime.
    pub expires_at: Timestamp,
    /// When it was ended.
    pub ended_at: Option<Timestamp>,
    /// Why it was ended.
    pub end_reason: Option<Stored<EndReason>>,
    /// The owner.
    pub user_id: UserId,
    /// The owner's address.
    pub email: EmailAddress,
    /// The owner's display name.
    pub username: Username,
    /// The owner's handle. `None` for a moment if an earlier version opened the account.
    pub handle: Option<Handle>,
    /// When the address was confirmed.
    pub email_verified_at: Option<Timestamp>,
    /// When an administrator disabled the account.
    pub disabled_at: Option<Timestamp>,
    /// The owner's roles, sorted, separated by commas.
    pub roles: Option<String>,
    /// The owner's settings.
    #[sqlx(flatten)]
    pub preferences: Preferences,
}

impl Session {
    /// The state of its refresh tokens.
    #[must_use]
    pub fn state(&self) -> State {
        State {
            generation: self.generation,
            generation_at: self.generation_at,
            confirmed_at: self.confirmed_at,
        }
    }

    /// Whether it is alive: not ended, within both lifetimes, and its account enabled.
    #[must_use]
    pub fn is_live(&self, now: Timestamp, idle: Duration) -> bool {
        self.ended_at.is_none()
            && self.disabled_at.is_none()
            && now < self.expires_at
            && now < self.last_seen_at.after(self.idle(idle))
    }

    /// Why it has ended, if it has and this version knows the reason.
    #[must_use]
    pub fn ended_because(&self) -> Option<EndReason> {
        self.ended_at.and(self.end_reason.as_ref()).and_then(Stored::known)
    }

    /// Whether its token belongs in this place. A session from before kinds gets its kind where its token is presented first. One that was not
    /// to stay signed in is a browser's, because the API never started such sessions.
    #[must_use]
    pub fn may_be_presented_in(&self, place: SessionKind) -> bool {
        match self.kind {
            Some(kind) => kind == place,
            None => self.remember || place == SessionKind::Browser,
        }
    }

    /// Its idle lifetime; `remembered` is `SESSION_IDLE_TTL`.
    #[must_use]
    pub fn idle(&self, remembered: Duration) -> Duration {
        idle(self.remember, remembered)
    }

    /// Whether `last_seen_at` is so recent that a visit at `now` needs no write. `remembered` is `SESSION_IDLE_TTL`.
    #[must_use]
    pub fn is_seen(&self, now: Timestamp, remembered: Duration) -> bool {
        let every = SEEN_EVERY.min(self.idle(remembered) / SEEN_PER_IDLE);
        self.last_seen_at.is_within(every.max(Duration::from_secs(1)), now)
    }

    /// Whether one of its times lies in the future, because the clock was set back.
    #[must_use]
    pub fn is_ahead(&self, now: Timestamp) -> bool {
        let times = [self.created_at, self.authenticated_at, self.generation_at, self.last_seen_at];
        times.into_iter().chain(self.confirmed_at).any(|time| time.is_ahead_of(now))
    }

    /// Whether the user has not authenticated again since the sign-in.
    #[must_use]
    pub fn is_proven_by_sign_in(&self) -> bool {
        self.authenticated_at == self.created_at
    }

    /// Whether its owner has passed 2FA (RFC 8176: `mfa`).
    #[must_use]
    pub fn has_second_factor(&self) -> bool {
        self.amr.has(Method::Mfa)
    }

    /// The owner's roles.
    pub fn roles(&self) -> impl Iterator<Item = &str> {
        self.roles.as_deref().unwrap_or_default().split(',').filter(|role| !role.is_empty())
    }
}

/// A session as its owner sees it in the list.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ListedSession {
    /// The session's ID, which the request to end it contains.
    pub id: SessionId,
    /// Whether a browser or a program holds it. `None`: it is from before kinds.
    pub kind: Option<Stored<SessionKind>>,
    /// Whether the user asked to stay signed in.
    pub remember: bool,
    /// How the user authenticated.
    #[sqlx(try_from = "String")]
    pub amr: Amr,
    /// When the user signed in.
    pub created_at: Timestamp,
    /// The last request, at most a minute off.
    pub last_seen_at: Timestamp,
    /// The end of its absolute lifetime.
    pub expires_at: Timestamp,
    /// The client's address at the sign-in.
    pub address: String,
    /// The client's user agent at the sign-in.
    pub user_agent: String,
    /// When it was ended.
    pub ended_at: Option<Timestamp>,
}

impl ListedSession {
    /// When it expires without another visit; `remembered` is `SESSION_IDLE_TTL`.
    #[must_use]
    pub fn lives_until(&self, remembered: Duration) -> Timestamp {
        self.expires_at.min(self.last_seen_at.after(idle(self.remember, remembered)))
    }
}

/// The time after which a session has to have been seen to be alive at `now`. `remembered` is `SESSION_IDLE_TTL`.
#[must_use]
pub fn seen_since(remember: bool, remembered: Duration, now: Timestamp) -> Timestamp {
    now.before(idle(remember, remembered))
}

fn idle(remember: bool, remembered: Duration) -> Duration {
    if remember { remembered } else { remembered.min(SHORT_IDLE) }
}
