//! Users delete their own account.

use crate::app::App;
use crate::domain::account::invitation::Because;
use crate::domain::audit_event::{Event, Outcome};
use crate::domain::email::mail_kind::MailKind;
use crate::domain::sign_in::demand::Demand;
use crate::domain::sign_in::proof::Shown;
use crate::domain::sign_in::session::Session;
use crate::error::{Error, Result};
use crate::repositories::{user_credentials, users};
use crate::services::administrators;
use crate::services::audit::{self, Actor};
use crate::services::email::queue::{self, Recipient};
use crate::services::sign_in::step_up::{self, Entered, EnteredError};
use crate::transaction;

/// Why an account was not deleted.
#[derive(Debug, thiserror::Error)]
pub enum DeleteError {
    /// The credentials in the form are wrong or do not suffice.
    #[error(transparent)]
    Entered(#[from] EnteredError),
    /// The account is the last administrator of the site.
    #[error("the last administrator")]
    LastAdministrator,
}

impl<E: Into<Error>> From<E> for DeleteError {
    fn from(error: E) -> Self {
        Self::Entered(EnteredError::Failed(error.into()))
    }
}

/// Deletes the account permanently, except its entries in the audit log: deleting them would let a user hide their actions. `recent`: what
/// was shown before in this browser.
pub async fn delete(
    app: &App,
    session: &Session,
    recent: Shown,
    entered: Entered<'_>,
) -> Result<(), DeleteError> {
    let (event, source) = (Event::AccountDeleted, entered.source);
    let user = step_up::begin(app, session, entered, event).await?;
    let now = app.clock.now();
    let outcome = transaction!(app.db, |tx| -> Result<_, DeleteError> {
        queue::delete_all(tx, &user).await?;
        if administrators::is_last(tx, user.id).await? {
            return Err(DeleteError::LastAdministrator);
        }
        // Locks the row: the credentials cannot change before the account is deleted.
        if !user_credentials::invalidate(tx, user.id, user.credential_version).await? {
            return Err(EnteredError::WrongPassword.into());
        }
        step_up::spend(app, tx, session, &user, (Demand::Both, recent), entered).await?;
        let (kind, to) = (MailKind::AccountDeleted, Recipient::Leaving(&user));
        queue::put(app, tx, kind, to, None, source).await?;
        users::delete(tx, user.id).await?;
        let (actor, because) = (Actor { id: Some(user.id), source }, Because::Deleted);
        administrators::revoke_invitations(tx, actor, user.id, because, now).await?;
        audit::record(tx, event, Outcome::Success, Some(user.id), source, now).await?;
        Ok(())
    });
    if let Err(DeleteError::Entered(error)) = &outcome {
        step_up::refuse(app, &user, entered, error).await?;
    }
    outcome
}
