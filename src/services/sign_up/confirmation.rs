//! Confirms the address of a sign-up, declines the sign-up, or sends the confirmation email again.
//!
//! No one can sign up on behalf of another person. To confirm, a user needs the browser that signed up, or the password.

use std::time::Duration;

use crate::app::App;
use crate::domain::account::user::User;
use crate::domain::audit_event::{Event, Outcome};
use crate::domain::email::mail_kind::MailKind;
use crate::domain::email::one_time_token::{OneTimeToken, Purpose};
use crate::domain::id::UserId;
use crate::domain::sign_in::password::Password;
use crate::domain::source::Source;
use crate::error::{Error, Result, from_db_error};
use crate::repositories::{passwords, sign_ups, user_credentials, users};
use crate::services::audit;
use crate::services::email::queue;
use crate::services::links;
use crate::services::sign_in::completion::Browser;
use crate::services::sign_in::login::{self, Step};
use crate::services::sign_in::password_check::{self, Checked, PasswordError};
use crate::services::sign_up::activation::{self, Activated, ActivationError};
use crate::services::throttle::{self, Mails, Requester};
use crate::transaction;

/// Why a browser may confirm.
#[derive(Clone, Copy, Debug)]
pub enum ConfirmationProof<'a> {
    /// It signed up, with this user ID.
    SignedUp(UserId),
    /// Its user knows the password.
    Password(&'a Password),
}

/// Why an address was not confirmed.
#[derive(Debug, thiserror::Error)]
pub enum ConfirmSignUpError {
    /// The link is unknown, used or expired.
    #[error("the link does not work")]
    InvalidLink,
    /// `REGISTRATION` no longer allows this sign-up.
    #[error("sign-ups are closed")]
    Closed,
    /// The invitation of this sign-up was used by someone else or revoked.
    #[error("the invitation does not work")]
    InvalidInvitation,
    /// The password is wrong.
    #[error("wrong password")]
    WrongPassword,
    /// Too many attempts. Contains the time to wait.
    #[error("too many attempts")]
    TooMany(Duration),
    /// An unexpected error.
    #[error(transparent)]
    Failed(#[from] Error),
}

from_db_error!(ConfirmSignUpError);

impl From<PasswordError> for ConfirmSignUpError {
    fn from(error: PasswordError) -> Self {
        match error {
            PasswordError::Wrong => Self::WrongPassword,
            PasswordError::TooMany(wait) => Self::TooMany(wait),
            PasswordError::Failed(error) => Self::Failed(error),
        }
    }
}

impl From<ActivationError> for ConfirmSignUpError {
    fn from(error: ActivationError) -> Self {
        match error {
            ActivationError::Closed => Self::Closed,
            ActivationError::InvalidInvitation => Self::InvalidInvitation,
            ActivationError::Failed(error) => Self::Failed(error),
        }
    }
}

/// The account that a link would confirm. Changes nothing.
pub async fn find(app: &App, token: &OneTimeToken) -> Result<Option<User>> {
    links::owner(app, token, Purpose::VerifyEmail).await
}

/// Confirms the address and signs in. An account that enabled 2FA before addresses had to be confirmed still needs a code.
pub async fn confirm(
    app: &App,
    token: &OneTimeToken,
    proof: ConfirmationProof<'_>,
    browser: Browser<'_>,
) -> Result<Step, ConfirmSignUpError> {
    let source = browser.source;
    let user = find(app, token).await?.ok_or(ConfirmSignUpError::InvalidLink)?;
    if app.config.registration.shuts_out(&user) {
        return Err(ConfirmSignUpError::Closed);
    }
    let (email, stranger) = (user.email_key.clone(), Requester::Stranger(source));
    let user = match proof {
        ConfirmationProof::SignedUp(id) if id == user.id => user,
        ConfirmationProof::SignedUp(_) => return Err(ConfirmSignUpError::WrongPassword),
        ConfirmationProof::Password(password) => {
            let (tries, event) = ((&email, stranger), Event::SignedIn);
            let known = passwords::owner(&app.db, user.id).await?;
            let Checked { user, .. } =
                password_check::check(app, known, password, tries, event, source).await?;
            user
        }
    };

    let now = app.clock.now();
    let step = transaction!(app.db, |tx| -> Result<_, ConfirmSignUpError> {
        if !links::spend(app, tx, token, Purpose::VerifyEmail, &user, now).await? {
            return Err(ConfirmSignUpError::InvalidLink);
        }
        if !user_credentials::verify_email(tx, user.id, user.credential_version, now).await? {
            return Err(ConfirmSignUpError::InvalidLink); // the password has just changed
        }
        let activated = activation::activate(app, tx, &user, source).await?;
        if matches!(proof, ConfirmationProof::Password(_)) {
            throttle::forget_sign_in(app, tx, &email, stranger).await?;
        }
        audit::record(tx, Event::EmailVerified, Outcome::Success, Some(user.id), source, now)
            .await?;
        if activated == Activated::AwaitsApproval {
            return Ok(Step::AwaitsApproval);
        }
        if user.is_pending() {
            queue::notify(app, tx, MailKind::Welcome, &user, None, source).await?;
        }
        let step = login::after_password(app, tx, &user, false, browser).await?;
        step.ok_or(ConfirmSignUpError::InvalidLink)
    })?;
    Ok(step)
}

/// Deletes the sign-up, because the owner of the address says that they did not sign up.
pub async fn decline(
    app: &App,
    token: &OneTimeToken,
    source: &Source,
) -> Result<(), ConfirmSignUpError> {
    let user = find(app, token).await?.ok_or(ConfirmSignUpError::InvalidLink)?;
    let now = app.clock.now();
    transaction!(app.db, |tx| -> Result<_, ConfirmSignUpError> {
        let spent = links::spend(app, tx, token, Purpose::VerifyEmail, &user, now).await?;
        // A link must not delete an account in use.
        if !spent || !sign_ups::delete(tx, user.id).await? {
            return Err(ConfirmSignUpError::InvalidLink);
        }
        throttle::forget_mails(app, tx, Mails::SignUp, &user.email_key).await?;
        audit::record(tx, Event::SignUpDeclined, Outcome::Success, Some(user.id), source, now)
            .await?;
        Ok(())
    })
}

/// Why no confirmation email was sent.
#[derive(Debug, thiserror::Error)]
pub enum ResendError {
    /// The address is already confirmed.
    #[error("the address is confirmed already")]
    Confirmed,
    /// Too many confirmation emails. Contains the time to wait.
    #[error("too many emails")]
    TooMany(Duration),
    /// An unexpected error.
    #[error(transparent)]
    Failed(#[from] Error),
}

from_db_error!(ResendError);

/// Sends the confirmation email to the owner of an account that was created before addresses had to be confirmed.
pub async fn resend(app: &App, user: UserId, source: &Source) -> Result<(), ResendError> {
    transaction!(app.db, |tx| -> Result<_, ResendError> {
        let user = users::find(&mut *tx, user).await?;
        let Some(user) = user.filter(|user| user.email_verified_at.is_none()) else {
            return Err(ResendError::Confirmed);
        };
        throttle::count_mail(app, tx, Mails::Confirmation, &user.email_key)
            .await?
            .map_err(ResendError::TooMany)?;
        queue::notify(app, tx, queue::confirmation_of(&user), &user, None, source).await?;
        Ok(())
    })
}
