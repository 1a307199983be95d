//! Checks two-factor codes: those of an authenticator app (TOTP), and recovery codes for users who lost the app.

use std::time::Duration;

use crate::app::App;
use crate::clock::Timestamp;
use crate::db::Tx;
use crate::domain::account::role::Role;
use crate::domain::account::user::User;
use crate::domain::audit_event::{Event, Outcome};
use crate::domain::email::mail_kind::MailKind;
use crate::domain::id::UserId;
use crate::domain::sign_in::device::Device;
use crate::domain::sign_in::known_browser::is_known;
use crate::domain::source::Source;
use crate::domain::two_factor::code::Code;
use crate::domain::two_factor::recovery_code::RecoveryCode;
use crate::domain::two_factor::totp::{TotpSecret, latest_step};
use crate::error::{Error, Result, from_db_error};
use crate::repositories::totp::SealedTotp;
use crate::repositories::{recovery_codes, totp, user_roles};
use crate::services::audit;
use crate::services::email::queue;
use crate::services::throttle::{self, Requester, Subject};
use crate::services::two_factor::code_set;
use crate::transaction;

/// Why a code was refused.
#[derive(Debug, thiserror::Error)]
pub enum CodeError {
    /// The code is wrong, used or expired. Users cannot tell which.
    #[error("wrong code")]
    Wrong,
    /// Too many codes. Contains the time to wait.
    #[error("too many codes")]
    TooMany(Duration),
    /// An unexpected error.
    #[error(transparent)]
    Failed(#[from] Error),
}

from_db_error!(CodeError);

/// The state of 2FA, if it is on.
#[derive(Clone, Copy, Debug)]
pub struct Status {
    /// When 2FA was enabled.
    pub since: Timestamp,
    /// How many recovery codes are left.
    pub recovery_codes: i64,
}

/// The state of 2FA; `None` if it is off.
pub async fn status(app: &App, user: UserId) -> Result<Option<Status>> {
    let Some(SealedTotp { created_at, .. }) = totp::find(&app.db, user).await? else {
        return Ok(None);
    };
    let recovery_codes = recovery_codes::count(&app.db, user).await?;
    Ok(Some(Status { since: created_at, recovery_codes }))
}

/// Whether 2FA is on.
pub async fn is_on(app: &App, user: UserId) -> Result<bool> {
    Ok(totp::find(&app.db, user).await?.is_some())
}

/// Whether 2FA is on, as this transaction sees it.
pub async fn is_on_in(tx: &mut Tx, user: UserId) -> Result<bool> {
    Ok(totp::find(&mut *tx, user).await?.is_some())
}

/// Whether the user must have 2FA but has not enabled it, as this transaction sees it.
pub async fn is_due(app: &App, tx: &mut Tx, user: UserId) -> Result<bool> {
    let roles = user_roles::of_user(&mut *tx, user).await?;
    let is_demanded = app.config.second_factor.demands(roles.iter().map(Role::as_str));
    Ok(is_demanded && !is_on_in(tx, user).await?)
}

/// Counts an attempt before the code is checked. As with passwords, a browser that the account knows is counted separately.
pub async fn count_try(
    app: &App,
    user: &User,
    code: &Code,
    requester: Requester<'_>,
) -> Result<(), CodeError> {
    let subject = subject(user, code, requester);
    let counted = transaction!(app.db, |tx| -> Result<_> {
        if counts_everywhere(code, requester) {
            throttle::count_all(app, tx, &[subject, Subject::CodeAccount(user.id)]).await
        } else {
            throttle::count(app, tx, subject).await
        }
    })?;
    counted.map_err(|wait| {
        tracing::warn!(user = %user.id, "too many two-factor codes");
        CodeError::TooMany(wait)
    })
}

/// Spends a code, in the transaction of the action that it allows. `false`: the code is wrong. Then roll back, and call [`refuse`].
pub async fn spend(
    app: &App,
    tx: &mut Tx,
    user: &User,
    code: &Code,
    requester: Requester<'_>,
    source: &Source,
) -> Result<bool> {
    let now = app.clock.now();
    let Some(stored) = totp::find(&mut *tx, user.id).await? else { return Ok(false) };
    let is_spent = match code {
        Code::Totp(digits) => {
            let secret = open(app, user.id, &stored)?;
            match secret.matching_step(digits.reveal(), now, stored.last_step) {
                Some(step) => totp::advance(tx, user.id, step, latest_step(now)).await?,
                None => false,
            }
        }
        Code::Recovery(code) => {
            let is_spent = recovery_codes::spend(tx, user.id, code, now).await?;
            if is_spent {
                let left = recovery_codes::count(&mut *tx, user.id).await?.to_string();
                let (event, id) = (Event::RecoveryCodeUsed, Some(user.id));
                audit::record(tx, event, Outcome::Success, id, source, now).await?;
                let kind = MailKind::RecoveryCodeUsed;
                queue::notify(app, tx, kind, user, Some(&left), source).await?;
            }
            is_spent
        }
    };
    if is_spent {
        passed(app, tx, user, code, requester).await?;
    }
    Ok(is_spent)
}

/// After a right code, resets the count of the requester, and removes one attempt from that of the account.
pub async fn passed(
    app: &App,
    tx: &mut Tx,
    user: &User,
    code: &Code,
    requester: Requester<'_>,
) -> Result<()> {
    throttle::forget(app, tx, subject(user, code, requester)).await?;
    if counts_everywhere(code, requester) {
        throttle::take_back(app, tx, Subject::CodeAccount(user.id)).await?;
    }
    Ok(())
}

/// Records a wrong code.
pub async fn refuse(app: &App, user: &User, source: &Source) -> Result<()> {
    let now = app.clock.now();
    transaction!(app.db, |tx| {
        audit::record(tx, Event::CodeChecked, Outcome::Refused, Some(user.id), source, now).await
    })
}

/// Records a wrong code after the right password or an emailed link. If the browser may be a stranger's, the owner gets an email about
/// the guesses, at most once a day.
pub async fn refuse_and_tell(
    app: &App,
    user: &User,
    device: Option<&Device>,
    source: &Source,
) -> Result<()> {
    if !is_known(user, device) {
        transaction!(app.db, |tx| -> Result<_> {
            if throttle::count(app, tx, Subject::RefusedCodes(user.id)).await?.is_err()
                && throttle::count(app, tx, Subject::RefusedCodesMail(user.id)).await?.is_ok()
            {
                let detail = Some(&*source.user_agent);
                queue::notify(app, tx, MailKind::CodesRefused, user, detail, source).await?;
            }
            Ok(())
        })?;
    }
    refuse(app, user, source).await
}

/// Recovery codes are counted separately, so that guesses at the app's codes do not block them.
fn subject<'a>(user: &User, code: &Code, requester: Requester<'a>) -> Subject<'a> {
    match code {
        Code::Totp(_) => Subject::Code(user.id, requester),
        Code::Recovery(_) => Subject::RecoveryCode(user.id, requester),
    }
}

/// Whether guesses from all networks together are limited: a stranger with many networks could otherwise guess six digits.
fn counts_everywhere(code: &Code, requester: Requester<'_>) -> bool {
    matches!((code, requester), (Code::Totp(_), Requester::Stranger(_)))
}

/// Whether all of these are unused recovery codes of the user.
pub async fn are_recovery_codes(app: &App, user: UserId, codes: &[RecoveryCode]) -> Result<bool> {
    for code in codes {
        if !recovery_codes::is_good(&app.db, user, code).await? {
            return Ok(false);
        }
    }
    Ok(!codes.is_empty())
}

/// What 'this was not me' has removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Removed {
    /// Nothing: 2FA is off, was enabled before, or is kept.
    Nothing,
    /// The recovery codes. The secret is older and is kept.
    RecoveryCodes,
    /// 2FA as a whole.
    All,
}

/// What becomes of 2FA that was enabled recently, when the owner says that this was not them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecentSecondFactor {
    /// It is removed.
    Remove,
    /// It is kept, with its recovery codes.
    Keep,
}

/// Undoes what was created after `since`, because the owner says that this was not them: 2FA, or recovery codes of older 2FA.
pub async fn remove_since(
    tx: &mut Tx,
    user: UserId,
    since: Timestamp,
    recent: RecentSecondFactor,
) -> Result<Removed> {
    let Some(stored) = totp::find(&mut *tx, user).await? else { return Ok(Removed::Nothing) };
    if stored.created_at > since {
        if recent == RecentSecondFactor::Keep {
            return Ok(Removed::Nothing);
        }
        totp::delete(tx, user).await?;
        code_set::delete(tx, user).await?;
        return Ok(Removed::All);
    }
    let has_removed = code_set::delete_since(tx, user, since).await?;
    Ok(if has_removed { Removed::RecoveryCodes } else { Removed::Nothing })
}

/// Seals the secret for the database. It is bound to its user, so that rows cannot be swapped.
#[must_use]
pub fn seal(app: &App, user: UserId, secret: &TotpSecret) -> Vec<u8> {
    app.secrets.totp.seal(user.0.as_bytes(), secret.reveal())
}

fn open(app: &App, user: UserId, stored: &SealedTotp) -> Result<TotpSecret> {
    app.secrets
        .totp
        .open(user.0.as_bytes(), &stored.sealed)
        .and_then(|secret| TotpSecret::from_bytes(secret.reveal()))
        .ok_or(Error::WrongSecretKey)
}
