//! Looking up accounts: the list, and the details of one.

use uuid::Uuid;

use crate::app::App;
use crate::domain::account::email::EmailAddress;
use crate::domain::account::handle::Handle;
use crate::domain::account::role::Role;
use crate::domain::account::user_list::{ListedUser, Order, UserCursor, UserFilter};
use crate::domain::audit_event::AuditEntry;
use crate::domain::id::UserId;
use crate::domain::paging::{Direction, PageOf, PageRequest, TimeCursor, one_more};
use crate::domain::sign_in::session::ListedSession;
use crate::error::Result;
use crate::repositories::{audit_events, user_list, user_roles, users};
use crate::services::email::overview::{self, OutboxEntry};
use crate::services::session::session_list;
use crate::services::two_factor::second_factor::{self, Status};

/// How many log entries a user's page shows. The log shows the others.
const ENTRIES: i64 = 10;

/// A page of the accounts in this order.
pub async fn page(
    app: &App,
    filter: &UserFilter,
    order: Order,
    request: PageRequest<UserCursor>,
) -> Result<PageOf<ListedUser, UserCursor>> {
    let read = |direction, cursor: UserCursor, limit| async move {
        user_list::page(&app.db, filter, order, direction, &cursor, limit).await
    };
    let found = PageOf::find(request, order.start(), |user| user.place(order), read).await?;
    Ok(found.counted(async |most| user_list::count(&app.db, filter, most).await).await?)
}

/// The accounts after `cursor` in this order, at most `size`.
pub async fn after(
    app: &App,
    filter: &UserFilter,
    order: Order,
    cursor: &UserCursor,
    size: usize,
) -> Result<PageOf<ListedUser, UserCursor>> {
    let (direction, limit) = (Direction::Forward, one_more(size));
    let users = user_list::page(&app.db, filter, order, direction, cursor, limit).await?;
    Ok(PageOf::cut(users, size, |user| user.place(order)))
}

/// Some of the roles in use, as suggestions for the filter.
pub async fn roles(app: &App) -> Result<Vec<Role>> {
    Ok(user_roles::some(&app.db, 100).await?)
}

/// Finds the account that an administrator entered, by email address, handle or ID.
pub async fn named(app: &App, name: &str) -> Result<Option<ListedUser>> {
    let id = if let Some(id) = UserId::typed(name) {
        Some(id)
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
    /// A page of its live sessions, most recently seen first.
    pub sessions: PageOf<ListedSession, TimeCursor>,
    /// A page of its emails, newest first.
    pub mails: PageOf<OutboxEntry, Uuid>,
    /// Its newest entries in the audit log.
    pub entries: Vec<AuditEntry>,
    /// Whether it is an unconfirmed sign-up that `REGISTRATION` no longer allows to become an account.
    pub is_shut_out: bool,
}

/// The pages of an account's lists to look up.
#[derive(Clone, Copy, Debug, Default)]
pub struct DetailPages {
    /// The page of its sessions.
    pub sessions: PageRequest<TimeCursor>,
    /// The page of its emails.
    pub mails: PageRequest<Uuid>,
}

/// Looks up an account by ID, with the first page of each list.
pub async fn find(app: &App, id: UserId) -> Result<Option<UserDetails>> {
    find_at(app, id, DetailPages::default()).await
}

/// Looks up an account by ID, with these pages of its lists.
pub async fn find_at(app: &App, id: UserId, pages: DetailPages) -> Result<Option<UserDetails>> {
    let Some(user) = users::find_listed(&app.db, id).await? else { return Ok(None) };
    let sessions = session_list::page(app, id, pages.sessions).await?;
    let mails = overview::about(app, id, &user.email, pages.mails).await?;
    let (direction, latest) = (Direction::Forward, Uuid::max());
    let entries = audit_events::of_user(&app.db, id, direction, latest, ENTRIES).await?;
    let second_factor = second_factor::status(app, id).await?;
    let sign_up = if user.activated_at.is_none() { users::find(&app.db, id).await? } else { None };
    let is_shut_out = sign_up.is_some_and(|it| app.config.registration.shuts_out(&it));
    Ok(Some(UserDetails { user, second_factor, sessions, mails, entries, is_shut_out }))
}
