//! Background work: sends emails and deletes what has expired.

use std::time::Duration;

use tokio::sync::watch;

use crate::app::App;
use crate::clock::Timestamp;
use crate::db::Db;
use crate::error::Result;
use crate::secret;
use crate::services::email::delivery::{self, Delivered};
use crate::services::operations::retention;
use crate::services::sign_in::hash_timing;

/// Another process, such as the command line, may add emails without ringing the bell.
const LOOK_EVERY: Duration = Duration::from_secs(15);
/// Much shorter than a new key is published before it signs.
const LOOK_AT_KEYS_EVERY: Duration = Duration::from_secs(30);
const PAUSE_AFTER_TROUBLE: Duration = Duration::from_secs(5);
const CLEAN_UP_EVERY: Duration = Duration::from_hours(1);
const TAKE_STOCK_EVERY: Duration = Duration::from_hours(24);

/// Works until `stop` turns true. An email that is being sent is finished first.
pub async fn run(app: App, stop: watch::Receiver<bool>) {
    // Side by side, so that neither a long cleanup nor a panic in it delays emails.
    let tidying = tokio::spawn(tidy(app.clone(), stop.clone()));
    let looking = tokio::spawn(look_at_keys(app.clone()));
    let taking_stock = tokio::spawn(look_at_hash_costs(app.clone()));
    deliver(&app, stop).await;
    looking.abort();
    taking_stock.abort();
    if let Err(panic) = tidying.await {
        tracing::error!(%panic, "nothing was removed any more: cleaning up broke off");
    }
}

async fn deliver(app: &App, mut stop: watch::Receiver<bool>) {
    // Several instances may share a PostgreSQL database. There, leases expire instead.
    if matches!(app.db, Db::Sqlite { .. })
        && let Err(error) = delivery::take_over(app).await
    {
        tracing::warn!(%error, "could not take over the emails of the last run; they wait until their leases expire");
    }
    while !*stop.borrow() {
        // A task of its own, so that a panic does not end the worker.
        let stepping = app.clone();
        let pause = match tokio::spawn(async move { step(&stepping).await }).await {
            Ok(Ok(pause)) => pause,
            Ok(Err(error)) => {
                tracing::warn!(%error, "could not process the outbox; trying again soon");
                Pause::For(PAUSE_AFTER_TROUBLE)
            }
            Err(panic) => {
                tracing::error!(%panic, "a panic interrupted the outbox; trying again soon");
                Pause::For(PAUSE_AFTER_TROUBLE)
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

/// Notices within moments that somebody has rotated the keys.
async fn look_at_keys(app: App) {
    loop {
        tokio::time::sleep(LOOK_AT_KEYS_EVERY).await;
        if let Err(error) = app.keys.refresh(app.clock.now()).await {
            tracing::warn!(%error, "the signing keys could not be looked at and stay as they were");
        }
    }
}

/// Knows what the password hashes of all accounts cost, also of those stored by a version that did not note it.
async fn look_at_hash_costs(app: App) {
    loop {
        let looked = async {
            hash_timing::measure(&app).await?;
            hash_timing::take_stock(&app).await?;
            hash_timing::measure(&app).await
        };
        if let Err(error) = looked.await {
            tracing::warn!(%error, "could not find out what password hashes cost; the next look is tomorrow");
        }
        tokio::time::sleep(TAKE_STOCK_EVERY).await;
    }
}

async fn tidy(app: App, mut stop: watch::Receiver<bool>) {
    loop {
        let round = async {
            if let Err(error) = retention::clean_up(&app).await {
                tracing::warn!(%error, "cleaning up failed and will be tried again in an hour");
            }
            tokio::time::sleep(CLEAN_UP_EVERY).await;
        };
        tokio::select! {
            () = round => {}
            _ = stop.wait_for(|is_told| *is_told) => return,
        }
    }
}

/// How long to wait before the next email.
enum Pause {
    /// Not at all: more emails may be due, and the bell must not slow them down.
    None,
    /// Until then, or until the bell rings.
    Until(Duration),
    /// Until then, whether the bell rings or not: no email can be sent at present.
    For(Duration),
}

/// Sends one email that is due.
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

/// The time until the next email is due, at most [`LOOK_EVERY`].
fn until(app: &App, due: Option<Timestamp>) -> Duration {
    due.map_or(LOOK_EVERY, |due| due.since(app.clock.now()).min(LOOK_EVERY))
}

/// A random delay before a new email is rendered. Rendering slows the database down a little; without the delay, a visitor could tell
/// from the time of their next request whether the address has an account.
fn hesitation() -> Duration {
    let [random] = secret::random::<1>();
    Duration::from_millis(100 + u64::from(random))
}
