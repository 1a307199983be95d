//! The figures of the whole site, for the first page of the administration.

use crate::app::App;
use crate::clock::Timestamp;
use crate::domain::account::user_list::UserStanding;
use crate::domain::email::mail_state::MailState;
use crate::domain::paging::{MOST_COUNTED, Total};
use crate::domain::sign_in::sign_in_counts::{SLOT, SignInDay, by_day};
use crate::domain::sign_in::signing_key::KeyState;
use crate::error::Result;
use crate::repositories::{audit_events, user_list};
use crate::services::email::overview;
use crate::services::operations::key_rotation;

/// The figures of the site.
#[derive(Clone, Debug)]
pub struct SiteOverview {
    /// The number of accounts in each state.
    pub accounts: Vec<(UserStanding, Total)>,
    /// The sign-ins of each day.
    pub sign_ins: Vec<SignInDay>,
    /// How many emails are waiting to be sent.
    pub waiting_emails: Total,
    /// How many emails could not be sent.
    pub failed_emails: Total,
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
    let mut accounts = Vec::new();
    for standing in UserStanding::ALL {
        let count = user_list::count_in(&app.db, standing, MOST_COUNTED + 1).await?;
        accounts.push((standing, Total::of(count)));
    }
    let keys = key_rotation::list(&app.db, app.clock.now()).await?;
    let own = app.config.jwt.algorithm.name();
    let signs = keys.iter().find(|it| it.state == KeyState::Signs && it.algorithm == own);
    Ok(SiteOverview {
        accounts,
        sign_ins: by_day(&slots, midnights),
        waiting_emails: overview::count(app, MailState::Waiting).await?,
        failed_emails: overview::count(app, MailState::Failed).await?,
        is_postgres: app.db.is_shared(),
        key_created_at: signs.map(|it| it.created_at),
        last_backup_at: audit_events::last_backup_at(&app.db).await?,
    })
}
