//! The audit log of an account, for its owner.

use uuid::Uuid;

use crate::app::App;
use crate::domain::audit_event::AuditEntry;
use crate::domain::id::UserId;
use crate::domain::paging::{PageOf, one_more};
use crate::error::Result;
use crate::repositories::audit_events;

/// Entries per page.
const PAGE: usize = 50;

/// The entries before `before`, or the latest ones, newest first.
pub async fn page(
    app: &App,
    user: UserId,
    before: Option<Uuid>,
) -> Result<PageOf<AuditEntry, Uuid>> {
    let before = before.unwrap_or(Uuid::max());
    let entries = audit_events::of_user(&app.db, user, before, one_more(PAGE)).await?;
    Ok(PageOf::cut(entries, PAGE, |entry| entry.id))
}
