//! Searching and exporting the audit log.

use crate::app::App;
use crate::clock::Timestamp;
use crate::domain::account::email::EmailAddress;
use crate::domain::account::handle::Handle;
use crate::domain::audit_event::{AuditFilter, Event, FullEntry};
use crate::domain::id::UserId;
use crate::domain::paging::{Direction, PageOf, PageRequest, TimeCursor, one_more};
use crate::error::Result;
use crate::repositories::audit_log::{self, Range};
use crate::repositories::users;
use crate::services::audit::{self, Actor};
use crate::transaction;

/// A page of the entries, newest first.
pub async fn page(
    app: &App,
    filter: &AuditFilter,
    request: PageRequest<TimeCursor>,
) -> Result<PageOf<FullEntry, TimeCursor>> {
    let range = range(filter);
    let read =
        |direction, cursor, limit| audit_log::page(&app.db, &range, direction, cursor, limit);
    let found = PageOf::find(request, TimeCursor::LATEST, FullEntry::place, read).await?;
    Ok(found.counted(async |most| audit_log::count(&app.db, &range, most).await).await?)
}

/// The entries after this cursor, newest first, at most `size`.
pub async fn after(
    app: &App,
    filter: &AuditFilter,
    after: Option<TimeCursor>,
    size: usize,
) -> Result<PageOf<FullEntry, TimeCursor>> {
    let (range, cursor) = (range(filter), after.unwrap_or(TimeCursor::LATEST));
    let limit = one_more(size);
    let found = audit_log::page(&app.db, &range, Direction::Forward, cursor, limit).await?;
    Ok(PageOf::cut(found, size, FullEntry::place))
}

fn range(filter: &AuditFilter) -> Range {
    let AuditFilter { person, event, outcome, from, until } = *filter;
    let (from, until) = (from.unwrap_or(Timestamp(i64::MIN)), until.unwrap_or(Timestamp(i64::MAX)));
    Range { person, event, outcome, from, until }
}

/// Finds the user that an administrator entered: an account by its email address or handle, or any user by ID. The log keeps the IDs of
/// deleted users.
pub async fn person(app: &App, text: &str) -> Result<Option<UserId>> {
    if let Some(id) = UserId::typed(text) {
        return Ok(Some(id));
    }
    match EmailAddress::parse(text) {
        Ok(email) => Ok(users::find_by_email(&app.db, &email.key()).await?.map(|user| user.id)),
        Err(_) => match Handle::parse(text) {
            Ok(handle) => Ok(users::find_by_handle(&app.db, &handle).await?.map(|user| user.id)),
            Err(_) => Ok(None),
        },
    }
}

/// Records an export, before the first entry is sent. `what`: the filter of the export.
pub async fn note_export(app: &App, actor: Actor<'_>, what: &str) -> Result<()> {
    let (now, act) = (app.clock.now(), actor.act(Event::AuditExported, None, Some(what)));
    transaction!(app.db, |tx| -> Result<_> { audit::put(tx, &act, now).await })
}
