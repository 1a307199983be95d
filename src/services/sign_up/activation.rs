//! A confirmed sign-up becomes an account, if `REGISTRATION` allows it.

use crate::app::App;
use crate::config::Registration;
use crate::db::Tx;
use crate::domain::account::user::User;
use crate::domain::source::Source;
use crate::error::Error;
use crate::services::sign_up::approvals;
use crate::services::sign_up::by_invitation;

/// What a sign-up has become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activated {
    /// An account that can be used.
    Account,
    /// An account that an administrator has to accept first.
    AwaitsApproval,
}

/// Why a sign-up did not become an account. The transaction has to be rolled back.
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

/// Makes a pending sign-up an account: uses its invitation up, or asks the administrators where they decide. An account that is
/// active already stays as it is.
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
    if let Some(invitation) = user.invitation_id {
        let now = app.clock.now();
        let is_accepted = by_invitation::accept(tx, invitation, user.id, source, now).await?;
        return if is_accepted {
            Ok(Activated::Account)
        } else {
            Err(ActivationError::InvalidInvitation)
        };
    }
    if app.config.registration == Registration::Approval {
        approvals::ask(app, tx, user.id, source).await?;
        return Ok(Activated::AwaitsApproval);
    }
    Ok(Activated::Account)
}
