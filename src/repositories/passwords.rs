//! The table `passwords`: at most one row per account.

use crate::clock::Timestamp;
use crate::db::{Conn, Result, Tx, query};
use crate::domain::account::email::EmailKey;
use crate::domain::account::handle::Handle;
use crate::domain::account::user::User;
use crate::domain::id::UserId;
use crate::domain::sign_in::stored_password::{PasswordOwner, StoredPassword};

/// A row of `users` with the columns of `passwords`, which are empty if the account has no password.
#[derive(sqlx::FromRow)]
struct Joined {
    #[sqlx(flatten)]
    user: User,
    hash: Option<String>,
    set_at: Option<Timestamp>,
    revoked_at: Option<Timestamp>,
}

impl From<Joined> for PasswordOwner {
    fn from(Joined { user, hash, set_at, revoked_at }: Joined) -> Self {
        let stored = hash.zip(set_at);
        let password = stored.map(|(hash, set_at)| StoredPassword { hash, set_at, revoked_at });
        Self { user, password }
    }
}

/// The account or unconfirmed sign-up with this address, and its password.
pub async fn owner_by_email(
    on: impl Into<Conn<'_>>,
    email: &EmailKey,
) -> Result<Option<PasswordOwner>> {
    let found = query(
        on,
        "SELECT u.id, u.email, u.email_key, u.username, u.handle, u.credential_version, u.activated_at, u.email_verified_at,
                u.disabled_at, u.awaits_approval_since, u.last_sign_in_at, u.invitation_id, p.hash, p.set_at, p.revoked_at
         FROM users u LEFT JOIN passwords p ON p.user_id = u.id WHERE u.email_key = $1",
    )
    .bind(email)
    .optional::<Joined>()
    .await?;
    Ok(found.map(Into::into))
}

/// The account with this handle, and its password.
pub async fn owner_by_handle(
    on: impl Into<Conn<'_>>,
    handle: &Handle,
) -> Result<Option<PasswordOwner>> {
    let found = query(
        on,
        "SELECT u.id, u.email, u.email_key, u.username, u.handle, u.credential_version, u.activated_at, u.email_verified_at,
                u.disabled_at, u.awaits_approval_since, u.last_sign_in_at, u.invitation_id, p.hash, p.set_at, p.revoked_at
         FROM users u LEFT JOIN passwords p ON p.user_id = u.id WHERE u.handle = $1",
    )
    .bind(handle)
    .optional::<Joined>()
    .await?;
    Ok(found.map(Into::into))
}

/// The account with this ID, and its password.
pub async fn owner(on: impl Into<Conn<'_>>, id: UserId) -> Result<Option<PasswordOwner>> {
    let found = query(
        on,
        "SELECT u.id, u.email, u.email_key, u.username, u.handle, u.credential_version, u.activated_at, u.email_verified_at,
                u.disabled_at, u.awaits_approval_since, u.last_sign_in_at, u.invitation_id, p.hash, p.set_at, p.revoked_at
         FROM users u LEFT JOIN passwords p ON p.user_id = u.id WHERE u.id = $1",
    )
    .bind(id)
    .optional::<Joined>()
    .await?;
    Ok(found.map(Into::into))
}

/// The password of an account, even if it was removed.
pub async fn find(on: impl Into<Conn<'_>>, user: UserId) -> Result<Option<StoredPassword>> {
    query(on, "SELECT hash, set_at, revoked_at FROM passwords WHERE user_id = $1")
        .bind(user)
        .optional()
        .await
}

/// Stores a new password in place of the former or removed one.
pub async fn put(tx: &mut Tx, user: UserId, hash: &str, now: Timestamp) -> Result<()> {
    query(
        tx,
        "INSERT INTO passwords (user_id, hash, set_at) VALUES ($1, $2, $3)
         ON CONFLICT (user_id) DO UPDATE SET hash = excluded.hash, set_at = excluded.set_at, revoked_at = NULL",
    )
    .bind(user)
    .bind(hash)
    .bind(now)
    .execute()
    .await?;
    Ok(())
}

/// Replaces the hash with one of the same password at another cost, unless the password has changed or was removed.
pub async fn upgrade_hash(tx: &mut Tx, user: UserId, former: &str, hash: &str) -> Result<()> {
    query(
        tx,
        "UPDATE passwords SET hash = $3 WHERE user_id = $1 AND hash = $2 AND revoked_at IS NULL",
    )
    .bind(user)
    .bind(former)
    .bind(hash)
    .execute()
    .await?;
    Ok(())
}

/// Removes the password of an account, if it has one. The row is kept, so that the removed password is not accepted as the new one.
pub async fn revoke(tx: &mut Tx, user: UserId, now: Timestamp) -> Result<()> {
    query(tx, "UPDATE passwords SET revoked_at = $2 WHERE user_id = $1 AND revoked_at IS NULL")
        .bind(user)
        .bind(now)
        .execute()
        .await?;
    Ok(())
}

/// The beginning of an account's password hash.
#[derive(sqlx::FromRow)]
#[expect(missing_debug_implementations, reason = "holds the beginning of the password's hash")]
pub struct StoredHash {
    /// The account.
    pub user_id: UserId,
    /// Function, parameters and the start of the salt.
    pub hash_beginning: String,
}

/// The usable hashes of the accounts after this ID, in the order of their IDs, at most `limit`.
pub async fn hashes_after(
    on: impl Into<Conn<'_>>,
    id: UserId,
    limit: i64,
) -> Result<Vec<StoredHash>> {
    query(
        on,
        "SELECT user_id, SUBSTR(hash, 1, 64) AS hash_beginning FROM passwords
         WHERE user_id > $1 AND revoked_at IS NULL ORDER BY user_id LIMIT $2",
    )
    .bind(id)
    .bind(limit)
    .all()
    .await
}
