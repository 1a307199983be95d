//! Signing in with a password.

use std::time::Duration;

use crate::app::App;
use crate::db::Tx;
use crate::domain::audit_event::{Event, Outcome};
use crate::domain::device::Device;
use crate::domain::email::{EmailAddress, EmailKey};
use crate::domain::id::{SessionId, UserId};
use crate::domain::mail_kind::MailKind;
use crate::domain::password::Password;
use crate::domain::source::Source;
use crate::domain::user::User;
use crate::error::{Error, Result};
use crate::repositories::users;
use crate::services::sessions::{self, Beginning, FreshToken};
use crate::services::throttle::{self, Mails, Subject};
use crate::services::{audit, outbox};

/// What somebody typed, and who they seem to be.
#[derive(Clone, Debug)]
pub struct Attempt<'a> {
    /// The address.
    pub email: &'a EmailAddress,
    /// The password.
    pub password: &'a Password,
    /// Whether to stay signed in.
    pub remember: bool,
    /// The browser's device cookie.
    pub device: Option<&'a Device>,
    /// The session that the browser had until now.
    pub replaces: Option<SessionId>,
    /// From where.
    pub source: &'a Source,
}

/// Why nobody was signed in.
#[derive(Debug, thiserror::Error)]
pub enum LoginError {
    /// Wrong password, no such account, not confirmed, or closed: never told apart.
    #[error("wrong credentials")]
    WrongCredentials,
    /// Too many attempts; how long to wait.
    #[error("too many attempts")]
    TooMany(Duration),
    /// Nothing that the person could mend.
    #[error(transparent)]
    Failed(#[from] Error),
}

/// A sign-in that worked.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// Who.
    pub user: UserId,
    /// With which of their passwords.
    pub credential_version: i64,
    /// The cookie of the new session.
    pub token: FreshToken,
}

/// Signs in. An unknown address costs the same work as a known one, and reads the same.
pub async fn sign_in(app: &App, attempt: &Attempt<'_>) -> Result<SignedIn, LoginError> {
    let email = attempt.email.key();
    let known = users::find_by_email(&app.db, &email).await?;
    let subject = subject(&email, known.as_ref(), attempt.device);
    let user = check_password(app, known, attempt.password, subject, attempt.source).await?;
    if !user.may_sign_in(app.config.verification_required) {
        send_confirmation_again(app, &user, attempt.source).await?;
        return Err(LoginError::WrongCredentials);
    }
    let better_hash = better_hash(app, &user, attempt.password).await;

    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    if !users::sign_in(&mut tx, user.id, user.credential_version, now).await? {
        return Err(LoginError::WrongCredentials); // the password was changed meanwhile
    }
    if let Some(hash) = better_hash {
        users::upgrade_hash(&mut tx, user.id, user.credential_version, &hash).await?;
    }
    let beginning = Beginning {
        user: user.id,
        remember: attempt.remember,
        amr: "pwd",
        replaces: attempt.replaces,
        source: attempt.source,
    };
    let token = sessions::begin(app, &mut tx, &beginning).await?;
    passed(app, &mut tx, subject, attempt.source).await?;
    tx.commit().await?;
    Ok(SignedIn { user: user.id, credential_version: user.credential_version, token })
}

/// A hash at today's cost, if the user's is at another. A full queue is no reason to turn away the right password: the next
/// sign-in tries again.
async fn better_hash(app: &App, user: &User, password: &Password) -> Option<String> {
    if !app.hasher.is_outdated(&user.password_hash) {
        return None;
    }
    let hashed = app.hasher.hash(password).await;
    hashed.inspect_err(|error| tracing::warn!(%error, "a hash keeps its former cost")).ok()
}

/// Whose tries are counted: the account's, or those of a browser that it knows, so that a stranger's guesses elsewhere
/// hold nobody back in their own browser.
fn subject<'a>(email: &'a EmailKey, user: Option<&User>, device: Option<&Device>) -> Subject<'a> {
    match (user, device) {
        (Some(user), Some(device)) if device.knows(user.id, user.credential_version) => {
            Subject::SignInDevice(email, device.id())
        }
        _ => Subject::SignIn(email),
    }
}

/// Counts the try, then checks the password of `known` (nobody: after the same work, no). Whoever uses a password to open
/// something goes through here.
pub async fn check_password(
    app: &App,
    known: Option<User>,
    password: &Password,
    subject: Subject<'_>,
    source: &Source,
) -> Result<User, LoginError> {
    let mut tx = app.db.begin().await?;
    let mut counted =
        throttle::count(app, &mut tx, Subject::SignInNetwork(source.network())).await?;
    if counted.is_ok() {
        counted = throttle::count(app, &mut tx, subject).await?;
    }
    tx.commit().await?;
    if let Err(wait) = counted {
        let user = known.map(|user| tracing::field::display(user.id));
        tracing::warn!(user, address = %source.address, "sign-in throttled");
        return Err(LoginError::TooMany(wait));
    }

    let hash = known.as_ref().map(|user| user.password_hash.as_str());
    let right = match app.hasher.verify(password, hash).await {
        Ok(right) => right,
        Err(error) => {
            // Nobody has looked at the password: the try does not count.
            let mut tx = app.db.begin().await?;
            throttle::take_back(app, &mut tx, Subject::SignInNetwork(source.network())).await?;
            throttle::take_back(app, &mut tx, subject).await?;
            tx.commit().await?;
            return Err(error.into());
        }
    };
    match known {
        Some(user) if right => Ok(user),
        known => {
            let (now, user) = (app.clock.now(), known.map(|user| user.id));
            let mut tx = app.db.begin().await?;
            audit::record(&mut tx, Event::SignedIn, Outcome::Refused, user, source, now).await?;
            tx.commit().await?;
            Err(LoginError::WrongCredentials)
        }
    }
}

/// Forgets the tries that led to a success: the subject's all, the network's last.
pub async fn passed(app: &App, tx: &mut Tx, subject: Subject<'_>, source: &Source) -> Result<()> {
    // In the order in which they were counted, so that parallel sign-ins do not wait for each other in a circle.
    throttle::take_back(app, tx, Subject::SignInNetwork(source.network())).await?;
    throttle::forget(app, tx, subject).await
}

/// The right password for an address that is not confirmed: its owner gets the link once more, and the page says what it
/// says to everybody. Whoever registered somebody else's address learns nothing from that.
async fn send_confirmation_again(app: &App, user: &User, source: &Source) -> Result<()> {
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    if user.disabled_at.is_none()
        && throttle::count_mail(app, &mut tx, Mails::SignUp, &user.email_key).await?
    {
        outbox::put(
            app,
            &mut tx,
            MailKind::VerifyEmail,
            Some(user.id),
            user.email.as_str(),
            source,
        )
        .await?;
    }
    audit::record(&mut tx, Event::SignedIn, Outcome::Refused, Some(user.id), source, now).await?;
    tx.commit().await?;
    app.outbox_bell.notify_one();
    Ok(())
}
