//! Signing in: with a password, and a code where the account asks for one.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::clock::Timestamp;
use crate::db::Tx;
use crate::domain::audit_event::{Event, Outcome};
use crate::domain::device::Device;
use crate::domain::email::{EmailAddress, EmailKey};
use crate::domain::id::{SessionId, UserId};
use crate::domain::mail_kind::MailKind;
use crate::domain::password::Password;
use crate::domain::second_factor::Code;
use crate::domain::session::Session;
use crate::domain::source::Source;
use crate::domain::user::User;
use crate::domain::user_agent;
use crate::error::{Error, Result};
use crate::repositories::users;
use crate::services::second_factor::{self, CodeError};
use crate::services::sessions::{self, Beginning, FreshToken, Proof};
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
    /// The browser.
    pub browser: Browser<'a>,
}

/// The browser in which somebody signs in.
#[derive(Clone, Copy, Debug)]
pub struct Browser<'a> {
    /// Its device cookie.
    pub device: Option<&'a Device>,
    /// The session that it had until now.
    pub replaces: Option<SessionId>,
    /// Where it is.
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

/// What the right password leads to.
#[derive(Clone, Debug)]
pub enum Step {
    /// The person is signed in.
    SignedIn(SignedIn),
    /// The account asks for a second factor first. There is no session yet.
    SecondFactor(Challenge),
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

/// A sign-in whose password was right and whose code is still missing. It opens nothing by itself.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Challenge {
    user: UserId,
    credential_version: i64,
    remember: bool,
    passed_at: Timestamp,
}

/// How long a code may be given after the password.
const CHALLENGE_LASTS: Duration = Duration::from_mins(10);

impl Challenge {
    /// Whether a code still finishes it.
    #[must_use]
    pub fn is_open(&self, now: Timestamp) -> bool {
        now.since(self.passed_at) < CHALLENGE_LASTS
    }
}

/// Signs in, or finds out that a code is needed. An unknown address costs the same work as a known one, and reads the same.
pub async fn sign_in(app: &App, attempt: &Attempt<'_>) -> Result<Step, LoginError> {
    let (email, browser) = (attempt.email.key(), attempt.browser);
    let known = users::find_by_email(&app.db, &email).await?;
    let subject = subject(&email, known.as_ref(), browser.device);
    let (password, source) = (attempt.password, browser.source);
    let user = check_password(app, known, password, subject, Event::SignedIn, source).await?;
    if !user.may_sign_in(app.config.verification_required) {
        send_confirmation_again(app, &user, source).await?;
        return Err(LoginError::WrongCredentials);
    }
    let better_hash = better_hash(app, &user, password).await;

    let mut tx = app.db.begin().await?;
    let step = enter(app, &mut tx, &user, attempt.remember, browser).await?;
    let Some(step) = step else { return Err(LoginError::WrongCredentials) };
    if let Some(hash) = better_hash {
        users::upgrade_hash(&mut tx, user.id, user.credential_version, &hash).await?;
    }
    if let Step::SignedIn(_) = step {
        tell_of_new_device(app, &mut tx, &user, browser).await?;
    }
    passed(app, &mut tx, subject, source).await?;
    tx.commit().await?;
    app.outbox_bell.notify_one();
    Ok(step)
}

/// Lets in whoever has shown to know the password: into a session, or to the second factor if the account has one. Nothing
/// if the credentials were changed meanwhile: what began with the old ones does not finish.
pub async fn enter(
    app: &App,
    tx: &mut Tx,
    user: &User,
    remember: bool,
    browser: Browser<'_>,
) -> Result<Option<Step>> {
    let now = app.clock.now();
    // Should it be switched on after this look, the version of the credentials has moved and the sign-in ends below.
    if second_factor::is_on_in(tx, user.id).await? {
        let (event, id) = (Event::PasswordAccepted, Some(user.id));
        audit::record(tx, event, Outcome::Success, id, browser.source, now).await?;
        let credential_version = user.credential_version;
        let challenge = Challenge { user: user.id, credential_version, remember, passed_at: now };
        return Ok(Some(Step::SecondFactor(challenge)));
    }
    if !users::sign_in(tx, user.id, user.credential_version, now).await? {
        return Ok(None);
    }
    begin(app, tx, user, remember, "pwd", browser).await.map(|it| Some(Step::SignedIn(it)))
}

async fn begin(
    app: &App,
    tx: &mut Tx,
    user: &User,
    remember: bool,
    amr: &str,
    browser: Browser<'_>,
) -> Result<SignedIn> {
    let Browser { replaces, source, .. } = browser;
    let beginning = Beginning { user: user.id, remember, amr, replaces, source };
    let token = sessions::begin(app, tx, &beginning).await?;
    Ok(SignedIn { user: user.id, credential_version: user.credential_version, token })
}

/// Tells the owner of a sign-in from a browser that the account does not know with the password of today.
async fn tell_of_new_device(
    app: &App,
    tx: &mut Tx,
    user: &User,
    Browser { device, source, .. }: Browser<'_>,
) -> Result<()> {
    if is_known(user, device) {
        return Ok(());
    }
    let browser = user_agent::in_words(&source.user_agent);
    outbox::notify(app, tx, MailKind::NewSignIn, user, Some(&browser), source).await
}

/// Tells the owner, once a day, that somebody knows the password and guesses at the code.
async fn tell_of_refused_codes(app: &App, user: &User, browser: Browser<'_>) -> Result<()> {
    if is_known(user, browser.device) {
        return Ok(());
    }
    let mut tx = app.db.begin().await?;
    if throttle::count(app, &mut tx, Subject::RefusedCodes(user.id)).await?.is_err()
        && throttle::count(app, &mut tx, Subject::RefusedCodesMail(user.id)).await?.is_ok()
    {
        let words = user_agent::in_words(&browser.source.user_agent);
        let (kind, source) = (MailKind::CodesRefused, browser.source);
        outbox::notify(app, &mut tx, kind, user, Some(&words), source).await?;
    }
    tx.commit().await?;
    app.outbox_bell.notify_one();
    Ok(())
}

fn is_known(user: &User, device: Option<&Device>) -> bool {
    device.is_some_and(|device| device.knows(user.id, user.credential_version))
}

/// Why a code did not finish a sign-in.
#[derive(Debug, thiserror::Error)]
pub enum ChallengeError {
    /// The password was given too long ago or has changed since, or the account is closed: back to the beginning.
    #[error("the sign-in has to begin again")]
    Over,
    /// The code.
    #[error(transparent)]
    Code(#[from] CodeError),
}

impl From<Error> for ChallengeError {
    fn from(error: Error) -> Self {
        Self::Code(CodeError::Failed(error))
    }
}

/// Finishes a sign-in with a code.
pub async fn finish(
    app: &App,
    challenge: &Challenge,
    code: &Code,
    browser: Browser<'_>,
) -> Result<SignedIn, ChallengeError> {
    let Browser { device, source, .. } = browser;
    let now = app.clock.now();
    let user = users::find(&app.db, challenge.user).await?.filter(|user| {
        challenge.is_open(now)
            && user.credential_version == challenge.credential_version
            && user.may_sign_in(app.config.verification_required)
    });
    let user = user.ok_or(ChallengeError::Over)?;
    second_factor::count_try(app, &user, device).await?;
    let mut tx = app.db.begin().await?;
    if !users::sign_in(&mut tx, user.id, user.credential_version, now).await? {
        return Err(ChallengeError::Over);
    }
    if !second_factor::spend(app, &mut tx, &user, code, device, source).await? {
        drop(tx);
        tell_of_refused_codes(app, &user, browser).await?;
        return Err(second_factor::refuse(app, &user, source).await?.into());
    }
    let remember = challenge.remember;
    let signed_in = begin(app, &mut tx, &user, remember, second_factor::AMR, browser).await?;
    tell_of_new_device(app, &mut tx, &user, browser).await?;
    tx.commit().await?;
    app.outbox_bell.notify_one();
    Ok(signed_in)
}

/// Asks the person who is signed in for the password again: the proof that something sensitive needs.
pub async fn confirm(
    app: &App,
    session: &Session,
    password: &Password,
    device: Option<&Device>,
    source: &Source,
) -> Result<Proof, LoginError> {
    let event = Event::PasswordConfirmed;
    let user = check_own_password(app, session, password, device, event, source).await?;
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    let proof = sessions::prove(app, &mut tx, session, None).await?;
    audit::record(&mut tx, event, Outcome::Success, Some(user.id), source, now).await?;
    tx.commit().await?;
    Ok(proof)
}

/// Checks the password of the person who is signed in, for something that they want to do; the right one takes the try back.
pub async fn check_own_password(
    app: &App,
    session: &Session,
    password: &Password,
    device: Option<&Device>,
    event: Event,
    source: &Source,
) -> Result<User, LoginError> {
    let known = users::find(&app.db, session.user_id).await?;
    let email = session.email.key();
    let subject = subject(&email, known.as_ref(), device);
    let user = check_password(app, known, password, subject, event, source).await?;
    let mut tx = app.db.begin().await?;
    passed(app, &mut tx, subject, source).await?;
    tx.commit().await?;
    Ok(user)
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
        (Some(user), Some(device)) if is_known(user, Some(device)) => {
            Subject::SignInDevice(email, device.id())
        }
        _ => Subject::SignIn(email),
    }
}

/// Counts the try, then checks the password of `known` (nobody: after the same work, no). Whoever uses a password to open
/// something goes through here; `event` is what a wrong one is recorded as.
pub async fn check_password(
    app: &App,
    known: Option<User>,
    password: &Password,
    subject: Subject<'_>,
    event: Event,
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

    let hash = known.as_ref().and_then(User::hash);
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
            audit::record(&mut tx, event, Outcome::Refused, user, source, now).await?;
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
        && throttle::count_mail(app, &mut tx, Mails::SignUp, &user.email_key).await?.is_ok()
    {
        outbox::notify(app, &mut tx, MailKind::VerifyEmail, user, None, source).await?;
    }
    audit::record(&mut tx, Event::SignedIn, Outcome::Refused, Some(user.id), source, now).await?;
    tx.commit().await?;
    app.outbox_bell.notify_one();
    Ok(())
}
