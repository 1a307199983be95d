//! The table `signing_keys`: private keys, encrypted under `SECRET_KEY`.

use uuid::Uuid;

use crate::clock::Timestamp;
use crate::db::{Conn, Result, Tx, query};
use crate::domain::sign_in::access_token::JwtAlgorithm;
use crate::domain::sign_in::signing_key::Span;

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
    /// From when on another signs.
    pub retired_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

impl SealedKey {
    /// When it came and went.
    #[must_use]
    pub fn span(&self) -> Span {
        let Self { created_at, retired_at, revoked_at, .. } = *self;
        Span { created_at, retired_at, revoked_at }
    }
}

/// Every key, the newest first.
pub async fn all(on: impl Into<Conn<'_>>) -> Result<Vec<SealedKey>> {
    // Two may have been made in one second: the later one is not retired.
    query(
        on,
        "SELECT id, algorithm, sealed, created_at, retired_at, revoked_at FROM signing_keys
         ORDER BY created_at DESC, retired_at IS NOT NULL, id DESC",
    )
    .all()
    .await
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

/// Lets another key of its algorithm sign from `at` on; `false` if that was said before.
pub async fn retire(tx: &mut Tx, id: Uuid, at: Timestamp) -> Result<bool> {
    let retired =
        query(tx, "UPDATE signing_keys SET retired_at = $2 WHERE id = $1 AND retired_at IS NULL")
            .bind(id)
            .bind(at)
            .execute()
            .await?;
    Ok(retired == 1)
}

/// Lets another key sign from `at` on, whatever was said before; `false` if the key is unknown or revoked.
pub async fn retire_at(tx: &mut Tx, id: Uuid, at: Timestamp) -> Result<bool> {
    let retired =
        query(tx, "UPDATE signing_keys SET retired_at = $2 WHERE id = $1 AND revoked_at IS NULL")
            .bind(id)
            .bind(at)
            .execute()
            .await?;
    Ok(retired == 1)
}

/// Takes a key out of use at once; `false` if it is unknown or revoked already.
pub async fn revoke(tx: &mut Tx, id: Uuid, now: Timestamp) -> Result<bool> {
    let revoked = query(
        tx,
        "UPDATE signing_keys SET revoked_at = $2, retired_at = CASE WHEN retired_at < $2 THEN retired_at ELSE $2 END
         WHERE id = $1 AND revoked_at IS NULL",
    )
    .bind(id)
    .bind(now)
    .execute()
    .await?;
    Ok(revoked == 1)
}

/// Removes keys that have been retired since before `before`; how many those were.
pub async fn delete_retired(tx: &mut Tx, before: Timestamp) -> Result<u64> {
    query(tx, "DELETE FROM signing_keys WHERE retired_at < $1").bind(before).execute().await
}
