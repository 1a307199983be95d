//! The table `tower_sessions`. `web::visitor::browser_state` reads and writes it through tower-sessions; this file only deletes expired rows.

use sqlx::types::time::OffsetDateTime;

use crate::clock::Timestamp;
use crate::db::{Result, Tx, query};

/// Deletes rows that expired before `before`, at most `limit`. Returns how many.
pub async fn delete_expired(tx: &mut Tx, before: Timestamp, limit: i64) -> Result<u64> {
    query(
        tx,
        "DELETE FROM tower_sessions WHERE expiry_date < $1
           AND id IN (SELECT id FROM tower_sessions WHERE expiry_date < $1 ORDER BY expiry_date LIMIT $2)",
    )
    .bind(OffsetDateTime::from(before.to_system_time()))
    .bind(limit)
    .execute()
    .await
}
