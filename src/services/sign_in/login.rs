//! Signing in with a password. Where the account asks for a code as well, `challenge` goes on.

use crate::app::App;
use crate::db::Tx;
use crate::domain::account::email::EmailAddress;
use crate::domain::account::user::User;
use crate::domain::audit_event::{Event, Outcome};
use crate::domain::email::mail_kind::MailKind;
use crate::domain::id::{SessionId, UserId};
use crate::domain::sign_in::device::Device;
use crate::domain::sign_in::password::Password;
use crate::domain::source::Source;
use crate::domain::user_agent;
use crate::error::Result;
use crate::hasher::Asker;
use crate::repositories::users;
use crate::services::audit;
use crate::services::email::queue;
use crate::services::sign_in::challenge::Challenge;
use crate::services::sign_in::hash_costs;
use crate::services::sign_in::password_check::{self, Checked, PasswordError};
use crate::services::sign_in::sessions::{self, Beginning, FreshToken};
use crate::services::throttle::{self, Mails, Subject, Who};
use crate::services::two_factor::second_factor;
use crate::transaction;

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

/// What the right password leads to.
#[derive(Clone, Debug)]
pub enum Step {
    /// The person is signed in.
    SignedIn(SignedIn),
    /// The account asks for a second factor first. There is no session yet.
    SecondFactor(Challenge),
    /// An administrator has to accept the account first. There is no session.
    AwaitsApproval,
}

/// A sign-in that worked.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// Who.
    pub user: UserId,
    /// With which of their credentials.
    pub credential_version: i64,
    /// The cookie of the new session.
    pub token: FreshToken,
}

/// Signs in, or finds out that a code is needed. An unknown address costs the same work as a known one, and reads the same. Whatever the
/// reason, `Wrong` takes as long as the costliest hash in the database.
pub async fn sign_in(app: &App, attempt: &Attempt<'_>) -> Result<Step, PasswordError> {
    let (email, browser) = (attempt.email.key(), attempt.browser);
    let known = users::find_by_email(&app.db, &email).await?;
    let (password, source) = (attempt.password, browser.source);
    let who = Who::known_or(known.as_ref(), browser.device, Who::Stranger(source));
    let (tries, event) = ((&email, who), Event::SignedIn);
    let Checked { user, check } =
        password_check::check(app, known, password, tries, event, source).await?;
    if !user.may_sign_in(app.config.verification_required) {
        send_confirmation_again(app, &user, source).await?;
        hash_costs::wait(app, check).await;
        return Err(PasswordError::Wrong);
    }
    let better_hash = better_hash(app, &user, password).await;
    let now = app.clock.now();

    let step = transaction!(app.db, |tx| -> Result<_, PasswordError> {
        let step = enter(app, tx, &user, attempt.remember, browser).await?;
        let Some(step) = step else { return Err(PasswordError::Wrong) };
        if let Some(hash) = &better_hash {
            hash_costs::note(tx, hash, now).await?;
            users::upgrade_hash(tx, user.id, user.credential_version, hash).await?;
        }
        if let Step::SignedIn(_) = step {
            tell_of_new_device(app, tx, &user, browser).await?;
        }
        throttle::forget_sign_in(app, tx, &email, who).await?;
        Ok(step)
    });
    if let Err(PasswordError::Wrong) = step {
        hash_costs::wait(app, check).await;
    } else if let (Ok(_), Some(hash)) = (&step, &better_hash) {
        hash_costs::count(app, Some(&user.password_hash), hash);
    }
    step
}

/// Lets in whoever has shown to know the password: into a session, or to the second factor if the account has one; nowhere while it
/// waits to be accepted. Nothing
/// if the credentials were changed meanwhile: what began with the old ones does not finish.
pub async fn enter(
    app: &App,
    tx: &mut Tx,
    user: &User,
    remember: bool,
    browser: Browser<'_>,
) -> Result<Option<Step>> {
    let now = app.clock.now();
    if user.awaits_approval() {
        let (event, id) = (Event::SignedIn, Some(user.id));
        audit::record(tx, event, Outcome::Refused, id, browser.source, now).await?;
        return Ok(Some(Step::AwaitsApproval));
    }
    // Should it be switched on after this look, the version of the credentials has moved and the sign-in ends below.
    if second_factor::is_on_in(tx, user.id).await? {
        let (event, id) = (Event::PasswordAccepted, Some(user.id));
        audit::record(tx, event, Outcome::Success, id, browser.source, now).await?;
        return Ok(Some(Step::SecondFactor(Challenge::new(user, remember, now))));
    }
    if !users::sign_in(tx, user.id, user.credential_version, now).await? {
        return Ok(None);
    }
    begin(app, tx, user, remember, "pwd", browser).await.map(|it| Some(Step::SignedIn(it)))
}

/// Begins the session, in the transaction that has found everything right.
pub async fn begin(
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

/// Tells the owner of a sign-in from a browser that the account does not know with the credentials of today.
pub async fn tell_of_new_device(
    app: &App,
    tx: &mut Tx,
    user: &User,
    Browser { device, source, .. }: Browser<'_>,
) -> Result<()> {
    let counts =
        [Subject::NewSignInMail(user.id, source), Subject::NewSignInNetworkMail(user.id, source)];
    if user.knows(device) || throttle::count_all(app, tx, &counts).await?.is_err() {
        return Ok(());
    }
    let browser = user_agent::in_words(&source.user_agent);
    queue::notify(app, tx, MailKind::NewSignIn, user, Some(&browser), source).await
}

/// A hash at today's cost, if the user's is at another. A full queue is no reason to turn away the right password: the next
/// sign-in tries again.
async fn better_hash(app: &App, user: &User, password: &Password) -> Option<String> {
    if !app.hasher.is_outdated(&user.password_hash) {
        return None;
    }
    let hashed = app.hasher.hash(Asker::known(user.id), password).await;
    hashed.inspect_err(|error| tracing::warn!(%error, "a hash keeps its former cost")).ok()
}

/// The right password for an address that is not confirmed: its owner gets the link once more, and the page says what it
/// says to everybody. Whoever registered somebody else's address learns nothing from that.
async fn send_confirmation_again(app: &App, user: &User, source: &Source) -> Result<()> {
    let now = app.clock.now();
    transaction!(app.db, |tx| -> Result<_> {
        if user.disabled_at.is_none()
            && !app.config.registration.shuts_out(user)
            && may_confirm_again(app, tx, user, source).await?
        {
            queue::notify(app, tx, MailKind::VerifyEmail, user, None, source).await?;
        }
        audit::record(tx, Event::SignedIn, Outcome::Refused, Some(user.id), source, now).await?;
        Ok(())
    })
}

/// Whether another confirmation link may be sent. The password of a sign-up may be a stranger's, so it counts like a sign-up; that of
/// an account in use is its owner's, whom no one else's sign-ups hold back.
async fn may_confirm_again(app: &App, tx: &mut Tx, user: &User, source: &Source) -> Result<bool> {
    if !user.is_pending() {
        let counted = throttle::count_mail(app, tx, Mails::Confirmation, &user.email_key).await?;
        return Ok(counted.is_ok());
    }
    let network = Subject::RegisterNetwork(source);
    Ok(throttle::count(app, tx, network).await?.is_ok()
        && throttle::count_mail(app, tx, Mails::SignUp, &user.email_key).await?.is_ok())
}
