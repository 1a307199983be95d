//! Checks passwords. Every password check goes through this module.

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
use crate::domain::sign_in::stored_password::{PasswordOwner, StoredPassword};
use crate::domain::source::Source;
use crate::error::{Error, Result, from_db_error};
use crate::hasher::{Against, Asker, Check};
use crate::repositories::passwords;
use crate::services::audit;
use crate::services::email::queue::{self, Recipient};
use crate::services::sign_in::hash_timing;
use crate::services::throttle::{self, Requester, Subject};
use crate::transaction;

/// Why a password was refused.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    /// The password is wrong, or the account is unknown, unconfirmed or disabled. Visitors cannot tell which.
    #[error("wrong credentials")]
    Wrong,
    /// Too many attempts. Contains the time to wait.
    #[error("too many attempts")]
    TooMany(Duration),
    /// An unexpected error.
    #[error(transparent)]
    Failed(#[from] Error),
}

from_db_error!(PasswordError);

/// A right password.
#[expect(missing_debug_implementations, reason = "contains a password hash")]
pub struct Checked {
    /// The owner.
    pub user: User,
    /// The password as it is stored.
    pub stored: StoredPassword,
    /// The measured check. If the result becomes [`PasswordError::Wrong`] after all, pass this to [`hash_timing::wait`].
    pub check: Check,
}

/// Counts the attempt, then checks the password of `known`. Without an account, or without a password, the work is the same and the
/// password is wrong.
///
/// `event`: the audit event of a wrong password. The response to one takes as long as the costliest hash in the database. After a
/// success, call [`throttle::forget_sign_in`].
pub async fn check(
    app: &App,
    known: Option<PasswordOwner>,
    password: &Password,
    (email, requester): (&EmailKey, Requester<'_>),
    event: Event,
    source: &Source,
) -> Result<Checked, PasswordError> {
    let counted = transaction!(app.db, |tx| -> Result<_> {
        throttle::count_sign_in(app, tx, email, requester).await
    })?;
    if let Err(wait) = counted {
        let user = known.map(|known| tracing::field::display(known.user.id));
        tracing::warn!(user, address = %source.address, "too many sign-in attempts");
        return Err(PasswordError::TooMany(wait));
    }

    let hash = known.as_ref().and_then(PasswordOwner::usable_hash);
    let decoy = hash_timing::decoy(app, email);
    let against = hash.map_or(Against::Decoy(decoy), |hash| Against::Hash(hash.into()));
    let asker = match (requester, &known) {
        (Requester::Stranger(_), _) | (_, None) => Asker::stranger(source),
        (_, Some(known)) => Asker::known(known.user.id),
    };
    let (right, check) = match app.hasher.verify(asker, password, against).await {
        Ok(checked) => checked,
        Err(error) => {
            // The password was not checked, so the attempt does not count.
            transaction!(app.db, |tx| -> Result<_> {
                throttle::take_back_sign_in(app, tx, email, requester).await
            })?;
            return Err(error.into());
        }
    };
    match known {
        Some(PasswordOwner { user, password: Some(stored) }) if right => {
            Ok(Checked { user, stored, check })
        }
        known => {
            let now = app.clock.now();
            let known = known.map(|known| known.user);
            let user = known.as_ref().map(|user| user.id);
            transaction!(app.db, |tx| -> Result<_> {
                audit::record(tx, event, Outcome::Refused, user, source, now).await?;
                tell_of_refused_passwords(app, tx, known.as_ref(), email, requester).await
            })?;
            hash_timing::wait(app, check).await;
            Err(PasswordError::Wrong)
        }
    }
}

/// Emails the owner, at most once a day, that strangers try passwords. The email is queued by address, so that the work is the same
/// without an account. The worker deletes it if there is none; the one about an unknown handle has no recipient and is deleted here.
async fn tell_of_refused_passwords(
    app: &App,
    tx: &mut Tx,
    known: Option<&User>,
    email: &EmailKey,
    requester: Requester<'_>,
) -> Result<()> {
    let Requester::Stranger(source) = requester else { return Ok(()) };
    if throttle::is_attacked(app, tx, email).await?
        && throttle::count(app, tx, Subject::PasswordsRefusedMail(email)).await?.is_ok()
    {
        let (kind, to) = (MailKind::PasswordsRefused, known.map_or(email, |user| &user.email_key));
        if known.is_none() && email.is_of_handle() {
            queue::put_and_delete(app, tx, kind, Recipient::Address(to), source).await?;
        } else {
            queue::put(app, tx, kind, Recipient::Address(to), None, source).await?;
        }
    }
    Ok(())
}

/// Checks the password of a signed-in user for an action. The right password is not counted as an attempt.
pub async fn check_own(
    app: &App,
    session: &Session,
    password: &Password,
    device: Option<&Device>,
    event: Event,
    source: &Source,
) -> Result<Checked, PasswordError> {
    let known = passwords::owner(&app.db, session.user_id).await?;
    let email = session.email.key();
    // Attempts from the network or by strangers do not limit a signed-in user.
    let requester = Requester::known_or(
        known.as_ref().map(|known| &known.user),
        device,
        Requester::Session(session.id),
    );
    let checked = check(app, known, password, (&email, requester), event, source).await?;
    transaction!(app.db, |tx| -> Result<_> {
        throttle::forget_sign_in(app, tx, &email, requester).await
    })?;
    Ok(checked)
}
