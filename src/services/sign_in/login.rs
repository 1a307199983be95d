//! Signs in with a password. If the account has 2FA, `challenge` continues.

use crate::app::App;
use crate::db::Tx;
use crate::domain::account::user::User;
use crate::domain::audit_event::{Event, Outcome};
use crate::domain::email::mail_kind::MailKind;
use crate::domain::id::UserId;
use crate::domain::sign_in::password::Password;
use crate::domain::sign_in::proof::{Credential, Shown};
use crate::domain::sign_in::sign_in_name::SignInName;
use crate::domain::sign_in::stored_password::StoredPassword;
use crate::domain::source::Source;
use crate::error::Result;
use crate::hasher::Asker;
use crate::repositories::{passwords, user_credentials};
use crate::services::audit;
use crate::services::email::queue;
use crate::services::links;
use crate::services::sign_in::challenge::Challenge;
use crate::services::sign_in::completion::{self, Browser, CompletedSignIn};
use crate::services::sign_in::hash_timing;
use crate::services::sign_in::password_check::{self, Checked, PasswordError};
use crate::services::throttle::{self, Mails, Requester, Subject};
use crate::services::two_factor::second_factor;
use crate::transaction;

/// A name and a password, as a visitor entered them.
#[derive(Clone, Debug)]
pub struct SignInAttempt<'a> {
    /// May or may not have an account.
    pub name: &'a SignInName,
    /// Not yet checked.
    pub password: &'a Password,
    /// Whether to stay signed in after the browser is closed.
    pub remember: bool,
    /// The browser that signs in.
    pub browser: Browser<'a>,
    /// Whether the client can lead its user through the pages that set up 2FA. If not, no session starts that would open nothing.
    pub has_pages: bool,
}

/// The next step after the right password.
#[derive(Clone, Debug)]
pub enum Step {
    /// The user is signed in.
    SignedIn(CompletedSignIn),
    /// The account has 2FA and needs a code. There is no session yet.
    SecondFactor(Challenge),
    /// The account must have 2FA but has not set it up, and the client has no pages for that. There is no session.
    EnrolmentRequired,
    /// An administrator has to approve the account. There is no session.
    AwaitsApproval,
}

/// Checks the password, and signs in unless another step is needed.
///
/// An unknown address or handle costs as much work as a known one and has the same result. [`PasswordError::Wrong`] always takes as long as the
/// costliest hash in the database, whatever the reason.
pub async fn sign_in(app: &App, attempt: &SignInAttempt<'_>) -> Result<Step, PasswordError> {
    let (email, browser) = (attempt.name.key(), attempt.browser);
    let known = match attempt.name {
        SignInName::Address(_) => passwords::owner_by_email(&app.db, &email).await?,
        SignInName::Handle(handle) => passwords::owner_by_handle(&app.db, handle).await?,
    };
    let (password, source) = (attempt.password, browser.source);
    let user = known.as_ref().map(|known| &known.user);
    let requester = Requester::known_or(user, browser.device, Requester::Stranger(source));
    let (tries, event) = ((&email, requester), Event::SignedIn);
    let Checked { user, stored, check } =
        password_check::check(app, known, password, tries, event, source).await?;
    if !user.may_sign_in(app.config.verification_required) {
        send_confirmation_again(app, &user, source).await?;
        hash_timing::wait(app, check).await;
        return Err(PasswordError::Wrong);
    }
    let better_hash = better_hash(app, user.id, &stored, password).await;
    let now = app.clock.now();

    let step = transaction!(app.db, |tx| -> Result<_, PasswordError> {
        let must_enrol = !attempt.has_pages
            && !user.awaits_approval()
            && second_factor::is_due(app, tx, user.id).await?;
        let step = if must_enrol {
            let (event, id) = (Event::PasswordAccepted, Some(user.id));
            audit::record(tx, event, Outcome::Refused, id, source, now).await?;
            Some(Step::EnrolmentRequired)
        } else {
            after_password(app, tx, &user, attempt.remember, browser).await?
        };
        let Some(step) = step else { return Err(PasswordError::Wrong) };
        if let Some(hash) = &better_hash {
            hash_timing::note(tx, hash, now).await?;
            passwords::upgrade_hash(tx, user.id, &stored.hash, hash).await?;
        }
        let session = match &step {
            Step::SignedIn(completed) => Some(completed.token.session),
            _ => None,
        };
        if session.is_some() || matches!(step, Step::EnrolmentRequired) {
            completion::tell_of_new_device(app, tx, &user, session, browser).await?;
        }
        throttle::forget_sign_in(app, tx, &email, requester).await?;
        Ok(step)
    });
    if let Err(PasswordError::Wrong) = step {
        hash_timing::wait(app, check).await;
    } else if let (Ok(_), Some(hash)) = (&step, &better_hash) {
        hash_timing::count(app, Some(&stored.hash), hash);
    }
    step
}

/// Continues a sign-in after the right password: with a session, a code, or the wait for approval. `None` if the credentials have
/// changed since the check: a sign-in with the old ones must not complete.
pub async fn after_password(
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
    // If 2FA is enabled after this check, the credential version changes and the sign-in fails below.
    if second_factor::is_on_in(tx, user.id).await? {
        let (event, id) = (Event::PasswordAccepted, Some(user.id));
        audit::record(tx, event, Outcome::Success, id, browser.source, now).await?;
        return Ok(Some(Step::SecondFactor(Challenge::new(user, remember, now))));
    }
    if !user_credentials::sign_in(tx, user.id, user.credential_version, now).await? {
        return Ok(None);
    }
    let shown = Shown::of(&[Credential::Password]);
    let completed = completion::begin(app, tx, user, remember, shown, browser).await?;
    Ok(Some(Step::SignedIn(completed)))
}

/// A hash at the current cost, if the user's hash has another cost and has checked the whole password. `None` if the queue is full: the
/// sign-in still succeeds, and the next one tries again.
async fn better_hash(
    app: &App,
    user: UserId,
    stored: &StoredPassword,
    password: &Password,
) -> Option<String> {
    if !app.hasher.should_replace(&stored.hash, password) {
        return None;
    }
    let hashed = app.hasher.hash(Asker::known(user), password).await;
    hashed
        .inspect_err(|error| tracing::warn!(%error, "could not rehash a password at the new cost"))
        .ok()
}

/// Sends the confirmation link again, after the right password for an unconfirmed address, or says that the invitation of the sign-up no
/// longer works. The visitor sees the same page as after a wrong password, so signing up with another person's address reveals nothing.
async fn send_confirmation_again(app: &App, user: &User, source: &Source) -> Result<()> {
    let now = app.clock.now();
    transaction!(app.db, |tx| -> Result<_> {
        if user.disabled_at.is_none()
            && !app.config.registration.shuts_out(user)
            && may_confirm_again(app, tx, user, source).await?
        {
            let kind = if links::invitation_is_lost(&mut *tx, user).await? {
                MailKind::InvitationLost
            } else {
                queue::confirmation_of(user)
            };
            queue::notify(app, tx, kind, user, None, source).await?;
        }
        audit::record(tx, Event::SignedIn, Outcome::Refused, Some(user.id), source, now).await?;
        Ok(())
    })
}

/// Whether another confirmation link may be sent. The password of a sign-up may be a stranger's, so the link counts as a sign-up.
/// The password of an account in use is its owner's, and other people's sign-ups must not limit its owner.
async fn may_confirm_again(app: &App, tx: &mut Tx, user: &User, source: &Source) -> Result<bool> {
    if !user.is_pending() {
        let counted = throttle::count_mail(app, tx, Mails::Confirmation, &user.email_key).await?;
        return Ok(counted.is_ok());
    }
    let network = Subject::RegisterNetwork(source);
    Ok(throttle::count(app, tx, network).await?.is_ok()
        && throttle::count_mail(app, tx, Mails::SignUp, &user.email_key).await?.is_ok())
}
