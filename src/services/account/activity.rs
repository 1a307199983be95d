//! The audit log of an account, for its owner.

use uuid::Uuid;

use crate::app::App;
use crate::domain::audit_event::AuditEntry;
use crate::domain::id::UserId;
use crate::error::Result;
use crate::repositories::audit_events;

/// Entries per page.
const PAGE: usize = 50;

/// A page of entries.
#[derive(Clone, Debug)]
pub struct Activity {
    /// Newest first.
    pub entries: Vec<AuditEntry>,
    /// The cursor of the next page, if there is one.
    pub next: Option<Uuid>,
}

/// The entries before `before`, or the latest ones.
pub async fn page(app: &App, user: UserId, before: Option<Uuid>) -> Result<Activity> {
    let limit = i64::try_from(PAGE + 1).unwrap_or(i64::MAX);
    let before = before.unwrap_or(Uuid::max());
    let mut entries = audit_events::of_user(&app.db, user, before, limit).await?;
    let is_more = entries.len() > PAGE;
    entries.truncate(PAGE);
    let next = if is_more { entries.last().map(|entry| entry.id) } else { None };
    Ok(Activity { entries, next })
}
