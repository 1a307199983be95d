//! Users delete their own account.

use std::time::Duration;

use crate::app::App;
use crate::domain::account::invitation::Because;
use crate::domain::account::user::User;
use crate::domain::audit_event::{Event, Outcome};
use crate::domain::email::mail_kind::MailKind;
use crate::domain::sign_in::device::Device;
use crate::domain::sign_in::password::Password;
use crate::domain::sign_in::session::Session;
use crate::domain::source::Source;
use crate::domain::two_factor::code::Code;
use crate::error::{Error, Result, from_db_error};
use crate::repositories::{passwords, user_credentials, users};
use crate::services::administrators;
use crate::services::audit::{self, Actor};
use crate::services::email::queue::{self, Recipient};
use crate::services::sign_in::password_check::{self, PasswordError};
use crate::services::throttle::Requester;
use crate::services::two_factor::second_factor::{self, CodeError};
use crate::transaction;

/// Why an account was not deleted.
#[derive(Debug, thiserror::Error)]
pub enum DeleteError {
    /// The password is wrong, or missing because the account had none until now.
    #[error("wrong password")]
    WrongPassword,
    /// The account has 2FA, and the code is wrong or missing.
    #[error("wrong code")]
    WrongCode,
    /// The account is the last administrator of the site.
    #[error("the last administrator")]
    LastAdministrator,
    /// Too many attempts. Contains the time to wait.
    #[error("too many attempts")]
    TooMany(Duration),
    /// An unexpected error.
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

/// Deletes the account permanently, except its entries in the audit log: deleting them would let a user hide their actions.
///
/// `password`: `None` if the account has none. The caller has then asked for a recent proof.
pub async fn delete(
    app: &App,
    session: &Session,
    password: Option<&Password>,
    code: Option<&Code>,
    device: Option<&Device>,
    source: &Source,
) -> Result<(), DeleteError> {
    let event = Event::AccountDeleted;
    let user = match password {
        Some(it) => password_check::check_own(app, session, it, device, event, source).await?.user,
        None => without_password(app, session).await?,
    };
    let needs_code = second_factor::is_on(app, user.id).await?;
    let requester = Requester::known_or(Some(&user), device, Requester::Session(session.id));
    if needs_code && let Some(code) = code {
        second_factor::count_try(app, &user, code, requester).await?;
    }

    let now = app.clock.now();
    let outcome = transaction!(app.db, |tx| -> Result<_, DeleteError> {
        queue::delete_all(tx, &user).await?;
        if administrators::is_last(tx, user.id).await? {
            return Err(DeleteError::LastAdministrator);
        }
        // Locks the row: 2FA and password cannot change before the account is deleted.
        if !user_credentials::invalidate(tx, user.id, user.credential_version).await? {
            return Err(DeleteError::WrongPassword);
        }
        if needs_code {
            let is_right = match code {
                Some(code) => second_factor::spend(app, tx, &user, code, requester, source).await?,
                None => false,
            };
            if !is_right {
                return Err(DeleteError::WrongCode);
            }
        }
        users::delete(tx, user.id).await?;
        let (actor, because) = (Actor { id: Some(user.id), source }, Because::Deleted);
        administrators::revoke_invitations(tx, actor, user.id, because, now).await?;
        audit::record(tx, event, Outcome::Success, Some(user.id), source, now).await?;
        let to = Recipient::Address(user.email.as_str());
        queue::put(app, tx, MailKind::AccountDeleted, to, None, source).await?;
        Ok(())
    });
    if let Err(DeleteError::WrongCode) = outcome {
        second_factor::refuse(app, &user, source).await?;
    }
    outcome
}

/// The user, if the account has no password.
async fn without_password(app: &App, session: &Session) -> Result<User, DeleteError> {
    let owner = passwords::owner(&app.db, session.user_id).await?;
    let owner = owner.filter(|owner| owner.usable_hash().is_none());
    Ok(owner.ok_or(DeleteError::WrongPassword)?.user)
}
