//! Failed sign-ins take as long as the costliest password hash in the database. So their duration reveals neither whether an address
//! has an account nor the kind of its hash.
//!
//! A delayed sign-in does not occupy a hashing thread, so the load of the threads could still reveal this. Checking an address without
//! a password therefore costs as much as the hash of some account. The costs in use are recorded in the transactions that store hashes,
//! and recounted at the start and once a day.

use std::collections::BTreeMap;
use std::time::Duration;

use uuid::Uuid;

use crate::app::App;
use crate::clock::{DRIFT, Timestamp};
use crate::db::Tx;
use crate::domain::account::email::EmailKey;
use crate::domain::id::UserId;
use crate::domain::sign_in::hash_cost::HashCost;
use crate::error::{Error, Result};
use crate::hasher::Check;
use crate::repositories::{hash_costs, passwords};
use crate::transaction;

/// A cost is recorded at most this often, so that most sign-ups write nothing.
const NOTED_EVERY: Duration = Duration::from_hours(1);
/// How long a recorded cost is kept if no account has it: much longer than a transaction takes.
const KEPT: Duration = Duration::from_hours(24);
/// Hashes per query.
const BATCH: i64 = 1_000;
/// The pause between two batches, for other readers.
const PAUSE: Duration = Duration::from_millis(20);

/// Records the cost of a hash, in the transaction that stores the hash.
pub async fn note(tx: &mut Tx, hash: &str, now: Timestamp) -> Result<()> {
    match HashCost::of(hash) {
        Some(cost) => note_cost(tx, cost, now).await,
        None => Ok(()),
    }
}

async fn note_cost(tx: &mut Tx, cost: HashCost, now: Timestamp) -> Result<()> {
    let noted_at = hash_costs::noted_at(&mut *tx, cost).await?;
    if noted_at.is_none_or(|noted_at| !noted_at.is_within(NOTED_EVERY, now)) {
        hash_costs::note(tx, cost, now).await?;
    }
    Ok(())
}

/// Counts a new hash in place of the hash that it replaced.
pub fn count(app: &App, former: Option<&str>, hash: &str) {
    if let Some(cost) = HashCost::of(hash) {
        app.hasher.count_account(former.and_then(HashCost::of), cost);
    }
}

/// The cost of checking a password for this address if it has none. The same address always has the same cost, like an account.
#[must_use]
pub fn decoy(app: &App, email: &EmailKey) -> HashCost {
    let tag = app.secrets.decoy.tag(email.as_str().as_bytes());
    let point = tag.iter().take(8).fold(0, |point, byte| (point << 8) | u64::from(*byte));
    app.hasher.decoy_cost(point)
}

/// Delays the response to a wrong password until the costliest hash in use could have been checked. Call this last: the steps before
/// it take longer for some accounts.
pub async fn wait(app: &App, check: Check) {
    let costs = match hash_costs::all(&app.db).await {
        Ok(costs) => costs,
        Err(error) => {
            tracing::warn!(%error, "could not read the costs of password hashes");
            Vec::new()
        }
    };
    if costs.iter().any(|cost| !app.hasher.has_measured(*cost)) {
        let app = app.clone();
        tokio::spawn(async move { measure(&app).await.inspect_err(warn) });
    }
    if app.hasher.is_news(&costs) {
        // Another process has stored the first hashes with this cost.
        let app = app.clone();
        tokio::spawn(async move { count_all(&app).await.inspect_err(warn) });
    }
    let until = app.hasher.until_answer(&costs, check);
    app.clock.wait(check.begun, until).await;
}

/// Measures every cost in use that this process has not measured yet.
pub async fn measure(app: &App) -> Result<()> {
    let costs = hash_costs::all(&app.db).await?;
    app.hasher.assume_in_use(&costs);
    for cost in costs {
        app.hasher.measure(cost).await?;
    }
    Ok(())
}

/// Reads the costs of all accounts' hashes, records missing costs and deletes those that no account has.
pub async fn take_stock(app: &App) -> Result<()> {
    let begun = app.clock.now();
    let found = count_all(app).await?;
    let now = app.clock.now();
    for cost in found.keys() {
        transaction!(app.db, |tx| -> Result<_> { note_cost(tx, *cost, now).await })?;
    }
    for cost in hash_costs::all(&app.db).await? {
        if !found.contains_key(&cost) {
            let (before, after) = (begun.before(KEPT), now.after(DRIFT));
            transaction!(app.db, |tx| { hash_costs::delete(tx, cost, before, after).await })?;
        }
    }
    Ok(())
}

/// Counts the accounts by the cost of their hashes, for [`decoy`].
async fn count_all(app: &App) -> Result<BTreeMap<HashCost, u64>> {
    let mut found = BTreeMap::new();
    let mut after = UserId(Uuid::nil());
    loop {
        let batch = passwords::hashes_after(&app.db, after, BATCH).await?;
        let Some(last) = batch.last() else { break };
        after = last.user_id;
        for cost in batch.iter().filter_map(|it| HashCost::of(&it.hash_beginning)) {
            *found.entry(cost).or_insert(0) += 1;
        }
        tokio::time::sleep(PAUSE).await;
    }
    app.hasher.set_accounts(found.clone());
    // Marks recorded costs without an account as known, so that they cause no recount.
    let _ = app.hasher.is_news(&hash_costs::all(&app.db).await?);
    Ok(found)
}

fn warn(error: &Error) {
    tracing::warn!(%error, "could not measure or count the costs of password hashes");
}
