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

/// Why an action of an administrator was not carried out.
#[derive(Debug)]
pub enum ActError {
    /// The account or invitation does not exist.
    Unknown,
    /// The rules or the state of the account do not allow the action.
    Unfit(Unfit),
    /// An unexpected error.
    Failed(Error),
}

/// Why an action is not allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// The account is the administrator's own.
    OwnAccount,
    /// The administrator's own role `admin`.
    OwnRole,
    /// The account is the last administrator of the site.
    LastAdministrator,
    /// `REGISTRATION` no longer allows this unconfirmed sign-up, so links to it would not work.
    CannotActivate,
    /// The invitation of this sign-up was used, revoked or has expired.
    InvitationLost,
    /// The account is disabled, and has to be enabled first.
    Disabled,
    /// The account is disabled already.
    AlreadyDisabled,
    /// The account is enabled already.
    AlreadyEnabled,
    /// Another administrator has decided already, or the account never awaited approval.
    NotWaiting,
    /// The account gets its first handle when it is confirmed and approved.
    NoHandleYet,
    /// The address is confirmed already.
    AlreadyConfirmed,
    /// The account has changed since it was read.
    Changed,
    /// The account has no second factor.
    SecondFactorOff,
    /// There is an account with this address already.
    AddressTaken,
    /// An account has moved away from this address and can still call it back.
    AddressReserved,
    /// `REGISTRATION=closed`: no one can sign up, not even by invitation.
    RegistrationClosed,
    /// The invitation was used or revoked already.
    InvitationOver,
}

from_db_error!(ActError);

impl From<Error> for ActError {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl From<Unfit> for ActError {
    fn from(why: Unfit) -> Self {
        Self::Unfit(why)
    }
}

impl From<ActivationError> for ActError {
    fn from(error: ActivationError) -> Self {
        match error {
            ActivationError::Closed => Self::Unfit(Unfit::CannotActivate),
            ActivationError::InvalidInvitation => Self::Unfit(Unfit::InvitationLost),
            ActivationError::Failed(error) => Self::Failed(error),
        }
    }
}

/// The account, unless it is disabled.
pub(super) async fn enabled_account(app: &App, id: UserId) -> Result<User, ActError> {
    let user = users::find(&app.db, id).await?.ok_or(ActError::Unknown)?;
    if user.disabled_at.is_some() {
        return Err(Unfit::Disabled.into());
    }
    Ok(user)
}

/// The account, if an emailed link to it would work.
pub(super) async fn reachable_account(app: &App, id: UserId) -> Result<User, ActError> {
    let user = enabled_account(app, id).await?;
    if app.config.registration.shuts_out(&user) {
        return Err(Unfit::CannotActivate.into());
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
    if actor.id == Some(id) { Err(Unfit::OwnAccount.into()) } else { Ok(()) }
}

pub(super) async fn must_leave_administrators(tx: &mut Tx, id: UserId) -> Result<(), ActError> {
    if administrators::is_last(tx, id).await? {
        Err(Unfit::LastAdministrator.into())
    } else {
        Ok(())
    }
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
