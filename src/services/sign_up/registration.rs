//! Signing up, and confirming the address.
//!
//! Nobody learns from a sign-up whether an address has an account: the page is the same, and the mail tells its owner. Nor
//! can anybody sign up for somebody else: whoever confirms must be the browser that signed up, or know its password.

use std::time::Duration;

use crate::app::App;
use crate::clock::Timestamp;
use crate::config::Registration;
use crate::db::Tx;
use crate::domain::account::email::{EmailAddress, EmailKey};
use crate::domain::account::invitation::Invitation;
use crate::domain::account::user::User;
use crate::domain::account::username::Username;
use crate::domain::audit_event::{Event, Outcome};
use crate::domain::email::mail_kind::MailKind;
use crate::domain::email::one_time_token::{OneTimeToken, Purpose};
use crate::domain::id::{SessionId, UserId};
use crate::domain::sign_in::password::{InvalidPassword, Password};
use crate::domain::source::Source;
use crate::error::{Error, Result, from_db_error};
use crate::hasher::Asker;
use crate::repositories::users::{self, NewUser};
use crate::services::account::former_address;
use crate::services::audit;
use crate::services::email::outbox;
use crate::services::links;
use crate::services::sign_in::hash_costs;
use crate::services::sign_in::login::{self, Browser, SignedIn, Step};
use crate::services::sign_in::password_check::{self, Checked, PasswordError};
use crate::services::sign_in::passwords::{self, ChooseError};
use crate::services::sign_in::sessions::{self, Beginning};
use crate::services::sign_up::approvals;
use crate::services::sign_up::invitations;
use crate::services::throttle::{self, Mails, Subject, Who};
use crate::transaction;

/// What somebody typed to sign up.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "holds a password as typed")]
pub struct SignUp<'a> {
    /// The name to go by.
    pub username: &'a Username,
    /// The address.
    pub email: &'a EmailAddress,
    /// The password as typed.
    pub password: &'a str,
    /// By which invitation, if by one.
    pub invitation: Option<&'a Invitation>,
    /// From where.
    pub source: &'a Source,
}

/// What is known of the browser in which somebody signs up.
#[derive(Clone, Copy, Debug)]
pub struct SigningUp {
    /// The sign-up that it made before and has not confirmed yet.
    pub earlier: Option<UserId>,
    /// The session that it had until now.
    pub replaces: Option<SessionId>,
}

/// What comes next.
#[derive(Clone, Debug)]
pub enum SignedUp<T> {
    /// A mail goes to the address. The id lets the browser that signed up confirm with a button; it names no account where the
    /// address had one already.
    CheckMail(UserId),
    /// Addresses need no confirmation here: there is an account.
    Ready(T),
    /// Neither do they, but an administrator has to accept the account first.
    AwaitsApproval,
}

/// Why there is no new account.
#[derive(Debug, thiserror::Error)]
pub enum SignUpError {
    /// Sign-ups are switched off.
    #[error("sign-ups are closed")]
    Closed,
    /// One has to be invited.
    #[error("sign-ups need an invitation")]
    NeedsInvitation,
    /// The invitation is used, revoked or for another address.
    #[error("the invitation does not work")]
    InvalidInvitation,
    /// The address has an account; told only where addresses need no confirmation.
    #[error("the address is taken")]
    Taken,
    /// Too short, too long or too easy to guess.
    #[error(transparent)]
    Password(#[from] InvalidPassword),
    /// Too many sign-ups; how long to wait.
    #[error("too many sign-ups")]
    TooMany(Duration),
    /// Nothing that the person could mend.
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

/// Signs up in a browser, which is signed in with that where addresses need no confirmation.
pub async fn sign_up(
    app: &App,
    sign_up: &SignUp<'_>,
    browser: SigningUp,
) -> Result<SignedUp<SignedIn>, SignUpError> {
    let hash = check(app, sign_up).await?;
    let outcome = transaction!(app.db, |tx| -> Result<_, SignUpError> {
        Ok(match write_down(app, tx, sign_up, browser.earlier, &hash).await? {
            SignedUp::CheckMail(user) => SignedUp::CheckMail(user),
            SignedUp::AwaitsApproval => SignedUp::AwaitsApproval,
            SignedUp::Ready(user) => {
                let (replaces, source) = (browser.replaces, sign_up.source);
                let first = Beginning { user, remember: false, amr: "pwd", replaces, source };
                let token = sessions::begin(app, tx, &first).await?;
                SignedUp::Ready(SignedIn { user, credential_version: 0, token })
            }
        })
    })?;
    app.outbox_bell.notify_one();
    Ok(outcome)
}

/// The same in a program, which signs in by itself.
pub async fn register(app: &App, sign_up: &SignUp<'_>) -> Result<SignedUp<UserId>, SignUpError> {
    let hash = check(app, sign_up).await?;
    let outcome = transaction!(app.db, |tx| -> Result<_, SignUpError> {
        write_down(app, tx, sign_up, None, &hash).await
    })?;
    app.outbox_bell.notify_one();
    Ok(outcome)
}

/// Whether this may become an account; the password's hash.
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
    let source = sign_up.source;
    let context = [sign_up.username.as_str(), sign_up.email.as_str(), &app.config.site_name];
    let (asker, counts_as) = (Asker::stranger(source), Subject::ChooseNetwork(source));
    let password = passwords::choose(app, sign_up.password, &context, asker, counts_as).await?;
    let network = Subject::RegisterNetwork(source);
    let counted =
        transaction!(app.db, |tx| -> Result<_> { throttle::count(app, tx, network).await })?;
    counted.map_err(SignUpError::TooMany)?;
    Ok(app.hasher.hash(asker, &password).await?) // for every address, so that none stands out
}

async fn write_down(
    app: &App,
    tx: &mut Tx,
    sign_up: &SignUp<'_>,
    earlier: Option<UserId>,
    hash: &str,
) -> Result<SignedUp<UserId>, SignUpError> {
    hash_costs::note(tx, hash, app.clock.now()).await?;
    if app.config.verification_required {
        return Ok(SignedUp::CheckMail(ask_to_confirm(app, tx, sign_up, earlier, hash).await?));
    }
    let (source, now) = (sign_up.source, app.clock.now());
    // Whoever signed up while addresses had to be confirmed, and did not, is in nobody's way.
    if let Some(known) = users::find_by_email(&mut *tx, &sign_up.email.key()).await? {
        if !known.is_pending() {
            return Err(SignUpError::Taken);
        }
        delete_pending(tx, known.id).await?;
    }
    if former_address::reserved(&mut *tx, &sign_up.email.key(), now).await?.is_some() {
        return Err(SignUpError::Taken);
    }
    let user = UserId::new(now);
    if !users::put(tx, &new_user(user, sign_up, hash, Some(now)), now).await? {
        return Err(SignUpError::Taken);
    }
    if let Some(invitation) = sign_up.invitation
        && !invitations::accept(tx, invitation.id, user, source, now).await?
    {
        return Err(SignUpError::InvalidInvitation);
    }
    hash_costs::count(app, None, hash);
    audit::record(tx, Event::Registered, Outcome::Success, Some(user), source, now).await?;
    if sign_up.invitation.is_none() && app.config.registration == Registration::Approval {
        approvals::ask(app, tx, user, source).await?;
        return Ok(SignedUp::AwaitsApproval);
    }
    Ok(SignedUp::Ready(user))
}

/// Writes down the sign-up and asks for the mail that fits: the link for a new address, a word to the owner of a known one.
/// An address that has had its share of mails gets none, and nothing changes.
async fn ask_to_confirm(
    app: &App,
    tx: &mut Tx,
    sign_up: &SignUp<'_>,
    earlier: Option<UserId>,
    hash: &str,
) -> Result<UserId> {
    let (source, now) = (sign_up.source, app.clock.now());
    let (new, email) = (UserId::new(now), sign_up.email.key());
    let welcome = throttle::count_mail(app, tx, Mails::SignUp, &email).await?.is_ok();
    let known = users::find_by_email(&mut *tx, &email).await?;
    if !welcome {
        audit::record(
            tx,
            Event::Registered,
            Outcome::Refused,
            known.map(|user| user.id),
            source,
            now,
        )
        .await?;
        return Ok(new);
    }

    if let Some(departure) = former_address::reserved(&mut *tx, &email, now).await? {
        let owner = Some(departure.user_id);
        audit::record(tx, Event::Registered, Outcome::Refused, owner, source, now).await?;
        former_address::tell(app, tx, &departure, source).await?;
        return Ok(new);
    }

    let signed_up = match known {
        Some(user) if !user.is_pending() => {
            audit::record(tx, Event::Registered, Outcome::Refused, Some(user.id), source, now)
                .await?;
            outbox::notify(app, tx, MailKind::AlreadyRegistered, &user, None, source).await?;
            return Ok(new);
        }
        // The same browser corrects its own sign-up: links sent before stay good.
        Some(user) if earlier == Some(user.id) => {
            let invitation = sign_up.invitation.map(|it| it.id);
            let (id, name) = (user.id, sign_up.username);
            users::set_sign_up(tx, id, name, hash, invitation).await?.then_some(id)
        }
        // Somebody's sign-up from elsewhere, never confirmed: whoever it was, their password must not become the owner's.
        Some(user) => {
            delete_pending(tx, user.id).await?;
            users::put(tx, &new_user(new, sign_up, hash, None), now).await?.then_some(new)
        }
        None => users::put(tx, &new_user(new, sign_up, hash, None), now).await?.then_some(new),
    };
    // Nothing: another sign-up with this address came in between, and has its mail.
    let Some(user) = signed_up else { return Ok(new) };
    hash_costs::count(app, None, hash);
    audit::record(tx, Event::Registered, Outcome::Success, Some(user), source, now).await?;
    let (kind, recipient) = (MailKind::VerifyEmail, sign_up.email.as_str());
    outbox::put(app, tx, kind, Some(user), recipient, None, source).await?;
    Ok(user)
}

/// Removes a sign-up with this address, if nobody has confirmed it: it is in nobody's way.
pub async fn forget_pending(tx: &mut Tx, email: &EmailKey) -> Result<()> {
    match users::find_by_email(&mut *tx, email).await? {
        Some(known) if known.is_pending() => delete_pending(tx, known.id).await,
        _ => Ok(()),
    }
}

/// Removes a sign-up that nobody confirmed, its mails first: in the order in which the worker takes them.
async fn delete_pending(tx: &mut Tx, user: UserId) -> Result<()> {
    outbox::delete_of(tx, user).await?;
    users::delete_pending(tx, user).await?;
    Ok(())
}

fn new_user<'a>(
    id: UserId,
    sign_up: &SignUp<'a>,
    hash: &'a str,
    activated_at: Option<Timestamp>,
) -> NewUser<'a> {
    let (email, username) = (sign_up.email, sign_up.username);
    let invitation = sign_up.invitation.map(|it| it.id);
    NewUser {
        id,
        email,
        username,
        password_hash: hash,
        activated_at,
        email_verified_at: None,
        invitation,
    }
}

/// How a browser shows that it may confirm.
#[derive(Clone, Copy, Debug)]
pub enum Proof<'a> {
    /// It signed up as this user itself.
    SignedUp(UserId),
    /// The person there knows the password.
    Password(&'a Password),
}

/// Why an address was not confirmed.
#[derive(Debug, thiserror::Error)]
pub enum ConfirmError {
    /// Unknown, used or expired.
    #[error("the link does not work")]
    InvalidLink,
    /// Sign-ups have been closed, or need an invitation, since this one began.
    #[error("sign-ups are closed")]
    Closed,
    /// The wrong password.
    #[error("wrong password")]
    WrongPassword,
    /// Too many attempts; how long to wait.
    #[error("too many attempts")]
    TooMany(Duration),
    /// Nothing that the person could mend.
    #[error(transparent)]
    Failed(#[from] Error),
}

from_db_error!(ConfirmError);

impl From<PasswordError> for ConfirmError {
    fn from(error: PasswordError) -> Self {
        match error {
            PasswordError::Wrong => Self::WrongPassword,
            PasswordError::TooMany(wait) => Self::TooMany(wait),
            PasswordError::Failed(error) => Self::Failed(error),
        }
    }
}

/// The account that a link would confirm. Changes nothing.
pub async fn find(app: &App, token: &OneTimeToken) -> Result<Option<User>> {
    links::owner(app, token, Purpose::VerifyEmail).await
}

/// Confirms the address and signs in; with a second factor (an account that was in use before its address had to be
/// confirmed) a code is still missing.
pub async fn confirm(
    app: &App,
    token: &OneTimeToken,
    proof: Proof<'_>,
    browser: Browser<'_>,
) -> Result<Step, ConfirmError> {
    let source = browser.source;
    let user = find(app, token).await?.ok_or(ConfirmError::InvalidLink)?;
    if app.config.registration.shuts_out(&user) {
        return Err(ConfirmError::Closed);
    }
    let (email, stranger) = (user.email_key.clone(), Who::Stranger(source));
    let user = match proof {
        Proof::SignedUp(id) if id == user.id => user,
        Proof::SignedUp(_) => return Err(ConfirmError::WrongPassword),
        Proof::Password(password) => {
            let (tries, event) = ((&email, stranger), Event::SignedIn);
            let Checked { user, .. } =
                password_check::check(app, Some(user), password, tries, event, source).await?;
            user
        }
    };

    let now = app.clock.now();
    let step = transaction!(app.db, |tx| -> Result<_, ConfirmError> {
        if !links::spend(app, tx, token, Purpose::VerifyEmail, &user, now).await? {
            return Err(ConfirmError::InvalidLink);
        }
        if !users::verify_email(tx, user.id, user.credential_version, now).await? {
            return Err(ConfirmError::InvalidLink); // the password was changed meanwhile
        }
        let opened = open(app, tx, &user, source).await?;
        if matches!(proof, Proof::Password(_)) {
            throttle::forget_sign_in(app, tx, &email, stranger).await?;
        }
        audit::record(tx, Event::EmailVerified, Outcome::Success, Some(user.id), source, now)
            .await?;
        if opened == Opened::AwaitsApproval {
            return Ok(Step::AwaitsApproval);
        }
        if user.is_pending() {
            outbox::notify(app, tx, MailKind::Welcome, &user, None, source).await?;
        }
        let step = login::enter(app, tx, &user, false, browser).await?;
        let Some(step) = step else { return Err(ConfirmError::InvalidLink) };
        Ok(step)
    })?;
    app.outbox_bell.notify_one();
    Ok(step)
}

/// Why no email that confirms an address was sent.
#[derive(Debug, thiserror::Error)]
pub enum ResendError {
    /// Nothing is left to confirm.
    #[error("the address is confirmed already")]
    Confirmed,
    /// Too many such emails; how long to wait.
    #[error("too many emails")]
    TooMany(Duration),
    /// Nothing that the person could fix.
    #[error(transparent)]
    Failed(#[from] Error),
}

from_db_error!(ResendError);

/// Sends the owner of an account the email that confirms its address: an account from when addresses needed no confirmation.
pub async fn resend(app: &App, user: UserId, source: &Source) -> Result<(), ResendError> {
    transaction!(app.db, |tx| -> Result<_, ResendError> {
        let user = users::find(&mut *tx, user).await?;
        let Some(user) = user.filter(|user| user.email_verified_at.is_none()) else {
            return Err(ResendError::Confirmed);
        };
        throttle::count_mail(app, tx, Mails::Confirmation, &user.email_key)
            .await?
            .map_err(ResendError::TooMany)?;
        outbox::notify(app, tx, MailKind::VerifyEmail, &user, None, source).await?;
        Ok(())
    })?;
    app.outbox_bell.notify_one();
    Ok(())
}

/// What a sign-up has become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opened {
    /// An account like any other.
    Account,
    /// An account that an administrator has to accept first.
    AwaitsApproval,
}

/// Why a sign-up did not become an account. The transaction is to be dropped.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// `REGISTRATION` no longer lets it.
    #[error("sign-ups are closed")]
    Closed,
    /// The invitation that it came by no longer works.
    #[error("the invitation does not work")]
    InvalidInvitation,
    /// Nothing that the person could fix.
    #[error(transparent)]
    Failed(#[from] Error),
}

from_db_error!(OpenError);

impl From<OpenError> for ConfirmError {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Closed => Self::Closed,
            OpenError::InvalidInvitation => Self::InvalidLink,
            OpenError::Failed(error) => Self::Failed(error),
        }
    }
}

/// A sign-up, if it is still one, becomes an account: by the invitation that it came by, which is used up with that, or where
/// administrators decide, by theirs.
pub async fn open(
    app: &App,
    tx: &mut Tx,
    user: &User,
    source: &Source,
) -> Result<Opened, OpenError> {
    if !user.is_pending() {
        return Ok(if user.awaits_approval() { Opened::AwaitsApproval } else { Opened::Account });
    }
    if app.config.registration.shuts_out(user) {
        return Err(OpenError::Closed);
    }
    if let Some(invitation) = user.invitation_id {
        let now = app.clock.now();
        let is_in = invitations::accept(tx, invitation, user.id, source, now).await?;
        return if is_in { Ok(Opened::Account) } else { Err(OpenError::InvalidInvitation) };
    }
    if app.config.registration == Registration::Approval {
        approvals::ask(app, tx, user.id, source).await?;
        return Ok(Opened::AwaitsApproval);
    }
    Ok(Opened::Account)
}

/// The owner of the address did not sign up: the account that waits for its mail goes away.
pub async fn decline(app: &App, token: &OneTimeToken, source: &Source) -> Result<(), ConfirmError> {
    let user = find(app, token).await?.ok_or(ConfirmError::InvalidLink)?;
    let now = app.clock.now();
    transaction!(app.db, |tx| -> Result<_, ConfirmError> {
        let spent = links::spend(app, tx, token, Purpose::VerifyEmail, &user, now).await?;
        // An account in use is nobody's to delete with a link.
        if !spent || !users::delete_pending(tx, user.id).await? {
            return Err(ConfirmError::InvalidLink);
        }
        throttle::forget_mails(app, tx, Mails::SignUp, &user.email_key).await?;
        audit::record(tx, Event::SignUpDeclined, Outcome::Success, Some(user.id), source, now)
            .await?;
        Ok(())
    })
}
