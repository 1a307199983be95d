//! Turns a confirmed sign-up into an account, if `REGISTRATION` allows it.

use crate::app::App;
use crate::config::Registration;
use crate::db::Tx;
use crate::domain::account::user::User;
use crate::domain::source::Source;
use crate::error::{Error, from_db_error};
use crate::services::sign_up::approvals;
use crate::services::sign_up::by_invitation;

/// The result of activating a sign-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activated {
    /// An account that its owner can use.
    Account,
    /// An account that an administrator has to approve first.
    AwaitsApproval,
}

/// Why a sign-up did not become an account. Roll back the transaction.
#[derive(Debug, thiserror::Error)]
pub enum ActivationError {
    /// `REGISTRATION` no longer allows it.
    #[error("sign-ups are closed")]
    Closed,
    /// The invitation of the sign-up no longer works.
    #[error("the invitation does not work")]
    InvalidInvitation,
    /// An unexpected error.
    #[error(transparent)]
    Failed(#[from] Error),
}

from_db_error!(ActivationError);

/// Turns a pending sign-up into an account and gives it a handle. Uses up its invitation, or asks for approval if `REGISTRATION` requires that. An account
/// that is already active does not change.
pub async fn activate(
    app: &App,
    tx: &mut Tx,
    user: &User,
    source: &Source,
) -> Result<Activated, ActivationError> {
    if !user.is_pending() {
        let awaits_approval = user.awaits_approval();
        return Ok(if awaits_approval { Activated::AwaitsApproval } else { Activated::Account });
    }
    if app.config.registration.shuts_out(user) {
        return Err(ActivationError::Closed);
    }
    let now = app.clock.now();
    if let Some(invitation) = user.invitation_id {
        let is_accepted = by_invitation::accept(tx, invitation, user.id, source, now).await?;
        if !is_accepted {
            return Err(ActivationError::InvalidInvitation);
        }
    } else if will_await_approval(app, user) {
        approvals::ask(app, tx, user.id, source).await?;
        // The handle follows with the approval: a refused sign-up must not use up a name.
        return Ok(Activated::AwaitsApproval);
    }
    app.handles.give(tx, user.id, &user.email, now).await?;
    Ok(Activated::Account)
}

/// Whether an account that is activated now can be used only after an administrator has approved it.
#[must_use]
pub fn will_await_approval(app: &App, user: &User) -> bool {
    if user.is_pending() {
        user.invitation_id.is_none() && app.config.registration == Registration::Approval
    } else {
        user.awaits_approval()
    }
}
