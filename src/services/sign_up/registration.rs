//! Signing up.
//!
//! A sign-up does not reveal whether an address has an account: the page is the same, and only the owner of the address gets the email.

use std::time::Duration;

use crate::app::App;
use crate::clock::Timestamp;
use crate::config::Registration;
use crate::db::Tx;
use crate::domain::account::email::EmailAddress;
use crate::domain::account::handle::Handle;
use crate::domain::account::invitation::Invitation;
use crate::domain::account::user::User;
use crate::domain::account::username::Username;
use crate::domain::audit_event::{Event, Outcome};
use crate::domain::email::mail_kind::MailKind;
use crate::domain::id::{SessionId, UserId};
use crate::domain::sign_in::password::{InvalidPassword, PasswordVerdict};
use crate::domain::source::Source;
use crate::error::{Error, Result, from_db_error};
use crate::hasher::Asker;
use crate::repositories::users::{self, NewUser};
use crate::repositories::{passwords, sign_ups};
use crate::services::audit;
use crate::services::email::queue::{self, Recipient};
use crate::services::former_address;
use crate::services::sign_in::completion::{self, CompletedSignIn};
use crate::services::sign_in::hash_timing;
use crate::services::sign_in::new_passwords::{self, ChooseError};
use crate::services::sign_up::approvals;
use crate::services::sign_up::by_invitation;
use crate::services::sign_up::pending;
use crate::services::throttle::{self, Mails, Subject};
use crate::transaction;

/// A sign-up as a visitor entered it.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "contains a password")]
pub struct SignUp<'a> {
    /// The display name.
    pub username: &'a Username,
    /// May already have an account.
    pub email: &'a EmailAddress,
    /// As entered, not yet checked against the policy.
    pub password: &'a str,
    /// The invitation of the visitor, if any.
    pub invitation: Option<&'a Invitation>,
    /// The code of the page's language. The account starts with it.
    pub language: Option<&'a str>,
    /// The client.
    pub source: &'a Source,
}

/// The state of the browser that signs up.
#[derive(Clone, Copy, Debug)]
pub struct SigningUp {
    /// Its earlier sign-up, if that is still unconfirmed.
    pub earlier: Option<UserId>,
    /// Its previous session, which ends.
    pub replaces: Option<SessionId>,
}

/// The result of a sign-up.
#[derive(Clone, Debug)]
pub enum SignedUp<T> {
    /// An email was queued. With this ID, the browser that signed up can confirm without a password. If the address already had an
    /// account, the ID is a decoy.
    CheckMail(UserId),
    /// The account exists, because addresses need no confirmation.
    Ready(T),
    /// The account exists, and an administrator has to approve it.
    AwaitsApproval,
}

/// An account that a sign-up has opened.
#[derive(Clone, Debug)]
pub struct OpenedAccount {
    /// Its ID.
    pub id: UserId,
    /// Its handle.
    pub handle: Option<Handle>,
}

/// Why a sign-up was refused.
#[derive(Debug, thiserror::Error)]
pub enum SignUpError {
    /// Sign-ups are disabled.
    #[error("sign-ups are closed")]
    Closed,
    /// Sign-ups need an invitation.
    #[error("sign-ups need an invitation")]
    NeedsInvitation,
    /// The invitation is used, revoked, expired, or for another address.
    #[error("the invitation does not work")]
    InvalidInvitation,
    /// The address already has an account. Reported only if addresses need no confirmation.
    #[error("the address is taken")]
    Taken,
    /// The password is too short, too long or too easy to guess.
    #[error("the password is refused")]
    Password(InvalidPassword),
    /// Too many sign-ups. Contains the time to wait.
    #[error("too many sign-ups")]
    TooMany(Duration),
    /// An unexpected error.
    #[error(transparent)]
    Failed(#[from] Error),
}

from_db_error!(SignUpError);

impl From<ChooseError> for SignUpError {
    fn from(error: ChooseError) -> Self {
        match error {
            ChooseError::Invalid(why) => Self::Password(why),
            ChooseError::TooMany(wait) => Self::TooMany(wait),
            ChooseError::Failed(error) => Self::Failed(error),
        }
    }
}

/// What is to be said about the password of a sign-up whose other fields are refused: all problems are told at once. It does not depend on
/// whether the address has an account.
pub async fn judge_password(
    app: &App,
    password: &str,
    username: Option<&Username>,
    email: Option<&EmailAddress>,
    source: &Source,
) -> Result<PasswordVerdict> {
    let (name, address) =
        (username.map_or("", Username::as_str), email.map_or("", EmailAddress::as_str));
    let context = [name, address, &app.config.site_name];
    let (asker, counts_as) = (Asker::stranger(source), Subject::ChooseNetwork(source));
    new_passwords::judge(app, password, &context, asker, counts_as).await
}

/// Signs up in a browser. If addresses need no confirmation, this also signs in.
pub async fn sign_up(
    app: &App,
    sign_up: &SignUp<'_>,
    browser: SigningUp,
) -> Result<SignedUp<CompletedSignIn>, SignUpError> {
    let hash = check(app, sign_up).await?;
    transaction!(app.db, |tx| -> Result<_, SignUpError> {
        Ok(match store(app, tx, sign_up, browser.earlier, &hash).await? {
            SignedUp::CheckMail(user) => SignedUp::CheckMail(user),
            SignedUp::AwaitsApproval => SignedUp::AwaitsApproval,
            SignedUp::Ready(OpenedAccount { id: user, .. }) => {
                let (replaces, source) = (browser.replaces, sign_up.source);
                SignedUp::Ready(completion::begin_first(app, tx, user, replaces, source).await?)
            }
        })
    })
}

/// Signs up over the API. The client then signs in with a separate request.
pub async fn register(
    app: &App,
    sign_up: &SignUp<'_>,
) -> Result<SignedUp<OpenedAccount>, SignUpError> {
    let hash = check(app, sign_up).await?;
    transaction!(app.db, |tx| -> Result<_, SignUpError> {
        store(app, tx, sign_up, None, &hash).await
    })
}

/// Checks `REGISTRATION`, the password and the rate limits, and hashes the password.
async fn check(app: &App, sign_up: &SignUp<'_>) -> Result<String, SignUpError> {
    match (app.config.registration, sign_up.invitation) {
        (policy, invitation) if !policy.admits(invitation.is_some()) => {
            return Err(match policy {
                Registration::Invite => SignUpError::NeedsInvitation,
                _ => SignUpError::Closed,
            });
        }
        (_, Some(invitation)) if !invitation.is_for(sign_up.email) => {
            return Err(SignUpError::InvalidInvitation);
        }
        _ => {}
    }
    let SignUp { username, email, password, source, .. } = *sign_up;
    // Even if the address has an account, so that the work is the same.
    Ok(new_passwords::hash_for_sign_up(app, password, username, email, source).await?)
}

async fn store(
    app: &App,
    tx: &mut Tx,
    sign_up: &SignUp<'_>,
    earlier: Option<UserId>,
    hash: &str,
) -> Result<SignedUp<OpenedAccount>, SignUpError> {
    hash_timing::note(tx, hash, app.clock.now()).await?;
    if app.config.verification_required {
        return Ok(SignedUp::CheckMail(ask_to_confirm(app, tx, sign_up, earlier, hash).await?));
    }
    let (source, now) = (sign_up.source, app.clock.now());
    // Replaces an unconfirmed sign-up from the time when addresses had to be confirmed.
    if let Some(known) = users::find_by_email(&mut *tx, &sign_up.email.key()).await? {
        if !known.is_pending() {
            return Err(SignUpError::Taken);
        }
        pending::delete(tx, known.id).await?;
    }
    if former_address::reserved(&mut *tx, &sign_up.email.key(), now).await?.is_some() {
        return Err(SignUpError::Taken);
    }
    let user = UserId::new(now);
    if !users::put(tx, &new_user(user, sign_up, Some(now)), now).await? {
        return Err(SignUpError::Taken);
    }
    passwords::put(tx, user, hash, now).await?;
    if let Some(invitation) = sign_up.invitation
        && !by_invitation::accept(tx, invitation.id, user, source, now).await?
    {
        return Err(SignUpError::InvalidInvitation);
    }
    hash_timing::count(app, None, hash);
    audit::record(tx, Event::Registered, Outcome::Success, Some(user), source, now).await?;
    if sign_up.invitation.is_none() && app.config.registration == Registration::Approval {
        approvals::ask(app, tx, user, source).await?;
        return Ok(SignedUp::AwaitsApproval);
    }
    let handle = app.handles.give(tx, user, sign_up.email, now).await?;
    Ok(SignedUp::Ready(OpenedAccount { id: user, handle }))
}

/// Stores the sign-up, and queues an email: a link for a new address, a notice to the owner of a known one. If the address has
/// received too many emails, stores nothing and sends nothing.
async fn ask_to_confirm(
    app: &App,
    tx: &mut Tx,
    sign_up: &SignUp<'_>,
    earlier: Option<UserId>,
    hash: &str,
) -> Result<UserId> {
    let (source, now) = (sign_up.source, app.clock.now());
    let (new, email) = (UserId::new(now), sign_up.email.key());
    let is_within_limit = throttle::count_mail(app, tx, Mails::SignUp, &email).await?.is_ok();
    let known = users::find_by_email(&mut *tx, &email).await?;
    if !is_within_limit {
        record_refusal(tx, known.map(|user| user.id), source, now).await?;
        return Ok(new);
    }
    if let Some(departure) = former_address::reserved(&mut *tx, &email, now).await? {
        record_refusal(tx, Some(departure.user_id), source, now).await?;
        former_address::tell(app, tx, &departure, source).await?;
        return Ok(new);
    }
    if let Some(user) = known.as_ref().filter(|user| !user.is_pending()) {
        record_refusal(tx, Some(user.id), source, now).await?;
        queue::notify(app, tx, MailKind::AlreadyRegistered, user, None, source).await?;
        return Ok(new);
    }
    let stored = store_pending(tx, sign_up, (known, earlier), (new, hash), now).await?;
    // None: a concurrent sign-up with this address won, and its email is queued.
    let Some(user) = stored else { return Ok(new) };
    hash_timing::count(app, None, hash);
    audit::record(tx, Event::Registered, Outcome::Success, Some(user), source, now).await?;
    let to = Recipient::Account(user, sign_up.email.as_str());
    queue::put(app, tx, MailKind::VerifyEmail, to, None, source).await?;
    Ok(user)
}

async fn record_refusal(
    tx: &mut Tx,
    user: Option<UserId>,
    source: &Source,
    now: Timestamp,
) -> Result<()> {
    audit::record(tx, Event::Registered, Outcome::Refused, user, source, now).await
}

/// Stores an unconfirmed sign-up, and replaces an earlier one with this address. `None`: a concurrent sign-up won.
async fn store_pending(
    tx: &mut Tx,
    sign_up: &SignUp<'_>,
    (known, earlier): (Option<User>, Option<UserId>),
    (new, hash): (UserId, &str),
    now: Timestamp,
) -> Result<Option<UserId>> {
    if let Some(user) = known {
        if earlier == Some(user.id) {
            // The same browser corrects its own sign-up, so the links sent before still work.
            let invitation = sign_up.invitation.map(|it| it.id);
            let (username, language) = (sign_up.username, sign_up.language);
            if !sign_ups::correct(tx, user.id, username, invitation, language).await? {
                return Ok(None);
            }
            passwords::put(tx, user.id, hash, now).await?;
            return Ok(Some(user.id));
        }
        // A sign-up from another browser, perhaps by a stranger: its password must not become the owner's.
        pending::delete(tx, user.id).await?;
    }
    if !users::put(tx, &new_user(new, sign_up, None), now).await? {
        return Ok(None);
    }
    passwords::put(tx, new, hash, now).await?;
    Ok(Some(new))
}

fn new_user<'a>(id: UserId, sign_up: &SignUp<'a>, activated_at: Option<Timestamp>) -> NewUser<'a> {
    let (email, username) = (sign_up.email, sign_up.username);
    let invitation = sign_up.invitation.map(|it| it.id);
    let (email_verified_at, language) = (None, sign_up.language);
    NewUser { id, email, username, activated_at, email_verified_at, invitation, language }
}
