//! Background work: delivers emails, deletes expired rows, reloads the signing keys, and counts hash costs.

use std::time::Duration;

use tokio::sync::watch;

use crate::app::App;
use crate::clock::Timestamp;
use crate::error::Result;
use crate::secret;
use crate::services::email::delivery::{self, Delivered};
use crate::services::operations::{retention, set_back};
use crate::services::sign_in::hash_timing;
use crate::services::two_factor::code_set;

/// How often to check the outbox for emails queued by another process, such as the command line.
const CHECK_OUTBOX_EVERY: Duration = Duration::from_secs(15);
/// Much shorter than the time between publishing a new key and signing with it.
const REFRESH_KEYS_EVERY: Duration = Duration::from_secs(30);
const PAUSE_AFTER_ERROR: Duration = Duration::from_secs(5);
/// Short, because a seed and `SECRET_KEY` together make recovery codes.
const FORGET_SEEDS_EVERY: Duration = Duration::from_mins(1);
const CLEAN_UP_EVERY: Duration = Duration::from_hours(1);
const COUNT_HASH_COSTS_EVERY: Duration = Duration::from_hours(24);

/// Runs until `stop` is true. An email that is being delivered is finished first.
pub async fn run(app: App, stop: watch::Receiver<bool>) {
    // Separate tasks: neither a long cleanup nor a panic in one of them delays emails.
    let cleanup = tokio::spawn(clean_up(app.clone(), stop.clone()));
    let keys = tokio::spawn(refresh_keys(app.clone()));
    let hash_costs = tokio::spawn(count_hash_costs(app.clone()));
    let seeds = tokio::spawn(forget_seeds(app.clone()));
    deliver(&app, stop).await;
    keys.abort();
    hash_costs.abort();
    seeds.abort();
    if let Err(panic) = cleanup.await {
        tracing::error!(%panic, "the cleanup of expired rows panicked");
    }
}

async fn deliver(app: &App, mut stop: watch::Receiver<bool>) {
    // Instances that share the database wait until leases expire.
    if !app.db.is_shared()
        && let Err(error) = delivery::take_over(app).await
    {
        tracing::warn!(%error, "could not take over emails leased before the restart; they wait until the lease expires");
    }
    while !*stop.borrow() {
        // A separate task, so that a panic does not end the loop.
        let stepping = app.clone();
        let pause = match tokio::spawn(async move { step(&stepping).await }).await {
            Ok(Ok(pause)) => pause,
            Ok(Err(error)) => {
                tracing::warn!(%error, "could not deliver emails; retrying");
                Pause::For(PAUSE_AFTER_ERROR)
            }
            Err(panic) => {
                tracing::error!(%panic, "email delivery panicked; retrying");
                Pause::For(PAUSE_AFTER_ERROR)
            }
        };
        let next = async {
            match pause {
                Pause::Until(pause) => tokio::select! {
                    () = app.outbox_bell.notified() => tokio::time::sleep(hesitation()).await,
                    () = tokio::time::sleep(pause) => {}
                },
                Pause::For(pause) => tokio::time::sleep(pause).await,
                Pause::None => {}
            }
        };
        tokio::select! {
            () = next => {}
            _ = stop.changed() => {}
        }
    }
}

/// Reloads the signing keys, which other processes may rotate.
async fn refresh_keys(app: App) {
    loop {
        tokio::time::sleep(REFRESH_KEYS_EVERY).await;
        if let Err(error) = app.keys.refresh(app.clock.now()).await {
            tracing::warn!(%error, "could not reload the signing keys; the current ones stay in use");
        }
    }
}

/// Deletes the seeds of recovery codes once the codes cannot be shown again.
async fn forget_seeds(app: App) {
    loop {
        if let Err(error) = code_set::forget_seeds(&app).await {
            tracing::warn!(%error, "could not delete the seeds of recovery codes; retrying in a minute");
        }
        tokio::time::sleep(FORGET_SEEDS_EVERY).await;
    }
}

/// Counts the costs of all password hashes, including those stored by a version that did not record costs.
async fn count_hash_costs(app: App) {
    loop {
        let counted = async {
            hash_timing::measure(&app).await?;
            hash_timing::take_stock(&app).await?;
            hash_timing::measure(&app).await
        };
        if let Err(error) = counted.await {
            tracing::warn!(%error, "could not count the costs of password hashes; retrying tomorrow");
        }
        tokio::time::sleep(COUNT_HASH_COSTS_EVERY).await;
    }
}

async fn clean_up(app: App, mut stop: watch::Receiver<bool>) {
    loop {
        let round = async {
            if let Err(error) = set_back::correct(&app).await {
                tracing::warn!(%error, "could not correct times in the future; retrying in an hour");
            }
            if let Err(error) = retention::clean_up(&app).await {
                tracing::warn!(%error, "could not delete expired rows; retrying in an hour");
            }
            tokio::time::sleep(CLEAN_UP_EVERY).await;
        };
        tokio::select! {
            () = round => {}
            _ = stop.wait_for(|is_stopping| *is_stopping) => return,
        }
    }
}

/// When to check the outbox again.
enum Pause {
    /// At once: more emails may be due.
    None,
    /// After this time, or when an email is queued.
    Until(Duration),
    /// After this time, even if an email is queued before: it could not be sent.
    For(Duration),
}

/// Delivers one due email.
async fn step(app: &App) -> Result<Pause> {
    match delivery::deliver_next(app).await? {
        Delivered::One => return Ok(Pause::None),
        Delivered::Blocked(pause) => return Ok(Pause::For(pause)),
        Delivered::Held(pause) => {
            return Ok(Pause::Until(until(app, delivery::next_exempt_due(app).await?).min(pause)));
        }
        Delivered::None => {}
    }
    Ok(Pause::Until(until(app, delivery::next_due(app).await?)))
}

/// The time until `due`, at most [`CHECK_OUTBOX_EVERY`].
fn until(app: &App, due: Option<Timestamp>) -> Duration {
    due.map_or(CHECK_OUTBOX_EVERY, |due| due.since(app.clock.now()).min(CHECK_OUTBOX_EVERY))
}

/// A random pause before an email that was just queued is rendered. Rendering puts a small load on the database. Without the pause,
/// visitors could tell from the duration of their next request whether the email address has an account.
fn hesitation() -> Duration {
    let [random] = secret::random::<1>();
    Duration::from_millis(100 + u64::from(random))
}
