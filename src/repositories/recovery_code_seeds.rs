//! The table `recovery_code_seeds`: the seeds of recovery codes that may be shown again.

use crate::clock::Timestamp;
use crate::db::{Conn, Result, Tx, query};
use crate::domain::id::{SessionId, UserId};
use crate::domain::two_factor::recovery_code::CodeSeed;

/// Stores the seed of an account's latest codes.
pub async fn put(
    tx: &mut Tx,
    user: UserId,
    session: SessionId,
    seed: &CodeSeed,
    now: Timestamp,
) -> Result<()> {
    query(
        tx,
        "INSERT INTO recovery_code_seeds (user_id, session_id, seed, created_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (user_id) DO UPDATE SET session_id = excluded.session_id, seed = excluded.seed, created_at = excluded.created_at",
    )
    .bind(user)
    .bind(session)
    .bind(seed.reveal().to_vec())
    .bind(now)
    .execute()
    .await?;
    Ok(())
}

/// The seed of the codes that were created in this session between `since` and `until`.
pub async fn find(
    on: impl Into<Conn<'_>>,
    user: UserId,
    session: SessionId,
    since: Timestamp,
    until: Timestamp,
) -> Result<Option<CodeSeed>> {
    let found: Option<(Vec<u8>,)> = query(
        on,
        "SELECT seed FROM recovery_code_seeds WHERE user_id = $1 AND session_id = $2 AND created_at > $3 AND created_at <= $4",
    )
    .bind(user)
    .bind(session)
    .bind(since)
    .bind(until)
    .optional()
    .await?;
    Ok(found.and_then(|(seed,)| CodeSeed::from_bytes(&seed)))
}

/// Deletes the seed of an account: its codes cannot be shown again.
pub async fn delete(tx: &mut Tx, user: UserId) -> Result<()> {
    query(tx, "DELETE FROM recovery_code_seeds WHERE user_id = $1").bind(user).execute().await?;
    Ok(())
}

/// Deletes seeds created at or before `before`.
pub async fn delete_older(tx: &mut Tx, before: Timestamp) -> Result<()> {
    query(tx, "DELETE FROM recovery_code_seeds WHERE created_at <= $1")
        .bind(before)
        .execute()
        .await?;
    Ok(())
}
