//! Enables and disables 2FA, and generates new recovery codes.

use std::collections::BTreeSet;

use crate::app::App;
use crate::clock::Timestamp;
use crate::db::Tx;
use crate::domain::account::role::Role;
use crate::domain::account::user::User;
use crate::domain::audit_event::{Event, Outcome};
use crate::domain::email::mail_kind::MailKind;
use crate::domain::sign_in::demand::{Demand, Proven};
use crate::domain::sign_in::device::Device;
use crate::domain::sign_in::proof::{Credential, Shown};
use crate::domain::sign_in::session::{EndReason, Session};
use crate::domain::source::Source;
use crate::domain::two_factor::code::Code;
use crate::domain::two_factor::totp::TotpSecret;
use crate::error::{Error, Result};
use crate::repositories::{totp, user_credentials, user_roles, users};
use crate::services::audit;
use crate::services::email::queue;
use crate::services::links;
use crate::services::session::proofs::{self, FreshProof};
use crate::services::session::session_management;
use crate::services::sign_in::step_up::{self, Entered, EnteredError};
use crate::services::throttle::Requester;
use crate::services::two_factor::code_set;
use crate::services::two_factor::second_factor::{self, CodeError};
use crate::transaction;

/// A new secret for an authenticator app. It takes effect with the first valid code.
#[derive(Debug)]
pub struct Enrolment {
    /// The secret as text, to enter in the app.
    pub secret: TotpSecret,
    /// The secret as a URI, to scan as a QR code.
    pub url: String,
}

/// The secret to scan. It does not change until 2FA is enabled or the user confirms their password again, so users need not scan again
/// after a reload or a wrong code. It is not stored, but computed from `SECRET_KEY`, the session's seed, the credential version and the
/// time of the last confirmation.
///
/// `replaces`: it is for an app that replaces one in use. `None` if 2FA is on without that, or off with it.
pub async fn enrolment(app: &App, proven: Proven<'_>, replaces: bool) -> Result<Option<Enrolment>> {
    let session = proven.session();
    let Some(user) = users::find(&app.db, session.user_id).await? else { return Ok(None) };
    if second_factor::is_on(app, user.id).await? != replaces {
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

fn is_demanded(app: &App, roles: &BTreeSet<Role>) -> bool {
    app.config.second_factor.demands(roles.iter().map(Role::as_str))
}

/// Why 2FA was not changed.
#[derive(Debug, thiserror::Error)]
pub enum SecondFactorChangeError {
    /// 2FA has been enabled or disabled in the meantime.
    #[error("nothing to change")]
    Outdated,
    /// `SECOND_FACTOR` does not let the user be without 2FA, so they can't disable it.
    #[error("the account must use two-factor authentication")]
    Demanded,
    /// The first code of the new app was refused.
    #[error(transparent)]
    Code(#[from] CodeError),
    /// The credentials in the form are wrong or do not suffice.
    #[error(transparent)]
    Entered(#[from] EnteredError),
}

impl<E: Into<Error>> From<E> for SecondFactorChangeError {
    fn from(error: E) -> Self {
        Self::Code(CodeError::Failed(error.into()))
    }
}

/// A completed change of 2FA.
#[derive(Debug)]
pub struct SecondFactorChanged {
    /// The code proved who the user is.
    pub proof: FreshProof,
    /// The new version of the credentials.
    pub credential_version: i64,
}

/// An authenticator app to set up.
#[derive(Clone, Copy, Debug)]
pub struct NewApp<'a> {
    /// Its first code, which proves that it has the secret.
    pub code: &'a Code,
    /// A code of the app that it replaces, or a recovery code. That app works until then, so that the account is never without 2FA.
    pub current_code: Option<&'a Code>,
    /// The browser's device cookie.
    pub device: Option<&'a Device>,
}

/// Enables 2FA or replaces the app, if the code proves that the app has the secret. There are new recovery codes in either case.
pub async fn enable(
    app: &App,
    proven: Proven<'_>,
    new: NewApp<'_>,
    source: &Source,
) -> Result<SecondFactorChanged, SecondFactorChangeError> {
    let NewApp { code, current_code, device } = new;
    let (session, replaces) = (proven.session(), current_code.is_some());
    let entered = Entered { password: None, code: current_code, device, source };
    let user = step_up::begin(app, session, entered, Event::CodeChecked).await?;
    if second_factor::is_on(app, user.id).await? != replaces {
        return Err(SecondFactorChangeError::Outdated);
    }
    let requester = Requester::known_or(Some(&user), device, Requester::Session(session.id));
    second_factor::count_try(app, &user, code, requester).await?;
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
    let outcome = transaction!(app.db, |tx| -> Result<_, SecondFactorChangeError> {
        begin_change(app, tx, &user, now).await?;
        if let Some(current) = current_code
            && !second_factor::spend(app, tx, &user, current, requester, source).await?
        {
            return Err(EnteredError::WrongCode.into());
        }
        let is_stored = if replaces {
            totp::replace(tx, user.id, &sealed, step).await?
        } else {
            totp::put(tx, user.id, &sealed, step, now).await?
        };
        if !is_stored {
            return Err(SecondFactorChangeError::Outdated);
        }
        second_factor::passed(app, tx, &user, code, requester).await?;
        code_set::replace(app, tx, session, now).await?;
        let notice = if replaces {
            (Event::AuthenticatorReplaced, MailKind::AuthenticatorReplaced)
        } else {
            (Event::SecondFactorEnabled, MailKind::SecondFactorOn)
        };
        end_change(app, tx, session, &user, notice, source).await?;
        let shown = Shown::of(&[Credential::AppCode]);
        Ok(proofs::prove(app, tx, session, shown).await?)
    });
    finish(app, &user, entered, outcome).await
}

/// Records a wrong code, or returns the completed change.
async fn finish(
    app: &App,
    user: &User,
    entered: Entered<'_>,
    outcome: Result<FreshProof, SecondFactorChangeError>,
) -> Result<SecondFactorChanged, SecondFactorChangeError> {
    if let Err(SecondFactorChangeError::Entered(error)) = &outcome {
        step_up::refuse(app, user, entered, error).await?;
    }
    Ok(SecondFactorChanged { proof: outcome?, credential_version: user.credential_version + 1 })
}

/// A change while 2FA is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecondFactorChange {
    /// Disable it.
    Disable,
    /// Generate new recovery codes. The previous ones stop working.
    RenewRecoveryCodes,
}

/// Changes 2FA. `recent`: what was shown before in this browser. `entered`: a code and, if it was not shown recently, the password.
pub async fn change(
    app: &App,
    session: &Session,
    change: SecondFactorChange,
    recent: Shown,
    entered: Entered<'_>,
) -> Result<SecondFactorChanged, SecondFactorChangeError> {
    let (source, demand) = (entered.source, (Demand::SecondFactor, recent));
    let user = step_up::begin(app, session, entered, Event::PasswordConfirmed).await?;
    if !second_factor::is_on(app, user.id).await? {
        return Err(SecondFactorChangeError::Outdated);
    }
    let now = app.clock.now();
    let outcome = transaction!(app.db, |tx| -> Result<_, SecondFactorChangeError> {
        begin_change(app, tx, &user, now).await?;
        step_up::spend(app, tx, session, &user, demand, entered).await?;
        let notice = match change {
            SecondFactorChange::Disable => {
                // A role that is given while this transaction runs demands it at the next request.
                if is_demanded(app, &user_roles::of_user(&mut *tx, user.id).await?) {
                    return Err(SecondFactorChangeError::Demanded);
                }
                totp::delete(tx, user.id).await?;
                code_set::delete(tx, user.id).await?;
                (Event::SecondFactorDisabled, MailKind::SecondFactorOff)
            }
            SecondFactorChange::RenewRecoveryCodes => {
                code_set::replace(app, tx, session, now).await?;
                (Event::RecoveryCodesRenewed, MailKind::RecoveryCodesRenewed)
            }
        };
        end_change(app, tx, session, &user, notice, source).await?;
        Ok(match change {
            SecondFactorChange::Disable => {
                proofs::prove_without_second_factor(app, tx, session, entered.shown()).await?
            }
            SecondFactorChange::RenewRecoveryCodes => {
                proofs::prove(app, tx, session, entered.shown()).await?
            }
        })
    });
    finish(app, &user, entered, outcome).await
}

/// Revokes all links and locks the account. Rows are locked in the same order everywhere: emails, tokens, user, 2FA, sessions.
async fn begin_change(
    app: &App,
    tx: &mut Tx,
    user: &User,
    now: Timestamp,
) -> Result<(), SecondFactorChangeError> {
    links::revoke_all(app, tx, user, now).await?;
    if !user_credentials::invalidate(tx, user.id, user.credential_version).await? {
        return Err(SecondFactorChangeError::Outdated);
    }
    Ok(())
}

/// Ends the other sessions, and notifies the owner.
async fn end_change(
    app: &App,
    tx: &mut Tx,
    session: &Session,
    user: &User,
    (event, kind): (Event, MailKind),
    source: &Source,
) -> Result<()> {
    let now = app.clock.now();
    session_management::end_others(tx, session, EndReason::SecondFactorChanged, now).await?;
    audit::record(tx, event, Outcome::Success, Some(user.id), source, now).await?;
    queue::notify(app, tx, kind, user, None, source).await
}
