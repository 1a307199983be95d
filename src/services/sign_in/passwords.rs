//! Choosing a password, and changing it.

use std::time::Duration;

use crate::app::App;
use crate::domain::audit_event::{Event, Outcome};
use crate::domain::email::mail_kind::MailKind;
use crate::domain::sign_in::device::Device;
use crate::domain::sign_in::password::{InvalidPassword, Password};
use crate::domain::sign_in::session::{EndReason, Session};
use crate::domain::source::Source;
use crate::error::{Error, Result, from_db_error};
use crate::hasher::Asker;
use crate::repositories::users;
use crate::services::audit;
use crate::services::email::outbox;
use crate::services::links;
use crate::services::sign_in::hash_costs;
use crate::services::sign_in::password_check::{self, PasswordError};
use crate::services::sign_in::sessions::{self, Proof};
use crate::services::throttle::{self, Subject};
use crate::transaction;

/// Why a password is not taken.
#[derive(Debug, thiserror::Error)]
pub enum ChooseError {
    /// Too short, too long or too easy to guess.
    #[error(transparent)]
    Invalid(#[from] InvalidPassword),
    /// Too many were judged; how long to wait.
    #[error("too many passwords")]
    TooMany(Duration),
    /// Nothing that the person could mend.
    #[error(transparent)]
    Failed(#[from] Error),
}

from_db_error!(ChooseError);

/// Judges a password that somebody wants to use from now on. `context`: what a guesser knows of them, already checked, so
/// that it is short. `counts_as`: a stranger's network, or the account of whoever holds a link or is signed in, whom no one else's
/// tries hold back.
pub async fn choose(
    app: &App,
    text: &str,
    context: &[&str],
    asker: Asker,
    counts_as: Subject<'_>,
) -> Result<Password, ChooseError> {
    // What is refused without judging costs nothing and is not counted.
    let typed = Password::parse(text)?;
    let min_length = app.config.passwords.min_length;
    if typed.bare().chars().count() < min_length {
        return Err(InvalidPassword::TooShort(min_length).into());
    }
    let counted =
        transaction!(app.db, |tx| -> Result<_> { throttle::count(app, tx, counts_as).await })?;
    counted.map_err(ChooseError::TooMany)?;
    Ok(app.hasher.choose(asker, text, context).await??)
}

/// A change by whoever knows the password of today.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "holds passwords as typed")]
pub struct Change<'a> {
    /// The password of today.
    pub current: &'a Password,
    /// The one from now on, as typed.
    pub new: &'a str,
    /// The browser's device cookie.
    pub device: Option<&'a Device>,
    /// From where.
    pub source: &'a Source,
}

/// Why the password was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// The password of today is another.
    #[error("wrong password")]
    WrongPassword,
    /// The new one is the one of today.
    #[error("This is the password that you have now. Choose another.")]
    Same,
    /// The new one is not good enough.
    #[error(transparent)]
    Invalid(#[from] InvalidPassword),
    /// Too many tries; how long to wait.
    #[error("too many tries")]
    TooMany(Duration),
    /// Nothing that the person could mend.
    #[error(transparent)]
    Failed(#[from] Error),
}

from_db_error!(ChangeError);

impl From<PasswordError> for ChangeError {
    fn from(error: PasswordError) -> Self {
        match error {
            PasswordError::Wrong => Self::WrongPassword,
            PasswordError::TooMany(wait) => Self::TooMany(wait),
            PasswordError::Failed(error) => Self::Failed(error),
        }
    }
}

impl From<ChooseError> for ChangeError {
    fn from(error: ChooseError) -> Self {
        match error {
            ChooseError::Invalid(why) => Self::Invalid(why),
            ChooseError::TooMany(wait) => Self::TooMany(wait),
            ChooseError::Failed(error) => Self::Failed(error),
        }
    }
}

/// A change that is done.
#[derive(Debug)]
pub struct Changed {
    /// That the person has proved who they are.
    pub proof: Proof,
    /// The version of the credentials from now on.
    pub credential_version: i64,
}

/// Changes the password; ends every other session and every link of the account.
pub async fn change(
    app: &App,
    session: &Session,
    change: &Change<'_>,
) -> Result<Changed, ChangeError> {
    let Change { current, device, source, .. } = *change;
    // The new one first: finding it too weak does not cost a try at the old one.
    let context = [session.username.as_str(), session.email.as_str(), &app.config.site_name];
    let (asker, counts_as) = (Asker::known(session.user_id), Subject::ChooseUser(session.user_id));
    let new = choose(app, change.new, &context, asker, counts_as).await?;
    if new.is_same(current) {
        return Err(ChangeError::Same);
    }
    let event = Event::PasswordChanged;
    let user = password_check::check_own(app, session, current, device, event, source).await?;
    let hash = app.hasher.hash(asker, &new).await?;

    let now = app.clock.now();
    let proof = transaction!(app.db, |tx| -> Result<_, ChangeError> {
        hash_costs::note(tx, &hash, now).await?;
        links::close(app, tx, &user, now).await?;
        if !users::set_password(tx, user.id, user.credential_version, &hash).await? {
            return Err(ChangeError::WrongPassword); // changed meanwhile: it is not the one of today any more
        }
        sessions::end_others(tx, session, EndReason::PasswordChanged, now).await?;
        let proof = sessions::prove(app, tx, session, None).await?;
        audit::record(tx, event, Outcome::Success, Some(user.id), source, now).await?;
        outbox::notify(app, tx, MailKind::PasswordChanged, &user, None, source).await?;
        Ok(proof)
    })?;
    hash_costs::count(app, Some(&user.password_hash), &hash);
    app.outbox_bell.notify_one();
    Ok(Changed { proof, credential_version: user.credential_version + 1 })
}
