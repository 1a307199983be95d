//! The second step of a sign-in: a code, after the right password or in a session that has none yet.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::clock::Timestamp;
use crate::domain::account::user::User;
use crate::domain::audit_event::{Event, Outcome};
use crate::domain::id::UserId;
use crate::domain::sign_in::device::Device;
use crate::domain::sign_in::proof::{Credential, Proof, Shown};
use crate::domain::sign_in::session::Session;
use crate::domain::source::Source;
use crate::domain::two_factor::code::Code;
use crate::error::{Error, Result};
use crate::repositories::{user_credentials, users};
use crate::services::audit;
use crate::services::session::proofs::{self, FreshProof};
use crate::services::sign_in::completion::{self, Browser, CompletedSignIn};
use crate::services::throttle::Requester;
use crate::services::two_factor::second_factor::{self, CodeError};
use crate::transaction;

/// A sign-in that awaits its code. It gives access to nothing by itself.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Challenge {
    user: UserId,
    credential_version: i64,
    remember: bool,
    passed_at: Timestamp,
}

/// How long a code is accepted after the password.
const CHALLENGE_LASTS: Duration = Duration::from_mins(10);

impl Challenge {
    /// Creates the challenge for a user who has just entered the right password.
    #[must_use]
    pub fn new(user: &User, remember: bool, now: Timestamp) -> Self {
        let credential_version = user.credential_version;
        Self { user: user.id, credential_version, remember, passed_at: now }
    }

    /// Whether a code can still complete it.
    #[must_use]
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.passed_at.is_within(CHALLENGE_LASTS, now)
    }
}

/// Why a code did not complete a sign-in.
#[derive(Debug, thiserror::Error)]
pub enum ChallengeError {
    /// The password was entered too long ago or has changed since, or the account is disabled. The user has to sign in again.
    #[error("the sign-in has expired")]
    Over,
    /// The code was refused.
    #[error(transparent)]
    Code(#[from] CodeError),
}

impl<E: Into<Error>> From<E> for ChallengeError {
    fn from(error: E) -> Self {
        Self::Code(CodeError::Failed(error.into()))
    }
}

/// Completes a sign-in with a code.
pub async fn finish(
    app: &App,
    challenge: &Challenge,
    code: &Code,
    browser: Browser<'_>,
) -> Result<CompletedSignIn, ChallengeError> {
    let Browser { device, source, .. } = browser;
    let now = app.clock.now();
    let user = users::find(&app.db, challenge.user).await?.filter(|user| {
        challenge.is_open(now)
            && user.credential_version == challenge.credential_version
            && user.may_sign_in(app.config.verification_required)
    });
    let user = user.ok_or(ChallengeError::Over)?;
    let requester = Requester::known_or(Some(&user), device, Requester::Stranger(source));
    second_factor::count_try(app, &user, code, requester).await?;
    let outcome = transaction!(app.db, |tx| -> Result<_, ChallengeError> {
        if !user_credentials::sign_in(tx, user.id, user.credential_version, now).await? {
            return Err(ChallengeError::Over);
        }
        if !second_factor::spend(app, tx, &user, code, requester, source).await? {
            return Err(CodeError::Wrong.into());
        }
        let remember = challenge.remember;
        let (password, code) =
            (Shown::of(&[Credential::Password]), Shown::of(&[code.credential()]));
        let signed_in =
            completion::begin(app, tx, &user, remember, password.and(code), browser).await?;
        let session = signed_in.token.session;
        completion::tell_of_new_device(app, tx, &user, Some(session), browser).await?;
        // The password was shown a while ago.
        let at = signed_in.proof.at;
        let proof = Proof::new(session, password, challenge.passed_at).with(code, at);
        Ok(CompletedSignIn { proof, ..signed_in })
    });
    if let Err(ChallengeError::Code(CodeError::Wrong)) = outcome {
        second_factor::refuse_and_tell(app, &user, device, source).await?;
    }
    outcome
}

/// Adds the second factor to a session that started without it: a role or a setting demands it now, or an app does.
pub async fn complete(
    app: &App,
    session: &Session,
    code: &Code,
    device: Option<&Device>,
    source: &Source,
) -> Result<FreshProof, ChallengeError> {
    let user = users::find(&app.db, session.user_id).await?.ok_or(ChallengeError::Over)?;
    let requester = Requester::known_or(Some(&user), device, Requester::Session(session.id));
    second_factor::count_try(app, &user, code, requester).await?;
    let now = app.clock.now();
    let outcome = transaction!(app.db, |tx| -> Result<_, ChallengeError> {
        if !second_factor::spend(app, tx, &user, code, requester, source).await? {
            return Err(CodeError::Wrong.into());
        }
        let shown = Shown::of(&[code.credential()]);
        let proof = proofs::prove(app, tx, session, shown).await?;
        let (event, id) = (Event::CodeChecked, Some(user.id));
        audit::record(tx, event, Outcome::Success, id, source, now).await?;
        Ok(proof)
    });
    if let Err(ChallengeError::Code(CodeError::Wrong)) = outcome {
        second_factor::refuse_and_tell(app, &user, device, source).await?;
    }
    outcome
}
