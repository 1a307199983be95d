//! Checks new passwords against the policy, and sets and changes passwords.

use std::time::Duration;

use crate::app::App;
use crate::domain::account::email::EmailAddress;
use crate::domain::account::username::Username;
use crate::domain::audit_event::{Event, Outcome};
use crate::domain::email::mail_kind::MailKind;
use crate::domain::sign_in::demand::{Demand, Proven};
use crate::domain::sign_in::password::{InvalidPassword, Password, PasswordVerdict, Strength};
use crate::domain::sign_in::proof::{Credential, Shown};
use crate::domain::sign_in::session::{EndReason, Session};
use crate::domain::sign_in::stored_password::{PasswordOwner, StoredPassword};
use crate::domain::source::Source;
use crate::error::{Error, Result, from_db_error};
use crate::hasher::{Against, Asker};
use crate::repositories::{passwords, user_credentials};
use crate::services::audit;
use crate::services::email::queue;
use crate::services::links;
use crate::services::session::proofs::{self, FreshProof};
use crate::services::session::session_management;
use crate::services::sign_in::hash_timing;
use crate::services::sign_in::step_up::{self, Entered, EnteredError};
use crate::services::throttle::{self, Subject};
use crate::transaction;

/// Why a new password is refused.
#[derive(Debug, thiserror::Error)]
pub enum ChooseError {
    /// It is too short, too long or too easy to guess.
    #[error("the password is refused")]
    Invalid(InvalidPassword),
    /// Too many new passwords were checked. Contains the time to wait.
    #[error("too many passwords")]
    TooMany(Duration),
    /// An unexpected error.
    #[error(transparent)]
    Failed(#[from] Error),
}

from_db_error!(ChooseError);

impl From<InvalidPassword> for ChooseError {
    fn from(why: InvalidPassword) -> Self {
        Self::Invalid(why)
    }
}

/// Checks a new password against the policy. `context`: what an attacker knows about the user, of limited length. `counts_as`: the
/// network of a stranger, or the account if the user is signed in or has a link, so that strangers do not limit the owner.
pub async fn choose(
    app: &App,
    text: &str,
    context: &[&str],
    asker: Asker,
    counts_as: Subject<'_>,
) -> Result<Password, ChooseError> {
    // A password that is refused by its length alone costs nothing and is not counted.
    Password::check_length(text, app.config.passwords.min_length)?;
    let counted =
        transaction!(app.db, |tx| -> Result<_> { throttle::count(app, tx, counts_as).await })?;
    counted.map_err(ChooseError::TooMany)?;
    Ok(app.hasher.choose(asker, text, context).await??)
}

/// Refuses the password that 'this was not me' removed from the account: someone else may know it.
pub async fn must_not_be_lost(
    app: &App,
    new: &Password,
    stored: Option<&StoredPassword>,
    asker: Asker,
) -> Result<(), ChooseError> {
    let Some(lost) = stored.and_then(StoredPassword::revoked_hash) else { return Ok(()) };
    let (is_lost, _) = app.hasher.verify(asker, new, Against::Hash(lost.into())).await?;
    if is_lost { Err(InvalidPassword::Lost.into()) } else { Ok(()) }
}

/// Checks the password of a sign-up against the policy, counts the sign-up for its network, and hashes the password.
pub async fn hash_for_sign_up(
    app: &App,
    text: &str,
    username: &Username,
    email: &EmailAddress,
    source: &Source,
) -> Result<String, ChooseError> {
    let context = [username.as_str(), email.as_str(), &app.config.site_name];
    let (asker, counts_as) = (Asker::stranger(source), Subject::ChooseNetwork(source));
    let password = choose(app, text, &context, asker, counts_as).await?;
    let network = Subject::RegisterNetwork(source);
    let counted =
        transaction!(app.db, |tx| -> Result<_> { throttle::count(app, tx, network).await })?;
    counted.map_err(ChooseError::TooMany)?;
    Ok(app.hasher.hash(asker, &password).await?)
}

/// What is to be said about a new password in a form that is refused for another reason: all problems are told at once. After too many
/// checks, only its length is checked.
pub async fn judge(
    app: &App,
    text: &str,
    context: &[&str],
    asker: Asker,
    counts_as: Subject<'_>,
) -> Result<PasswordVerdict> {
    match choose(app, text, context, asker, counts_as).await {
        Ok(password) => Ok(Ok(password.strength())),
        Err(ChooseError::TooMany(_)) => Ok(Ok(None)),
        Err(ChooseError::Invalid(why)) => Ok(Err(why)),
        Err(ChooseError::Failed(error)) => Err(error),
    }
}

/// The same about the new password of a signed-in user. See [`judge`].
pub async fn judge_for(app: &App, session: &Session, text: &str) -> Result<PasswordVerdict> {
    let (asker, counts_as) = (Asker::known(session.user_id), Subject::ChooseUser(session.user_id));
    judge(app, text, &context(app, session), asker, counts_as).await
}

fn context<'a>(app: &'a App, session: &'a Session) -> [&'a str; 3] {
    [session.username.as_str(), session.email.as_str(), &app.config.site_name]
}

/// Why the password was not changed.
#[derive(Debug, thiserror::Error)]
pub enum PasswordChangeError {
    /// The credentials in the form are wrong or do not suffice.
    #[error(transparent)]
    Entered(#[from] EnteredError),
    /// The new password is refused.
    #[error("the password is refused")]
    Invalid(InvalidPassword),
}

impl<E: Into<Error>> From<E> for PasswordChangeError {
    fn from(error: E) -> Self {
        Self::Entered(EnteredError::Failed(error.into()))
    }
}

impl From<ChooseError> for PasswordChangeError {
    fn from(error: ChooseError) -> Self {
        match error {
            ChooseError::Invalid(why) => Self::Invalid(why),
            ChooseError::TooMany(wait) => Self::Entered(EnteredError::TooMany(wait)),
            ChooseError::Failed(error) => Self::Entered(EnteredError::Failed(error)),
        }
    }
}

/// A completed change.
#[derive(Debug)]
pub struct PasswordChanged {
    /// The password proves who the user is.
    pub proof: FreshProof,
    /// The new version of the credentials.
    pub credential_version: i64,
    /// How hard the new password is to guess.
    pub strength: Option<Strength>,
}

/// Changes the password, ends every other session and revokes every link of the account. `recent`: what was shown before in this browser.
/// `entered`: the current password and, if no second factor was shown recently, a code.
pub async fn change(
    app: &App,
    session: &Session,
    new: &str,
    recent: Shown,
    entered: Entered<'_>,
) -> Result<PasswordChanged, PasswordChangeError> {
    // The new password is checked first, so that a weak one does not count as an attempt at the current one.
    let context = context(app, session);
    let (asker, counts_as) = (Asker::known(session.user_id), Subject::ChooseUser(session.user_id));
    let new = choose(app, new, &context, asker, counts_as).await?;
    if entered.password.is_some_and(|current| new.is_same(current)) {
        return Err(PasswordChangeError::Invalid(InvalidPassword::Same));
    }
    let (event, source) = (Event::PasswordChanged, entered.source);
    let user = step_up::begin(app, session, entered, event).await?;
    let former = passwords::find(&app.db, user.id).await?;
    let hash = app.hasher.hash(asker, &new).await?;

    let now = app.clock.now();
    let outcome = transaction!(app.db, |tx| -> Result<_, PasswordChangeError> {
        hash_timing::note(tx, &hash, now).await?;
        links::revoke_all(app, tx, &user, now).await?;
        if !user_credentials::invalidate(tx, user.id, user.credential_version).await? {
            return Err(EnteredError::WrongPassword.into()); // it has just changed
        }
        step_up::spend(app, tx, session, &user, (Demand::Password, recent), entered).await?;
        passwords::put(tx, user.id, &hash, now).await?;
        session_management::end_others(tx, session, EndReason::PasswordChanged, now).await?;
        let proof = proofs::prove(app, tx, session, entered.shown()).await?;
        audit::record(tx, event, Outcome::Success, Some(user.id), source, now).await?;
        queue::notify(app, tx, MailKind::PasswordChanged, &user, None, source).await?;
        Ok(proof)
    });
    if let Err(PasswordChangeError::Entered(error)) = &outcome {
        step_up::refuse(app, &user, entered, error).await?;
    }
    let proof = outcome?;
    hash_timing::count(app, former.as_ref().map(|former| former.hash.as_str()), &hash);
    let (credential_version, strength) = (user.credential_version + 1, new.strength());
    Ok(PasswordChanged { proof, credential_version, strength })
}

/// Why a first password was not set.
#[derive(Debug, thiserror::Error)]
pub enum SetPasswordError {
    /// The account has a password, or its credentials have just changed.
    #[error("the account has changed")]
    Outdated,
    /// The new password is refused.
    #[error(transparent)]
    Choice(#[from] ChooseError),
}

impl<E: Into<Error>> From<E> for SetPasswordError {
    fn from(error: E) -> Self {
        Self::Choice(ChooseError::Failed(error.into()))
    }
}

/// Sets the password of an account that has none, ends every other session and revokes every link of the account.
pub async fn set(
    app: &App,
    proven: Proven<'_>,
    text: &str,
    source: &Source,
) -> Result<PasswordChanged, SetPasswordError> {
    let session = proven.session();
    let owner = passwords::owner(&app.db, session.user_id).await?;
    let owner = owner.filter(|owner| owner.usable_hash().is_none());
    let Some(PasswordOwner { user, password: stored }) = owner else {
        return Err(SetPasswordError::Outdated);
    };
    let (asker, counts_as) = (Asker::known(user.id), Subject::ChooseUser(user.id));
    let new = choose(app, text, &context(app, session), asker, counts_as).await?;
    must_not_be_lost(app, &new, stored.as_ref(), asker).await?;
    let hash = app.hasher.hash(asker, &new).await?;

    let now = app.clock.now();
    let proof = transaction!(app.db, |tx| -> Result<_, SetPasswordError> {
        hash_timing::note(tx, &hash, now).await?;
        links::revoke_all(app, tx, &user, now).await?;
        if !user_credentials::invalidate(tx, user.id, user.credential_version).await? {
            return Err(SetPasswordError::Outdated);
        }
        passwords::put(tx, user.id, &hash, now).await?;
        session_management::end_others(tx, session, EndReason::PasswordChanged, now).await?;
        let event = Event::PasswordSet;
        audit::record(tx, event, Outcome::Success, Some(user.id), source, now).await?;
        queue::notify(app, tx, MailKind::PasswordSet, &user, None, source).await?;
        let shown = Shown::of(&[Credential::Password]);
        Ok(proofs::prove(app, tx, session, shown).await?)
    })?;
    hash_timing::count(app, None, &hash);
    let (credential_version, strength) = (user.credential_version + 1, new.strength());
    Ok(PasswordChanged { proof, credential_version, strength })
}
