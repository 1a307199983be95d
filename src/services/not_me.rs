//! 'This was not me': what the link in every notice does. It closes the account to everybody, its owner included, until a new
//! password is set through a mail; it opens nothing.

use crate::app::App;
use crate::domain::audit_event::{Event, Outcome};
use crate::domain::email::EmailAddress;
use crate::domain::mail_kind::MailKind;
use crate::domain::one_time_token::{OneTimeToken, Purpose};
use crate::domain::session::EndReason;
use crate::domain::source::Source;
use crate::error::{Error, Result};
use crate::repositories::{email_changes, one_time_tokens, sessions, users};
use crate::services::{audit, email_change, links, outbox, second_factor};

/// What a link would do.
#[derive(Clone, Debug)]
pub struct Found {
    /// The account's address.
    pub email: EmailAddress,
    /// The address that the account goes back to, if it was moved away from there.
    pub restores: Option<EmailAddress>,
    /// What becomes of the second factor.
    pub second_factor: SecondFactor,
}

/// What becomes of the account's second factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecondFactor {
    /// There is none.
    None,
    /// It was switched on since what the mail tells of, so it goes too.
    Removed,
    /// It is older, and the new password will ask for a code.
    Kept,
}

/// Why nothing was done.
#[derive(Debug, thiserror::Error)]
pub enum NotMeError {
    /// Unknown, used or expired, or sent to an address that is the account's no more.
    #[error("the link does not work")]
    InvalidLink,
    /// Nothing that the person could mend.
    #[error(transparent)]
    Failed(#[from] Error),
}

/// Looks a link up. It is good for whoever reads the account's mail, or the mail of an address that it was moved away from.
/// Changes nothing.
pub async fn find(app: &App, token: &OneTimeToken) -> Result<Option<Found>> {
    let now = app.clock.now();
    let grant = one_time_tokens::find(&app.db, token, Purpose::NotMe, now).await?;
    let Some(grant) = grant else { return Ok(None) };
    let user = users::find(&app.db, grant.user_id).await?;
    let Some(user) = user.filter(|user| user.disabled_at.is_none()) else { return Ok(None) };
    let departure = email_changes::departure(&app.db, user.id, &grant.email_key).await?;
    if user.email_key != grant.email_key && departure.is_none() {
        return Ok(None);
    }
    let second_factor = match second_factor::status(app, user.id).await? {
        None => SecondFactor::None,
        Some(it) if it.since >= grant.created_at => SecondFactor::Removed,
        Some(_) => SecondFactor::Kept,
    };
    let is_moved = user.email_key != grant.email_key;
    let restores = departure.filter(|_| is_moved).map(|it| it.old_email);
    Ok(Some(Found { email: user.email, restores, second_factor }))
}

/// Moves the account back if it was moved, drops a change that waits and a second factor switched on since, ends every session
/// and every link, takes the password away and mails a link for a new one. The address that it goes to.
///
/// What came after the mail is undone, and nothing before it: whoever reads the mail of a later address cannot take this
/// out of the hands of an earlier one.
pub async fn secure(
    app: &App,
    token: &OneTimeToken,
    source: &Source,
) -> Result<EmailAddress, NotMeError> {
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    let grant = one_time_tokens::find(&mut tx, token, Purpose::NotMe, now).await?;
    let grant = grant.ok_or(NotMeError::InvalidLink)?;
    let user = users::find(&mut tx, grant.user_id).await?.ok_or(NotMeError::InvalidLink)?;
    if !links::spend_not_me(&mut tx, token, &grant.email_key, &user, now).await? {
        return Err(NotMeError::InvalidLink);
    }
    if !users::lock(&mut tx, user.id).await? {
        return Err(NotMeError::InvalidLink); // closed
    }
    // Looked at again under the account's lock: it may have been moved since.
    let user = users::find(&mut tx, user.id).await?.ok_or(NotMeError::InvalidLink)?;
    let address = if user.email_key == grant.email_key {
        user.email.clone()
    } else {
        let departure = email_changes::departure(&mut tx, user.id, &grant.email_key).await?;
        let departure = departure.ok_or(NotMeError::InvalidLink)?;
        email_change::delete_pending_sign_up(&mut tx, &departure.old_email).await?;
        let former = &departure.old_email;
        if !users::set_email(&mut tx, user.id, &user.email_key, former, now).await? {
            return Err(NotMeError::InvalidLink);
        }
        email_changes::delete_since(&mut tx, user.id, departure.id).await?;
        let (event, id) = (Event::EmailChanged, Some(user.id));
        audit::record(&mut tx, event, Outcome::Success, id, source, now).await?;
        departure.old_email
    };
    let id = Some(user.id);
    if second_factor::remove_since(&mut tx, user.id, grant.created_at).await? {
        let event = Event::SecondFactorDisabled;
        audit::record(&mut tx, event, Outcome::Success, id, source, now).await?;
    }
    sessions::end_all(&mut tx, user.id, None, EndReason::Secured, now).await?;
    audit::record(&mut tx, Event::AccountSecured, Outcome::Success, id, source, now).await?;
    let (kind, recipient) = (MailKind::AccountSecured, address.as_str());
    outbox::put(app, &mut tx, kind, id, recipient, None, source).await?;
    tx.commit().await?;
    app.outbox_bell.notify_one();
    Ok(address)
}
