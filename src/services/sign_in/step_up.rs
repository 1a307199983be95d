//! Sensitive actions ask signed-in users to prove again who they are, with credentials at the account's full strength.

use std::time::Duration;

use crate::app::App;
use crate::db::Tx;
use crate::domain::account::user::User;
use crate::domain::audit_event::{Event, Outcome};
use crate::domain::id::UserId;
use crate::domain::sign_in::demand::{Demand, HeldCredentials, Missing, Proven};
use crate::domain::sign_in::device::Device;
use crate::domain::sign_in::password::Password;
use crate::domain::sign_in::proof::{Credential, PROOF_LASTS, Proof, Shown};
use crate::domain::sign_in::session::Session;
use crate::domain::sign_in::session_kind::SessionKind;
use crate::domain::source::Source;
use crate::domain::two_factor::code::Code;
use crate::error::{Error, Result, from_db_error};
use crate::repositories::{user_credentials, users};
use crate::services::audit;
use crate::services::session::proofs::{self, FreshProof};
use crate::services::sign_in::password_check::{self, PasswordError};
use crate::services::throttle::Requester;
use crate::services::two_factor::second_factor::{self, CodeError};
use crate::transaction;

/// The credentials that an account has.
pub async fn held(app: &App, user: UserId) -> Result<HeldCredentials> {
    Ok(user_credentials::held(&app.db, user).await?)
}

/// Whether the session could have a recent proof. If not, the state of the browser need not be read.
#[must_use]
pub fn may_be_recent(app: &App, session: &Session) -> bool {
    session.kind == Some(SessionKind::Browser)
        && session.authenticated_at.is_within(PROOF_LASTS, app.clock.now())
}

/// What was shown recently in the browser that has this proof.
#[must_use]
pub fn recent(app: &App, proof: Option<&Proof>) -> Shown {
    proof.map_or(Shown::default(), |proof| proof.recent(app.clock.now()))
}

/// The session, if what was shown recently has the full strength of its account; otherwise what is missing.
pub async fn check<'a>(
    app: &App,
    session: &'a Session,
    recent: Shown,
) -> Result<Result<Proven<'a>, Missing>> {
    let held = held(app, session.user_id).await?;
    Ok(Proven::new(session, held, recent))
}

/// Credentials that a signed-in user has entered in a form.
#[derive(Clone, Copy, Debug)]
pub struct Entered<'a> {
    /// The password, if the form asks for it.
    pub password: Option<&'a Password>,
    /// The two-factor code, if the form asks for it.
    pub code: Option<&'a Code>,
    /// The browser's device cookie.
    pub device: Option<&'a Device>,
    /// The client.
    pub source: &'a Source,
}

impl Entered<'_> {
    /// The credentials, if they are right.
    #[must_use]
    pub fn shown(&self) -> Shown {
        let password = self.password.map(|_| Credential::Password);
        let all = password.into_iter().chain(self.code.map(Code::credential));
        Shown::of(&all.collect::<Vec<_>>())
    }
}

/// Why the entered credentials are refused.
#[derive(Debug, thiserror::Error)]
pub enum EnteredError {
    /// The password is wrong or missing.
    #[error("wrong password")]
    WrongPassword,
    /// The code is wrong or missing.
    #[error("wrong code")]
    WrongCode,
    /// Too many attempts. Contains the time to wait.
    #[error("too many attempts")]
    TooMany(Duration),
    /// An unexpected error.
    #[error(transparent)]
    Failed(#[from] Error),
}

from_db_error!(EnteredError);

impl From<PasswordError> for EnteredError {
    fn from(error: PasswordError) -> Self {
        match error {
            PasswordError::Wrong => Self::WrongPassword,
            PasswordError::TooMany(wait) => Self::TooMany(wait),
            PasswordError::Failed(error) => Self::Failed(error),
        }
    }
}

impl From<CodeError> for EnteredError {
    fn from(error: CodeError) -> Self {
        match error {
            CodeError::Wrong => Self::WrongCode,
            CodeError::TooMany(wait) => Self::TooMany(wait),
            CodeError::Failed(error) => Self::Failed(error),
        }
    }
}

/// Checks the entered password, and counts the try of the entered code, which [`spend`] then checks. `event`: the audit event of a wrong
/// password.
pub async fn begin(
    app: &App,
    session: &Session,
    entered: Entered<'_>,
    event: Event,
) -> Result<User, EnteredError> {
    let Entered { password, code, device, source } = entered;
    let user = match password {
        Some(it) => password_check::check_own(app, session, it, device, event, source).await?.user,
        None => users::get(&app.db, session.user_id).await?,
    };
    if let Some(code) = code {
        let requester = Requester::known_or(Some(&user), device, Requester::Session(session.id));
        second_factor::count_try(app, &user, code, requester).await?;
    }
    Ok(user)
}

/// Spends the entered code, and checks that the credentials meet the demand, in the transaction of the action. The account must be locked, so
/// that its credentials cannot change. `recent`: what was shown before in this browser. After an error roll back, and call [`refuse`].
pub async fn spend(
    app: &App,
    tx: &mut Tx,
    session: &Session,
    user: &User,
    (demand, recent): (Demand, Shown),
    entered: Entered<'_>,
) -> Result<(), EnteredError> {
    let Entered { code, device, source, .. } = entered;
    if let Some(code) = code {
        let requester = Requester::known_or(Some(user), device, Requester::Session(session.id));
        if !second_factor::spend(app, tx, user, code, requester, source).await? {
            return Err(EnteredError::WrongCode);
        }
    }
    let held = user_credentials::held(&mut *tx, user.id).await?;
    let missing = demand.missing(held, recent, entered.shown());
    if missing.first.is_some() {
        Err(EnteredError::WrongPassword)
    } else if missing.second_factor {
        Err(EnteredError::WrongCode)
    } else {
        Ok(())
    }
}

/// Records a wrong code. In a browser that the account does not know, it may be a thief's guess.
pub async fn refuse(
    app: &App,
    user: &User,
    entered: Entered<'_>,
    error: &EnteredError,
) -> Result<()> {
    match error {
        EnteredError::WrongCode if entered.code.is_some() => {
            second_factor::refuse_and_tell(app, user, entered.device, entered.source).await
        }
        _ => Ok(()),
    }
}

/// Checks credentials of a signed-in user, and records that they were shown. They need not have the full strength of the account: what was
/// shown before counts as well.
pub async fn confirm(
    app: &App,
    session: &Session,
    entered: Entered<'_>,
) -> Result<FreshProof, EnteredError> {
    let Entered { password, code, device, source } = entered;
    let event = if password.is_some() { Event::PasswordConfirmed } else { Event::CodeChecked };
    let user = begin(app, session, entered, event).await?;
    let requester = Requester::known_or(Some(&user), device, Requester::Session(session.id));
    let now = app.clock.now();
    let outcome = transaction!(app.db, |tx| -> Result<_, EnteredError> {
        if let Some(code) = code
            && !second_factor::spend(app, tx, &user, code, requester, source).await?
        {
            return Err(EnteredError::WrongCode);
        }
        let proof = proofs::prove(app, tx, session, entered.shown()).await?;
        audit::record(tx, event, Outcome::Success, Some(user.id), source, now).await?;
        Ok(proof)
    });
    if let Err(error) = &outcome {
        refuse(app, &user, entered, error).await?;
    }
    outcome
}
