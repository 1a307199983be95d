//! The figures of the whole site, for the first page of the administration.

use crate::app::App;
use crate::clock::Timestamp;
use crate::domain::account::user_list::UserStanding;
use crate::domain::email::mail_state::MailState;
use crate::domain::sign_in::sign_in_counts::{SLOT, SignInDay, by_day};
use crate::domain::sign_in::signing_key::KeyState;
use crate::error::Result;
use crate::repositories::{audit_events, outbox_list, user_counts};
use crate::services::operations::key_rotation;

/// The figures of the site.
#[derive(Clone, Debug)]
pub struct SiteOverview {
    /// The number of accounts in each state; those of a state without accounts may be missing.
    pub accounts: Vec<(UserStanding, i64)>,
    /// The sign-ins of each day.
    pub sign_ins: Vec<SignInDay>,
    /// How many emails are waiting to be sent.
    pub waiting_emails: i64,
    /// How many emails could not be sent.
    pub failed_emails: i64,
    /// Whether the database is PostgreSQL, and not SQLite.
    pub is_postgres: bool,
    /// When the key that signs tokens was created.
    pub key_created_at: Option<Timestamp>,
    /// When the last backup was made with `authflow backup`, as far as the audit log knows.
    pub last_backup_at: Option<Timestamp>,
}

/// Reads the figures, with the sign-ins of the days between these midnights.
pub async fn look(app: &App, midnights: &[Timestamp]) -> Result<SiteOverview> {
    let since = midnights.first().map_or(i64::MAX, |first| first.0.div_euclid(SLOT));
    let slots = audit_events::sign_ins(&app.db, since).await?;
    let unsent = outbox_list::unsent(&app.db).await?;
    let emails = |state| unsent.iter().find(|(it, _)| *it == state).map_or(0, |(_, count)| *count);
    let keys = key_rotation::list(&app.db, app.clock.now()).await?;
    let own = app.config.jwt.algorithm.name();
    let signs = keys.iter().find(|it| it.state == KeyState::Signs && it.algorithm == own);
    Ok(SiteOverview {
        accounts: user_counts::by_standing(&app.db).await?,
        sign_ins: by_day(&slots, midnights),
        waiting_emails: emails(MailState::Waiting),
        failed_emails: emails(MailState::Failed),
        is_postgres: app.db.is_shared(),
        key_created_at: signs.map(|it| it.created_at),
        last_backup_at: audit_events::last_backup_at(&app.db).await?,
    })
}
