//! Confirms who a signed-in user is by a code that is emailed to them. It is for accounts without a password; the code takes its place.
//!
//! A code works in the browser that asked for it, for ten minutes, five times at most and once. Asking again replaces it. How often a user
//! may ask is limited by account, so that codes cannot be guessed by asking again and again (see `EMAILED_CODE_DAILY`).

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::clock::{DRIFT, Timestamp};
use crate::db::Tx;
use crate::domain::audit_event::{Event, Outcome};
use crate::domain::email::mail_kind::MailKind;
use crate::domain::id::{MailId, SessionId};
use crate::domain::sign_in::demand::Demand;
use crate::domain::sign_in::emailed_code::{EmailedCode, LASTS, TRIES};
use crate::domain::sign_in::proof::{Credential, Shown};
use crate::domain::sign_in::session::Session;
use crate::domain::source::Source;
use crate::error::{Error, Result, from_db_error};
use crate::repositories::{emailed_codes, users};
use crate::services::audit;
use crate::services::email::queue;
use crate::services::session::proofs::{self, FreshProof};
use crate::services::sign_in::step_up;
use crate::services::throttle::{self, Subject};
use crate::transaction;

/// A code that was sent, as the browser that asked for it remembers it. It does not contain the code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentCode {
    mail: MailId,
    session: SessionId,
    at: Timestamp,
}

impl SentCode {
    /// Whether it was asked for in this session and has not expired.
    #[must_use]
    pub fn is_of(&self, session: SessionId, now: Timestamp) -> bool {
        self.session == session && self.at.is_within(LASTS, now)
    }
}

/// Why no code was sent.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// The account has a password, which the user has to confirm instead.
    #[error("the account has a password")]
    HasPassword,
    /// Too many codes. Contains the time to wait.
    #[error("too many codes sent")]
    TooMany(Duration),
    /// An unexpected error.
    #[error(transparent)]
    Failed(#[from] Error),
}

from_db_error!(SendError);

/// Why a code was refused.
#[derive(Debug, thiserror::Error)]
pub enum EmailedCodeError {
    /// The code is wrong. Contains how many tries are left. After the last one, the user needs a new code.
    #[error("wrong code")]
    Wrong(i64),
    /// The code has been used or replaced, has expired, or has had all its tries. The user needs a new one.
    #[error("the code no longer works")]
    Over,
    /// An unexpected error.
    #[error(transparent)]
    Failed(#[from] Error),
}

from_db_error!(EmailedCodeError);

/// A right code that has not been spent yet. See [`spend`].
#[derive(Debug)]
pub struct RightCode {
    mail: MailId,
}

/// Whether an emailed code is the first factor of the session's owner.
async fn is_asked_for(app: &App, session: &Session) -> Result<bool> {
    let held = step_up::held(app, session.user_id).await?;
    let missing = Demand::Proof.missing(held, Shown::default(), Shown::default());
    Ok(missing.emailed_code())
}

/// Emails a code to the session's owner. An earlier code of the session stops working.
pub async fn send(app: &App, session: &Session, source: &Source) -> Result<SentCode, SendError> {
    if !is_asked_for(app, session).await? {
        return Err(SendError::HasPassword);
    }
    let user = users::get(&app.db, session.user_id).await?;
    let now = app.clock.now();
    transaction!(app.db, |tx| -> Result<_, SendError> {
        let limits = [Subject::EmailedCodeHourly(user.id), Subject::EmailedCodeDaily(user.id)];
        throttle::count_all(app, tx, &limits).await?.map_err(SendError::TooMany)?;
        let mail = queue::put_code(app, tx, MailKind::ConfirmationCode, &user, source).await?;
        emailed_codes::put(tx, session.id, user.id, mail, now).await?;
        let (event, outcome) = (Event::ConfirmationCodeSent, Outcome::Success);
        audit::record(tx, event, outcome, Some(user.id), source, now).await?;
        Ok(SentCode { mail, session: session.id, at: now })
    })
}

/// Whether the right code would still be accepted.
pub async fn is_open(app: &App, sent: &SentCode) -> Result<bool> {
    let standing = emailed_codes::find(&app.db, sent.mail).await?;
    Ok(standing.is_some_and(|it| it.is_open(app.clock.now())))
}

/// Counts the try, then checks the code. A right code must be spent in the transaction of what it allows.
pub async fn check(
    app: &App,
    session: &Session,
    sent: &SentCode,
    code: &EmailedCode,
    source: &Source,
) -> Result<RightCode, EmailedCodeError> {
    let (now, mail) = (app.clock.now(), sent.mail);
    let recently = (now.before(LASTS), now.after(DRIFT));
    // A transaction of its own, so that a wrong code stays counted.
    let counted = transaction!(app.db, |tx| {
        emailed_codes::count_try(tx, session.id, mail, recently, TRIES).await
    })?;
    let is_right = code.is(&EmailedCode::of_mail(&app.secrets.emailed_code, mail));
    match counted {
        Some(_) if is_right && is_asked_for(app, session).await? => Ok(RightCode { mail }),
        _ => {
            let (event, user) = (Event::ConfirmationCodeChecked, Some(session.user_id));
            transaction!(app.db, |tx| -> Result<_> {
                audit::record(tx, event, Outcome::Refused, user, source, now).await
            })?;
            let wrong =
                counted.filter(|_| !is_right).map(|tries| EmailedCodeError::Wrong(TRIES - tries));
            Err(wrong.unwrap_or(EmailedCodeError::Over))
        }
    }
}

/// Spends a right code, in the transaction of what it allows. `false`: a concurrent request has spent or replaced it. Then roll back.
pub async fn spend(
    app: &App,
    tx: &mut Tx,
    session: &Session,
    right: &RightCode,
    source: &Source,
) -> Result<bool> {
    let now = app.clock.now();
    if !emailed_codes::spend(tx, session.id, right.mail, now).await? {
        return Ok(false);
    }
    let (event, user) = (Event::ConfirmationCodeChecked, Some(session.user_id));
    audit::record(tx, event, Outcome::Success, user, source, now).await?;
    Ok(true)
}

/// Checks the code, and records that the user has proved who they are.
pub async fn confirm(
    app: &App,
    session: &Session,
    sent: &SentCode,
    code: &EmailedCode,
    source: &Source,
) -> Result<FreshProof, EmailedCodeError> {
    let right = check(app, session, sent, code, source).await?;
    transaction!(app.db, |tx| -> Result<_, EmailedCodeError> {
        if !spend(app, tx, session, &right, source).await? {
            return Err(EmailedCodeError::Over);
        }
        let shown = Shown::of(&[Credential::EmailedCode]);
        Ok(proofs::prove(app, tx, session, shown).await?)
    })
}
