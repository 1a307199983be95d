//! Resetting a forgotten password.

use std::time::Duration;

use crate::app::App;
use crate::db::Tx;
use crate::domain::account::email::EmailAddress;
use crate::domain::account::email::EmailKey;
use crate::domain::account::user::User;
use crate::domain::account::username::Username;
use crate::domain::audit_event::{Event, Outcome};
use crate::domain::email::mail_kind::MailKind;
use crate::domain::email::one_time_token::{OneTimeToken, Purpose};
use crate::domain::id::UserId;
use crate::domain::sign_in::device::Device;
use crate::domain::sign_in::password::{InvalidPassword, Password, PasswordVerdict, Strength};
use crate::domain::sign_in::session::EndReason;
use crate::domain::sign_in::stored_password::PasswordOwner;
use crate::domain::source::Source;
use crate::domain::two_factor::code::Code;
use crate::error::{Error, Result, from_db_error};
use crate::hasher::Asker;
use crate::repositories::{passwords, sessions, user_credentials, users};
use crate::services::audit;
use crate::services::email::queue::{self, Recipient};
use crate::services::links;
use crate::services::sign_in::hash_timing;
use crate::services::sign_in::new_passwords::{self, ChooseError};
use crate::services::sign_up::activation::{self, Activated, ActivationError};
use crate::services::throttle::{self, Requester, Subject};
use crate::services::two_factor::second_factor::{self, CodeError};
use crate::transaction;

/// Requests a reset link. An account gets at most one every ten minutes (see [`throttle`]), so strangers cannot use up the owner's links.
///
/// The work is the same for every address: an email is queued with or without an account, and the worker drops it if there is none. Once
/// a network has requested many links, emails are queued only for addresses with an account. A request for any other address then writes
/// and deletes a row, to take equally long.
pub async fn request(app: &App, email: &EmailAddress, source: &Source) -> Result<()> {
    let (kind, recipient) = (MailKind::ResetPassword, email.key());
    let to = Recipient::Address(&recipient);
    transaction!(app.db, |tx| -> Result<_> {
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
            queue::put(app, tx, kind, to, None, source).await?;
        } else if !is_within {
            queue::put_and_delete(app, tx, kind, to, source).await?;
        }
        let outcome = if is_sent { Outcome::Success } else { Outcome::Refused };
        let (event, now) = (Event::PasswordResetRequested, app.clock.now());
        audit::record(tx, event, outcome, None, source, now).await?;
        Ok(())
    })
}

/// Why the password was not reset.
#[derive(Debug, thiserror::Error)]
pub enum ResetError {
    /// The link is unknown, used or expired.
    #[error("the link does not work")]
    InvalidLink,
    /// The link is for an unconfirmed sign-up, and sign-ups have been disabled since.
    #[error("sign-ups are closed")]
    Closed,
    /// The link is for an unconfirmed sign-up, and its invitation was used by someone else or revoked.
    #[error("the invitation does not work")]
    InvalidInvitation,
    /// The password is too short, too long or too easy to guess.
    #[error("the password is refused")]
    Password(InvalidPassword),
    /// The account has 2FA, and the code is missing.
    #[error("the code is missing")]
    NeedsCode,
    /// The account has 2FA, and the code is wrong.
    #[error("wrong code")]
    WrongCode,
    /// Too many passwords or codes were tried. Contains the time to wait.
    #[error("too many attempts")]
    TooMany(Duration),
    /// An unexpected error.
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

impl From<ActivationError> for ResetError {
    fn from(error: ActivationError) -> Self {
        match error {
            ActivationError::Closed => Self::Closed,
            ActivationError::InvalidInvitation => Self::InvalidInvitation,
            ActivationError::Failed(error) => Self::Failed(error),
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

/// What the page behind a link has to know.
#[derive(Clone, Debug)]
pub struct ResetLink {
    /// The account.
    pub user: User,
    /// Whether the account has 2FA.
    pub needs_code: bool,
    /// Whether the owner chooses the account's first password.
    pub is_first: bool,
}

/// Looks up a link. Changes nothing.
pub async fn find(app: &App, token: &OneTimeToken) -> Result<Option<ResetLink>> {
    let Some((owner, _)) = owner(app, token).await? else { return Ok(None) };
    let needs_code = second_factor::is_on(app, owner.user.id).await?;
    let is_first = owner.awaits_first_password();
    Ok(Some(ResetLink { user: owner.user, needs_code, is_first }))
}

/// The account of a link with its password, and whether the link was emailed or handed over by an administrator.
async fn owner(app: &App, token: &OneTimeToken) -> Result<Option<(PasswordOwner, Purpose)>> {
    for purpose in [Purpose::ResetPassword, Purpose::HandedReset] {
        if let Some(user) = links::owner(app, token, purpose).await? {
            let password = passwords::find(&app.db, user.id).await?;
            return Ok(Some((PasswordOwner { user, password }, purpose)));
        }
    }
    Ok(None)
}

/// The input of a password reset.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "contains a password")]
pub struct Reset<'a> {
    /// From the link.
    pub token: &'a OneTimeToken,
    /// The new password as entered.
    pub password: &'a str,
    /// The code, if the account has 2FA: access to the mailbox must not replace it (ASVS 6.4.3).
    pub code: Option<&'a Code>,
    /// The browser's device cookie.
    pub device: Option<&'a Device>,
    /// The client.
    pub source: &'a Source,
}

/// The account with its new password.
#[derive(Clone, Copy, Debug)]
pub struct Owner {
    /// The ID of the account.
    pub user: UserId,
    /// The new version of its credentials.
    pub credential_version: i64,
    /// How hard the new password is to guess.
    pub strength: Option<Strength>,
}

/// A reset that has passed the checks before the transaction.
struct Checked {
    owner: PasswordOwner,
    purpose: Purpose,
    needs_code: bool,
}

/// Sets the new password, ends every session of the account and revokes its other links.
///
/// An emailed link also confirms the address. A link that an administrator handed over confirms it only if the account was never used.
pub async fn finish(app: &App, reset: &Reset<'_>) -> Result<Owner, ResetError> {
    let Reset { password, code, device, source, .. } = *reset;
    let checked = check(app, reset).await?;
    let Checked { owner, needs_code, .. } = &checked;
    let user = &owner.user;
    let asker = Asker::known(user.id); // only the owner has the link
    let password = choose(app, owner, password, asker).await?;
    let requester = Requester::known_or(Some(user), device, Requester::Mailbox);
    if *needs_code && let Some(code) = code {
        second_factor::count_try(app, user, code, requester).await?;
    }
    let hash = app.hasher.hash(asker, &password).await?;

    let outcome = transaction!(app.db, |tx| -> Result<_, ResetError> {
        let activated = store(app, tx, reset, &checked, &hash).await?;
        // Read again while the row is locked: 2FA may have been enabled.
        if second_factor::is_on_in(tx, user.id).await? {
            let is_right = match code {
                Some(code) => second_factor::spend(app, tx, user, code, requester, source).await?,
                None => false,
            };
            if !is_right {
                return Err(ResetError::WrongCode);
            }
        }
        end_access(app, tx, user, source).await?;
        note(app, tx, owner, activated, source).await?;
        Ok(())
    });
    if let Err(ResetError::WrongCode) = outcome {
        second_factor::refuse_and_tell(app, user, device, source).await?;
    }
    outcome?;
    hash_timing::count(app, owner.usable_hash(), &hash);
    let (credential_version, strength) = (user.credential_version + 1, password.strength());
    Ok(Owner { user: user.id, credential_version, strength })
}

/// Checks the link before the password is hashed, so that guessing links is cheap for the server.
async fn check(app: &App, reset: &Reset<'_>) -> Result<Checked, ResetError> {
    let (owner, purpose) = owner(app, reset.token).await?.ok_or(ResetError::InvalidLink)?;
    let user = &owner.user;
    let needs_code = second_factor::is_on(app, user.id).await?;
    if app.config.registration.shuts_out(user) {
        return Err(ResetError::Closed);
    }
    if links::invitation_is_lost(&app.db, user).await? {
        return Err(ResetError::InvalidInvitation);
    }
    if needs_code && reset.code.is_none() {
        return Err(ResetError::NeedsCode);
    }
    Ok(Checked { owner, purpose, needs_code })
}

/// What is to be said about the new password of a reset whose other fields are refused: all problems are told at once.
pub async fn judge_password(app: &App, user: &User, password: &str) -> Result<PasswordVerdict> {
    let stored = passwords::find(&app.db, user.id).await?;
    let owner = PasswordOwner { user: user.clone(), password: stored };
    match choose(app, &owner, password, Asker::known(user.id)).await {
        Ok(password) => Ok(Ok(password.strength())),
        Err(ResetError::Password(why)) => Ok(Err(why)),
        Err(ResetError::Failed(error)) => Err(error),
        Err(_) => Ok(Ok(None)),
    }
}

/// Checks the new password against the policy. The password that 'this was not me' removed is refused.
async fn choose(
    app: &App,
    PasswordOwner { user, password: stored }: &PasswordOwner,
    password: &str,
    asker: Asker,
) -> Result<Password, ResetError> {
    let context = [user.username.as_str(), user.email.as_str(), &app.config.site_name];
    let counts_as = Subject::ChooseUser(user.id);
    let password = new_passwords::choose(app, password, &context, asker, counts_as).await?;
    new_passwords::must_not_be_lost(app, &password, stored.as_ref(), asker).await?;
    Ok(password)
}

/// Spends the link and stores the password. A pending sign-up becomes an account.
async fn store(
    app: &App,
    tx: &mut Tx,
    reset: &Reset<'_>,
    Checked { owner, purpose, .. }: &Checked,
    hash: &str,
) -> Result<Activated, ResetError> {
    let user = &owner.user;
    let (now, plain_name) = (app.clock.now(), Username::plain(&user.email));
    let confirms = *purpose == Purpose::ResetPassword || !owner.has_been_used();
    hash_timing::note(tx, hash, now).await?;
    if !links::spend(app, tx, reset.token, *purpose, user, now).await? {
        return Err(ResetError::InvalidLink);
    }
    if !user_credentials::begin_again(tx, user.id, &plain_name, confirms, now).await? {
        return Err(ResetError::InvalidLink); // disabled or deleted in the meantime
    }
    passwords::put(tx, user.id, hash, now).await?;
    Ok(activation::activate(app, tx, user, reset.source).await?)
}

/// Ends the sessions, and clears the failed sign-ins from this network.
async fn end_access(app: &App, tx: &mut Tx, user: &User, source: &Source) -> Result<()> {
    let now = app.clock.now();
    sessions::end_all(tx, user.id, None, EndReason::PasswordReset, now).await?;
    let stranger = Requester::Stranger(source);
    let handle = user.handle.as_ref().map(EmailKey::of_handle);
    for name in [Some(user.email_key.clone()), handle].into_iter().flatten() {
        throttle::forget(app, tx, Subject::SignIn(&name, stranger)).await?;
    }
    Ok(())
}

/// Records the new password, and notifies the owner. The first password of an account changes nothing that its owner has to check.
async fn note(
    app: &App,
    tx: &mut Tx,
    owner: &PasswordOwner,
    activated: Activated,
    source: &Source,
) -> Result<()> {
    let (user, is_first) = (&owner.user, owner.awaits_first_password());
    let event = if is_first { Event::FirstPasswordSet } else { Event::PasswordReset };
    audit::record(tx, event, Outcome::Success, Some(user.id), source, app.clock.now()).await?;
    let kind = match activated {
        // The owner gets an email once an administrator has decided.
        Activated::AwaitsApproval if user.is_pending() => return Ok(()),
        Activated::Account if is_first || user.is_pending() => MailKind::Welcome,
        Activated::Account | Activated::AwaitsApproval => MailKind::PasswordChanged,
    };
    queue::notify(app, tx, kind, user, None, source).await
}
