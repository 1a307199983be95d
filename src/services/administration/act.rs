//! The rules for every action of an administrator on an account. It is audited, and it cannot remove the last administrator. On the pages, most
//! actions on the administrator's own account are refused, so that administrators cannot lock themselves out by accident.

use crate::app::App;
use crate::clock::Timestamp;
use crate::db::Tx;
use crate::domain::account::user::User;
use crate::domain::audit_event::Event;
use crate::domain::id::UserId;
use crate::error::{Error, Result, from_db_error};
use crate::repositories::users;
use crate::services::administrators;
use crate::services::audit::{self, Actor};
use crate::services::links;
use crate::services::sign_up::activation::ActivationError;

/// `REGISTRATION` no longer allows this sign-up, so links to it would not work.
const CANNOT_ACTIVATE: &str = "This sign-up was never confirmed, and REGISTRATION no longer lets it become an account. Create the account with \
                        `authflow user create` instead.";

/// Why an action was refused.
#[derive(Debug, thiserror::Error)]
pub enum ActError {
    /// The account does not exist.
    #[error("There is no such account.")]
    Unknown,
    /// The account is the administrator's own.
    #[error(
        "This is your own account: do that on the pages of your profile, ask another administrator, or use the command line."
    )]
    OwnAccount,
    /// The account is the last administrator of the site.
    #[error(
        "This is the last administrator: nobody could administer the site any more. Give the role “admin” to somebody else first."
    )]
    LastAdministrator,
    /// The state of the account does not allow the action. Contains the reason, a sentence.
    #[error("{0}")]
    Unfit(&'static str),
    /// An unexpected error.
    #[error(transparent)]
    Failed(#[from] Error),
}

from_db_error!(ActError);

impl From<ActivationError> for ActError {
    fn from(error: ActivationError) -> Self {
        match error {
            ActivationError::Closed => Self::Unfit(CANNOT_ACTIVATE),
            ActivationError::InvalidInvitation => {
                Self::Unfit("The invitation of this sign-up has been used, revoked or has expired.")
            }
            ActivationError::Failed(error) => Self::Failed(error),
        }
    }
}

/// The account, unless it is disabled.
pub(super) async fn enabled_account(app: &App, id: UserId) -> Result<User, ActError> {
    let user = users::find(&app.db, id).await?.ok_or(ActError::Unknown)?;
    if user.disabled_at.is_some() {
        return Err(ActError::Unfit("The account is closed: open it first."));
    }
    Ok(user)
}

/// The account, if an emailed link to it would work.
pub(super) async fn reachable_account(app: &App, id: UserId) -> Result<User, ActError> {
    let user = enabled_account(app, id).await?;
    if app.config.registration.shuts_out(&user) {
        return Err(ActError::Unfit(CANNOT_ACTIVATE));
    }
    if links::invitation_is_lost(&app.db, &user).await? {
        return Err(ActivationError::InvalidInvitation.into());
    }
    Ok(user)
}

/// The account, unless it is the administrator's own.
pub(super) async fn others_account(
    app: &App,
    actor: Actor<'_>,
    id: UserId,
) -> Result<User, ActError> {
    must_be_another(actor, id)?;
    users::find(&app.db, id).await?.ok_or(ActError::Unknown)
}

pub(super) fn must_be_another(actor: Actor<'_>, id: UserId) -> Result<(), ActError> {
    if actor.id == Some(id) { Err(ActError::OwnAccount) } else { Ok(()) }
}

pub(super) async fn must_leave_administrators(tx: &mut Tx, id: UserId) -> Result<(), ActError> {
    if administrators::is_last(tx, id).await? { Err(ActError::LastAdministrator) } else { Ok(()) }
}

/// Records the action in the audit log.
pub(super) async fn note(
    tx: &mut Tx,
    actor: Actor<'_>,
    event: Event,
    subject: UserId,
    detail: Option<&str>,
    now: Timestamp,
) -> Result<(), ActError> {
    Ok(audit::put(tx, &actor.act(event, Some(subject), detail), now).await?)
}
