//! Switching the second factor on and off, and making new recovery codes.

use crate::app::App;
use crate::clock::Timestamp;
use crate::db::Tx;
use crate::domain::account::user::User;
use crate::domain::audit_event::{Event, Outcome};
use crate::domain::email::mail_kind::MailKind;
use crate::domain::id::UserId;
use crate::domain::sign_in::device::Device;
use crate::domain::sign_in::session::{EndReason, Session};
use crate::domain::source::Source;
use crate::domain::two_factor::recovery_code::{COUNT, RecoveryCode};
use crate::domain::two_factor::second_factor::Code;
use crate::domain::two_factor::totp::TotpSecret;
use crate::error::{Error, Result};
use crate::repositories::{recovery_codes, totp, users};
use crate::services::audit;
use crate::services::email::outbox;
use crate::services::links;
use crate::services::sign_in::sessions::{self, Proof};
use crate::services::throttle::Who;
use crate::services::two_factor::second_factor::{self, AMR, CodeError};
use crate::transaction;

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
    if second_factor::is_on(app, user.id).await? {
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

impl<E: Into<Error>> From<E> for ChangeError {
    fn from(error: E) -> Self {
        Self::Code(CodeError::Failed(error.into()))
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
    if second_factor::is_on(app, user.id).await? {
        return Err(ChangeError::Outdated);
    }
    let who = Who::known_or(Some(&user), device, Who::Session(session.id));
    second_factor::count_try(app, &user, code, who).await?;
    let secret = new_secret(app, session, &user);
    let now = app.clock.now();
    let step = match code {
        Code::Totp(digits) => secret.matching_step(digits.reveal(), now, 0),
        Code::Recovery(_) => None,
    };
    let Some(step) = step else {
        second_factor::refuse(app, &user, source).await?;
        return Err(CodeError::Wrong.into());
    };

    let sealed = second_factor::seal(app, user.id, &secret);
    let (recovery_codes, proof) = transaction!(app.db, |tx| -> Result<_, ChangeError> {
        begin_change(app, tx, &user, now).await?;
        if !totp::put(tx, user.id, &sealed, step, now).await? {
            return Err(ChangeError::Outdated);
        }
        second_factor::passed(app, tx, &user, code, who).await?;
        let recovery_codes = new_recovery_codes(tx, user.id, now).await?;
        let told = (Event::SecondFactorEnabled, MailKind::SecondFactorOn);
        let proof = end_change(app, tx, session, &user, AMR, told, source).await?;
        Ok((recovery_codes, proof))
    })?;
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
    if !second_factor::is_on(app, user.id).await? {
        return Err(ChangeError::Outdated);
    }
    let who = Who::known_or(Some(&user), device, Who::Session(session.id));
    second_factor::count_try(app, &user, code, who).await?;
    let now = app.clock.now();
    let outcome = transaction!(app.db, |tx| -> Result<_, ChangeError> {
        begin_change(app, tx, &user, now).await?;
        if !second_factor::spend(app, tx, &user, code, who, source).await? {
            return Err(CodeError::Wrong.into());
        }
        recovery_codes::delete_all(tx, user.id).await?;
        let (recovery_codes, amr, told) = match change {
            Change::Disable => {
                totp::delete(tx, user.id).await?;
                (Vec::new(), "pwd", (Event::SecondFactorDisabled, MailKind::SecondFactorOff))
            }
            Change::RenewRecoveryCodes => {
                let codes = new_recovery_codes(tx, user.id, now).await?;
                (codes, AMR, (Event::RecoveryCodesRenewed, MailKind::RecoveryCodesRenewed))
            }
        };
        let proof = end_change(app, tx, session, &user, amr, told, source).await?;
        Ok((recovery_codes, proof))
    });
    if let Err(ChangeError::Code(CodeError::Wrong)) = outcome {
        second_factor::refuse(app, &user, source).await?;
    }
    let (recovery_codes, proof) = outcome?;
    app.outbox_bell.notify_one();
    Ok(Changed { recovery_codes, proof, credential_version: user.credential_version + 1 })
}

async fn owner(app: &App, session: &Session) -> Result<User, ChangeError> {
    users::find(&app.db, session.user_id).await?.ok_or(ChangeError::Outdated)
}

/// Closes all links and holds the account: mails, tokens, user, second factor, sessions, in this order everywhere.
async fn begin_change(
    app: &App,
    tx: &mut Tx,
    user: &User,
    now: Timestamp,
) -> Result<(), ChangeError> {
    links::close(app, tx, user, now).await?;
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

async fn new_recovery_codes(
    tx: &mut Tx,
    user: UserId,
    now: Timestamp,
) -> Result<Vec<RecoveryCode>> {
    let codes: Vec<RecoveryCode> = (0..COUNT).map(|_| RecoveryCode::random()).collect();
    for code in &codes {
        recovery_codes::put(tx, user, code, now).await?;
    }
    Ok(codes)
}
