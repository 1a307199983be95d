//! Checking a password: whoever uses one to open something goes through here.

use std::time::Duration;

use crate::app::App;
use crate::db::Tx;
use crate::domain::audit_event::{Event, Outcome};
use crate::domain::device::Device;
use crate::domain::email::EmailKey;
use crate::domain::password::Password;
use crate::domain::session::Session;
use crate::domain::source::Source;
use crate::domain::user::User;
use crate::error::{Error, Result};
use crate::hasher::{Asker, Check};
use crate::repositories::users;
use crate::services::sessions::{self, Proof};
use crate::services::throttle::{self, Subject};
use crate::services::{audit, hash_costs};
use crate::transaction;

/// Why a password opened nothing.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    /// Wrong password, no such account, not confirmed, or closed: never told apart.
    #[error("wrong credentials")]
    Wrong,
    /// Too many attempts; how long to wait.
    #[error("too many attempts")]
    TooMany(Duration),
    /// Nothing that the person could mend.
    #[error(transparent)]
    Failed(#[from] Error),
}

/// Whose tries are counted: the account's, or those of a browser that it knows, so that a stranger's guesses elsewhere
/// hold nobody back in their own browser.
#[must_use]
pub fn subject<'a>(
    email: &'a EmailKey,
    user: Option<&User>,
    device: Option<&Device>,
) -> Subject<'a> {
    match (user, device) {
        (Some(user), Some(device)) if user.knows(Some(device)) => {
            Subject::SignInDevice(email, device.id())
        }
        _ => Subject::SignIn(email),
    }
}

/// The right password.
#[expect(missing_debug_implementations, reason = "holds the password's hash")]
pub struct Checked {
    /// Whose it is.
    pub user: User,
    /// When it was checked. If the answer is [`PasswordError::Wrong`] all the same, it waits with [`hash_costs::wait`].
    pub check: Check,
}

/// Counts the try, then checks the password of `known` (nobody: after the same work, no). Whoever uses a password to open
/// something goes through here; `event` is what a wrong one is recorded as. A wrong one is answered no earlier than the costliest
/// hash in the database would be.
pub async fn check(
    app: &App,
    known: Option<User>,
    password: &Password,
    subject: Subject<'_>,
    event: Event,
    source: &Source,
) -> Result<Checked, PasswordError> {
    let network = Subject::SignInNetwork(source.network());
    let counted = transaction!(app.db, |tx| -> Result<_> {
        match throttle::count(app, tx, network).await? {
            Ok(()) => throttle::count(app, tx, subject).await,
            refused => Ok(refused),
        }
    })?;
    if let Err(wait) = counted {
        let user = known.map(|user| tracing::field::display(user.id));
        tracing::warn!(user, address = %source.address, "sign-in throttled");
        return Err(PasswordError::TooMany(wait));
    }

    let hash = known.as_ref().and_then(User::hash);
    let asker = match subject {
        Subject::SignInDevice(..) => Asker::known(source),
        _ => Asker::stranger(source),
    };
    let (right, check) = match app.hasher.verify(asker, password, hash).await {
        Ok(checked) => checked,
        Err(error) => {
            // Nobody has looked at the password: the try does not count.
            transaction!(app.db, |tx| -> Result<_> {
                throttle::take_back(app, tx, network).await?;
                throttle::take_back(app, tx, subject).await
            })?;
            return Err(error.into());
        }
    };
    match known {
        Some(user) if right => Ok(Checked { user, check }),
        known => {
            let (now, user) = (app.clock.now(), known.map(|user| user.id));
            transaction!(app.db, |tx| -> Result<_> {
                audit::record(tx, event, Outcome::Refused, user, source, now).await
            })?;
            hash_costs::wait(app, check).await;
            Err(PasswordError::Wrong)
        }
    }
}

/// Forgets the tries that led to a success: the subject's all, the network's last.
pub async fn passed(app: &App, tx: &mut Tx, subject: Subject<'_>, source: &Source) -> Result<()> {
    // In the order in which they were counted, so that parallel sign-ins do not wait for each other in a circle.
    throttle::take_back(app, tx, Subject::SignInNetwork(source.network())).await?;
    throttle::forget(app, tx, subject).await
}

/// Asks the person who is signed in for the password again: the proof that something sensitive needs.
pub async fn confirm(
    app: &App,
    session: &Session,
    password: &Password,
    device: Option<&Device>,
    source: &Source,
) -> Result<Proof, PasswordError> {
    let event = Event::PasswordConfirmed;
    let user = check_own(app, session, password, device, event, source).await?;
    let now = app.clock.now();
    transaction!(app.db, |tx| {
        let proof = sessions::prove(app, tx, session, None).await?;
        audit::record(tx, event, Outcome::Success, Some(user.id), source, now).await?;
        Ok(proof)
    })
}

/// Checks the password of the person who is signed in, for something that they want to do; the right one takes the try back.
pub async fn check_own(
    app: &App,
    session: &Session,
    password: &Password,
    device: Option<&Device>,
    event: Event,
    source: &Source,
) -> Result<User, PasswordError> {
    let known = users::find(&app.db, session.user_id).await?;
    let email = session.email.key();
    let subject = subject(&email, known.as_ref(), device);
    let Checked { user, .. } = check(app, known, password, subject, event, source).await?;
    transaction!(app.db, |tx| -> Result<_> { passed(app, tx, subject, source).await })?;
    Ok(user)
}
