//! The table `one_time_tokens`: hashes of the secrets in mailed links.

use crate::clock::Timestamp;
use crate::db::{Conn, Result, Tx, query};
use crate::domain::account::email::EmailKey;
use crate::domain::email::one_time_token::{Grant, OneTimeToken, Purpose};
use crate::domain::id::UserId;

/// Makes a token good until `grant.expires_at`. Once spent it stays so, also when its mail is sent again.
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

/// Whose token this is, if it is still good. Changes nothing.
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

/// Whose token this was, if it has been spent.
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

/// A token that has just been spent.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Spent {
    /// Which.
    pub hash: Vec<u8>,
    /// What it was good for.
    pub purpose: Purpose,
    /// Until when.
    pub expires_at: Timestamp,
}

/// Spends every token of a user that opens something, in one statement: of two visitors with one link, one finds it among
/// them. 'This was not me' only closes, and is spared.
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

/// Spends the tokens for 'this was not me' that went to one address: of two visitors with one link, one finds it among them.
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

/// Removes tokens that ran out before `before`, spent or not, at most `limit`; how many that were.
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
