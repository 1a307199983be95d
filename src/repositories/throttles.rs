//! The table `throttles`.

use crate::clock::Timestamp;
use crate::db::{Conn, Tx, query};
use crate::domain::throttle::Count;
use crate::error::Result;

/// What is remembered under `id`.
pub async fn find(on: impl Into<Conn<'_>>, id: &[u8; 32]) -> Result<Option<Count>> {
    query(on, "SELECT count, since, blocked_until FROM throttles WHERE id = $1")
        .bind(id.to_vec())
        .optional()
        .await
}

/// Remembers `next` if nothing has changed since `before` was read; of parallel requests one gets `true`.
pub async fn replace(
    tx: &mut Tx,
    id: &[u8; 32],
    before: Option<Count>,
    next: Count,
) -> Result<bool> {
    let changed = match before {
        None => {
            query(
                tx,
                "INSERT INTO throttles (id, count, since, blocked_until) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
            )
            .bind(id.to_vec())
            .bind(next.count)
            .bind(next.since)
            .bind(next.blocked_until)
            .execute()
            .await?
        }
        Some(before) => {
            query(
                tx,
                "UPDATE throttles SET count = $2, since = $3, blocked_until = $4
                 WHERE id = $1 AND count = $5 AND since = $6",
            )
            .bind(id.to_vec())
            .bind(next.count)
            .bind(next.since)
            .bind(next.blocked_until)
            .bind(before.count)
            .bind(before.since)
            .execute()
            .await?
        }
    };
    Ok(changed == 1)
}

/// Forgets what is remembered under `id`.
pub async fn delete(tx: &mut Tx, id: &[u8; 32]) -> Result<()> {
    query(tx, "DELETE FROM throttles WHERE id = $1").bind(id.to_vec()).execute().await?;
    Ok(())
}

/// Takes one try back that turned out to be harmless.
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

/// Forgets what has not been touched since `before`, at most `limit`; how many that were.
pub async fn delete_older(tx: &mut Tx, before: Timestamp, limit: i64) -> Result<u64> {
    query(
        tx,
        "DELETE FROM throttles WHERE since < $1 AND blocked_until < $1
           AND id IN (SELECT id FROM throttles WHERE since < $1 AND blocked_until < $1 ORDER BY since LIMIT $2)",
    )
    .bind(before)
    .bind(limit)
    .execute()
    .await
}
