//! Administrators change the handle of an account.

use crate::app::App;
use crate::domain::account::handle::Handle;
use crate::domain::audit_event::Event;
use crate::domain::id::UserId;
use crate::error::{Error, Result, from_db_error};
use crate::repositories::users;
use crate::services::administration::act::{ActError, Unfit, note};
use crate::services::audit::Actor;
use crate::transaction;

/// Why a handle was not changed.
#[derive(Debug)]
pub enum HandleError {
    /// Another account has it or had it before.
    Taken,
    /// The account does not allow the action.
    Act(ActError),
    /// An unexpected error.
    Failed(Error),
}

from_db_error!(HandleError);

impl From<Error> for HandleError {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl From<ActError> for HandleError {
    fn from(error: ActError) -> Self {
        Self::Act(error)
    }
}

/// Gives an account another handle, also a reserved one or one that it had before. Its former handle stays reserved for it. Takes effect
/// from the account's next request.
pub async fn set_handle(
    app: &App,
    actor: Actor<'_>,
    id: UserId,
    handle: &Handle,
) -> Result<(), HandleError> {
    let now = app.clock.now();
    transaction!(app.db, |tx| -> Result<_, HandleError> {
        users::hold(tx, id).await?;
        let user = users::find(&mut *tx, id).await?.ok_or(ActError::Unknown)?;
        let Some(before) = user.handle else {
            return Err(ActError::Unfit(Unfit::NoHandleYet).into());
        };
        if before == *handle {
            return Ok(());
        }
        if !app.handles.claim(tx, id, handle, now).await? {
            return Err(HandleError::Taken);
        }
        // Without the handles: the log keeps its entries, and former handles are kept as hashes only.
        note(tx, actor, Event::HandleChanged, id, None, now).await?;
        Ok(())
    })
}
