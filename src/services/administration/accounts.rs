//! What administrators do to accounts, in their pages and on the command line. Each act is audited with who did it; none can leave
//! the site without an administrator, and none in the pages is done to one's own account, so that nobody locks themselves out by
//! accident.

use std::collections::BTreeSet;

use crate::app::App;
use crate::clock::Timestamp;
use crate::db::Tx;
use crate::domain::account::email::EmailAddress;
use crate::domain::account::invitation::Because;
use crate::domain::account::role::{self, Role};
use crate::domain::account::user::User;
use crate::domain::account::user_list::{Filter, ListedUser, Order, Place};
use crate::domain::account::username::Username;
use crate::domain::audit_event::{AuditEntry, Event, Outcome};
use crate::domain::email::mail_kind::MailKind;
use crate::domain::email::one_time_token::{Grant, HANDED_RESET_TTL, OneTimeToken, Purpose};
use crate::domain::id::{MailId, UserId};
use crate::domain::sign_in::session::{EndReason, ListedSession};
use crate::domain::source::Source;
use crate::error::{Error, Result, from_db_error};
use crate::repositories::users::{self, NewUser};
use crate::repositories::{
    audit_events, one_time_tokens, recovery_codes, sessions, totp, user_list, user_roles,
};
use crate::secret::Secret;
use crate::services::account::former_address;
use crate::services::audit::{self, Act};
use crate::services::email::outbox::{self, OutboxEntry};
use crate::services::links;
use crate::services::sign_up::invitation_makers;
use crate::services::sign_up::registration;
use crate::services::sign_up::registration::{OpenError, Opened};
use crate::services::two_factor::second_factor::{self, Status};
use crate::transaction;

/// Most characters of a reason.
const LONGEST_REASON: usize = 200;
/// What mails say of who asked for them: neither the administrator's address nor their name.
const BY_ADMINISTRATOR: &str = "an administrator";
/// Mails and entries of the log on a user's page.
const SHOWN: u32 = 10;

/// A link would open nothing.
const SHUT_OUT: &str = "This sign-up was never confirmed, and REGISTRATION no longer lets it become an account. Create the account with \
                        `authflow user create` instead.";
/// Somebody else has decided meanwhile, or there was nothing to decide.
const NOT_WAITING: ActError = ActError::Unfit("The account does not wait to be accepted.");

/// Who acts.
#[derive(Clone, Copy, Debug)]
pub struct Actor<'a> {
    /// The administrator; nobody known on the command line.
    pub id: Option<UserId>,
    /// From where.
    pub source: &'a Source,
}

/// Why an act was not done.
#[derive(Debug, thiserror::Error)]
pub enum ActError {
    /// There is no such account.
    #[error("There is no such account.")]
    Unknown,
    /// Somebody acts on themselves.
    #[error(
        "This is your own account: do that on the pages of your profile, ask another administrator, or use the command line."
    )]
    OwnAccount,
    /// Nobody would be left.
    #[error(
        "This is the last administrator: nobody could administer the site any more. Give the role “admin” to somebody else first."
    )]
    LastAdministrator,
    /// It does not fit how the account stands.
    #[error("{0}")]
    Unfit(&'static str),
    /// Nothing that the person could mend.
    #[error(transparent)]
    Failed(#[from] Error),
}

from_db_error!(ActError);

impl From<OpenError> for ActError {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Closed => Self::Unfit(SHUT_OUT),
            OpenError::InvalidInvitation => {
                Self::Unfit("The invitation of this sign-up has been used, revoked or has expired.")
            }
            OpenError::Failed(error) => Self::Failed(error),
        }
    }
}

/// A page of the list.
#[derive(Clone, Debug)]
pub struct Users {
    /// The accounts.
    pub users: Vec<ListedUser>,
    /// Where the next page begins, if there is one.
    pub next: Option<Place>,
}

/// The accounts after `place`, at most `limit`.
pub async fn list(
    app: &App,
    filter: &Filter,
    order: Order,
    place: &Place,
    limit: usize,
) -> Result<Users> {
    let more = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
    let mut users = user_list::page(&app.db, filter, order, place, more).await?;
    let is_more = users.len() > limit;
    users.truncate(limit);
    let next = users.last().filter(|_| is_more).map(|user| user.place(order));
    Ok(Users { users, next })
}

/// Some names of roles that are in use, for the filter to offer.
pub async fn roles(app: &App) -> Result<Vec<Role>> {
    Ok(user_roles::some(&app.db, 100).await?)
}

/// The account with this address or id, as a person names it.
pub async fn named(app: &App, name: &str) -> Result<Option<ListedUser>> {
    let id = if let Ok(id) = name.parse() {
        Some(UserId(id))
    } else if let Ok(email) = EmailAddress::parse(name) {
        users::find_by_email(&app.db, &email.key()).await?.map(|user| user.id)
    } else {
        None
    };
    match id {
        Some(id) => Ok(users::find_listed(&app.db, id).await?),
        None => Ok(None),
    }
}

/// All that is shown of an account.
#[derive(Clone, Debug)]
pub struct Account {
    /// The account.
    pub user: ListedUser,
    /// Its second factor.
    pub second_factor: Option<Status>,
    /// Its sessions that are alive, the last seen first.
    pub sessions: Vec<ListedSession>,
    /// Its latest mails.
    pub mails: Vec<OutboxEntry>,
    /// The latest entries of the log about it.
    pub entries: Vec<AuditEntry>,
    /// Whether it is a sign-up that `REGISTRATION` no longer lets become an account.
    pub is_shut_out: bool,
}

/// Looks an account up.
pub async fn find(app: &App, id: UserId) -> Result<Option<Account>> {
    let Some(user) = users::find_listed(&app.db, id).await? else { return Ok(None) };
    let (now, idle) = (app.clock.now(), app.config.lifetimes.idle);
    let mut sessions = sessions::open_of_user(&app.db, id, now).await?;
    sessions.retain(|session| now < session.lives_until(idle));
    let mails = outbox::about(app, id, &user.email, SHOWN).await?;
    let entries = audit_events::of_user(&app.db, id, uuid::Uuid::max(), SHOWN.into()).await?;
    let second_factor = second_factor::status(app, id).await?;
    let sign_up = if user.activated_at.is_none() { users::find(&app.db, id).await? } else { None };
    let is_shut_out = sign_up.is_some_and(|it| app.config.registration.shuts_out(&it));
    Ok(Some(Account { user, second_factor, sessions, mails, entries, is_shut_out }))
}

/// A new account to be.
#[derive(Clone, Debug)]
pub struct NewAccount<'a> {
    /// Its address.
    pub email: &'a EmailAddress,
    /// Its name.
    pub username: &'a Username,
    /// Its roles.
    pub roles: &'a BTreeSet<Role>,
}

/// Makes an account without a password: its owner sets one by a link.
pub async fn create(app: &App, actor: Actor<'_>, new: &NewAccount<'_>) -> Result<UserId, ActError> {
    const TAKEN: ActError = ActError::Unfit("There is an account with this address already.");
    let (now, key) = (app.clock.now(), new.email.key());
    let id = UserId::new(now);
    let user = NewUser {
        id,
        email: new.email,
        username: new.username,
        password_hash: "!",
        activated_at: Some(now),
        email_verified_at: None,
        invitation: None,
    };
    transaction!(app.db, |tx| -> Result<_, ActError> {
        registration::forget_pending(tx, &key).await?;
        if former_address::reserved(&mut *tx, &key, now).await?.is_some() {
            return Err(ActError::Unfit(
                "Somebody has moved their account away from this address and may still call it back: wait some days.",
            ));
        }
        if !users::put(tx, &user, now).await? {
            return Err(TAKEN);
        }
        for role in new.roles {
            user_roles::add(tx, id, role).await?;
        }
        let roles = describe(new.roles);
        note(tx, actor, Event::UserCreated, id, Some(&roles), now).await
    })?;
    Ok(id)
}

/// Makes a link that sets a new password, to be handed over by a person. It works once, for [`HANDED_RESET_TTL`], and does not confirm
/// the address of an account that is in use.
pub async fn reset_link(
    app: &App,
    actor: Actor<'_>,
    id: UserId,
) -> Result<Secret<String>, ActError> {
    let user = reachable_account(app, id).await?;
    let now = app.clock.now();
    let token = OneTimeToken::of_mail(&app.secrets.one_time, MailId::new(now));
    let expires_at = now.after(HANDED_RESET_TTL);
    let grant = Grant { user_id: id, email_key: user.email_key.clone(), expires_at };
    transaction!(app.db, |tx| -> Result<_, ActError> {
        one_time_tokens::put(tx, &token, Purpose::HandedReset, &grant, now).await?;
        note(tx, actor, Event::ResetLinkSent, id, Some("handed over by a person"), now).await
    })?;
    let path = format!("/auth/reset-password/{}", token.reveal());
    Ok(Secret::new(app.config.public_url.link(&path)))
}

/// Sends a link that sets a new password to the account's address.
pub async fn send_reset(app: &App, actor: Actor<'_>, id: UserId) -> Result<(), ActError> {
    let user = reachable_account(app, id).await?;
    send(app, actor, &user, MailKind::ResetPassword, Event::ResetLinkSent).await
}

/// Sends the mail again that confirms the address.
pub async fn resend_confirmation(app: &App, actor: Actor<'_>, id: UserId) -> Result<(), ActError> {
    let user = reachable_account(app, id).await?;
    if user.email_verified_at.is_some() {
        return Err(ActError::Unfit("The address has been confirmed already."));
    }
    send(app, actor, &user, MailKind::VerifyEmail, Event::ConfirmationResent).await
}

/// Vouches for an account's address, without an email. A sign-up that waits for its confirmation becomes an account with that, under
/// the same rules as if its owner had confirmed it.
pub async fn verify_email(app: &App, actor: Actor<'_>, id: UserId) -> Result<Opened, ActError> {
    must_be_another(actor, id)?;
    let user = open_account(app, id).await?;
    let now = app.clock.now();
    let opened = transaction!(app.db, |tx| -> Result<_, ActError> {
        if user.email_verified_at.is_some() {
            return Err(ActError::Unfit("The email address is confirmed already."));
        }
        if !users::verify_email(tx, id, user.credential_version, now).await? {
            return Err(ActError::Unfit("The account has changed meanwhile. Look at it again."));
        }
        let opened = registration::open(app, tx, &user, actor.source).await?;
        note(tx, actor, Event::EmailVerifiedByAdministrator, id, None, now).await?;
        if user.is_pending() && opened == Opened::Account {
            outbox::notify(app, tx, MailKind::Welcome, &user, None, actor.source).await?;
        }
        Ok(opened)
    })?;
    app.outbox_bell.notify_one();
    Ok(opened)
}

async fn send(
    app: &App,
    actor: Actor<'_>,
    user: &User,
    kind: MailKind,
    event: Event,
) -> Result<(), ActError> {
    let now = app.clock.now();
    transaction!(app.db, |tx| -> Result<_, ActError> {
        outbox::notify(app, tx, kind, user, Some(BY_ADMINISTRATOR), actor.source).await?;
        note(tx, actor, event, user.id, None, now).await
    })?;
    app.outbox_bell.notify_one();
    Ok(())
}

/// Closes an account: everybody is signed out, its links and its password open nothing until it is opened again.
pub async fn disable(app: &App, actor: Actor<'_>, id: UserId) -> Result<(), ActError> {
    let user = others_account(app, actor, id).await?;
    let now = app.clock.now();
    transaction!(app.db, |tx| -> Result<_, ActError> {
        links::close(app, tx, &user, now).await?;
        must_leave_administrators(tx, id).await?;
        if !users::disable(tx, id, now).await? {
            return Err(ActError::Unfit("The account is closed already."));
        }
        sessions::end_all(tx, id, None, EndReason::AccountDisabled, now).await?;
        revoke_invitations(tx, actor, id, Because::Disabled, now).await?;
        note(tx, actor, Event::UserDisabled, id, None, now).await
    })
}

/// Opens a closed account again.
pub async fn enable(app: &App, actor: Actor<'_>, id: UserId) -> Result<(), ActError> {
    others_account(app, actor, id).await?;
    let now = app.clock.now();
    transaction!(app.db, |tx| -> Result<_, ActError> {
        if !users::enable(tx, id).await? {
            return Err(ActError::Unfit("The account is open already."));
        }
        note(tx, actor, Event::UserEnabled, id, None, now).await
    })
}

/// Accepts an account that waits for it. Its owner is told.
pub async fn accept(app: &App, actor: Actor<'_>, id: UserId) -> Result<(), ActError> {
    let user = others_account(app, actor, id).await?;
    let now = app.clock.now();
    transaction!(app.db, |tx| -> Result<_, ActError> {
        if !users::accept(tx, id).await? {
            return Err(NOT_WAITING);
        }
        note(tx, actor, Event::SignUpAccepted, id, None, now).await?;
        outbox::notify(app, tx, MailKind::SignUpAccepted, &user, None, actor.source).await?;
        Ok(())
    })?;
    app.outbox_bell.notify_one();
    Ok(())
}

/// Refuses an account that waits to be accepted, and deletes it. Who signed up is told.
pub async fn refuse(app: &App, actor: Actor<'_>, id: UserId) -> Result<(), ActError> {
    let user = others_account(app, actor, id).await?;
    let now = app.clock.now();
    transaction!(app.db, |tx| -> Result<_, ActError> {
        outbox::delete_all(tx, &user).await?;
        if !users::delete_waiting(tx, id).await? {
            return Err(NOT_WAITING);
        }
        note(tx, actor, Event::SignUpRefused, id, None, now).await?;
        let (kind, to) = (MailKind::SignUpRefused, user.email.as_str());
        outbox::put(app, tx, kind, None, to, None, actor.source).await?;
        Ok(())
    })?;
    app.outbox_bell.notify_one();
    Ok(())
}

/// Gives an account these roles and no others; they count from the next request on.
pub async fn set_roles(
    app: &App,
    actor: Actor<'_>,
    id: UserId,
    roles: &BTreeSet<Role>,
) -> Result<(), ActError> {
    let now = app.clock.now();
    transaction!(app.db, |tx| -> Result<_, ActError> {
        user_roles::hold_administrators(tx).await?;
        if !users::hold(tx, id).await? {
            return Err(ActError::Unknown);
        }
        let before = user_roles::of_user(&mut *tx, id).await?;
        if before == *roles {
            return Ok(());
        }
        if before.contains(&Role::admin()) && !roles.contains(&Role::admin()) {
            must_be_another(actor, id)?;
            must_leave_administrators(tx, id).await?;
        }
        user_roles::delete_all(tx, id).await?;
        for role in roles {
            user_roles::add(tx, id, role).await?;
        }
        if !roles.contains(&Role::admin()) {
            revoke_invitations(tx, actor, id, Because::Demoted, now).await?;
        }
        let change = format!("{}; before: {}", describe(roles), describe(&before));
        note(tx, actor, Event::RolesChanged, id, Some(&change), now).await
    })
}

/// Ends every session of an account; how many that were.
pub async fn end_sessions(app: &App, actor: Actor<'_>, id: UserId) -> Result<u64, ActError> {
    others_account(app, actor, id).await?;
    let now = app.clock.now();
    transaction!(app.db, |tx| -> Result<_, ActError> {
        let ended = sessions::end_all(tx, id, None, EndReason::EndedByAdministrator, now).await?;
        note(tx, actor, Event::SessionsEnded, id, Some(&ended.to_string()), now).await?;
        Ok(ended)
    })
}

/// Reads the reason of an act that the person is told.
pub fn reason(text: &str) -> Result<String, String> {
    let reason = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if reason.is_empty() {
        Err("Say why, in a few words: the person is told.".into())
    } else if reason.chars().count() > LONGEST_REASON {
        Err(format!("Say the reason in at most {LONGEST_REASON} characters."))
    } else if reason.chars().any(char::is_control) {
        Err("The reason holds a character that cannot be shown. Type it anew.".into())
    } else {
        Ok(reason)
    }
}

/// Takes the second factor away from somebody who has lost it. They are told, with the reason.
pub async fn remove_second_factor(
    app: &App,
    actor: Actor<'_>,
    id: UserId,
    reason: &str,
) -> Result<(), ActError> {
    must_be_another(actor, id)?;
    let user = open_account(app, id).await?;
    let now = app.clock.now();
    transaction!(app.db, |tx| -> Result<_, ActError> {
        links::close(app, tx, &user, now).await?;
        let (event, kind) = (Event::SecondFactorRemoved, MailKind::SecondFactorRemoved);
        if !users::change_credentials(tx, id, user.credential_version).await? {
            return Err(ActError::Unfit("The account has changed meanwhile. Look at it again."));
        }
        if !second_factor::is_on_in(tx, id).await? {
            return Err(ActError::Unfit("The account has no second factor."));
        }
        totp::delete(tx, id).await?;
        recovery_codes::delete_all(tx, id).await?;
        sessions::end_all(tx, id, None, EndReason::SecondFactorChanged, now).await?;
        note(tx, actor, event, id, Some(reason), now).await?;
        outbox::notify(app, tx, kind, &user, Some(reason), actor.source).await?;
        Ok(())
    })?;
    app.outbox_bell.notify_one();
    Ok(())
}

/// Deletes an account and all that hangs on it, for good. The log keeps its entries; whoever owned it is told.
pub async fn delete(app: &App, actor: Actor<'_>, id: UserId) -> Result<(), ActError> {
    let user = others_account(app, actor, id).await?;
    let now = app.clock.now();
    transaction!(app.db, |tx| -> Result<_, ActError> {
        outbox::delete_all(tx, &user).await?;
        must_leave_administrators(tx, id).await?;
        if !users::hold(tx, id).await? {
            return Err(ActError::Unknown);
        }
        users::delete(tx, id).await?;
        revoke_invitations(tx, actor, id, Because::Deleted, now).await?;
        note(tx, actor, Event::UserDeleted, id, None, now).await?;
        // An address that nobody has confirmed may be a stranger's.
        if !user.is_pending() {
            let (kind, to) = (MailKind::AccountDeletedByAdministrator, user.email.as_str());
            outbox::put(app, tx, kind, None, to, None, actor.source).await?;
        }
        Ok(())
    })?;
    app.outbox_bell.notify_one();
    Ok(())
}

async fn revoke_invitations(
    tx: &mut Tx,
    actor: Actor<'_>,
    maker: UserId,
    because: Because,
    now: Timestamp,
) -> Result<()> {
    invitation_makers::revoke_all(tx, maker, because, actor.id, actor.source, now).await
}

/// Whether nobody else could administer the site.
pub async fn is_last_administrator(tx: &mut Tx, id: UserId) -> Result<bool> {
    user_roles::hold_administrators(tx).await?;
    let is_one = user_roles::of_user(&mut *tx, id).await?.contains(&Role::admin());
    Ok(is_one && user_roles::other_administrators(tx, id).await? == 0)
}

async fn must_leave_administrators(tx: &mut Tx, id: UserId) -> Result<(), ActError> {
    if is_last_administrator(tx, id).await? { Err(ActError::LastAdministrator) } else { Ok(()) }
}

/// Somebody's account that is open.
async fn open_account(app: &App, id: UserId) -> Result<User, ActError> {
    let user = users::find(&app.db, id).await?.ok_or(ActError::Unknown)?;
    if user.disabled_at.is_some() {
        return Err(ActError::Unfit("The account is closed: open it first."));
    }
    Ok(user)
}

/// The same, if a link that is mailed to it can open something.
async fn reachable_account(app: &App, id: UserId) -> Result<User, ActError> {
    let user = open_account(app, id).await?;
    if app.config.registration.shuts_out(&user) {
        return Err(ActError::Unfit(SHUT_OUT));
    }
    Ok(user)
}

/// The account of somebody else.
async fn others_account(app: &App, actor: Actor<'_>, id: UserId) -> Result<User, ActError> {
    must_be_another(actor, id)?;
    users::find(&app.db, id).await?.ok_or(ActError::Unknown)
}

fn must_be_another(actor: Actor<'_>, id: UserId) -> Result<(), ActError> {
    if actor.id == Some(id) { Err(ActError::OwnAccount) } else { Ok(()) }
}

fn describe(roles: &BTreeSet<Role>) -> String {
    if roles.is_empty() { "no roles".to_owned() } else { role::join(roles) }
}

async fn note(
    tx: &mut Tx,
    actor: Actor<'_>,
    event: Event,
    subject: UserId,
    detail: Option<&str>,
    now: Timestamp,
) -> Result<(), ActError> {
    let (outcome, source) = (Outcome::Success, actor.source);
    let act = Act { event, outcome, actor: actor.id, subject: Some(subject), detail, source };
    Ok(audit::put(tx, &act, now).await?)
}
