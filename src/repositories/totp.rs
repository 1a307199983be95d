//! The table `totp`: secrets of authenticator apps, encrypted with `SECRET_KEY`.

use crate::clock::Timestamp;
use crate::db::{Conn, Result, Tx, query};
use crate::domain::id::UserId;

/// A stored secret.
#[derive(Clone, sqlx::FromRow)]
#[expect(missing_debug_implementations, reason = "holds a secret, if an encrypted one")]
pub struct SealedTotp {
    /// Encrypted.
    pub sealed: Vec<u8>,
    /// The time step of the last accepted code.
    pub last_step: i64,
    /// When 2FA was enabled.
    pub created_at: Timestamp,
}

/// The user's secret, if 2FA is on.
pub async fn find(on: impl Into<Conn<'_>>, user: UserId) -> Result<Option<SealedTotp>> {
    query(on, "SELECT sealed, last_step, created_at FROM totp WHERE user_id = $1")
        .bind(user)
        .optional()
        .await
}

/// Enables 2FA; `false` if it is already on.
pub async fn put(
    tx: &mut Tx,
    user: UserId,
    sealed: &[u8],
    last_step: i64,
    now: Timestamp,
) -> Result<bool> {
    let added = query(
        tx,
        "INSERT INTO totp (user_id, sealed, last_step, created_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT DO NOTHING",
    )
    .bind(user)
    .bind(sealed)
    .bind(last_step)
    .bind(now)
    .execute()
    .await?;
    Ok(added == 1)
}

/// Replaces the secret. [`SealedTotp::created_at`] stays: since then the account has had 2FA.
pub async fn replace(tx: &mut Tx, user: UserId, sealed: &[u8], last_step: i64) -> Result<bool> {
    let replaced = query(tx, "UPDATE totp SET sealed = $2, last_step = $3 WHERE user_id = $1")
        .bind(user)
        .bind(sealed)
        .bind(last_step)
        .execute()
        .await?;
    Ok(replaced == 1)
}

/// Spends every code up to that of `step`. Of parallel requests with the same code, one gets `true`. A stored step after `latest` is
/// replaced.
pub async fn advance(tx: &mut Tx, user: UserId, step: i64, latest: i64) -> Result<bool> {
    let spent = query(
        tx,
        "UPDATE totp SET last_step = $2 WHERE user_id = $1 AND (last_step < $2 OR last_step > $3)",
    )
    .bind(user)
    .bind(step)
    .bind(latest)
    .execute()
    .await?;
    Ok(spent == 1)
}

/// Disables 2FA.
pub async fn delete(tx: &mut Tx, user: UserId) -> Result<()> {
    query(tx, "DELETE FROM totp WHERE user_id = $1").bind(user).execute().await?;
    Ok(())
}
