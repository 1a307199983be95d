//! The table `throttles`: counts of tries, for rate limits.

use crate::clock::Timestamp;
use crate::db::{Conn, Result, Tx, query};
use crate::domain::sign_in::limit::Count;

/// The count of `id`.
pub async fn find(on: impl Into<Conn<'_>>, id: &[u8; 32]) -> Result<Option<Count>> {
    query(on, "SELECT count, since, blocked_until FROM throttles WHERE id = $1")
        .bind(id.to_vec())
        .optional()
        .await
}

/// Stores `next` until `expires_at`, if the count is still `before`. Of parallel requests, one gets `true`.
pub async fn replace(
    tx: &mut Tx,
    id: &[u8; 32],
    before: Option<Count>,
    next: Count,
    expires_at: Timestamp,
) -> Result<bool> {
    let changed = match before {
        None => {
            query(
                tx,
                "INSERT INTO throttles (id, count, since, blocked_until, expires_at) VALUES ($1, $2, $3, $4, $5)
                 ON CONFLICT DO NOTHING",
            )
            .bind(id.to_vec())
            .bind(next.count)
            .bind(next.since)
            .bind(next.blocked_until)
            .bind(expires_at)
            .execute()
            .await?
        }
        Some(before) => {
            query(
                tx,
                "UPDATE throttles SET count = $2, since = $3, blocked_until = $4, expires_at = $7
                 WHERE id = $1 AND count = $5 AND since = $6",
            )
            .bind(id.to_vec())
            .bind(next.count)
            .bind(next.since)
            .bind(next.blocked_until)
            .bind(before.count)
            .bind(before.since)
            .bind(expires_at)
            .execute()
            .await?
        }
    };
    Ok(changed == 1)
}

/// Deletes the count of `id`.
pub async fn delete(tx: &mut Tx, id: &[u8; 32]) -> Result<()> {
    query(tx, "DELETE FROM throttles WHERE id = $1").bind(id.to_vec()).execute().await?;
    Ok(())
}

/// Uncounts one try.
pub async fn take_back(tx: &mut Tx, id: &[u8; 32], now: Timestamp) -> Result<()> {
    query(
        tx,
        "UPDATE throttles SET count = count - 1, blocked_until = $2 WHERE id = $1 AND count > 0",
    )
    .bind(id.to_vec())
    .bind(now)
    .execute()
    .await?;
    Ok(())
}

/// Deletes counts that expired before `before`, at most `limit`. Returns how many. Rows of earlier versions have no expiry; two days after
/// their start, no limit needs them.
pub async fn delete_expired(tx: &mut Tx, before: Timestamp, limit: i64) -> Result<u64> {
    query(
        tx,
        "DELETE FROM throttles WHERE COALESCE(expires_at, since + 172800) < $1
           AND id IN (SELECT id FROM throttles WHERE COALESCE(expires_at, since + 172800) < $1
                      ORDER BY COALESCE(expires_at, since + 172800) LIMIT $2)",
    )
    .bind(before)
    .bind(limit)
    .execute()
    .await
}
