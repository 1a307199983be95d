//! Profile changes that need no confirmation.

use crate::app::App;
use crate::domain::account::preferences::Preferences;
use crate::domain::account::username::Username;
use crate::domain::audit_event::{Event, Outcome};
use crate::domain::id::UserId;
use crate::domain::source::Source;
use crate::error::Result;
use crate::repositories::users;
use crate::services::{accepted_forms, audit};
use crate::transaction;

/// What others see of a user, and how the user reads pages and emails.
#[derive(Clone, Debug)]
pub struct NewProfile {
    /// The display name.
    pub username: Username,
    /// Language and time zone.
    pub preferences: Preferences,
}

/// Stores the profile. Only a new name is in the audit log.
pub async fn save(app: &App, user: UserId, profile: &NewProfile, source: &Source) -> Result<()> {
    let now = app.clock.now();
    transaction!(app.db, |tx| {
        users::set_preferences(tx, user, &profile.preferences).await?;
        if users::set_username(tx, user, &profile.username).await? {
            let event = Event::UsernameChanged;
            return audit::record(tx, event, Outcome::Success, Some(user), source, now).await;
        }
        accepted_forms::claim(tx, source, now).await
    })
}
