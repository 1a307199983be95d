//! The table `return_addresses`: addresses to return to that are too long for URLs.

use crate::clock::Timestamp;
use crate::db::{Conn, Result, Tx, query};
use crate::domain::return_address::SavedId;

/// A saved address and when it expires.
pub async fn find(
    on: impl Into<Conn<'_>>,
    id: SavedId,
    now: Timestamp,
) -> Result<Option<(String, Timestamp)>> {
    query(on, "SELECT address, expires_at FROM return_addresses WHERE id = $1 AND expires_at > $2")
        .bind(id.to_bytes())
        .bind(now)
        .optional()
        .await
}

/// Saves an address, or keeps a saved one for longer.
pub async fn put(tx: &mut Tx, id: SavedId, address: &str, expires_at: Timestamp) -> Result<()> {
    query(
        tx,
        "INSERT INTO return_addresses (id, address, expires_at) VALUES ($1, $2, $3)
         ON CONFLICT (id) DO UPDATE SET expires_at = excluded.expires_at",
    )
    .bind(id.to_bytes())
    .bind(address.to_owned())
    .bind(expires_at)
    .execute()
    .await?;
    Ok(())
}

/// Deletes addresses that expired before `before`, at most `limit`. Returns how many.
pub async fn delete_expired(tx: &mut Tx, before: Timestamp, limit: i64) -> Result<u64> {
    query(
        tx,
        "DELETE FROM return_addresses WHERE expires_at < $1
           AND id IN (SELECT id FROM return_addresses WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)",
    )
    .bind(before)
    .bind(limit)
    .execute()
    .await
}
