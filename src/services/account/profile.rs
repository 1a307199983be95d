//! Profile changes that need no confirmation.

use crate::app::App;
use crate::domain::account::username::Username;
use crate::domain::audit_event::{Event, Outcome};
use crate::domain::id::UserId;
use crate::domain::source::Source;
use crate::error::Result;
use crate::repositories::users;
use crate::services::audit;
use crate::transaction;

/// Changes the display name.
pub async fn rename(app: &App, user: UserId, username: &Username, source: &Source) -> Result<()> {
    let now = app.clock.now();
    transaction!(app.db, |tx| {
        users::set_username(tx, user, username).await?;
        audit::record(tx, Event::UsernameChanged, Outcome::Success, Some(user), source, now).await
    })
}
