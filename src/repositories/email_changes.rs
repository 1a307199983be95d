//! The table `email_changes`: pending changes, and confirmed changes that can still be undone.

use std::collections::HashSet;
use std::time::Duration;

use uuid::Uuid;

use crate::clock::{DRIFT, Timestamp};
use crate::db::{Conn, Result, Tx, query};
use crate::domain::account::email::{EmailAddress, EmailKey};
use crate::domain::account::email_change::EmailChange;
use crate::domain::id::{self, UserId};

/// Adds a pending change; `false` if there is one already.
pub async fn put(tx: &mut Tx, user: UserId, change: &EmailChange) -> Result<bool> {
    let added = query(
        tx,
        "INSERT INTO email_changes (id, user_id, old_email, old_email_key, new_email, new_email_key, requested_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT DO NOTHING",
    )
    .bind(id::new(change.requested_at))
    .bind(user)
    .bind(&change.old_email)
    .bind(&change.old_email_key)
    .bind(&change.new_email)
    .bind(&change.new_email_key)
    .bind(change.requested_at)
    .execute()
    .await?;
    Ok(added == 1)
}

/// The pending change.
pub async fn pending(on: impl Into<Conn<'_>>, user: UserId) -> Result<Option<EmailChange>> {
    query(
        on,
        "SELECT old_email, old_email_key, new_email, new_email_key, requested_at FROM email_changes
         WHERE user_id = $1 AND confirmed_at IS NULL",
    )
    .bind(user)
    .optional()
    .await
}

/// Confirms the pending change to `new`, once.
pub async fn confirm(
    tx: &mut Tx,
    user: UserId,
    new: &EmailKey,
    now: Timestamp,
) -> Result<Option<EmailChange>> {
    query(
        tx,
        "UPDATE email_changes SET confirmed_at = $3
         WHERE user_id = $1 AND new_email_key = $2 AND confirmed_at IS NULL
         RETURNING old_email, old_email_key, new_email, new_email_key, requested_at",
    )
    .bind(user)
    .bind(new)
    .bind(now)
    .optional()
    .await
}

/// A confirmed change away from an address.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Departure {
    /// Later changes of an account sort after earlier ones.
    pub id: Uuid,
    /// The account.
    pub user_id: UserId,
    /// The former address as its owner typed it.
    pub old_email: EmailAddress,
}

/// The first change of the account away from `old` that was confirmed after `since`.
pub async fn first_departure(
    on: impl Into<Conn<'_>>,
    user: UserId,
    old: &EmailKey,
    since: Timestamp,
) -> Result<Option<Departure>> {
    query(
        on,
        "SELECT id, user_id, old_email FROM email_changes
         WHERE user_id = $1 AND old_email_key = $2 AND confirmed_at > $3 ORDER BY id LIMIT 1",
    )
    .bind(user)
    .bind(old)
    .bind(since)
    .optional()
    .await
}

/// The last change of any account away from `old` that was confirmed after `since`.
pub async fn last_departure(
    on: impl Into<Conn<'_>>,
    old: &EmailKey,
    since: Timestamp,
) -> Result<Option<Departure>> {
    query(
        on,
        "SELECT id, user_id, old_email FROM email_changes
         WHERE old_email_key = $1 AND confirmed_at > $2 ORDER BY id DESC LIMIT 1",
    )
    .bind(old)
    .bind(since)
    .optional()
    .await
}

/// Every address that an account has changed away from after `since`: few, since older changes are deleted.
pub async fn departed(on: impl Into<Conn<'_>>, since: Timestamp) -> Result<HashSet<EmailKey>> {
    // Found by the index on `requested_at`: a change is confirmed at most two days later.
    let asked_since = since.before(Duration::from_hours(48));
    let departed: Vec<(EmailKey,)> = query(
        on,
        "SELECT old_email_key FROM email_changes
         WHERE requested_at > $1 AND confirmed_at > $2 ORDER BY requested_at",
    )
    .bind(asked_since)
    .bind(since)
    .all()
    .await?;
    Ok(departed.into_iter().map(|(email,)| email).collect())
}

/// The former addresses of the account that are still stored: changes are limited, and deleted after some days.
pub async fn former(on: impl Into<Conn<'_>>, user: UserId) -> Result<Vec<EmailAddress>> {
    let rows: Vec<(EmailAddress,)> = query(
        on,
        "SELECT old_email FROM email_changes WHERE user_id = $1 AND confirmed_at IS NOT NULL ORDER BY id",
    )
    .bind(user)
    .all()
    .await?;
    Ok(rows.into_iter().map(|(address,)| address).collect())
}

/// Deletes the pending change.
pub async fn delete_pending(tx: &mut Tx, user: UserId) -> Result<()> {
    query(tx, "DELETE FROM email_changes WHERE user_id = $1 AND confirmed_at IS NULL")
        .bind(user)
        .execute()
        .await?;
    Ok(())
}

/// Deletes a change of a user and all later ones, which are undone.
pub async fn delete_since(tx: &mut Tx, user: UserId, first: Uuid) -> Result<()> {
    query(tx, "DELETE FROM email_changes WHERE user_id = $1 AND id >= $2")
        .bind(user)
        .bind(first)
        .execute()
        .await?;
    Ok(())
}

/// Deletes changes requested before `before`, which can no longer be confirmed or undone, at most `limit`. Returns how many.
pub async fn delete_older(tx: &mut Tx, before: Timestamp, limit: i64) -> Result<u64> {
    query(
        tx,
        "DELETE FROM email_changes WHERE requested_at < $1
           AND id IN (SELECT id FROM email_changes WHERE requested_at < $1 ORDER BY requested_at LIMIT $2)",
    )
    .bind(before)
    .bind(limit)
    .execute()
    .await
}

/// Treats changes that were requested in the future as requested now. Returns how many.
pub async fn correct_times(tx: &mut Tx, now: Timestamp) -> Result<u64> {
    query(
        tx,
        "UPDATE email_changes SET requested_at = $1, confirmed_at = CASE WHEN confirmed_at > $1 THEN $1 ELSE confirmed_at END
         WHERE requested_at > $2",
    )
    .bind(now)
    .bind(now.after(DRIFT))
    .execute()
    .await
}
