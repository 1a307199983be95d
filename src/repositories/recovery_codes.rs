//! The table `recovery_codes`: hashes of recovery codes.

use crate::clock::Timestamp;
use crate::db::{Conn, Result, Tx, query};
use crate::domain::id::UserId;
use crate::domain::two_factor::recovery_code::RecoveryCode;

/// Adds a code.
pub async fn put(tx: &mut Tx, user: UserId, code: &RecoveryCode, now: Timestamp) -> Result<()> {
    query(tx, "INSERT INTO recovery_codes (hash, user_id, created_at) VALUES ($1, $2, $3)")
        .bind(code.hash())
        .bind(user)
        .bind(now)
        .execute()
        .await?;
    Ok(())
}

/// Whether this is an unused code of the user.
pub async fn is_good(on: impl Into<Conn<'_>>, user: UserId, code: &RecoveryCode) -> Result<bool> {
    let (good,): (i64,) = query(
        on,
        "SELECT COUNT(*) FROM recovery_codes WHERE hash = $1 AND user_id = $2 AND spent_at IS NULL",
    )
    .bind(code.hash())
    .bind(user)
    .one()
    .await?;
    Ok(good == 1)
}

/// How many unused codes the user has.
pub async fn count(on: impl Into<Conn<'_>>, user: UserId) -> Result<i64> {
    let (left,): (i64,) =
        query(on, "SELECT COUNT(*) FROM recovery_codes WHERE user_id = $1 AND spent_at IS NULL")
            .bind(user)
            .one()
            .await?;
    Ok(left)
}

/// Spends a code. Of parallel requests with the same code, one gets `true`.
pub async fn spend(tx: &mut Tx, user: UserId, code: &RecoveryCode, now: Timestamp) -> Result<bool> {
    let spent = query(
        tx,
        "UPDATE recovery_codes SET spent_at = $3 WHERE hash = $1 AND user_id = $2 AND spent_at IS NULL",
    )
    .bind(code.hash())
    .bind(user)
    .bind(now)
    .execute()
    .await?;
    Ok(spent == 1)
}

/// Deletes every code of a user.
pub async fn delete_all(tx: &mut Tx, user: UserId) -> Result<()> {
    query(tx, "DELETE FROM recovery_codes WHERE user_id = $1").bind(user).execute().await?;
    Ok(())
}

/// Deletes the codes of a user that were generated after `since`.
pub async fn delete_since(tx: &mut Tx, user: UserId, since: Timestamp) -> Result<u64> {
    query(tx, "DELETE FROM recovery_codes WHERE user_id = $1 AND created_at > $2")
        .bind(user)
        .bind(since)
        .execute()
        .await
}
