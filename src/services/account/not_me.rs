//! 'This was not me': the link in every security notice. It locks the account until its owner resets the password by email. The link
//! itself gives access to nothing.

use crate::app::App;
use crate::clock::Timestamp;
use crate::db::{Conn, Tx};
use crate::domain::account::email::{EmailAddress, EmailKey};
use crate::domain::account::invitation::Because;
use crate::domain::account::role::Role;
use crate::domain::account::user::User;
use crate::domain::audit_event::{Event, Outcome};
use crate::domain::email::mail_kind::MailKind;
use crate::domain::email::one_time_token::{NOT_ME_TTL, OneTimeToken, Purpose};
use crate::domain::sign_in::session::EndReason;
use crate::domain::source::Source;
use crate::error::{Error, Result, from_db_error};
use crate::repositories::{
    email_changes, one_time_tokens, passwords, sessions, user_credentials, user_roles, users,
};
use crate::services::administrators;
use crate::services::audit::{self, Actor};
use crate::services::email::queue::{self, Recipient};
use crate::services::former_address;
use crate::services::links;
use crate::services::sign_up::pending;
use crate::services::two_factor::second_factor::{self, RecentSecondFactor, Removed};
use crate::transaction;

/// The state of a link.
#[derive(Clone, Debug)]
pub enum NotMeLink {
    /// Lock the account and undo recent changes.
    Open(Effects),
    /// Nothing: the account is already locked, until its password is reset.
    Done,
    /// Nothing: the link is unknown, used or expired, its address can no longer undo anything, or the account is disabled.
    Nothing,
}

/// What using the link would do.
#[derive(Clone, Debug)]
pub struct Effects {
    /// The current address.
    pub email: EmailAddress,
    /// The former address that would be restored, if the address has changed.
    pub restores: Option<EmailAddress>,
    /// What happens to 2FA.
    pub second_factor: SecondFactor,
}

/// What happens to the account's 2FA.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecondFactor {
    /// 2FA is off.
    None,
    /// It was enabled recently and would be removed.
    Removed,
    /// It is older and would be kept: resetting the password requires a code. Recent recovery codes would be removed.
    Kept,
    /// It was enabled recently and would be kept all the same, because the account is an administrator's.
    KeptForAdministrator,
}

/// Why the account was not locked.
#[derive(Debug, thiserror::Error)]
pub enum NotMeError {
    /// The link is unknown, used or expired, or its address can no longer undo anything.
    #[error("the link does not work")]
    InvalidLink,
    /// An unexpected error.
    #[error(transparent)]
    Failed(#[from] Error),
}

from_db_error!(NotMeError);

/// Looks up a link. Changes nothing. Links to the account's address and to recent former addresses work.
pub async fn find(app: &App, token: &OneTimeToken) -> Result<NotMeLink> {
    if let Some(effects) = effects(app, token).await? {
        return Ok(NotMeLink::Open(effects));
    }
    let Some(spent) = one_time_tokens::find_spent(&app.db, token, Purpose::NotMe).await? else {
        return Ok(NotMeLink::Nothing);
    };
    let owner = passwords::owner(&app.db, spent.user_id).await?;
    let waits = owner.is_some_and(|owner| {
        owner.usable_hash().is_none() && owner.user.email_key == spent.email_key
    });
    Ok(if waits { NotMeLink::Done } else { NotMeLink::Nothing })
}

async fn effects(app: &App, token: &OneTimeToken) -> Result<Option<Effects>> {
    let now = app.clock.now();
    let grant = links::grant(app, token, Purpose::NotMe).await?;
    let Some(grant) = grant else { return Ok(None) };
    let user = users::find(&app.db, grant.user_id).await?;
    let Some(user) = user.filter(|user| user.disabled_at.is_none()) else { return Ok(None) };
    let mut restores = None;
    if user.email_key != grant.email_key {
        let departure = former_address::departure(&app.db, user.id, &grant.email_key, now).await?;
        let Some(departure) = departure else { return Ok(None) };
        restores = Some(departure.old_email);
    }
    let second_factor = match second_factor::status(app, user.id).await? {
        None => SecondFactor::None,
        Some(it) if it.since > now.before(NOT_ME_TTL) => {
            match recent_second_factor(&app.db, &user).await? {
                RecentSecondFactor::Remove => SecondFactor::Removed,
                RecentSecondFactor::Keep => SecondFactor::KeptForAdministrator,
            }
        }
        Some(_) => SecondFactor::Kept,
    };
    Ok(Some(Effects { email: user.email, restores, second_factor }))
}

/// Locks the account: restores the former address, cancels a pending change, undoes recent changes to 2FA, ends all sessions, revokes
/// all links, and removes the password. Emails a reset link, and returns the address that gets it.
///
/// A former address can undo the change away from it and all later ones, but none before. So a thief's address cannot keep the owner
/// from restoring the original one.
pub async fn secure(
    app: &App,
    token: &OneTimeToken,
    source: &Source,
) -> Result<EmailAddress, NotMeError> {
    let now = app.clock.now();
    transaction!(app.db, |tx| -> Result<_, NotMeError> {
        let grant = one_time_tokens::find(&mut *tx, token, Purpose::NotMe, now).await?;
        let grant = grant.ok_or(NotMeError::InvalidLink)?;
        let user = users::find(&mut *tx, grant.user_id).await?.ok_or(NotMeError::InvalidLink)?;
        if !links::spend_not_me(app, tx, token, &grant.email_key, &user, now).await? {
            return Err(NotMeError::InvalidLink);
        }
        if !user_credentials::invalidate_all(tx, user.id).await? {
            return Err(NotMeError::InvalidLink); // disabled
        }
        passwords::revoke(tx, user.id, now).await?;
        // Read again while the row is locked: the address may have changed.
        let user = users::find(&mut *tx, user.id).await?.ok_or(NotMeError::InvalidLink)?;
        let address = if user.email_key == grant.email_key {
            user.email.clone()
        } else {
            restore_address(app, tx, &user, &grant.email_key, source).await?
        };
        let id = Some(user.id);
        undo_second_factor(tx, &user, source, now).await?;
        sessions::end_all(tx, user.id, None, EndReason::Secured, now).await?;
        // A thief with an administrator's session could have created an invitation for themselves.
        let (actor, because) = (Actor { id, source }, Because::NotMe);
        administrators::revoke_invitations(tx, actor, user.id, because, now).await?;
        audit::record(tx, Event::AccountSecured, Outcome::Success, id, source, now).await?;
        let to = Recipient::Account(user.id, address.as_str());
        queue::put(app, tx, MailKind::AccountSecured, to, None, source).await?;
        Ok(address)
    })
}

/// Removes recent 2FA, unless [`recent_second_factor`] keeps it, and recent recovery codes of older 2FA.
async fn undo_second_factor(
    tx: &mut Tx,
    user: &User,
    source: &Source,
    now: Timestamp,
) -> Result<()> {
    let recent = recent_second_factor(&mut *tx, user).await?;
    let since = now.before(NOT_ME_TTL);
    let event = match second_factor::remove_since(tx, user.id, since, recent).await? {
        Removed::All => Event::SecondFactorDisabled,
        Removed::RecoveryCodes => Event::RecoveryCodesRemoved,
        Removed::Nothing => return Ok(()),
    };
    audit::record(tx, event, Outcome::Success, Some(user.id), source, now).await
}

/// The 2FA of an administrator is kept even if it is recent. Otherwise any mailbox that the account had in the last days could take over
/// the site. This is true for links to the current address as well, because a restored address is the current one, and gets the next
/// notices with their links. Another administrator, or the command line, can remove the 2FA.
async fn recent_second_factor(on: impl Into<Conn<'_>>, user: &User) -> Result<RecentSecondFactor> {
    let roles = user_roles::of_user(on, user.id).await?;
    let is_administrator = roles.contains(&Role::admin());
    Ok(if is_administrator { RecentSecondFactor::Keep } else { RecentSecondFactor::Remove })
}

/// Restores a former address, and notifies the current one.
async fn restore_address(
    app: &App,
    tx: &mut Tx,
    user: &User,
    former: &EmailKey,
    source: &Source,
) -> Result<EmailAddress, NotMeError> {
    let (now, id) = (app.clock.now(), Some(user.id));
    let departure = former_address::departure(&mut *tx, user.id, former, now).await?;
    let departure = departure.ok_or(NotMeError::InvalidLink)?;
    pending::forget(tx, former).await?;
    let address = departure.old_email;
    // The former address is reserved, so no other account has it.
    if !user_credentials::set_email(tx, user.id, &user.email_key, &address, now).await? {
        return Err(NotMeError::InvalidLink);
    }
    email_changes::delete_since(tx, user.id, departure.id).await?;
    audit::record(tx, Event::EmailChanged, Outcome::Success, id, source, now).await?;
    let left = Recipient::Account(user.id, user.email.as_str());
    queue::put(app, tx, MailKind::CalledBack, left, Some(address.as_str()), source).await?;
    Ok(address)
}
