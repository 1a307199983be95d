//! The gate: identifies visitors of guarded hosts, and passes a sign-in on to such a host.

use std::time::Duration;

use crate::app::App;
use crate::clock::{DRIFT, Timestamp};
use crate::config::RemoteUser;
use crate::domain::gate::origin::GateOrigin;
use crate::domain::gate::rule::{Admission, Rule};
use crate::domain::gate::ticket::{Journey, Nonce, NonceHash, Ticket};
use crate::domain::gate::token::GateToken;
use crate::domain::id::SessionId;
use crate::domain::sign_in::session::Session;
use crate::error::Result;
use crate::repositories::{sessions as rows, spent_tickets};
use crate::secret::Secret;
use crate::services::session::access_tokens;
use crate::services::session::demanded_factor;
use crate::services::session::session_management;
use crate::transaction;

/// A session that spends more tickets at one origin within [`LOOP_TIME`] is in a redirect loop: the browser does not store the cookie.
const LOOP: i64 = 5;
const LOOP_TIME: Duration = Duration::from_secs(10);

/// The visitor of a guarded host.
#[derive(Clone, Debug)]
pub enum Guest {
    /// Not signed in.
    Anonymous,
    /// Signed in, with the result of the rule for this session.
    SignedIn(Box<Session>, Admission),
}

/// Identifies the visitor by this token at this origin, and applies the rule. A session without the second factor that `SECOND_FACTOR`
/// demands is refused whatever the rule: it is not a complete sign-in. Costs one indexed read, and at most one write of
/// `last_seen_at` a minute.
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
        tracing::warn!(session = %session.id, %origin, "refused a forged gate token");
        return Ok(Guest::Anonymous);
    }
    let session = session_management::corrected(app, session, now).await?;
    let Some(session) = session.filter(|it| it.is_live(now, app.config.lifetimes.idle)) else {
        return Ok(Guest::Anonymous);
    };
    session_management::see(app, &session, now).await;
    if demanded_factor::is_missing(app, &session) {
        return Ok(Guest::SignedIn(Box::new(session), Admission::FactorMissing));
    }
    let mut standing = rule.judge(&session);
    let is_known_by_email = app.config.gate_remote_user == RemoteUser::Email;
    if standing == Admission::Allowed && is_known_by_email && session.email_verified_at.is_none() {
        standing = Admission::EmailUnconfirmed;
    }
    Ok(Guest::SignedIn(Box::new(session), standing))
}

/// Issues a ticket for the session at this origin, for the browser that has this nonce there. `again`: the previous ticket failed.
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

/// The result of redeeming a ticket.
#[derive(Clone, Debug)]
pub enum Redeemed {
    /// It was valid. Contains the token for the host.
    Opened(GateKey),
    /// It was used before, or has expired.
    Spent {
        /// Whether this was the second ticket.
        again: bool,
    },
    /// It is for another browser or host, its session has ended, or it is forged.
    Wrong {
        /// Whether this was the second ticket.
        again: bool,
    },
    /// It was valid, but this session has just redeemed many tickets here: the browser does not store the cookie, or opens many tabs.
    Looping(SessionId),
}

/// A gate token to send to the browser.
#[derive(Clone, Debug)]
pub struct GateKey {
    /// The value of the cookie.
    pub token: Secret<String>,
    /// When it expires.
    pub expires_at: Timestamp,
    /// Whether the browser keeps it when it closes.
    pub remember: bool,
}

/// Redeems a ticket at this origin. A ticket works once, for a minute, in the browser that has its nonce. The first attempt spends a
/// genuine ticket even if it fails, so that a leaked ticket is useless. A forged ticket causes no write.
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
    let Some(session) = session_management::corrected(app, session, now).await? else {
        return Ok(Redeemed::Wrong { again });
    };
    let is_for_browser = nonce.is_some_and(|nonce| ticket.is_for(nonce));
    let redeemed = transaction!(app.db, |tx| -> Result<_> {
        if !spent_tickets::put(tx, ticket.hash(), session.id, origin.as_str(), now).await? {
            return Ok(Redeemed::Spent { again });
        }
        if !is_for_browser || !session.is_live(now, app.config.lifetimes.idle) {
            return Ok(Redeemed::Wrong { again });
        }
        // Tickets spent before the clock was set back were not spent just now.
        let (since, until) = (now.before(LOOP_TIME), now.after(DRIFT));
        let spent = spent_tickets::count(&mut *tx, session.id, origin.as_str(), since, until);
        if spent.await? > LOOP {
            return Ok(Redeemed::Looping(session.id));
        }
        let end = session.expires_at;
        let token =
            GateToken::compute(&app.secrets.gate_token, &session.seed, session.id, origin, end);
        let key = GateKey { token, expires_at: end, remember: session.remember };
        Ok(Redeemed::Opened(key))
    })?;
    if matches!(redeemed, Redeemed::Wrong { .. }) && !is_for_browser {
        tracing::warn!(session = %session.id, %origin, "refused and spent a ticket presented by another browser");
    }
    Ok(redeemed)
}

/// Issues an access token that only the app at this origin accepts.
pub fn access_token(app: &App, session: &Session, origin: &GateOrigin) -> Result<Secret<String>> {
    let mut claims = access_tokens::claims(app, session);
    claims.aud = origin.to_string();
    access_tokens::sign(app, &claims)
}
