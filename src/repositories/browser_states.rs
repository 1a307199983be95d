//! The table `tower_sessions`, which `web::visitor::browser_state` reads and writes through tower-sessions: only what has expired is
//! removed here.

use time::OffsetDateTime;

use crate::clock::Timestamp;
use crate::db::{Tx, query};
use crate::error::Result;

/// Removes what expired before `before`, at most `limit`; how many that were.
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
