//! Forgotten passwords.

use std::time::Duration;

use crate::app::App;
use crate::domain::account::email::EmailAddress;
use crate::domain::account::user::User;
use crate::domain::account::username::Username;
use crate::domain::audit_event::{Event, Outcome};
use crate::domain::email::mail_kind::MailKind;
use crate::domain::email::one_time_token::{OneTimeToken, Purpose};
use crate::domain::id::UserId;
use crate::domain::sign_in::device::Device;
use crate::domain::sign_in::password::InvalidPassword;
use crate::domain::sign_in::session::EndReason;
use crate::domain::source::Source;
use crate::domain::two_factor::second_factor::Code;
use crate::error::{Error, Result, from_db_error};
use crate::hasher::{Against, Asker};
use crate::repositories::{sessions, users};
use crate::services::audit;
use crate::services::email::outbox;
use crate::services::links;
use crate::services::sign_in::hash_costs;
use crate::services::sign_in::passwords::{self, ChooseError};
use crate::services::sign_up::registration::{self, OpenError};
use crate::services::throttle::{self, Subject, Who};
use crate::services::two_factor::second_factor::{self, CodeError};
use crate::transaction;

/// Asks for a link. No one can use up what an owner needs: an account gets a link every ten minutes (see [`throttle`]), whoever
/// asked, and from whatever network.
///
/// The request does the same for every address: only the worker that delivers looks who it belongs to. Once a network has asked for
/// many, rows are kept for accounts alone; then a request that sends nothing writes as much as one that does, and leaves nothing.
pub async fn request(app: &App, email: &EmailAddress, source: &Source) -> Result<()> {
    let (kind, recipient) = (MailKind::ResetPassword, email.key());
    let is_sent = transaction!(app.db, |tx| -> Result<_> {
        let is_within = throttle::count(app, tx, Subject::ForgotNetwork(source)).await?.is_ok();
        let budget = Subject::ResetMail(&recipient);
        let is_sent = if is_within {
            throttle::count(app, tx, budget).await?.is_ok()
        } else {
            let account = users::find_by_email(&mut *tx, &recipient).await?;
            let is_due = throttle::count(app, tx, budget).await?.is_ok();
            if is_due && account.is_none() {
                throttle::forget(app, tx, budget).await?;
            }
            is_due && account.is_some()
        };
        if is_sent {
            outbox::put(app, tx, kind, None, recipient.as_str(), None, source).await?;
        } else if !is_within {
            outbox::put_and_delete(app, tx, kind, recipient.as_str(), source).await?;
        }
        let outcome = if is_sent { Outcome::Success } else { Outcome::Refused };
        let (event, now) = (Event::PasswordResetRequested, app.clock.now());
        audit::record(tx, event, outcome, None, source, now).await?;
        Ok(is_sent)
    })?;
    if is_sent {
        app.outbox_bell.notify_one();
    }
    Ok(())
}

/// Why no new password was set.
#[derive(Debug, thiserror::Error)]
pub enum ResetError {
    /// Unknown, used or expired.
    #[error("the link does not work")]
    InvalidLink,
    /// The link is that of a sign-up, and sign-ups have been closed since.
    #[error("sign-ups are closed")]
    Closed,
    /// Too short, too long or too easy to guess.
    #[error(transparent)]
    Password(#[from] InvalidPassword),
    /// The account asks for a second factor, and there is no code.
    #[error("the code is missing")]
    NeedsCode,
    /// The account asks for a second factor, and this is not it.
    #[error("wrong code")]
    WrongCode,
    /// Too many passwords or codes were tried; how long to wait.
    #[error("too many tries")]
    TooMany(Duration),
    /// Nothing that the person could mend.
    #[error(transparent)]
    Failed(#[from] Error),
}

from_db_error!(ResetError);

impl From<ChooseError> for ResetError {
    fn from(error: ChooseError) -> Self {
        match error {
            ChooseError::Invalid(why) => Self::Password(why),
            ChooseError::TooMany(wait) => Self::TooMany(wait),
            ChooseError::Failed(error) => Self::Failed(error),
        }
    }
}

impl From<OpenError> for ResetError {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Closed => Self::Closed,
            OpenError::InvalidInvitation => Self::InvalidLink,
            OpenError::Failed(error) => Self::Failed(error),
        }
    }
}

impl From<CodeError> for ResetError {
    fn from(error: CodeError) -> Self {
        match error {
            CodeError::Wrong => Self::WrongCode,
            CodeError::TooMany(wait) => Self::TooMany(wait),
            CodeError::Failed(error) => Self::Failed(error),
        }
    }
}

/// The account whose password a link would set, and whether it asks for a code. Changes nothing.
pub async fn find(app: &App, token: &OneTimeToken) -> Result<Option<(User, bool)>> {
    let Some((user, _)) = owner(app, token).await? else { return Ok(None) };
    let needs_code = second_factor::is_on(app, user.id).await?;
    Ok(Some((user, needs_code)))
}

/// The account of a link, and whether the link was mailed to it or handed over.
async fn owner(app: &App, token: &OneTimeToken) -> Result<Option<(User, Purpose)>> {
    for purpose in [Purpose::ResetPassword, Purpose::HandedReset] {
        if let Some(user) = links::owner(app, token, purpose).await? {
            return Ok(Some((user, purpose)));
        }
    }
    Ok(None)
}

/// A new password to be.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "holds a password as typed")]
pub struct Reset<'a> {
    /// What the link carries.
    pub token: &'a OneTimeToken,
    /// The password as typed.
    pub password: &'a str,
    /// The code, where the account asks for one: a mailbox alone is not the whole account (ASVS 6.4.3).
    pub code: Option<&'a Code>,
    /// The browser's device cookie.
    pub device: Option<&'a Device>,
    /// From where.
    pub source: &'a Source,
}

/// Who has a new password.
#[derive(Clone, Copy, Debug)]
pub struct Owner {
    /// The account.
    pub user: UserId,
    /// The version of its credentials from now on.
    pub credential_version: i64,
}

/// Sets the new password; ends every session and every other link of the account. The mail has shown who reads the address, so it
/// counts as confirmed. A link that was handed over has not: with it only an account that no one could sign in to before is confirmed,
/// by whoever made the link.
pub async fn finish(app: &App, reset: &Reset<'_>) -> Result<Owner, ResetError> {
    let Reset { token, password, code, device, source } = *reset;
    // A guess costs no hashing.
    let (user, purpose) = owner(app, token).await?.ok_or(ResetError::InvalidLink)?;
    let needs_code = second_factor::is_on(app, user.id).await?;
    if app.config.registration.shuts_out(&user) {
        return Err(ResetError::Closed);
    }
    if needs_code && code.is_none() {
        return Err(ResetError::NeedsCode);
    }
    let context = [user.username.as_str(), user.email.as_str(), &app.config.site_name];
    let asker = Asker::known(user.id); // the link was mailed to the owner
    let counts_as = Subject::ChooseUser(user.id);
    let password = passwords::choose(app, password, &context, asker, counts_as).await?;
    if let Some(lost) = user.lost_hash()
        && app.hasher.verify(asker, &password, Against::Hash(lost.into())).await?.0
    {
        return Err(InvalidPassword::Lost.into());
    }
    let who = Who::known_or(Some(&user), device, Who::Mailbox);
    if needs_code && let Some(code) = code {
        second_factor::count_try(app, &user, code, who).await?;
    }
    let hash = app.hasher.hash(asker, &password).await?;

    let (now, plain_name) = (app.clock.now(), Username::plain(&user.email));
    let confirms = purpose == Purpose::ResetPassword || !user.has_been_used();
    let outcome = transaction!(app.db, |tx| -> Result<_, ResetError> {
        hash_costs::note(tx, &hash, now).await?;
        if !links::spend(app, tx, token, purpose, &user, now).await? {
            return Err(ResetError::InvalidLink);
        }
        if !users::reset_password(tx, user.id, &hash, &plain_name, confirms, now).await? {
            return Err(ResetError::InvalidLink); // closed or gone meanwhile
        }
        registration::open(app, tx, &user, source).await?;
        // Looked up again under the account's lock: it may have been switched on since.
        if second_factor::is_on_in(tx, user.id).await? {
            let is_right = match code {
                Some(code) => second_factor::spend(app, tx, &user, code, who, source).await?,
                None => false,
            };
            if !is_right {
                return Err(ResetError::WrongCode);
            }
        }
        sessions::end_all(tx, user.id, None, EndReason::PasswordReset, now).await?;
        let stranger = Who::Stranger(source);
        throttle::forget(app, tx, Subject::SignIn(&user.email_key, stranger)).await?;
        audit::record(tx, Event::PasswordReset, Outcome::Success, Some(user.id), source, now)
            .await?;
        outbox::notify(app, tx, MailKind::PasswordChanged, &user, None, source).await?;
        Ok(())
    });
    if let Err(ResetError::WrongCode) = outcome {
        second_factor::refuse_and_tell(app, &user, device, source).await?;
    }
    outcome?;
    hash_costs::count(app, Some(&user.password_hash), &hash);
    app.outbox_bell.notify_one();
    Ok(Owner { user: user.id, credential_version: user.credential_version + 1 })
}
