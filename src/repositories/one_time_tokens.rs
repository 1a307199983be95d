//! The table `one_time_tokens`: hashes of the tokens in emailed links.

use crate::clock::Timestamp;
use crate::db::{Conn, Result, Tx, query};
use crate::domain::account::email::EmailKey;
use crate::domain::email::one_time_token::{Grant, OneTimeToken, Purpose};
use crate::domain::id::UserId;
use crate::domain::stored::Stored;

/// Stores a token, valid until `grant.expires_at`. A spent token stays spent, even if its email is sent again.
pub async fn put(
    tx: &mut Tx,
    token: &OneTimeToken,
    purpose: Purpose,
    grant: &Grant,
    now: Timestamp,
) -> Result<()> {
    query(
        tx,
        "INSERT INTO one_time_tokens (hash, purpose, user_id, email_key, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (hash) DO UPDATE SET expires_at = excluded.expires_at",
    )
    .bind(token.hash())
    .bind(purpose)
    .bind(grant.user_id)
    .bind(grant.email_key.clone())
    .bind(now)
    .bind(grant.expires_at)
    .execute()
    .await?;
    Ok(())
}

/// The grant of a valid token. Changes nothing.
pub async fn find(
    on: impl Into<Conn<'_>>,
    token: &OneTimeToken,
    purpose: Purpose,
    now: Timestamp,
) -> Result<Option<Grant>> {
    query(
        on,
        "SELECT user_id, email_key, expires_at FROM one_time_tokens
         WHERE hash = $1 AND purpose = $2 AND expires_at > $3 AND spent_at IS NULL",
    )
    .bind(token.hash())
    .bind(purpose)
    .bind(now)
    .optional()
    .await
}

/// The grant of a spent token.
pub async fn find_spent(
    on: impl Into<Conn<'_>>,
    token: &OneTimeToken,
    purpose: Purpose,
) -> Result<Option<Grant>> {
    query(
        on,
        "SELECT user_id, email_key, expires_at FROM one_time_tokens
         WHERE hash = $1 AND purpose = $2 AND spent_at IS NOT NULL",
    )
    .bind(token.hash())
    .bind(purpose)
    .optional()
    .await
}

/// A token that was just spent.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Spent {
    /// Its hash.
    pub hash: Vec<u8>,
    /// Its purpose.
    pub purpose: Stored<Purpose>,
    /// When it would have expired.
    pub expires_at: Timestamp,
}

/// Spends every token of a user except 'this was not me' tokens, which grant no access. This is one statement, so that of two parallel
/// requests with the same link, one finds its token in the result. There are few: the emails that carry them are limited.
pub async fn spend_all(tx: &mut Tx, user: UserId, now: Timestamp) -> Result<Vec<Spent>> {
    query(
        tx,
        "UPDATE one_time_tokens SET spent_at = $2
         WHERE user_id = $1 AND spent_at IS NULL AND purpose <> $3
         RETURNING hash, purpose, expires_at",
    )
    .bind(user)
    .bind(now)
    .bind(Purpose::NotMe)
    .all()
    .await
}

/// Spends the 'this was not me' tokens that were sent to one address. Of two parallel requests with the same link, one finds its token in
/// the result.
pub async fn spend_not_me(
    tx: &mut Tx,
    user: UserId,
    email: &EmailKey,
    now: Timestamp,
) -> Result<Vec<Spent>> {
    query(
        tx,
        "UPDATE one_time_tokens SET spent_at = $4
         WHERE user_id = $1 AND purpose = $2 AND email_key = $3 AND spent_at IS NULL
         RETURNING hash, purpose, expires_at",
    )
    .bind(user)
    .bind(Purpose::NotMe)
    .bind(email)
    .bind(now)
    .all()
    .await
}

/// Spends the tokens of a user for one purpose.
pub async fn spend_purpose(
    tx: &mut Tx,
    user: UserId,
    purpose: Purpose,
    now: Timestamp,
) -> Result<()> {
    query(
        tx,
        "UPDATE one_time_tokens SET spent_at = $3 WHERE user_id = $1 AND purpose = $2 AND spent_at IS NULL",
    )
    .bind(user)
    .bind(purpose)
    .bind(now)
    .execute()
    .await?;
    Ok(())
}

/// Deletes tokens that expired before `before`, at most `limit`. Returns how many.
pub async fn delete_expired(tx: &mut Tx, before: Timestamp, limit: i64) -> Result<u64> {
    query(
        tx,
        "DELETE FROM one_time_tokens WHERE expires_at < $1
           AND hash IN (SELECT hash FROM one_time_tokens WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)",
    )
    .bind(before)
    .bind(limit)
    .execute()
    .await
}

/// When a token was created.
pub async fn created_at(
    on: impl Into<Conn<'_>>,
    token: &OneTimeToken,
) -> Result<Option<Timestamp>> {
    let found: Option<(Timestamp,)> =
        query(on, "SELECT created_at FROM one_time_tokens WHERE hash = $1")
            .bind(token.hash())
            .optional()
            .await?;
    Ok(found.map(|(created_at,)| created_at))
}

/// Treats a token that was created in the future as created now, with the same lifetime.
pub async fn correct_times(tx: &mut Tx, token: &OneTimeToken, now: Timestamp) -> Result<()> {
    query(
        tx,
        "UPDATE one_time_tokens SET expires_at = $2 + (expires_at - created_at), created_at = $2
         WHERE hash = $1 AND created_at > $2",
    )
    .bind(token.hash())
    .bind(now)
    .execute()
    .await?;
    Ok(())
}
