//! The table `spent_tickets`: hashes of the gate's tickets that were redeemed.

use crate::clock::Timestamp;
use crate::db::{Conn, Result, Tx, query};
use crate::domain::id::SessionId;

/// Spends a ticket. Of parallel requests, one gets `true`.
pub async fn put(
    tx: &mut Tx,
    hash: [u8; 32],
    session: SessionId,
    origin: &str,
    now: Timestamp,
) -> Result<bool> {
    let spent = query(
        tx,
        "INSERT INTO spent_tickets (hash, session_id, origin, spent_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (hash) DO NOTHING",
    )
    .bind(hash.to_vec())
    .bind(session)
    .bind(origin.to_owned())
    .bind(now)
    .execute()
    .await?;
    Ok(spent == 1)
}

/// How many tickets a session has spent at an origin from `since` to `until`.
pub async fn count(
    on: impl Into<Conn<'_>>,
    session: SessionId,
    origin: &str,
    since: Timestamp,
    until: Timestamp,
) -> Result<i64> {
    let (count,): (i64,) = query(
        on,
        "SELECT COUNT(*) FROM spent_tickets
         WHERE session_id = $1 AND spent_at >= $3 AND spent_at <= $4 AND origin = $2",
    )
    .bind(session)
    .bind(origin.to_owned())
    .bind(since)
    .bind(until)
    .one()
    .await?;
    Ok(count)
}

/// Deletes tickets spent before `before`, at most `limit`. Returns how many.
pub async fn delete_older(tx: &mut Tx, before: Timestamp, limit: i64) -> Result<u64> {
    query(
        tx,
        "DELETE FROM spent_tickets WHERE spent_at < $1
           AND hash IN (SELECT hash FROM spent_tickets WHERE spent_at < $1 ORDER BY spent_at LIMIT $2)",
    )
    .bind(before)
    .bind(limit)
    .execute()
    .await
}
