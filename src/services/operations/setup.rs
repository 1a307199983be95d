//! The steps that are left to complete a new installation. They are found without contacting anything: `authflow doctor` checks more.

use std::sync::atomic::Ordering;

use crate::app::App;
use crate::domain::id::UserId;
use crate::domain::setup_step::SetupStep;
use crate::error::Result;
use crate::repositories::{audit_events, setup_dismissals};
use crate::services::two_factor::second_factor;
use crate::transaction;

/// The steps that are neither done nor dismissed by this administrator.
pub async fn open_steps(app: &App, administrator: UserId) -> Result<Vec<SetupStep>> {
    let dismissed = setup_dismissals::of_user(&app.db, administrator).await?;
    let mut open = Vec::new();
    for step in SetupStep::ALL {
        if !dismissed.contains(&step) && !is_done(app, step, administrator).await? {
            open.push(step);
        }
    }
    Ok(open)
}

async fn is_done(app: &App, step: SetupStep, administrator: UserId) -> Result<bool> {
    let config = &app.config;
    Ok(match step {
        SetupStep::PublicUrl => config.public_url.is_https() && !config.public_url.is_loopback(),
        SetupStep::Email => config.mail.folder().is_none() && can_send(app),
        SetupStep::FirstApp => !config.guarded_apps.is_empty(),
        SetupStep::SecondFactor => second_factor::is_on(app, administrator).await?,
        // Backups that are made with the tools of PostgreSQL are unknown here.
        SetupStep::Backup => audit_events::last_backup_at(&app.db).await?.is_some(),
    })
}

/// Whether emails could be sent at the last attempt of this process, or when it started if there has been none.
fn can_send(app: &App) -> bool {
    !app.mail_check_failed.load(Ordering::Relaxed) && app.mail_failures.load(Ordering::Relaxed) == 0
}

/// Dismisses a step for this administrator.
pub async fn dismiss(app: &App, administrator: UserId, step: SetupStep) -> Result<()> {
    let now = app.clock.now();
    transaction!(app.db, |tx| { setup_dismissals::put(tx, administrator, step, now).await })?;
    Ok(())
}
