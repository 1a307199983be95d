//! The gate: who is at a guarded host, and how a sign-in gets there.

use std::time::Duration;

use crate::app::App;
use crate::clock::Timestamp;
use crate::config::RemoteUser;
use crate::domain::gate::origin::GateOrigin;
use crate::domain::gate::rule::{Rule, Standing};
use crate::domain::gate::ticket::{Journey, Nonce, NonceHash, Ticket};
use crate::domain::gate::token::GateToken;
use crate::domain::id::SessionId;
use crate::domain::sign_in::session::Session;
use crate::error::Result;
use crate::repositories::{sessions as rows, spent_tickets};
use crate::secret::Secret;
use crate::services::sign_in::access_tokens;
use crate::services::sign_in::sessions;
use crate::transaction;

/// A session that spends this many tickets at one origin within [`LOOP_TIME`] does not get its cookie there.
const LOOP: i64 = 5;
const LOOP_TIME: Duration = Duration::from_secs(10);

/// Who is at a guarded host.
#[derive(Clone, Debug)]
pub enum Guest {
    /// Nobody who is signed in.
    Anonymous,
    /// Somebody signed in, and how they stand to the rule.
    SignedIn(Box<Session>, Standing),
}

/// Finds out who presents this token at this origin, and whether the rule lets them pass: one indexed read, and no write but
/// `last_seen_at`, which slides at most once a minute.
pub async fn check(
    app: &App,
    origin: &GateOrigin,
    presented: Option<&str>,
    rule: &Rule,
) -> Result<Guest> {
    let signer = &app.secrets.gate_token;
    let token = presented.and_then(|text| GateToken::parse(signer, text));
    let Some(token) = token else { return Ok(Guest::Anonymous) };
    let now = app.clock.now();
    if token.is_expired(now) {
        return Ok(Guest::Anonymous);
    }
    let Some(session) = rows::find(&app.db, token.session()).await? else {
        return Ok(Guest::Anonymous);
    };
    if !token.is_genuine(signer, &session.seed, origin) {
        tracing::warn!(session = %session.id, %origin, "forged gate token");
        return Ok(Guest::Anonymous);
    }
    if !session.is_live(now, app.config.lifetimes.idle) {
        return Ok(Guest::Anonymous);
    }
    sessions::see(app, &session, now).await;
    let mut standing = rule.judge(&session);
    let is_known_by_email = app.config.gate_remote_user == RemoteUser::Email;
    if standing == Standing::Allowed && is_known_by_email && session.email_verified_at.is_none() {
        standing = Standing::EmailUnconfirmed;
    }
    Ok(Guest::SignedIn(Box::new(session), standing))
}

/// A ticket for the session to this origin, in the browser that has this nonce there. `again`: the one before it was no good.
#[must_use]
pub fn ticket(
    app: &App,
    session: &Session,
    origin: &GateOrigin,
    nonce: NonceHash,
    again: bool,
) -> Secret<String> {
    let journey = Journey { session: session.id, seed: &session.seed, origin };
    Ticket::issue(&app.secrets.gate_ticket, journey, nonce, again, app.clock.now())
}

/// What a ticket was worth.
#[derive(Clone, Debug)]
pub enum Redeemed {
    /// It was good: the token for this host.
    Opened(GateKey),
    /// It was used before, or its minute is over.
    Spent {
        /// Whether this was the second try.
        again: bool,
    },
    /// It is not for this browser or this host, its session has ended, or we did not make it.
    Wrong {
        /// Whether this was the second try.
        again: bool,
    },
    /// It was good, but this session has just been given one token after the other here: the browser does not keep them, or has as
    /// many tabs.
    Looping(SessionId),
}

/// A gate token on its way to the browser.
#[derive(Clone, Debug)]
pub struct GateKey {
    /// The token.
    pub token: Secret<String>,
    /// Until when it is good.
    pub expires_at: Timestamp,
    /// Whether the browser keeps it when its window closes.
    pub remember: bool,
}

/// Redeems a ticket that a browser brings to this origin: it works once, within its minute, in the browser that has its nonce. A genuine
/// ticket is spent by the first attempt, also by one that gets nothing: whoever reads it afterwards is too late. A forged ticket writes
/// nothing.
pub async fn redeem(
    app: &App,
    origin: &GateOrigin,
    presented: &str,
    nonce: Option<&Nonce>,
) -> Result<Redeemed> {
    let Some(ticket) = Ticket::parse(presented) else {
        return Ok(Redeemed::Wrong { again: false });
    };
    let (now, again) = (app.clock.now(), ticket.is_second_try());
    if ticket.is_expired(now) {
        return Ok(Redeemed::Spent { again });
    }
    let Some(session) = rows::find(&app.db, ticket.session()).await? else {
        return Ok(Redeemed::Wrong { again });
    };
    let journey = Journey { session: session.id, seed: &session.seed, origin };
    if !ticket.is_genuine(&app.secrets.gate_ticket, journey) {
        tracing::warn!(session = %session.id, %origin, "refused a ticket that was forged or is for another host");
        return Ok(Redeemed::Wrong { again });
    }
    let is_for_browser = nonce.is_some_and(|nonce| ticket.is_for(nonce));
    let redeemed = transaction!(app.db, |tx| -> Result<_> {
        if !spent_tickets::put(tx, ticket.hash(), session.id, origin.as_str(), now).await? {
            return Ok(Redeemed::Spent { again });
        }
        if !is_for_browser || !session.is_live(now, app.config.lifetimes.idle) {
            return Ok(Redeemed::Wrong { again });
        }
        let since = now.before(LOOP_TIME);
        if spent_tickets::count(&mut *tx, session.id, origin.as_str(), since).await? > LOOP {
            return Ok(Redeemed::Looping(session.id));
        }
        let end = session.expires_at;
        let token =
            GateToken::compute(&app.secrets.gate_token, &session.seed, session.id, origin, end);
        let key = GateKey { token, expires_at: end, remember: session.remember };
        Ok(Redeemed::Opened(key))
    })?;
    if matches!(redeemed, Redeemed::Wrong { .. }) && !is_for_browser {
        tracing::warn!(session = %session.id, %origin, "spent a ticket that another browser presented");
    }
    Ok(redeemed)
}

/// An access token for the application at this origin alone, issued for this request.
pub fn access_token(app: &App, session: &Session, origin: &GateOrigin) -> Result<Secret<String>> {
    let mut claims = access_tokens::claims(app, session);
    claims.aud = origin.to_string();
    access_tokens::sign(app, &claims)
}
