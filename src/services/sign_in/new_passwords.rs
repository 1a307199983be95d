//! Checks new passwords against the policy, and sets and changes passwords.

use std::time::Duration;

use crate::app::App;
use crate::domain::audit_event::{Event, Outcome};
use crate::domain::email::mail_kind::MailKind;
use crate::domain::sign_in::device::Device;
use crate::domain::sign_in::password::{InvalidPassword, Password};
use crate::domain::sign_in::session::{EndReason, Session};
use crate::domain::sign_in::stored_password::{PasswordOwner, StoredPassword};
use crate::domain::source::Source;
use crate::error::{Error, Result, from_db_error};
use crate::hasher::{Against, Asker};
use crate::repositories::{passwords, user_credentials};
use crate::services::audit;
use crate::services::email::queue;
use crate::services::links;
use crate::services::session::session_management::{self, FreshProof};
use crate::services::sign_in::hash_timing;
use crate::services::sign_in::password_check::{self, Checked, PasswordError};
use crate::services::throttle::{self, Subject};
use crate::transaction;

/// Why a new password is refused.
#[derive(Debug, thiserror::Error)]
pub enum ChooseError {
    /// It is too short, too long or too easy to guess.
    #[error(transparent)]
    Invalid(#[from] InvalidPassword),
    /// Too many new passwords were checked. Contains the time to wait.
    #[error("too many passwords")]
    TooMany(Duration),
    /// An unexpected error.
    #[error(transparent)]
    Failed(#[from] Error),
}

from_db_error!(ChooseError);

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

/// What is wrong with a new password, for a form that is refused for another reason: all its problems are told at once. After too many
/// checks, only its length is checked.
pub async fn problem(
    app: &App,
    text: &str,
    context: &[&str],
    asker: Asker,
    counts_as: Subject<'_>,
) -> Result<Option<InvalidPassword>> {
    match choose(app, text, context, asker, counts_as).await {
        Ok(_) | Err(ChooseError::TooMany(_)) => Ok(None),
        Err(ChooseError::Invalid(why)) => Ok(Some(why)),
        Err(ChooseError::Failed(error)) => Err(error),
    }
}

/// What is wrong with the new password of a signed-in user. See [`problem`].
pub async fn problem_for(
    app: &App,
    session: &Session,
    text: &str,
) -> Result<Option<InvalidPassword>> {
    let (asker, counts_as) = (Asker::known(session.user_id), Subject::ChooseUser(session.user_id));
    problem(app, text, &context(app, session), asker, counts_as).await
}

fn context<'a>(app: &'a App, session: &'a Session) -> [&'a str; 3] {
    [session.username.as_str(), session.email.as_str(), &app.config.site_name]
}

/// A change by a user who knows the current password.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "contains passwords")]
pub struct PasswordChange<'a> {
    /// As entered, not yet checked.
    pub current: &'a Password,
    /// As entered, not yet checked against the policy.
    pub new: &'a str,
    /// The browser's device cookie.
    pub device: Option<&'a Device>,
    /// The client.
    pub source: &'a Source,
}

/// Why the password was not changed.
#[derive(Debug, thiserror::Error)]
pub enum PasswordChangeError {
    /// The current password is wrong.
    #[error("wrong password")]
    WrongPassword,
    /// The new password is the current one.
    #[error("This is the password that you have now. Choose another.")]
    Same,
    /// The new password is refused.
    #[error(transparent)]
    Invalid(#[from] InvalidPassword),
    /// Too many attempts. Contains the time to wait.
    #[error("too many attempts")]
    TooMany(Duration),
    /// An unexpected error.
    #[error(transparent)]
    Failed(#[from] Error),
}

from_db_error!(PasswordChangeError);

impl From<PasswordError> for PasswordChangeError {
    fn from(error: PasswordError) -> Self {
        match error {
            PasswordError::Wrong => Self::WrongPassword,
            PasswordError::TooMany(wait) => Self::TooMany(wait),
            PasswordError::Failed(error) => Self::Failed(error),
        }
    }
}

impl From<ChooseError> for PasswordChangeError {
    fn from(error: ChooseError) -> Self {
        match error {
            ChooseError::Invalid(why) => Self::Invalid(why),
            ChooseError::TooMany(wait) => Self::TooMany(wait),
            ChooseError::Failed(error) => Self::Failed(error),
        }
    }
}

/// A completed change.
#[derive(Debug)]
pub struct PasswordChanged {
    /// The current password proved who the user is.
    pub proof: FreshProof,
    /// The new version of the credentials.
    pub credential_version: i64,
}

/// Changes the password, ends every other session and revokes every link of the account.
pub async fn change(
    app: &App,
    session: &Session,
    change: &PasswordChange<'_>,
) -> Result<PasswordChanged, PasswordChangeError> {
    let PasswordChange { current, device, source, .. } = *change;
    // The new password is checked first, so that a weak one does not count as an attempt at the current one.
    let context = context(app, session);
    let (asker, counts_as) = (Asker::known(session.user_id), Subject::ChooseUser(session.user_id));
    let new = choose(app, change.new, &context, asker, counts_as).await?;
    if new.is_same(current) {
        return Err(PasswordChangeError::Same);
    }
    let event = Event::PasswordChanged;
    let Checked { user, stored, .. } =
        password_check::check_own(app, session, current, device, event, source).await?;
    let hash = app.hasher.hash(asker, &new).await?;

    let now = app.clock.now();
    let proof = transaction!(app.db, |tx| -> Result<_, PasswordChangeError> {
        hash_timing::note(tx, &hash, now).await?;
        links::revoke_all(app, tx, &user, now).await?;
        if !user_credentials::invalidate(tx, user.id, user.credential_version).await? {
            return Err(PasswordChangeError::WrongPassword); // it has just changed
        }
        passwords::put(tx, user.id, &hash, now).await?;
        session_management::end_others(tx, session, EndReason::PasswordChanged, now).await?;
        let proof = session_management::prove(app, tx, session, None).await?;
        audit::record(tx, event, Outcome::Success, Some(user.id), source, now).await?;
        queue::notify(app, tx, MailKind::PasswordChanged, &user, None, source).await?;
        Ok(proof)
    })?;
    hash_timing::count(app, Some(&stored.hash), &hash);
    Ok(PasswordChanged { proof, credential_version: user.credential_version + 1 })
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

/// Sets the password of an account that has none, ends every other session and revokes every link of the account. The caller has asked for
/// a recent proof. Returns the new version of the credentials.
pub async fn set(
    app: &App,
    session: &Session,
    text: &str,
    source: &Source,
) -> Result<i64, SetPasswordError> {
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
    transaction!(app.db, |tx| -> Result<_, SetPasswordError> {
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
        Ok(())
    })?;
    hash_timing::count(app, None, &hash);
    Ok(user.credential_version + 1)
}
