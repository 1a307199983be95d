//! Moving an account to another address. The new one counts once its owner, signed in, has opened the mail to it; the old one
//! is told at once and can undo it for longer.

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
use crate::domain::sign_in::session::{EndReason, Session};
use crate::domain::source::Source;
use crate::error::{Error, Result, from_db_error};
use crate::repositories::email_changes::Departure;
use crate::repositories::{email_changes, one_time_tokens, users};
use crate::services::account::former_address;
use crate::services::audit;
use crate::services::email::outbox;
use crate::services::links;
use crate::services::sign_in::sessions;
use crate::services::sign_up::registration;
use crate::services::throttle::{self, Mails, Subject};
use crate::transaction;

/// Why no change was asked for.
#[derive(Debug, thiserror::Error)]
pub enum RequestError {
    /// It is the account's address already.
    #[error("This is the address of your account already.")]
    Same,
    /// Too many changes; how long to wait.
    #[error("too many changes")]
    TooMany(Duration),
    /// Too many mails to that address, whoever caused them; how long to wait.
    #[error("too many mails")]
    TooManyMails(Duration),
    /// Nothing that the person could mend.
    #[error(transparent)]
    Failed(#[from] Error),
}

from_db_error!(RequestError);

/// Asks for a change; one asked for before is dropped. The answer is the same when the address has an account, whose owner is
/// told instead.
pub async fn request(
    app: &App,
    session: &Session,
    email: &EmailAddress,
    source: &Source,
) -> Result<(), RequestError> {
    let now = app.clock.now();
    let user = users::find(&app.db, session.user_id).await?;
    let user = user.ok_or(Error::AccountGone)?;
    let key = email.key();
    if key == user.email_key {
        return Err(RequestError::Same);
    }
    transaction!(app.db, |tx| -> Result<_, RequestError> {
        throttle::count(app, tx, Subject::EmailChange(user.id))
            .await?
            .map_err(RequestError::TooMany)?;
        throttle::count(app, tx, Subject::EmailChangeNetwork(source))
            .await?
            .map_err(RequestError::TooMany)?;
        // Whether the address has an account does not show in this. A link that waits there stays good.
        throttle::count_mail(app, tx, Mails::EmailChange, &key)
            .await?
            .map_err(RequestError::TooManyMails)?;

        drop_pending(tx, user.id, now).await?;
        let change = EmailChange {
            old_email: user.email.clone(),
            old_email_key: user.email_key.clone(),
            new_email: email.clone(),
            new_email_key: key.clone(),
            requested_at: now,
        };
        if !email_changes::put(tx, user.id, &change).await? {
            return Err(RequestError::TooMany(Duration::from_secs(1))); // another form of theirs was first
        }
        match taken_by(tx, user.id, &key, now).await? {
            None => {
                let (kind, owner) = (MailKind::ConfirmEmail, Some(user.id));
                outbox::put(app, tx, kind, owner, email.as_str(), None, source).await?;
            }
            Some(Taken::Account) => {
                // Not the mail of whoever asks: what they see of their mails must not tell.
                let kind = MailKind::EmailTaken;
                outbox::put(app, tx, kind, None, key.as_str(), None, source).await?;
            }
            Some(Taken::Reserved(departure)) => {
                former_address::tell(app, tx, &departure, source).await?;
            }
        }
        let (kind, detail) = (MailKind::EmailChangeRequested, Some(email.as_str()));
        outbox::notify(app, tx, kind, &user, detail, source).await?;
        let (event, id) = (Event::EmailChangeRequested, Some(user.id));
        audit::record(tx, event, Outcome::Success, id, source, now).await?;
        Ok(())
    })?;
    app.outbox_bell.notify_one();
    Ok(())
}

/// Why an account cannot move to an address.
enum Taken {
    /// There is an account.
    Account,
    /// There was one until lately, and its owner may want it back.
    Reserved(Departure),
}

async fn taken_by(
    tx: &mut Tx,
    asks: UserId,
    email: &EmailKey,
    now: Timestamp,
) -> Result<Option<Taken>> {
    let known = users::find_by_email(&mut *tx, email).await?;
    if known.is_some_and(|known| !known.is_pending()) {
        return Ok(Some(Taken::Account));
    }
    let departure = former_address::reserved(&mut *tx, email, now).await?;
    Ok(departure.filter(|departure| departure.user_id != asks).map(Taken::Reserved))
}

/// The change that still waits for its mail to be opened.
pub async fn pending(app: &App, user: UserId) -> Result<Option<EmailChange>> {
    let now = app.clock.now();
    let change = email_changes::pending(&app.db, user).await?;
    Ok(change.filter(|change| now.since(change.requested_at) < CONFIRM_EMAIL_TTL))
}

/// Calls off the change that waits; its link is dead.
pub async fn withdraw(app: &App, session: &Session, source: &Source) -> Result<()> {
    let (now, user) = (app.clock.now(), session.user_id);
    transaction!(app.db, |tx| {
        drop_pending(tx, user, now).await?;
        let event = Event::EmailChangeWithdrawn;
        audit::record(tx, event, Outcome::Success, Some(user), source, now).await
    })
}

async fn drop_pending(tx: &mut Tx, user: UserId, now: Timestamp) -> Result<()> {
    outbox::cancel(tx, user, MailKind::ConfirmEmail, now).await?;
    one_time_tokens::spend_purpose(tx, user, Purpose::ConfirmEmail, now).await?;
    Ok(email_changes::delete_pending(tx, user).await?)
}

/// What a link to a new address would do for whoever is signed in.
#[derive(Clone, Debug)]
pub enum Found {
    /// Move their account.
    Change(EmailChange),
    /// Nothing: it belongs to somebody else's account.
    Foreign,
    /// Nothing any more: it has made the address theirs.
    Done,
    /// Nothing: unknown, used, expired, or another change took its place.
    Nothing,
}

/// Looks a link up. Changes nothing.
pub async fn find(app: &App, session: &Session, token: &OneTimeToken) -> Result<Found> {
    let (now, purpose) = (app.clock.now(), Purpose::ConfirmEmail);
    if let Some(grant) = one_time_tokens::find(&app.db, token, purpose, now).await? {
        if grant.user_id != session.user_id {
            return Ok(Found::Foreign);
        }
        let change = email_changes::pending(&app.db, grant.user_id).await?;
        // The link speaks for the address that it was sent to, and for no other.
        if let Some(change) = change.filter(|change| change.new_email_key == grant.email_key) {
            return Ok(Found::Change(change));
        }
    }
    Ok(if is_done(app, session, token).await? { Found::Done } else { Found::Nothing })
}

/// Whether a link has made the address theirs that it was sent to.
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
pub enum ConfirmError {
    /// The link does nothing for this person.
    #[error("the link does not work")]
    InvalidLink,
    /// The address got an account of its own meanwhile.
    #[error("the address is taken")]
    Taken,
    /// Nothing that the person could mend.
    #[error(transparent)]
    Failed(#[from] Error),
}

from_db_error!(ConfirmError);

/// An account that has moved.
#[derive(Clone, Debug)]
pub struct Moved {
    /// Its address from now on.
    pub email: EmailAddress,
    /// The version of its credentials from now on.
    pub credential_version: i64,
}

/// Moves the account: the signed-in owner has opened the mail to the new address.
pub async fn confirm(
    app: &App,
    session: &Session,
    token: &OneTimeToken,
    source: &Source,
) -> Result<Moved, ConfirmError> {
    let Found::Change(found) = find(app, session, token).await? else {
        return Err(ConfirmError::InvalidLink);
    };
    let user = users::find(&app.db, session.user_id).await?.ok_or(ConfirmError::InvalidLink)?;
    let now = app.clock.now();
    let change = transaction!(app.db, |tx| -> Result<_, ConfirmError> {
        if !links::spend(app, tx, token, Purpose::ConfirmEmail, &user, now).await? {
            return Err(ConfirmError::InvalidLink);
        }
        let key = &found.new_email_key;
        let change = email_changes::confirm(tx, user.id, key, now).await?;
        let change = change.ok_or(ConfirmError::InvalidLink)?;
        registration::forget_pending(tx, key).await?;
        let (old, new) = (&change.old_email_key, &change.new_email);
        if taken_by(tx, user.id, key, now).await?.is_some() {
            return Err(ConfirmError::Taken);
        }
        if !users::set_email(tx, user.id, old, new, now).await? {
            return Err(ConfirmError::Taken);
        }
        // Back where it was: what lay in between has no say any more.
        if let Some(departure) = former_address::departure(&mut *tx, user.id, key, now).await? {
            email_changes::delete_since(tx, user.id, departure.id).await?;
        }
        sessions::end_others(tx, session, EndReason::EmailChanged, now).await?;
        let (event, id) = (Event::EmailChanged, Some(user.id));
        audit::record(tx, event, Outcome::Success, id, source, now).await?;
        let (kind, detail) = (MailKind::EmailChanged, Some(new.as_str()));
        outbox::notify(app, tx, kind, &user, detail, source).await?; // to the old address
        Ok(change)
    })?;
    app.outbox_bell.notify_one();
    Ok(Moved { email: change.new_email, credential_version: user.credential_version + 1 })
}
