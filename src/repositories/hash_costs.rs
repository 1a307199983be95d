//! The table `hash_costs`: the costs of stored password hashes.

use crate::clock::Timestamp;
use crate::db::{Conn, Result, Tx, query};
use crate::domain::sign_in::hash_cost::HashCost;

/// Every cost in use, except costs that only a later version knows. There are few, whatever the number of accounts.
pub async fn all(on: impl Into<Conn<'_>>) -> Result<Vec<HashCost>> {
    let rows: Vec<(String,)> = query(on, "SELECT cost FROM hash_costs").all().await?;
    Ok(rows.into_iter().filter_map(|(cost,)| cost.parse().ok()).collect())
}

/// When this cost was last recorded.
pub async fn noted_at(on: impl Into<Conn<'_>>, cost: HashCost) -> Result<Option<Timestamp>> {
    let row: Option<(Timestamp,)> = query(on, "SELECT noted_at FROM hash_costs WHERE cost = $1")
        .bind(cost.to_string())
        .optional()
        .await?;
    Ok(row.map(|(noted_at,)| noted_at))
}

/// Records that a hash with this cost is stored.
pub async fn note(tx: &mut Tx, cost: HashCost, now: Timestamp) -> Result<()> {
    query(
        tx,
        "INSERT INTO hash_costs (cost, noted_at) VALUES ($1, $2)
         ON CONFLICT (cost) DO UPDATE SET noted_at = excluded.noted_at",
    )
    .bind(cost.to_string())
    .bind(now)
    .execute()
    .await?;
    Ok(())
}

/// Deletes a cost that was recorded before `before`, or after `after`, which lies in the future.
pub async fn delete(
    tx: &mut Tx,
    cost: HashCost,
    before: Timestamp,
    after: Timestamp,
) -> Result<bool> {
    let deleted =
        query(tx, "DELETE FROM hash_costs WHERE cost = $1 AND (noted_at < $2 OR noted_at > $3)")
            .bind(cost.to_string())
            .bind(before)
            .bind(after)
            .execute()
            .await?;
    Ok(deleted == 1)
}
