//! Sessions: how one begins, what a presented refresh token means, how one ends.

use crate::app::App;
use crate::clock::Timestamp;
use crate::db::Tx;
use crate::domain::audit_event::{Event, Outcome};
use crate::domain::email::mail_kind::MailKind;
use crate::domain::id::{SessionId, UserId};
use crate::domain::sign_in::refresh_token::{RefreshToken, Seed, Verdict, decide};
use crate::domain::sign_in::session::{EndReason, ListedSession, SEEN_EVERY, Session};
use crate::domain::source::Source;
use crate::error::Result;
use crate::repositories::sessions::{self, NewSession};
use crate::secret::Secret;
use crate::services::audit;
use crate::services::email::outbox;
use crate::transaction;

/// A refresh token on its way to the browser, or to a client that keeps it itself.
#[derive(Clone, Debug)]
pub struct FreshToken {
    /// The session.
    pub session: SessionId,
    /// The token.
    pub token: Secret<String>,
    /// The end of the session's absolute lifetime, which a token that is sent again keeps.
    pub expires_at: Timestamp,
    /// Whether the browser keeps it when its window closes.
    pub remember: bool,
}

/// A new session to be.
#[derive(Clone, Copy, Debug)]
pub struct Beginning<'a> {
    /// Whose.
    pub user: UserId,
    /// Whether it outlives the browser's window.
    pub remember: bool,
    /// How the person proved who they are (RFC 8176).
    pub amr: &'a str,
    /// The session that the browser had until now.
    pub replaces: Option<SessionId>,
    /// From where.
    pub source: &'a Source,
}

/// Begins a session with an id of its own; the one that the browser had until now ends (ASVS 7.2.4).
pub async fn begin(app: &App, tx: &mut Tx, beginning: &Beginning<'_>) -> Result<FreshToken> {
    let now = app.clock.now();
    if let Some(replaced) = beginning.replaces {
        sessions::end(tx, replaced, EndReason::Replaced, now).await?;
    }
    let (id, seed) = (SessionId::new(now), Seed::random());
    let expires_at = now.after(app.config.lifetimes.session);
    let session = NewSession {
        id,
        user_id: beginning.user,
        seed: &seed,
        remember: beginning.remember,
        amr: beginning.amr,
        expires_at,
        source: beginning.source,
    };
    sessions::put(tx, &session, now).await?;
    let user = Some(beginning.user);
    audit::record(tx, Event::SignedIn, Outcome::Success, user, beginning.source, now).await?;
    let token = RefreshToken::compute(&app.secrets.master, &seed, id, 1).reveal();
    Ok(FreshToken { session: id, token, expires_at, remember: beginning.remember })
}

/// Who presented a refresh token.
#[derive(Clone, Debug)]
pub enum Resumed {
    /// Nobody known: no such session, a forgery, a lifetime over, a closed account.
    Anonymous,
    /// The session has ended early; the browser does not know yet.
    Ended(EndReason),
    /// The session lives.
    SignedIn {
        /// The session and its owner.
        session: Box<Session>,
        /// What to put into the browser's cookie, if anything.
        send: Option<FreshToken>,
    },
}

/// Finds out who presented this token, and moves the session on where that is due. `may_rotate`: the request is a
/// navigation or a form, whose answer the browser keeps.
pub async fn resume(
    app: &App,
    presented: &str,
    may_rotate: bool,
    source: &Source,
) -> Result<Resumed> {
    let Some(token) = RefreshToken::parse(presented) else { return Ok(Resumed::Anonymous) };
    let now = app.clock.now();
    loop {
        let Some(session) = sessions::find(&app.db, token.session()).await? else {
            return Ok(Resumed::Anonymous);
        };
        if !token.is_genuine(&app.secrets.master, &session.seed) {
            tracing::warn!(session = %session.id, address = %source.address, "forged refresh token");
            return Ok(Resumed::Anonymous);
        }
        if let (Some(_), Some(reason)) = (session.ended_at, session.end_reason) {
            return Ok(Resumed::Ended(reason));
        }
        if !session.is_live(now, app.config.lifetimes.idle) {
            return Ok(Resumed::Anonymous);
        }

        let lifetimes = &app.config.lifetimes;
        let verdict =
            decide(session.state(), token.generation(), now, may_rotate, lifetimes.rotation);
        let mut send = None;
        match verdict {
            Verdict::Newer => return Ok(Resumed::Anonymous),
            Verdict::Copied => {
                end_copied(app, &session, source).await?;
                return Ok(Resumed::Ended(EndReason::Copied));
            }
            Verdict::Current { rotate: true, .. } => {
                let next = session.generation + 1;
                let is_moved = transaction!(app.db, |tx| {
                    sessions::rotate(tx, session.id, session.generation, now).await
                })?;
                if !is_moved {
                    continue; // another request was first: look again
                }
                send = Some(token_of(app, &session, next));
            }
            Verdict::Current { confirm: true, .. } => {
                transaction!(app.db, |tx| {
                    sessions::confirm(tx, session.id, session.generation, now).await
                })?;
            }
            Verdict::Previous { resend } => {
                send = resend.then(|| current_token(app, &session));
                see(app, &session, now).await;
            }
            Verdict::Current { .. } => see(app, &session, now).await,
        }
        return Ok(Resumed::SignedIn { session: Box::new(session), send });
    }
}

/// The session of this id if it lives, which is seen with that.
pub async fn visit(app: &App, id: SessionId) -> Result<Option<Session>> {
    let now = app.clock.now();
    let session = sessions::find(&app.db, id).await?;
    let session = session.filter(|session| session.is_live(now, app.config.lifetimes.idle));
    if let Some(session) = &session {
        see(app, session, now).await;
    }
    Ok(session)
}

/// Ends the session: the person signs out.
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

/// What a person has who has just proved who they are in the session that they have.
#[derive(Clone, Debug)]
pub struct Proof {
    /// When they did.
    pub at: Timestamp,
    /// The session's next token, if it could be moved on at once.
    pub send: Option<FreshToken>,
}

/// The person has just proved who they are, in the session that they have: notes it, and moves the session on to its next
/// token, so that a copy of the one before gives itself away. Where the token before that has not had its grace yet, the
/// next page does it. `amr`: how they proved it, if that has changed.
pub async fn prove(app: &App, tx: &mut Tx, session: &Session, amr: Option<&str>) -> Result<Proof> {
    let (now, rotation) = (app.clock.now(), app.config.lifetimes.rotation);
    let nothing_to_send = Proof { at: now, send: None };
    if !sessions::set_proof(tx, session.id, amr, now).await? {
        return Ok(nothing_to_send);
    }
    let Some(session) = sessions::find(&mut *tx, session.id).await? else {
        return Ok(nothing_to_send);
    };
    let is_moved = session.state().is_settled(now, rotation)
        && sessions::rotate(tx, session.id, session.generation, now).await?;
    if is_moved {
        let token = token_of(app, &session, session.generation + 1);
        return Ok(Proof { at: now, send: Some(token) });
    }
    sessions::age(tx, session.id, now.before(rotation.after)).await?;
    Ok(nothing_to_send)
}

/// The sessions of the account that are alive, the last seen first.
pub async fn list(app: &App, session: &Session) -> Result<Vec<ListedSession>> {
    let (now, idle) = (app.clock.now(), app.config.lifetimes.idle);
    let mut sessions = sessions::open_of_user(&app.db, session.user_id, now).await?;
    sessions.retain(|session| now < session.lives_until(idle));
    Ok(sessions)
}

/// What became of a session that was to be ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Revoked {
    /// It was the one that asked: the person is signed out.
    ThisOne,
    /// It has ended now.
    Now,
    /// It had ended before.
    Before,
    /// The person has no such session.
    Unknown,
}

/// Ends one of the person's sessions.
pub async fn revoke(
    app: &App,
    session: &Session,
    revoked: SessionId,
    source: &Source,
) -> Result<Revoked> {
    if revoked == session.id {
        sign_out(app, session, source).await?;
        return Ok(Revoked::ThisOne);
    }
    let (now, user) = (app.clock.now(), session.user_id);
    transaction!(app.db, |tx| {
        if sessions::end_own(tx, user, revoked, EndReason::Revoked, now).await? {
            let (event, outcome) = (Event::SessionEnded, Outcome::Success);
            audit::record(tx, event, outcome, Some(user), source, now).await?;
            return Ok(Revoked::Now);
        }
        let known = sessions::find(tx, revoked).await?;
        let is_own = known.is_some_and(|known| known.user_id == user);
        Ok(if is_own { Revoked::Before } else { Revoked::Unknown })
    })
}

/// Ends all of the person's sessions but this one.
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

/// Ends all sessions of the account but this one, in the transaction of what asks for it; how many that were.
pub async fn end_others(
    tx: &mut Tx,
    session: &Session,
    reason: EndReason,
    now: Timestamp,
) -> Result<u64> {
    Ok(sessions::end_all(tx, session.user_id, Some(session.id), reason, now).await?)
}

/// Notes that the session was seen, at most once a minute. A database that cannot write is no reason not to show a page.
pub async fn see(app: &App, session: &Session, now: Timestamp) {
    if now.since(session.last_seen_at) < SEEN_EVERY {
        return;
    }
    let noted = async { transaction!(app.db, |tx| { sessions::touch(tx, session.id, now).await }) };
    if let Err(error) = noted.await {
        tracing::warn!(%error, "a visit was not noted");
    }
}

async fn end_copied(app: &App, session: &Session, source: &Source) -> Result<()> {
    let (now, user) = (app.clock.now(), Some(session.user_id));
    transaction!(app.db, |tx| -> Result<_> {
        if sessions::end(tx, session.id, EndReason::Copied, now).await? {
            audit::record(tx, Event::RefreshTokenReused, Outcome::Refused, user, source, now)
                .await?;
            let (kind, recipient) = (MailKind::SessionCopied, session.email.as_str());
            outbox::put(app, tx, kind, user, recipient, None, source).await?;
        }
        Ok(())
    })?;
    app.outbox_bell.notify_one();
    Ok(())
}

/// The current token of a session, as of when the session was read.
#[must_use]
pub fn current_token(app: &App, session: &Session) -> FreshToken {
    token_of(app, session, session.generation)
}

fn token_of(app: &App, session: &Session, generation: i64) -> FreshToken {
    let token = RefreshToken::compute(&app.secrets.master, &session.seed, session.id, generation);
    FreshToken {
        session: session.id,
        token: token.reveal(),
        expires_at: session.expires_at,
        remember: session.remember,
    }
}
