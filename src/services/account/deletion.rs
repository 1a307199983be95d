//! Deleting an account.

use std::time::Duration;

use crate::app::App;
use crate::domain::account::invitation::Because;
use crate::domain::audit_event::{Event, Outcome};
use crate::domain::email::mail_kind::MailKind;
use crate::domain::sign_in::device::Device;
use crate::domain::sign_in::password::Password;
use crate::domain::sign_in::session::Session;
use crate::domain::source::Source;
use crate::domain::two_factor::second_factor::Code;
use crate::error::{Error, Result, from_db_error};
use crate::repositories::users;
use crate::services::administration::accounts;
use crate::services::audit;
use crate::services::email::outbox;
use crate::services::sign_in::password_check::{self, PasswordError};
use crate::services::sign_up::invitation_makers;
use crate::services::throttle::Who;
use crate::services::two_factor::second_factor::{self, CodeError};
use crate::transaction;

/// Why an account was not deleted.
#[derive(Debug, thiserror::Error)]
pub enum DeleteError {
    /// The wrong password.
    #[error("wrong password")]
    WrongPassword,
    /// The account asks for a second factor, and this is not it.
    #[error("wrong code")]
    WrongCode,
    /// Nobody could administer the site any more.
    #[error("the last administrator")]
    LastAdministrator,
    /// Too many tries; how long to wait.
    #[error("too many tries")]
    TooMany(Duration),
    /// Nothing that the person could mend.
    #[error(transparent)]
    Failed(#[from] Error),
}

from_db_error!(DeleteError);

impl From<PasswordError> for DeleteError {
    fn from(error: PasswordError) -> Self {
        match error {
            PasswordError::Wrong => Self::WrongPassword,
            PasswordError::TooMany(wait) => Self::TooMany(wait),
            PasswordError::Failed(error) => Self::Failed(error),
        }
    }
}

impl From<CodeError> for DeleteError {
    fn from(error: CodeError) -> Self {
        match error {
            CodeError::Wrong => Self::WrongCode,
            CodeError::TooMany(wait) => Self::TooMany(wait),
            CodeError::Failed(error) => Self::Failed(error),
        }
    }
}

/// Deletes the account and all that hangs on it, for good. The audit log keeps its entries: who could wipe them out could hide
/// what they did.
pub async fn delete(
    app: &App,
    session: &Session,
    password: &Password,
    code: Option<&Code>,
    device: Option<&Device>,
    source: &Source,
) -> Result<(), DeleteError> {
    let event = Event::AccountDeleted;
    let user = password_check::check_own(app, session, password, device, event, source).await?;
    let needs_code = second_factor::is_on(app, user.id).await?;
    let who = Who::known_or(Some(&user), device, Who::Session(session.id));
    if needs_code && let Some(code) = code {
        second_factor::count_try(app, &user, code, who).await?;
    }

    let now = app.clock.now();
    let outcome = transaction!(app.db, |tx| -> Result<_, DeleteError> {
        outbox::delete_all(tx, &user).await?;
        if accounts::is_last_administrator(tx, user.id).await? {
            return Err(DeleteError::LastAdministrator);
        }
        // Held, so that no second factor is switched on and no password changed until the account is gone.
        if !users::change_credentials(tx, user.id, user.credential_version).await? {
            return Err(DeleteError::WrongPassword);
        }
        if needs_code {
            let is_right = match code {
                Some(code) => second_factor::spend(app, tx, &user, code, who, source).await?,
                None => false,
            };
            if !is_right {
                return Err(DeleteError::WrongCode);
            }
        }
        users::delete(tx, user.id).await?;
        let (maker, because) = (user.id, Because::Deleted);
        invitation_makers::revoke_all(tx, maker, because, Some(maker), source, now).await?;
        audit::record(tx, event, Outcome::Success, Some(user.id), source, now).await?;
        let kind = MailKind::AccountDeleted;
        outbox::put(app, tx, kind, None, user.email.as_str(), None, source).await?;
        Ok(())
    });
    if let Err(DeleteError::WrongCode) = outcome {
        second_factor::refuse(app, &user, source).await?;
    }
    outcome?;
    app.outbox_bell.notify_one();
    Ok(())
}
