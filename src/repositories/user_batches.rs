//! The table `users`: all accounts, in batches.

use crate::clock::Timestamp;
use crate::db::{Conn, Result, query};
use crate::domain::account::email::{EmailAddress, EmailKey};
use crate::domain::account::handle::Handle;
use crate::domain::account::preferences::Preferences;
use crate::domain::account::username::Username;
use crate::domain::id::UserId;

/// An account in an export.
#[derive(sqlx::FromRow)]
#[expect(missing_debug_implementations, reason = "holds the password's hash")]
pub struct ExportedUser {
    /// The account's ID.
    pub id: UserId,
    /// The address as the user typed it.
    pub email: EmailAddress,
    /// The display name.
    pub username: Username,
    /// The name that apps know the account by. `None` while the account awaits approval.
    pub handle: Option<Handle>,
    /// PHC string; `None` for an account without a usable password.
    pub password_hash: Option<String>,
    /// When the address was confirmed.
    pub email_verified_at: Option<Timestamp>,
    /// The roles, sorted, separated by commas.
    pub roles: Option<String>,
    /// Language and time zone.
    #[sqlx(flatten)]
    pub preferences: Preferences,
}

/// The accounts after this ID, in the order of their IDs, at most `limit`; without unconfirmed sign-ups.
pub async fn exported_after(
    on: impl Into<Conn<'_>>,
    id: UserId,
    limit: i64,
) -> Result<Vec<ExportedUser>> {
    query(
        on,
        "SELECT u.id, u.email, u.username, u.handle, u.email_verified_at, u.language, u.time_zone,
                (SELECT p.hash FROM passwords p WHERE p.user_id = u.id AND p.revoked_at IS NULL) AS password_hash,
                (SELECT STRING_AGG(r.role, ',' ORDER BY r.role) FROM user_roles r WHERE r.user_id = u.id) AS roles
         FROM users u WHERE u.id > $1 AND u.activated_at IS NOT NULL ORDER BY u.id LIMIT $2",
    )
    .bind(id)
    .bind(limit)
    .all()
    .await
}

/// An existing account, for comparison with an import.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct KnownUser {
    /// The account's ID.
    pub id: UserId,
    /// The address for comparison.
    pub email_key: EmailKey,
    /// `None` for an unconfirmed sign-up.
    pub activated_at: Option<Timestamp>,
}

/// The accounts and unconfirmed sign-ups after this ID, in the order of their IDs, at most `limit`.
pub async fn known_after(
    on: impl Into<Conn<'_>>,
    id: UserId,
    limit: i64,
) -> Result<Vec<KnownUser>> {
    query(on, "SELECT id, email_key, activated_at FROM users WHERE id > $1 ORDER BY id LIMIT $2")
        .bind(id)
        .bind(limit)
        .all()
        .await
}
