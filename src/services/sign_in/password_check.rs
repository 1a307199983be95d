//! Checking a password: whoever uses one to open something goes through here.

use std::time::Duration;

use crate::app::App;
use crate::db::Tx;
use crate::domain::account::email::EmailKey;
use crate::domain::account::user::User;
use crate::domain::audit_event::{Event, Outcome};
use crate::domain::email::mail_kind::MailKind;
use crate::domain::sign_in::device::Device;
use crate::domain::sign_in::password::Password;
use crate::domain::sign_in::session::Session;
use crate::domain::source::Source;
use crate::error::{Error, Result, from_db_error};
use crate::hasher::{Against, Asker, Check};
use crate::repositories::users;
use crate::services::audit;
use crate::services::email::outbox;
use crate::services::sign_in::hash_costs;
use crate::services::sign_in::sessions::{self, Proof};
use crate::services::throttle::{self, Subject, Who};
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

from_db_error!(PasswordError);

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
/// hash in the database would be. After a success [`throttle::forget_sign_in`].
pub async fn check(
    app: &App,
    known: Option<User>,
    password: &Password,
    (email, who): (&EmailKey, Who<'_>),
    event: Event,
    source: &Source,
) -> Result<Checked, PasswordError> {
    let counted = transaction!(app.db, |tx| -> Result<_> {
        throttle::count_sign_in(app, tx, email, who).await
    })?;
    if let Err(wait) = counted {
        let user = known.map(|user| tracing::field::display(user.id));
        tracing::warn!(user, address = %source.address, "sign-in throttled");
        return Err(PasswordError::TooMany(wait));
    }

    let hash = known.as_ref().and_then(User::hash);
    let decoy = hash_costs::decoy(app, email);
    let against = hash.map_or(Against::Decoy(decoy), |hash| Against::Hash(hash.into()));
    let asker = match (who, &known) {
        (Who::Stranger(_), _) | (_, None) => Asker::stranger(source),
        (_, Some(user)) => Asker::known(user.id),
    };
    let (right, check) = match app.hasher.verify(asker, password, against).await {
        Ok(checked) => checked,
        Err(error) => {
            // Nobody has looked at the password: the try does not count.
            transaction!(app.db, |tx| -> Result<_> {
                throttle::take_back_sign_in(app, tx, email, who).await
            })?;
            return Err(error.into());
        }
    };
    match known {
        Some(user) if right => Ok(Checked { user, check }),
        known => {
            let (now, user) = (app.clock.now(), known.map(|user| user.id));
            let is_told = transaction!(app.db, |tx| -> Result<_> {
                audit::record(tx, event, Outcome::Refused, user, source, now).await?;
                tell_of_refused_passwords(app, tx, email, who).await
            })?;
            if is_told {
                app.outbox_bell.notify_one();
            }
            hash_costs::wait(app, check).await;
            Err(PasswordError::Wrong)
        }
    }
}

/// Tells the owner, once a day, that strangers try passwords. Asked for by the address alone, so that this is the same work for
/// addresses without an account; the worker finds out whether there is one.
async fn tell_of_refused_passwords(
    app: &App,
    tx: &mut Tx,
    email: &EmailKey,
    who: Who<'_>,
) -> Result<bool> {
    let Who::Stranger(source) = who else { return Ok(false) };
    let is_due = throttle::is_attacked(app, tx, email).await?
        && throttle::count(app, tx, Subject::PasswordsRefusedMail(email)).await?.is_ok();
    if is_due {
        let kind = MailKind::PasswordsRefused;
        outbox::put(app, tx, kind, None, email.as_str(), None, source).await?;
    }
    Ok(is_due)
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
    // Neither the network nor anyone elsewhere holds back who is signed in.
    let who = Who::known_or(known.as_ref(), device, Who::Session(session.id));
    let Checked { user, .. } = check(app, known, password, (&email, who), event, source).await?;
    transaction!(app.db, |tx| -> Result<_> {
        throttle::forget_sign_in(app, tx, &email, who).await
    })?;
    Ok(user)
}
