//! The audit log of an account, for its owner.

use uuid::Uuid;

use crate::app::App;
use crate::domain::audit_event::AuditEntry;
use crate::domain::id::UserId;
use crate::domain::paging::{PageOf, PageRequest};
use crate::error::Result;
use crate::repositories::audit_events;

/// A page of the entries about an account, newest first.
pub async fn page(
    app: &App,
    user: UserId,
    request: PageRequest<Uuid>,
) -> Result<PageOf<AuditEntry, Uuid>> {
    let read =
        |direction, beside, limit| audit_events::of_user(&app.db, user, direction, beside, limit);
    let found = PageOf::find(request, Uuid::max(), |entry| entry.id, read).await?;
    let count = async |most| audit_events::count_of_user(&app.db, user, most).await;
    Ok(found.counted(count).await?)
}
