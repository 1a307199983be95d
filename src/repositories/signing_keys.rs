//! The table `signing_keys`: private keys, encrypted under `SECRET_KEY`.

use uuid::Uuid;

use crate::clock::Timestamp;
use crate::db::{Conn, Tx, query};
use crate::domain::access_token::JwtAlgorithm;
use crate::error::Result;

/// A stored key.
#[derive(Clone, sqlx::FromRow)]
#[expect(missing_debug_implementations, reason = "holds a private key, if an encrypted one")]
pub struct SealedKey {
    /// The `kid`.
    pub id: Uuid,
    /// What it signs with.
    pub algorithm: JwtAlgorithm,
    /// PKCS #8, encrypted.
    pub sealed: Vec<u8>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Set when another took over signing.
    pub retired_at: Option<Timestamp>,
}

/// Every key, the newest first.
pub async fn all(on: impl Into<Conn<'_>>) -> Result<Vec<SealedKey>> {
    query(on, "SELECT id, algorithm, sealed, created_at, retired_at FROM signing_keys ORDER BY created_at DESC, id DESC").all().await
}

/// Adds a key unless there is one in use for its algorithm: of several instances that start at once, one adds.
pub async fn put(
    tx: &mut Tx,
    id: Uuid,
    algorithm: JwtAlgorithm,
    sealed: &[u8],
    now: Timestamp,
) -> Result<()> {
    query(
        tx,
        "INSERT INTO signing_keys (id, algorithm, sealed, created_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
    )
    .bind(id)
    .bind(algorithm)
    .bind(sealed)
    .bind(now)
    .execute()
    .await?;
    Ok(())
}
