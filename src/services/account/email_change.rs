//! Changes the email address of an account. The change takes effect when the signed-in owner opens the link sent to the new address.
//! The old address is notified at once, and can undo the change for some days.

use std::time::Duration;

use crate::app::App;
use crate::clock::Timestamp;
use crate::db::Tx;
use crate::domain::account::email::{EmailAddress, EmailKey};
use crate::domain::account::email_change::EmailChange;
use crate::domain::audit_event::{Event, Outcome};
use crate::domain::email::mail_kind::MailKind;
use crate::domain::email::one_time_token::{CONFIRM_EMAIL_TTL, OneTimeToken, Purpose};
use crate::domain::id::UserId;
use crate::domain::sign_in::demand::Proven;
use crate::domain::sign_in::session::{EndReason, Session};
use crate::domain::source::Source;
use crate::error::{Error, Result, from_db_error};
use crate::repositories::email_changes::Departure;
use crate::repositories::{email_changes, one_time_tokens, user_credentials, users};
use crate::services::audit;
use crate::services::email::queue::{self, Recipient};
use crate::services::former_address;
use crate::services::links;
use crate::services::session::session_management;
use crate::services::sign_up::pending;
use crate::services::throttle::{self, Mails, Subject};
use crate::transaction;

/// Why a change was not requested.
#[derive(Debug, thiserror::Error)]
pub enum RequestChangeError {
    /// The account already has this address.
    #[error("the account already has this address")]
    Same,
    /// Too many requests. Contains the time to wait.
    #[error("too many changes")]
    TooMany(Duration),
    /// Too many emails to this address, caused by any account. Contains the time to wait.
    #[error("too many mails")]
    TooManyMails(Duration),
    /// An unexpected error.
    #[error(transparent)]
    Failed(#[from] Error),
}

from_db_error!(RequestChangeError);

/// Requests a change, which replaces an earlier request. The result does not reveal whether the new address has an account: if it has,
/// the owner of that account gets a notice instead of a link.
pub async fn request(
    app: &App,
    proven: Proven<'_>,
    email: &EmailAddress,
    source: &Source,
) -> Result<(), RequestChangeError> {
    let now = app.clock.now();
    let user = users::get(&app.db, proven.user()).await?;
    let key = email.key();
    if key == user.email_key {
        return Err(RequestChangeError::Same);
    }
    transaction!(app.db, |tx| -> Result<_, RequestChangeError> {
        throttle::count(app, tx, Subject::EmailChange(user.id))
            .await?
            .map_err(RequestChangeError::TooMany)?;
        throttle::count(app, tx, Subject::EmailChangeNetwork(source))
            .await?
            .map_err(RequestChangeError::TooMany)?;
        // Counted whether or not the address has an account. If it is refused, the link of an earlier request still works.
        throttle::count_mail(app, tx, Mails::EmailChange, &key)
            .await?
            .map_err(RequestChangeError::TooManyMails)?;

        drop_pending(tx, user.id, now).await?;
        let change = EmailChange {
            old_email: user.email.clone(),
            old_email_key: user.email_key.clone(),
            new_email: email.clone(),
            new_email_key: key.clone(),
            requested_at: now,
        };
        if !email_changes::put(tx, user.id, &change).await? {
            return Err(RequestChangeError::TooMany(Duration::from_secs(1))); // a concurrent request won
        }
        match taken_by(tx, user.id, &key, now).await? {
            None => {
                let to = Recipient::Account(user.id, email.as_str());
                queue::put(app, tx, MailKind::ConfirmEmail, to, None, source).await?;
            }
            Some(Taken::Account) => {
                // Not linked to the requester's account: their list of emails must not reveal that the address is taken.
                let kind = MailKind::EmailTaken;
                queue::put(app, tx, kind, Recipient::Address(&key), None, source).await?;
            }
            Some(Taken::Reserved(departure)) => {
                former_address::tell(app, tx, &departure, source).await?;
            }
        }
        let (kind, detail) = (MailKind::EmailChangeRequested, Some(email.as_str()));
        queue::notify(app, tx, kind, &user, detail, source).await?;
        let (event, id) = (Event::EmailChangeRequested, Some(user.id));
        audit::record(tx, event, Outcome::Success, id, source, now).await?;
        Ok(())
    })
}

/// Why an account cannot take an address.
enum Taken {
    /// Another account has it.
    Account,
    /// Another account had it until recently, and its owner can still undo that change.
    Reserved(Departure),
}

async fn taken_by(
    tx: &mut Tx,
    requester: UserId,
    email: &EmailKey,
    now: Timestamp,
) -> Result<Option<Taken>> {
    let known = users::find_by_email(&mut *tx, email).await?;
    if known.is_some_and(|known| !known.is_pending()) {
        return Ok(Some(Taken::Account));
    }
    let departure = former_address::reserved(&mut *tx, email, now).await?;
    Ok(departure.filter(|departure| departure.user_id != requester).map(Taken::Reserved))
}

/// The pending change, unless its link has expired.
pub async fn pending(app: &App, user: UserId) -> Result<Option<EmailChange>> {
    let now = app.clock.now();
    let change = email_changes::pending(&app.db, user).await?;
    Ok(change.filter(|change| now.since(change.requested_at) < CONFIRM_EMAIL_TTL))
}

/// Cancels the pending change. Its link stops working.
pub async fn withdraw(app: &App, session: &Session, source: &Source) -> Result<()> {
    let (now, user) = (app.clock.now(), session.user_id);
    transaction!(app.db, |tx| {
        drop_pending(tx, user, now).await?;
        let event = Event::EmailChangeWithdrawn;
        audit::record(tx, event, Outcome::Success, Some(user), source, now).await
    })
}

async fn drop_pending(tx: &mut Tx, user: UserId, now: Timestamp) -> Result<()> {
    queue::cancel(tx, user, MailKind::ConfirmEmail, now).await?;
    one_time_tokens::spend_purpose(tx, user, Purpose::ConfirmEmail, now).await?;
    Ok(email_changes::delete_pending(tx, user).await?)
}

/// What a confirmation link would do for the signed-in user.
#[derive(Clone, Debug)]
pub enum EmailChangeLink {
    /// Change their address.
    Change(EmailChange),
    /// Nothing: it belongs to another account.
    Foreign,
    /// Nothing: it was used, and the account has the new address.
    Done,
    /// Nothing: unknown, used, expired, or replaced by another change.
    Nothing,
}

/// Looks up a link. Changes nothing.
pub async fn find(app: &App, session: &Session, token: &OneTimeToken) -> Result<EmailChangeLink> {
    let purpose = Purpose::ConfirmEmail;
    if let Some(grant) = links::grant(app, token, purpose).await? {
        if grant.user_id != session.user_id {
            return Ok(EmailChangeLink::Foreign);
        }
        let change = email_changes::pending(&app.db, grant.user_id).await?;
        // The link confirms only the address that it was sent to.
        if let Some(change) = change.filter(|change| change.new_email_key == grant.email_key) {
            return Ok(EmailChangeLink::Change(change));
        }
    }
    Ok(if is_done(app, session, token).await? {
        EmailChangeLink::Done
    } else {
        EmailChangeLink::Nothing
    })
}

/// Whether this link was used and the account still has its address.
pub async fn is_done(app: &App, session: &Session, token: &OneTimeToken) -> Result<bool> {
    let spent = one_time_tokens::find_spent(&app.db, token, Purpose::ConfirmEmail).await?;
    let Some(grant) = spent.filter(|grant| grant.user_id == session.user_id) else {
        return Ok(false);
    };
    let user = users::find(&app.db, session.user_id).await?;
    Ok(user.is_some_and(|user| user.email_key == grant.email_key))
}

/// Why an address was not confirmed.
#[derive(Debug, thiserror::Error)]
pub enum ConfirmChangeError {
    /// The link does nothing for this user.
    #[error("the link does not work")]
    InvalidLink,
    /// Another account has taken the address since the request.
    #[error("the address is taken")]
    Taken,
    /// An unexpected error.
    #[error(transparent)]
    Failed(#[from] Error),
}

from_db_error!(ConfirmChangeError);

/// A completed change.
#[derive(Clone, Debug)]
pub struct Moved {
    /// The new address.
    pub email: EmailAddress,
    /// The new version of the credentials.
    pub credential_version: i64,
}

/// Changes the address after the signed-in owner opened the link sent to the new one.
pub async fn confirm(
    app: &App,
    session: &Session,
    token: &OneTimeToken,
    source: &Source,
) -> Result<Moved, ConfirmChangeError> {
    let EmailChangeLink::Change(found) = find(app, session, token).await? else {
        return Err(ConfirmChangeError::InvalidLink);
    };
    let user =
        users::find(&app.db, session.user_id).await?.ok_or(ConfirmChangeError::InvalidLink)?;
    let now = app.clock.now();
    let change = transaction!(app.db, |tx| -> Result<_, ConfirmChangeError> {
        if !links::spend(app, tx, token, Purpose::ConfirmEmail, &user, now).await? {
            return Err(ConfirmChangeError::InvalidLink);
        }
        let key = &found.new_email_key;
        let change = email_changes::confirm(tx, user.id, key, now).await?;
        let change = change.ok_or(ConfirmChangeError::InvalidLink)?;
        pending::forget(tx, key).await?;
        let (old, new) = (&change.old_email_key, &change.new_email);
        if taken_by(tx, user.id, key, now).await?.is_some() {
            return Err(ConfirmChangeError::Taken);
        }
        if !user_credentials::set_email(tx, user.id, old, new, now).await? {
            return Err(ConfirmChangeError::Taken);
        }
        // The account returns to a former address, so the addresses in between can no longer undo their changes.
        if let Some(departure) = former_address::departure(&mut *tx, user.id, key, now).await? {
            email_changes::delete_since(tx, user.id, departure.id).await?;
        }
        session_management::end_others(tx, session, EndReason::EmailChanged, now).await?;
        let (event, id) = (Event::EmailChanged, Some(user.id));
        audit::record(tx, event, Outcome::Success, id, source, now).await?;
        let (kind, detail) = (MailKind::EmailChanged, Some(new.as_str()));
        queue::notify(app, tx, kind, &user, detail, source).await?; // to the old address
        Ok(change)
    })?;
    Ok(Moved { email: change.new_email, credential_version: user.credential_version + 1 })
}
