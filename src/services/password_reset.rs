//! Forgotten passwords.

use std::time::Duration;

use crate::app::App;
use crate::domain::audit_event::{Event, Outcome};
use crate::domain::email::EmailAddress;
use crate::domain::mail_kind::MailKind;
use crate::domain::one_time_token::{OneTimeToken, Purpose};
use crate::domain::password::InvalidPassword;
use crate::domain::session::EndReason;
use crate::domain::source::Source;
use crate::domain::user::User;
use crate::error::{Error, Result};
use crate::repositories::{sessions, users};
use crate::services::passwords::{self, ChooseError};
use crate::services::throttle::{self, Mails, Subject};
use crate::services::{audit, links, outbox};

/// Why no link was asked for.
#[derive(Debug, thiserror::Error)]
pub enum RequestError {
    /// Too many requests from one network; how long to wait.
    #[error("too many requests")]
    TooMany(Duration),
    /// Nothing that the person could mend.
    #[error(transparent)]
    Failed(#[from] Error),
}

/// Asks for a link. The request does the same for every address: only the worker that delivers looks who it belongs to.
pub async fn request(app: &App, email: &EmailAddress, source: &Source) -> Result<(), RequestError> {
    let (now, recipient) = (app.clock.now(), email.key());
    let mut tx = app.db.begin().await?;
    let counted = throttle::count(app, &mut tx, Subject::ForgotNetwork(source.network())).await?;
    if counted.is_ok() {
        if throttle::count_mail(app, &mut tx, Mails::Reset, &recipient).await? {
            outbox::put(app, &mut tx, MailKind::ResetPassword, None, recipient.as_str(), source)
                .await?;
        }
        audit::record(&mut tx, Event::PasswordResetRequested, Outcome::Success, None, source, now)
            .await?;
    }
    tx.commit().await?;
    app.outbox_bell.notify_one();
    counted.map_err(RequestError::TooMany)
}

/// Why no new password was set.
#[derive(Debug, thiserror::Error)]
pub enum ResetError {
    /// Unknown, used or expired.
    #[error("the link does not work")]
    InvalidLink,
    /// Too short, too long or too easy to guess.
    #[error(transparent)]
    Password(#[from] InvalidPassword),
    /// Too many passwords were tried; how long to wait.
    #[error("too many passwords")]
    TooMany(Duration),
    /// Nothing that the person could mend.
    #[error(transparent)]
    Failed(#[from] Error),
}

impl From<ChooseError> for ResetError {
    fn from(error: ChooseError) -> Self {
        match error {
            ChooseError::Invalid(why) => Self::Password(why),
            ChooseError::TooMany(wait) => Self::TooMany(wait),
            ChooseError::Failed(error) => Self::Failed(error),
        }
    }
}

/// The account whose password a link would set. Changes nothing.
pub async fn find(app: &App, token: &OneTimeToken) -> Result<Option<User>> {
    links::owner(app, token, Purpose::ResetPassword).await
}

/// Sets the new password; ends every session and every other link of the account. The mail has shown who reads the
/// address, so it counts as confirmed.
pub async fn finish(
    app: &App,
    token: &OneTimeToken,
    password: &str,
    source: &Source,
) -> Result<(), ResetError> {
    let user = find(app, token).await?.ok_or(ResetError::InvalidLink)?; // a guess costs no hashing
    let context = [user.username.as_str(), user.email.as_str(), &app.config.site_name];
    let password = passwords::choose(app, password, &context, source).await?;
    let hash = app.hasher.hash(&password).await?;

    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    if !links::spend(&mut tx, token, Purpose::ResetPassword, &user, now).await? {
        return Err(ResetError::InvalidLink);
    }
    if !users::reset_password(&mut tx, user.id, &hash, user.email.local_part(), now).await? {
        return Err(ResetError::InvalidLink); // closed or gone meanwhile
    }
    sessions::end_all(&mut tx, user.id, EndReason::PasswordReset, now).await?;
    throttle::forget(app, &mut tx, Subject::SignIn(&user.email_key)).await?;
    audit::record(&mut tx, Event::PasswordReset, Outcome::Success, Some(user.id), source, now)
        .await?;
    outbox::put(
        app,
        &mut tx,
        MailKind::PasswordChanged,
        Some(user.id),
        user.email.as_str(),
        source,
    )
    .await?;
    tx.commit().await?;
    app.outbox_bell.notify_one();
    Ok(())
}
