//! Searching and exporting the audit log.

use crate::app::App;
use crate::clock::Timestamp;
use crate::domain::account::email::EmailAddress;
use crate::domain::account::handle::Handle;
use crate::domain::audit_event::{AuditFilter, Event, FullEntry};
use crate::domain::id::UserId;
use crate::domain::paging::{PageOf, TimeCursor, one_more};
use crate::error::Result;
use crate::repositories::audit_log::{self, Range};
use crate::repositories::users;
use crate::services::audit::{self, Actor};
use crate::transaction;

/// The entries before `before`, newest first, at most `size`.
pub async fn page(
    app: &App,
    filter: &AuditFilter,
    before: Option<TimeCursor>,
    size: usize,
) -> Result<PageOf<FullEntry, TimeCursor>> {
    let until = filter.until.unwrap_or(Timestamp(i64::MAX));
    let range = Range {
        person: filter.person,
        event: filter.event,
        outcome: filter.outcome,
        from: filter.from.unwrap_or(Timestamp(i64::MIN)),
        before: before.map_or(TimeCursor::at(until), |before| before.min(TimeCursor::at(until))),
    };
    let entries = audit_log::latest(&app.db, &range, one_more(size)).await?;
    Ok(PageOf::cut(entries, size, FullEntry::place))
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
