//! The table `first_administrator_links`, which has at most one row.

use crate::clock::Timestamp;
use crate::db::{Conn, Result, Tx, query};
use crate::domain::account::first_administrator::FirstAdministratorLink;
use crate::domain::id::FirstAdministratorLinkId;

/// The link, expired or not.
pub async fn find(on: impl Into<Conn<'_>>) -> Result<Option<FirstAdministratorLink>> {
    query(on, "SELECT id, created_at FROM first_administrator_links WHERE slot = 'only'")
        .optional()
        .await
}

/// Adds the link, unless there is one.
pub async fn put(tx: &mut Tx, id: FirstAdministratorLinkId, now: Timestamp) -> Result<()> {
    query(
        tx,
        "INSERT INTO first_administrator_links (slot, id, created_at) VALUES ('only', $1, $2)
         ON CONFLICT DO NOTHING",
    )
    .bind(id)
    .bind(now)
    .execute()
    .await?;
    Ok(())
}

/// Replaces the link `former`, unless a concurrent start has replaced it.
pub async fn replace(
    tx: &mut Tx,
    former: FirstAdministratorLinkId,
    id: FirstAdministratorLinkId,
    now: Timestamp,
) -> Result<()> {
    query(
        tx,
        "UPDATE first_administrator_links SET id = $2, created_at = $3 WHERE slot = 'only' AND id = $1",
    )
    .bind(former)
    .bind(id)
    .bind(now)
    .execute()
    .await?;
    Ok(())
}

/// Deletes the link. Of parallel requests, one gets `true`.
pub async fn delete(tx: &mut Tx, id: FirstAdministratorLinkId) -> Result<bool> {
    let deleted =
        query(tx, "DELETE FROM first_administrator_links WHERE slot = 'only' AND id = $1")
            .bind(id)
            .execute()
            .await?;
    Ok(deleted == 1)
}
