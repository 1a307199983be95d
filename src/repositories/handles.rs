//! The table `handles`, which has every handle that was ever given, and the column `users.handle`, which has the current ones.

use crate::clock::Timestamp;
use crate::db::{Conn, Result, Tx, query};
use crate::domain::account::email::EmailAddress;
use crate::domain::account::handle::Handle;
use crate::domain::id::UserId;

/// The keyed hash of a handle, so that handles of deleted accounts are not readable.
pub type HandleKey = [u8; 32];

/// The account that has this handle, or had it before. The account may have been deleted.
pub async fn owner(on: impl Into<Conn<'_>>, key: &HandleKey) -> Result<Option<UserId>> {
    let row: Option<(UserId,)> = query(on, "SELECT user_id FROM handles WHERE key = $1")
        .bind(key.to_vec())
        .optional()
        .await?;
    Ok(row.map(|(owner,)| owner))
}

/// A handle that was given.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Given {
    /// The keyed hash of the handle, a [`HandleKey`].
    pub key: Vec<u8>,
    /// The account that it was given to.
    pub user_id: UserId,
}

/// The handles after this key, in the order of their keys, at most `limit`.
pub async fn after(on: impl Into<Conn<'_>>, key: &[u8], limit: i64) -> Result<Vec<Given>> {
    query(on, "SELECT key, user_id FROM handles WHERE key > $1 ORDER BY key LIMIT $2")
        .bind(key.to_vec())
        .bind(limit)
        .all()
        .await
}

/// Reserves a handle for an account, forever. `false` if it was reserved before. Of concurrent transactions, one gets `true`.
pub async fn put(tx: &mut Tx, key: &HandleKey, user: UserId, now: Timestamp) -> Result<bool> {
    let added = query(
        tx,
        "INSERT INTO handles (key, user_id, given_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
    )
    .bind(key.to_vec())
    .bind(user)
    .bind(now)
    .execute()
    .await?;
    Ok(added == 1)
}

/// Changes the handle of an account.
pub async fn set(tx: &mut Tx, user: UserId, handle: &Handle) -> Result<()> {
    query(tx, "UPDATE users SET handle = $2 WHERE id = $1")
        .bind(user)
        .bind(handle)
        .execute()
        .await?;
    Ok(())
}

/// Locks the row of an account until the transaction ends, if it has no handle. `false` if it has one or was deleted.
pub async fn hold_without(tx: &mut Tx, user: UserId) -> Result<bool> {
    let held = query(tx, "UPDATE users SET handle = NULL WHERE id = $1 AND handle IS NULL")
        .bind(user)
        .execute()
        .await?;
    Ok(held == 1)
}

/// An account without a handle.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Nameless {
    /// The account's ID.
    pub id: UserId,
    /// Its address, from which the handle is made.
    pub email: EmailAddress,
}

/// The oldest accounts without a handle, at most `limit`. Sign-ups that are unconfirmed or awaiting approval need none.
pub async fn missing(on: impl Into<Conn<'_>>, limit: i64) -> Result<Vec<Nameless>> {
    query(
        on,
        "SELECT id, email FROM users
         WHERE handle IS NULL AND activated_at IS NOT NULL AND awaits_approval_since IS NULL
         ORDER BY created_at, id LIMIT $1",
    )
    .bind(limit)
    .all()
    .await
}
