//! The second factor: an authenticator app (TOTP), and recovery codes for the day it is lost.

use std::time::Duration;

use crate::app::App;
use crate::clock::Timestamp;
use crate::db::Tx;
use crate::domain::audit_event::{Event, Outcome};
use crate::domain::device::Device;
use crate::domain::id::UserId;
use crate::domain::mail_kind::MailKind;
use crate::domain::recovery_code::{COUNT, RecoveryCode};
use crate::domain::second_factor::Code;
use crate::domain::session::{EndReason, Session};
use crate::domain::source::Source;
use crate::domain::totp::TotpSecret;
use crate::domain::user::User;
use crate::error::{Error, Result};
use crate::repositories::totp::SealedTotp;
use crate::repositories::{recovery_codes, totp, users};
use crate::services::sessions::{self, Proof};
use crate::services::throttle::{self, Subject};
use crate::services::{audit, links, outbox};

/// How a session proves itself that passed a second factor (RFC 8176).
pub const AMR: &str = "pwd otp mfa";

/// Why a code opens nothing.
#[derive(Debug, thiserror::Error)]
pub enum CodeError {
    /// Wrong, used already, too old: never told apart.
    #[error("wrong code")]
    Wrong,
    /// Too many codes; how long to wait.
    #[error("too many codes")]
    TooMany(Duration),
    /// Nothing that the person could mend.
    #[error(transparent)]
    Failed(#[from] Error),
}

/// What the page about the second factor says.
#[derive(Clone, Copy, Debug)]
pub struct Status {
    /// Since when it is on.
    pub since: Timestamp,
    /// How many recovery codes are left.
    pub recovery_codes: i64,
}

/// Whether the second factor is on, and since when.
pub async fn status(app: &App, user: UserId) -> Result<Option<Status>> {
    let Some(SealedTotp { created_at, .. }) = totp::find(&app.db, user).await? else {
        return Ok(None);
    };
    let recovery_codes = recovery_codes::count(&app.db, user).await?;
    Ok(Some(Status { since: created_at, recovery_codes }))
}

/// Whether the account asks for a second factor.
pub async fn is_on(app: &App, user: UserId) -> Result<bool> {
    Ok(totp::find(&app.db, user).await?.is_some())
}

/// The same as a transaction sees it.
pub async fn is_on_in(tx: &mut Tx, user: UserId) -> Result<bool> {
    Ok(totp::find(tx, user).await?.is_some())
}

/// Counts a try before the code is looked at. As with passwords, a browser that the account knows has a count of its own.
pub async fn count_try(app: &App, user: &User, device: Option<&Device>) -> Result<(), CodeError> {
    let mut tx = app.db.begin().await?;
    let counted = throttle::count(app, &mut tx, subject(user, device)).await?;
    tx.commit().await?;
    counted.map_err(|wait| {
        tracing::warn!(user = %user.id, "codes throttled");
        CodeError::TooMany(wait)
    })
}

/// Spends a code in the transaction of what it opens. `false`: it opens nothing, and the transaction is to be dropped, then
/// [`refuse`] called.
pub async fn spend(
    app: &App,
    tx: &mut Tx,
    user: &User,
    code: &Code,
    device: Option<&Device>,
    source: &Source,
) -> Result<bool> {
    let now = app.clock.now();
    let Some(stored) = totp::find(&mut *tx, user.id).await? else { return Ok(false) };
    let is_spent = match code {
        Code::Totp(digits) => {
            let secret = open(app, user.id, &stored)?;
            match secret.matching_step(digits.reveal(), now, stored.last_step) {
                Some(step) => totp::advance(tx, user.id, step).await?,
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
                outbox::notify(app, tx, kind, user, Some(&left), source).await?;
            }
            is_spent
        }
    };
    if is_spent {
        throttle::forget(app, tx, subject(user, device)).await?;
    }
    Ok(is_spent)
}

/// Notes that a code opened nothing.
pub async fn refuse(app: &App, user: &User, source: &Source) -> Result<CodeError> {
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    audit::record(&mut tx, Event::CodeChecked, Outcome::Refused, Some(user.id), source, now)
        .await?;
    tx.commit().await?;
    Ok(CodeError::Wrong)
}

fn subject<'a>(user: &User, device: Option<&Device>) -> Subject<'a> {
    match device {
        Some(device) if device.knows(user.id, user.credential_version) => {
            Subject::CodeDevice(user.id, device.id())
        }
        _ => Subject::Code(user.id),
    }
}

/// A secret on its way into an app, good once a first code of it was typed.
#[derive(Debug)]
pub struct Enrolment {
    /// The secret.
    pub secret: TotpSecret,
    /// What the QR code holds.
    pub url: String,
}

/// What to scan. The same each time until the second factor is switched on or another proof is asked for, so that neither a
/// reload nor a wrong code makes people scan again. It hangs on `SECRET_KEY`, the session's seed, the version of the credentials
/// and the last proof, and is not stored.
pub async fn enrolment(app: &App, session: &Session) -> Result<Option<Enrolment>> {
    let Some(user) = users::find(&app.db, session.user_id).await? else { return Ok(None) };
    if is_on(app, user.id).await? {
        return Ok(None);
    }
    let secret = new_secret(app, session, &user);
    let url = secret.url(&app.config.site_name, user.email.as_str());
    Ok(Some(Enrolment { secret, url }))
}

fn new_secret(app: &App, session: &Session, user: &User) -> TotpSecret {
    let key = session.seed.totp_key(&app.secrets.master);
    let (version, proof) = (user.credential_version, session.authenticated_at);
    TotpSecret::new(&key.tag(format!("{version} {}", proof.0).as_bytes()))
}

/// Why the second factor was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// It was switched on or off meanwhile.
    #[error("nothing to change")]
    Outdated,
    /// The code.
    #[error(transparent)]
    Code(#[from] CodeError),
}

impl From<Error> for ChangeError {
    fn from(error: Error) -> Self {
        Self::Code(CodeError::Failed(error))
    }
}

/// A change of the second factor that is done.
#[derive(Debug)]
pub struct Changed {
    /// The recovery codes, to be shown this once.
    pub recovery_codes: Vec<RecoveryCode>,
    /// That the person has proved who they are.
    pub proof: Proof,
    /// The version of the credentials from now on.
    pub credential_version: i64,
}

/// Switches it on, once the app has shown that it has the secret.
pub async fn enable(
    app: &App,
    session: &Session,
    code: &Code,
    device: Option<&Device>,
    source: &Source,
) -> Result<Changed, ChangeError> {
    let user = owner(app, session).await?;
    if is_on(app, user.id).await? {
        return Err(ChangeError::Outdated);
    }
    count_try(app, &user, device).await?;
    let secret = new_secret(app, session, &user);
    let now = app.clock.now();
    let step = match code {
        Code::Totp(digits) => secret.matching_step(digits.reveal(), now, 0),
        Code::Recovery(_) => None,
    };
    let Some(step) = step else { return Err(refuse(app, &user, source).await?.into()) };

    let sealed = app.secrets.totp.seal(user.id.0.as_bytes(), secret.reveal());
    let mut tx = app.db.begin().await?;
    begin_change(&mut tx, &user, now).await?;
    if !totp::put(&mut tx, user.id, sealed, step, now).await? {
        return Err(ChangeError::Outdated);
    }
    throttle::forget(app, &mut tx, subject(&user, device)).await?;
    let recovery_codes = new_recovery_codes(&mut tx, user.id).await?;
    let told = (Event::SecondFactorEnabled, MailKind::SecondFactorOn);
    let proof = end_change(app, &mut tx, session, &user, AMR, told, source).await?;
    tx.commit().await?;
    app.outbox_bell.notify_one();
    Ok(Changed { recovery_codes, proof, credential_version: user.credential_version + 1 })
}

/// What may be changed once it is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Switch it off.
    Disable,
    /// Make new recovery codes; those before are worth nothing any more.
    RenewRecoveryCodes,
}

/// Changes it, for a code.
pub async fn change(
    app: &App,
    session: &Session,
    change: Change,
    code: &Code,
    device: Option<&Device>,
    source: &Source,
) -> Result<Changed, ChangeError> {
    let user = owner(app, session).await?;
    if !is_on(app, user.id).await? {
        return Err(ChangeError::Outdated);
    }
    count_try(app, &user, device).await?;
    let mut tx = app.db.begin().await?;
    begin_change(&mut tx, &user, app.clock.now()).await?;
    if !spend(app, &mut tx, &user, code, device, source).await? {
        drop(tx);
        return Err(refuse(app, &user, source).await?.into());
    }
    recovery_codes::delete_all(&mut tx, user.id).await?;
    let (recovery_codes, amr, told) = match change {
        Change::Disable => {
            totp::delete(&mut tx, user.id).await?;
            (Vec::new(), "pwd", (Event::SecondFactorDisabled, MailKind::SecondFactorOff))
        }
        Change::RenewRecoveryCodes => {
            let codes = new_recovery_codes(&mut tx, user.id).await?;
            (codes, AMR, (Event::RecoveryCodesRenewed, MailKind::RecoveryCodesRenewed))
        }
    };
    let proof = end_change(app, &mut tx, session, &user, amr, told, source).await?;
    tx.commit().await?;
    app.outbox_bell.notify_one();
    Ok(Changed { recovery_codes, proof, credential_version: user.credential_version + 1 })
}

/// Whether all of these are recovery codes of the user that are still good.
pub async fn are_recovery_codes(app: &App, user: UserId, codes: &[RecoveryCode]) -> Result<bool> {
    for code in codes {
        if !recovery_codes::is_good(&app.db, user, code).await? {
            return Ok(false);
        }
    }
    Ok(!codes.is_empty())
}

/// Takes away a second factor that was switched on at `since` or later: its owner has said that this was not them.
pub async fn remove_since(tx: &mut Tx, user: UserId, since: Timestamp) -> Result<bool> {
    let is_later = totp::find(&mut *tx, user).await?.is_some_and(|it| it.created_at >= since);
    if is_later {
        totp::delete(tx, user).await?;
        recovery_codes::delete_all(tx, user).await?;
    }
    Ok(is_later)
}

async fn owner(app: &App, session: &Session) -> Result<User, ChangeError> {
    users::find(&app.db, session.user_id).await?.ok_or(ChangeError::Outdated)
}

/// Closes all links and holds the account: mails, tokens, user, second factor, sessions, in this order everywhere.
async fn begin_change(tx: &mut Tx, user: &User, now: Timestamp) -> Result<(), ChangeError> {
    links::close(tx, user, now).await?;
    if !users::change_credentials(tx, user.id, user.credential_version).await? {
        return Err(ChangeError::Outdated);
    }
    Ok(())
}

/// Ends the other sessions, notes the proof in this one, and tells the owner.
async fn end_change(
    app: &App,
    tx: &mut Tx,
    session: &Session,
    user: &User,
    amr: &str,
    (event, kind): (Event, MailKind),
    source: &Source,
) -> Result<Proof> {
    let now = app.clock.now();
    sessions::end_others(tx, session, EndReason::SecondFactorChanged, now).await?;
    let proof = sessions::prove(app, tx, session, Some(amr)).await?;
    audit::record(tx, event, Outcome::Success, Some(user.id), source, now).await?;
    outbox::notify(app, tx, kind, user, None, source).await?;
    Ok(proof)
}

async fn new_recovery_codes(tx: &mut Tx, user: UserId) -> Result<Vec<RecoveryCode>> {
    let codes: Vec<RecoveryCode> = (0..COUNT).map(|_| RecoveryCode::random()).collect();
    for code in &codes {
        recovery_codes::put(tx, user, code).await?;
    }
    Ok(codes)
}

fn open(app: &App, user: UserId, stored: &SealedTotp) -> Result<TotpSecret> {
    app.secrets
        .totp
        .open(user.0.as_bytes(), &stored.sealed)
        .and_then(|secret| TotpSecret::from_bytes(secret.reveal()))
        .ok_or(Error::WrongSecretKey)
}
