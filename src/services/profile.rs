//! What people change about themselves.

use crate::app::App;
use crate::domain::audit_event::{Event, Outcome};
use crate::domain::id::UserId;
use crate::domain::source::Source;
use crate::domain::username::Username;
use crate::error::Result;
use crate::repositories::users;
use crate::services::audit;

/// Changes the display name.
pub async fn rename(app: &App, user: UserId, username: &Username, source: &Source) -> Result<()> {
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    users::set_username(&mut tx, user, username).await?;
    audit::record(&mut tx, Event::UsernameChanged, Outcome::Success, Some(user), source, now)
        .await?;
    tx.commit().await
}
