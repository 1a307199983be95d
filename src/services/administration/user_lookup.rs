//! Looking up accounts: the list, and the details of one.

use crate::app::App;
use crate::domain::account::email::EmailAddress;
use crate::domain::account::handle::Handle;
use crate::domain::account::role::Role;
use crate::domain::account::user_list::{ListedUser, Order, UserCursor, UserFilter};
use crate::domain::audit_event::AuditEntry;
use crate::domain::id::UserId;
use crate::domain::sign_in::session::ListedSession;
use crate::domain::typed_text;
use crate::error::Result;
use crate::repositories::{audit_events, sessions, user_list, user_roles, users};
use crate::services::email::overview::{self, OutboxEntry};
use crate::services::two_factor::second_factor::{self, Status};

/// How many emails and log entries a user's page shows.
const SHOWN: u32 = 10;

/// A page of the list.
#[derive(Clone, Debug)]
pub struct Users {
    /// In the requested order.
    pub users: Vec<ListedUser>,
    /// The cursor of the next page, if there is one.
    pub next: Option<UserCursor>,
}

/// The accounts after `cursor`, at most `limit`.
pub async fn list(
    app: &App,
    filter: &UserFilter,
    order: Order,
    cursor: &UserCursor,
    limit: usize,
) -> Result<Users> {
    let more = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
    let mut users = user_list::page(&app.db, filter, order, cursor, more).await?;
    let is_more = users.len() > limit;
    users.truncate(limit);
    let next = users.last().filter(|_| is_more).map(|user| user.place(order));
    Ok(Users { users, next })
}

/// Some of the roles in use, as suggestions for the filter.
pub async fn roles(app: &App) -> Result<Vec<Role>> {
    Ok(user_roles::some(&app.db, 100).await?)
}

/// Finds the account that an administrator entered, by email address, handle or ID.
pub async fn named(app: &App, name: &str) -> Result<Option<ListedUser>> {
    let id = if let Ok(id) = typed_text::visible(name).parse() {
        Some(UserId(id))
    } else if let Ok(email) = EmailAddress::parse(name) {
        users::find_by_email(&app.db, &email.key()).await?.map(|user| user.id)
    } else if let Ok(handle) = Handle::parse(name) {
        users::find_by_handle(&app.db, &handle).await?.map(|user| user.id)
    } else {
        None
    };
    match id {
        Some(id) => Ok(users::find_listed(&app.db, id).await?),
        None => Ok(None),
    }
}

/// The details of an account.
#[derive(Clone, Debug)]
pub struct UserDetails {
    /// The account as the list shows it.
    pub user: ListedUser,
    /// `None` if 2FA is off.
    pub second_factor: Option<Status>,
    /// Its current sessions, most recently seen first.
    pub sessions: Vec<ListedSession>,
    /// Its newest emails.
    pub mails: Vec<OutboxEntry>,
    /// Its newest entries in the audit log.
    pub entries: Vec<AuditEntry>,
    /// Whether it is an unconfirmed sign-up that `REGISTRATION` no longer allows to become an account.
    pub is_shut_out: bool,
}

/// Looks up an account by ID.
pub async fn find(app: &App, id: UserId) -> Result<Option<UserDetails>> {
    let Some(user) = users::find_listed(&app.db, id).await? else { return Ok(None) };
    let (now, idle) = (app.clock.now(), app.config.lifetimes.idle);
    let mut sessions = sessions::current_of_user(&app.db, id, now).await?;
    sessions.retain(|session| now < session.lives_until(idle));
    let mails = overview::about(app, id, &user.email, SHOWN).await?;
    let entries = audit_events::of_user(&app.db, id, uuid::Uuid::max(), SHOWN.into()).await?;
    let second_factor = second_factor::status(app, id).await?;
    let sign_up = if user.activated_at.is_none() { users::find(&app.db, id).await? } else { None };
    let is_shut_out = sign_up.is_some_and(|it| app.config.registration.shuts_out(&it));
    Ok(Some(UserDetails { user, second_factor, sessions, mails, entries, is_shut_out }))
}
