//! Starts and ends sessions, and identifies users by their refresh tokens.

use crate::app::App;
use crate::clock::Timestamp;
use crate::db::Tx;
use crate::domain::audit_event::{Event, Outcome};
use crate::domain::email::mail_kind::MailKind;
use crate::domain::id::{SessionId, UserId};
use crate::domain::sign_in::amr::Amr;
use crate::domain::sign_in::proof::{PROOF_LASTS, Shown};
use crate::domain::sign_in::refresh_token::{Decision, RefreshToken, Seed, decide};
use crate::domain::sign_in::session::{EndReason, Session};
use crate::domain::sign_in::session_kind::SessionKind;
use crate::domain::source::Source;
use crate::error::Result;
use crate::repositories::sessions::{self, NewSession, Present};
use crate::repositories::users;
use crate::secret::Secret;
use crate::services::audit;
use crate::services::email::queue::{self, Recipient};
use crate::services::session::session_limit;
use crate::transaction;

/// A refresh token to send to a browser, or to a client that stores it itself.
#[derive(Clone, Debug)]
pub struct FreshToken {
    /// The session of the token.
    pub session: SessionId,
    /// The token as text.
    pub token: Secret<String>,
    /// The end of the session's absolute lifetime. A new token does not extend it.
    pub expires_at: Timestamp,
    /// Whether the browser keeps it when it closes.
    pub remember: bool,
}

/// A session to start.
#[derive(Clone, Copy, Debug)]
pub struct Beginning<'a> {
    /// What will hold its refresh tokens.
    pub kind: SessionKind,
    /// The owner.
    pub user: UserId,
    /// Whether it continues after the browser is closed.
    pub remember: bool,
    /// The credentials that the user showed.
    pub shown: Shown,
    /// The previous session of the browser, which ends.
    pub replaces: Option<SessionId>,
    /// The client.
    pub source: &'a Source,
}

/// Starts a session with a new ID, and ends the previous session of the browser (ASVS 7.2.4). If the account has too many sessions of this
/// kind, the one that was used longest ago ends. `now`: also the time of the proof that the browser stores.
pub async fn begin(
    app: &App,
    tx: &mut Tx,
    beginning: &Beginning<'_>,
    now: Timestamp,
) -> Result<FreshToken> {
    if let Some(replaced) = beginning.replaces {
        sessions::end(tx, replaced, EndReason::Replaced, now).await?;
    }
    let (id, seed) = (SessionId::new(now), Seed::random());
    let expires_at = now.after(app.config.lifetimes.session);
    let session = NewSession {
        id,
        kind: beginning.kind,
        user_id: beginning.user,
        seed: &seed,
        remember: beginning.remember,
        amr: beginning.shown.added_to(Amr::default()),
        expires_at,
        source: beginning.source,
    };
    sessions::put(tx, &session, now).await?;
    let user = Some(beginning.user);
    audit::record(tx, Event::SignedIn, Outcome::Success, user, beginning.source, now).await?;
    session_limit::make_room(app, tx, beginning.user, beginning.kind, id, beginning.source).await?;
    let kind = Some(beginning.kind);
    let token = RefreshToken::compute(&app.secrets.refresh_token, kind, &seed, id, 1);
    Ok(FreshToken { session: id, token, expires_at, remember: beginning.remember })
}

/// Who presented a refresh token.
#[derive(Clone, Debug)]
pub enum Resumed {
    /// No user: the session is unknown, has expired or has ended for a reason that only a later version knows, the token is forged, or the
    /// account is disabled.
    Anonymous,
    /// The session has ended for this reason, which the browser has not been told yet.
    Ended(EndReason),
    /// The session is alive.
    SignedIn {
        /// The session and its owner.
        session: Box<Session>,
        /// The token for the browser's cookie, if it changes.
        send: Option<FreshToken>,
    },
}

/// Identifies the user by this token, and rotates the token if that is due. `place`: the kind of session whose tokens are presented here.
/// `may_rotate`: the request is a navigation or a form submission, so the browser stores the cookie of the response.
pub async fn resume(
    app: &App,
    place: SessionKind,
    presented: &str,
    may_rotate: bool,
    source: &Source,
) -> Result<Resumed> {
    let Some(token) = parse(app, place, presented, source) else { return Ok(Resumed::Anonymous) };
    let now = app.clock.now();
    loop {
        let Some(session) = sessions::find(&app.db, token.session()).await? else {
            return Ok(Resumed::Anonymous);
        };
        if !token.is_genuine(&app.secrets.refresh_token, &session.seed) {
            let (session, address) = (session.id, source.address);
            tracing::warn!(%session, %address, "refused a forged refresh token");
            return Ok(Resumed::Anonymous);
        }
        if let Some(reason) = session.ended_because() {
            return Ok(Resumed::Ended(reason));
        }
        let Some(session) = corrected(app, session, now).await? else {
            return Ok(Resumed::Anonymous);
        };
        if !session.is_live(now, app.config.lifetimes.idle) {
            return Ok(Resumed::Anonymous);
        }
        if !session.may_be_presented_in(place) {
            // A token from before kinds has two holders, one in each place: one of them has copied it.
            end_copied(app, &session, source).await?;
            return Ok(Resumed::Ended(EndReason::Copied));
        }
        let Some(session) = with_kind(app, session, place, source).await? else { continue };

        let lifetimes = &app.config.lifetimes;
        let decision =
            decide(session.state(), token.generation(), now, may_rotate, lifetimes.rotation);
        let mut send = None;
        match decision {
            Decision::Newer => return Ok(Resumed::Anonymous),
            Decision::Copied => {
                end_copied(app, &session, source).await?;
                return Ok(Resumed::Ended(EndReason::Copied));
            }
            Decision::Current { rotate: true, .. } => {
                let next = session.generation + 1;
                let is_moved = transaction!(app.db, |tx| {
                    sessions::rotate(tx, session.id, session.generation, now).await
                })?;
                if !is_moved {
                    continue; // a concurrent request rotated it: read the session again
                }
                send = Some(token_of(app, &session, next));
            }
            Decision::Current { confirm: true, .. } => {
                transaction!(app.db, |tx| {
                    sessions::confirm(tx, session.id, session.generation, now).await
                })?;
            }
            Decision::Previous { resend } => {
                send = resend.then(|| current_token(app, &session));
                see(app, &session, now).await;
            }
            Decision::Current { .. } => see(app, &session, now).await,
        }
        return Ok(Resumed::SignedIn { session: Box::new(session), send });
    }
}

/// Parses a token that was presented in this place.
fn parse(app: &App, place: SessionKind, presented: &str, source: &Source) -> Option<RefreshToken> {
    let signers = &app.secrets.refresh_token;
    let token = RefreshToken::parse(signers, place, presented);
    if token.is_none() && RefreshToken::is_of(signers, place.other(), presented) {
        tracing::warn!(?place, address = %source.address, "refused a refresh token of another kind of session");
    }
    token
}

/// The session with its kind. A session from before kinds gets that of the place where its token is presented. `None`: another request has
/// just set it, so read the session again.
async fn with_kind(
    app: &App,
    session: Session,
    place: SessionKind,
    source: &Source,
) -> Result<Option<Session>> {
    if session.kind.is_some() {
        return Ok(Some(session));
    }
    let is_set = transaction!(app.db, |tx| -> Result<_> {
        // Other sessions of the account that get their kind at the same time wait, so that each is counted.
        let is_set = users::hold(tx, session.user_id).await?
            && sessions::set_kind(tx, session.id, place).await?;
        if is_set {
            session_limit::make_room(app, tx, session.user_id, place, session.id, source).await?;
        }
        Ok(is_set)
    })?;
    Ok(is_set.then_some(Session { kind: Some(place), ..session }))
}

/// The session that the refresh token of a browser belongs to, alive or not. `None` if the token is forged or its session is unknown.
pub async fn owner_of(app: &App, presented: &str) -> Result<Option<SessionId>> {
    let (signers, place) = (&app.secrets.refresh_token, SessionKind::Browser);
    let Some(token) = RefreshToken::parse(signers, place, presented) else { return Ok(None) };
    let session = sessions::find(&app.db, token.session()).await?;
    let session = session.filter(|session| {
        token.is_genuine(signers, &session.seed) && session.kind.is_none_or(|kind| kind == place)
    });
    Ok(session.map(|session| session.id))
}

/// The session with this ID, if it is alive.
pub async fn find_live(app: &App, id: SessionId) -> Result<Option<Session>> {
    let now = app.clock.now();
    let Some(session) = sessions::find(&app.db, id).await? else { return Ok(None) };
    let session = corrected(app, session, now).await?;
    Ok(session.filter(|session| session.is_live(now, app.config.lifetimes.idle)))
}

/// Like [`find_live`], and counts as a visit.
pub async fn visit(app: &App, id: SessionId) -> Result<Option<Session>> {
    let now = app.clock.now();
    let session = find_live(app, id).await?;
    if let Some(session) = &session {
        see(app, session, now).await;
    }
    Ok(session)
}

/// The session, after its times that lie in the future have been corrected. Otherwise, after the clock was set back, it would live too
/// long, its token would not be rotated and its owner's authentication would stay recent. Call this once its token is known to be genuine.
pub async fn corrected(app: &App, session: Session, now: Timestamp) -> Result<Option<Session>> {
    if !session.is_ahead(now) {
        return Ok(Some(session));
    }
    tracing::info!(session = %session.id, "a session has times in the future; they are corrected");
    let present = Present {
        now,
        authenticated_at: now.before(PROOF_LASTS),
        expires_at: now.after(app.config.lifetimes.session),
    };
    transaction!(app.db, |tx| {
        sessions::correct_times(tx, session.id, present).await?;
        sessions::find(tx, session.id).await
    })
    .map_err(Into::into)
}

/// Signs the user out: ends the session.
pub async fn sign_out(app: &App, session: &Session, source: &Source) -> Result<()> {
    let now = app.clock.now();
    transaction!(app.db, |tx| {
        if sessions::end(tx, session.id, EndReason::SignedOut, now).await? {
            let user = Some(session.user_id);
            audit::record(tx, Event::SignedOut, Outcome::Success, user, source, now).await?;
        }
        Ok(())
    })
}

/// The result of ending one session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionRevocation {
    /// It was the session of this request: the user is signed out.
    ThisOne,
    /// It was alive and was ended.
    Now,
    /// It had already ended.
    Before,
    /// The user has no such session.
    Unknown,
}

/// Ends one of the user's sessions.
pub async fn revoke(
    app: &App,
    session: &Session,
    revoked: SessionId,
    source: &Source,
) -> Result<SessionRevocation> {
    if revoked == session.id {
        sign_out(app, session, source).await?;
        return Ok(SessionRevocation::ThisOne);
    }
    let (now, user) = (app.clock.now(), session.user_id);
    transaction!(app.db, |tx| {
        if sessions::end_own(tx, user, revoked, EndReason::Revoked, now).await? {
            let (event, outcome) = (Event::SessionEnded, Outcome::Success);
            audit::record(tx, event, outcome, Some(user), source, now).await?;
            return Ok(SessionRevocation::Now);
        }
        Ok(if sessions::is_own(tx, user, revoked).await? {
            SessionRevocation::Before
        } else {
            SessionRevocation::Unknown
        })
    })
}

/// Ends all of the user's sessions except this one.
pub async fn revoke_others(app: &App, session: &Session, source: &Source) -> Result<()> {
    let (now, user) = (app.clock.now(), session.user_id);
    transaction!(app.db, |tx| {
        if end_others(tx, session, EndReason::Revoked, now).await? > 0 {
            let (event, outcome) = (Event::OtherSessionsEnded, Outcome::Success);
            audit::record(tx, event, outcome, Some(user), source, now).await?;
        }
        Ok(())
    })
}

/// Ends all sessions of the account except this one, in the transaction of a larger change. Returns how many.
pub async fn end_others(
    tx: &mut Tx,
    session: &Session,
    reason: EndReason,
    now: Timestamp,
) -> Result<u64> {
    Ok(sessions::end_all(tx, session.user_id, Some(session.id), reason, now).await?)
}

/// Records a visit, at most once a minute, or more often with a short `SESSION_IDLE_TTL`. A database error is only logged, so that the page is still shown.
pub async fn see(app: &App, session: &Session, now: Timestamp) {
    if session.is_seen(now, app.config.lifetimes.idle) {
        return;
    }
    let noted = async { transaction!(app.db, |tx| { sessions::touch(tx, session.id, now).await }) };
    if let Err(error) = noted.await {
        tracing::warn!(%error, "could not record when a session was last seen");
    }
}

async fn end_copied(app: &App, session: &Session, source: &Source) -> Result<()> {
    let (now, user) = (app.clock.now(), Some(session.user_id));
    transaction!(app.db, |tx| -> Result<_> {
        if sessions::end(tx, session.id, EndReason::Copied, now).await? {
            audit::record(tx, Event::RefreshTokenReused, Outcome::Refused, user, source, now)
                .await?;
            let to = Recipient::Account(session.user_id, session.email.as_str());
            queue::put(app, tx, MailKind::SessionCopied, to, None, source).await?;
        }
        Ok(())
    })
}

/// The token that was current when the session was read.
#[must_use]
pub fn current_token(app: &App, session: &Session) -> FreshToken {
    token_of(app, session, session.generation)
}

/// The token of a generation.
#[must_use]
pub(super) fn token_of(app: &App, session: &Session, generation: i64) -> FreshToken {
    let (signers, kind) = (&app.secrets.refresh_token, session.kind);
    FreshToken {
        session: session.id,
        token: RefreshToken::compute(signers, kind, &session.seed, session.id, generation),
        expires_at: session.expires_at,
        remember: session.remember,
    }
}
