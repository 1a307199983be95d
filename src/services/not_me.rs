//! 'This was not me': what the link in every notice does. It closes the account to everybody, its owner included, until a new
//! password is set through a mail; it opens nothing.

use crate::app::App;
use crate::domain::audit_event::{Event, Outcome};
use crate::domain::email::EmailAddress;
use crate::domain::mail_kind::MailKind;
use crate::domain::one_time_token::{OneTimeToken, Purpose};
use crate::domain::session::EndReason;
use crate::domain::source::Source;
use crate::domain::user::User;
use crate::error::{Error, Result};
use crate::repositories::{email_changes, one_time_tokens, sessions, users};
use crate::services::{audit, email_change, links, outbox, second_factor};

/// What a link would do.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "holds the password's hash")]
pub struct Found {
    /// The account.
    pub user: User,
    /// The address that the account goes back to, if it was moved away from there.
    pub restores: Option<EmailAddress>,
    /// Whether a new password will ask for a code.
    pub has_second_factor: bool,
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

/// Looks a link up. It is good for whoever reads the account's mail, or the mail of the address that it was moved away from.
/// Changes nothing.
pub async fn find(app: &App, token: &OneTimeToken) -> Result<Option<Found>> {
    let now = app.clock.now();
    let grant = one_time_tokens::find(&app.db, token, Purpose::NotMe, now).await?;
    let Some(grant) = grant else { return Ok(None) };
    let Some(user) = users::find(&app.db, grant.user_id).await? else { return Ok(None) };
    let restores = if user.email_key == grant.email_key {
        None
    } else {
        let former = email_changes::former_address(&app.db, user.id, &grant.email_key).await?;
        if former.is_none() {
            return Ok(None);
        }
        former
    };
    let has_second_factor = second_factor::is_on(app, user.id).await?;
    Ok(Some(Found { user, restores, has_second_factor }))
}

/// Moves the account back if it was moved, drops a change that waits, ends every session and every link, takes the password
/// away and mails a link for a new one.
pub async fn secure(
    app: &App,
    token: &OneTimeToken,
    source: &Source,
) -> Result<EmailAddress, NotMeError> {
    let Found { user, restores, .. } = find(app, token).await?.ok_or(NotMeError::InvalidLink)?;
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    if !links::spend_not_me(&mut tx, token, &user, now).await? {
        return Err(NotMeError::InvalidLink);
    }
    let address = match restores {
        Some(former) => {
            email_change::delete_pending_sign_up(&mut tx, &former).await?;
            // Another account at the former address can only be its owner's: they have proved to read its mail.
            if !users::set_email(&mut tx, user.id, &user.email_key, &former, now).await? {
                return Err(NotMeError::InvalidLink);
            }
            former
        }
        None => user.email.clone(),
    };
    email_changes::delete_all(&mut tx, user.id).await?;
    users::lock(&mut tx, user.id).await?;
    sessions::end_all(&mut tx, user.id, None, EndReason::Secured, now).await?;
    let (event, id) = (Event::AccountSecured, Some(user.id));
    audit::record(&mut tx, event, Outcome::Success, id, source, now).await?;
    let (kind, recipient) = (MailKind::ResetPassword, address.as_str());
    outbox::put(app, &mut tx, kind, id, recipient, None, source).await?;
    tx.commit().await?;
    app.outbox_bell.notify_one();
    Ok(address)
}
