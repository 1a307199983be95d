//! The audit log for administrators: narrowed, page by page, and as a whole to take away.

use uuid::Uuid;

use crate::app::App;
use crate::clock::Timestamp;
use crate::domain::account::email::EmailAddress;
use crate::domain::audit_event::{Event, Filter, FullEntry, Outcome, Place};
use crate::domain::id::UserId;
use crate::error::Result;
use crate::repositories::audit_log::{self, Range};
use crate::repositories::users;
use crate::services::administration::accounts::Actor;
use crate::services::audit::{self, Act};
use crate::transaction;

/// The latest entries before `before`, at most `limit`.
pub async fn page(
    app: &App,
    filter: &Filter,
    before: Option<Place>,
    limit: u32,
) -> Result<Vec<FullEntry>> {
    let until = filter.until.unwrap_or(Timestamp(i64::MAX));
    let range = Range {
        person: filter.person,
        event: filter.event,
        outcome: filter.outcome,
        from: filter.from.unwrap_or(Timestamp(i64::MIN)),
        before: before.map_or(Place::at(until), |before| before.min(Place::at(until))),
    };
    Ok(audit_log::latest(&app.db, &range, limit.into()).await?)
}

/// Whom an administrator means: an account by its address, or anybody by the id that the log keeps also of those who are gone.
pub async fn person(app: &App, text: &str) -> Result<Option<UserId>> {
    if let Ok(id) = Uuid::parse_str(text) {
        return Ok(Some(UserId(id)));
    }
    match EmailAddress::parse(text) {
        Ok(email) => Ok(users::find_by_email(&app.db, &email.key()).await?.map(|user| user.id)),
        Err(_) => Ok(None),
    }
}

/// Notes that somebody takes the log away, before anything leaves. `what`: which part of it.
pub async fn note_export(app: &App, actor: Actor<'_>, what: &str) -> Result<()> {
    let now = app.clock.now();
    let act = Act {
        event: Event::AuditExported,
        outcome: Outcome::Success,
        actor: actor.id,
        subject: None,
        detail: Some(what),
        source: actor.source,
    };
    transaction!(app.db, |tx| -> Result<_> { audit::put(tx, &act, now).await })
}
