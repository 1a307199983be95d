//! The table `signing_keys`: private keys, encrypted with `SECRET_KEY`.

use uuid::Uuid;

use crate::clock::Timestamp;
use crate::db::{Conn, Result, Tx, query};
use crate::domain::sign_in::access_token::JwtAlgorithm;
use crate::domain::sign_in::signing_key::Span;

/// A stored key.
#[derive(Clone, sqlx::FromRow)]
#[expect(missing_debug_implementations, reason = "holds a private key, if an encrypted one")]
pub struct SealedKey {
    /// The key's ID, and its `kid` in JWTs.
    pub id: Uuid,
    /// The algorithm that uses the key.
    pub algorithm: JwtAlgorithm,
    /// PKCS #8, encrypted.
    pub sealed: Vec<u8>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When its successor starts to sign.
    pub retired_at: Option<Timestamp>,
    /// When it was revoked, because it had leaked.
    pub revoked_at: Option<Timestamp>,
}

impl SealedKey {
    /// The times that decide its state.
    #[must_use]
    pub fn span(&self) -> Span {
        let Self { created_at, retired_at, revoked_at, .. } = *self;
        Span { created_at, retired_at, revoked_at }
    }
}

/// Every key, the newest first, except those of an algorithm that only a later version knows. There are few: keys are deleted some time after
/// their rotation.
pub async fn all(on: impl Into<Conn<'_>>) -> Result<Vec<SealedKey>> {
    // Of two keys made in the same second, the later one is not retired.
    query(
        on,
        "SELECT id, algorithm, sealed, created_at, retired_at, revoked_at FROM signing_keys
         WHERE algorithm IN ('ES256', 'EdDSA')
         ORDER BY created_at DESC, retired_at IS NOT NULL, id DESC",
    )
    .all()
    .await
}

/// Adds a key, unless its algorithm has one that is not retired. Of several instances that start at the same time, one adds a key.
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

/// Makes the successor sign from `at` on; `false` if a time was already set.
pub async fn retire(tx: &mut Tx, id: Uuid, at: Timestamp) -> Result<bool> {
    let retired =
        query(tx, "UPDATE signing_keys SET retired_at = $2 WHERE id = $1 AND retired_at IS NULL")
            .bind(id)
            .bind(at)
            .execute()
            .await?;
    Ok(retired == 1)
}

/// Makes the successor sign from `at` on, even if another time was set; `false` if the key is unknown or revoked.
pub async fn retire_at(tx: &mut Tx, id: Uuid, at: Timestamp) -> Result<bool> {
    let retired =
        query(tx, "UPDATE signing_keys SET retired_at = $2 WHERE id = $1 AND revoked_at IS NULL")
            .bind(id)
            .bind(at)
            .execute()
            .await?;
    Ok(retired == 1)
}

/// Revokes a key; `false` if it is unknown or already revoked.
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

/// Deletes keys retired before `before`. Returns how many.
pub async fn delete_retired(tx: &mut Tx, before: Timestamp) -> Result<u64> {
    query(tx, "DELETE FROM signing_keys WHERE retired_at < $1").bind(before).execute().await
}
