//! The table `user_roles`.

use std::collections::BTreeSet;

use crate::db::{Conn, Result, Tx, query};
use crate::domain::account::email::EmailAddress;
use crate::domain::account::role::Role;
use crate::domain::account::username::Username;
use crate::domain::id::UserId;

/// The roles of a user, as many as administrators gave them in one form.
pub async fn of_user(on: impl Into<Conn<'_>>, user: UserId) -> Result<BTreeSet<Role>> {
    let roles: Vec<(Role,)> =
        query(on, "SELECT role FROM user_roles WHERE user_id = $1").bind(user).all().await?;
    Ok(roles.into_iter().map(|(role,)| role).collect())
}

/// Gives a user a role, unless they already have it.
pub async fn add(tx: &mut Tx, user: UserId, role: &Role) -> Result<()> {
    query(tx, "INSERT INTO user_roles (user_id, role) VALUES ($1, $2) ON CONFLICT DO NOTHING")
        .bind(user)
        .bind(role.clone())
        .execute()
        .await?;
    Ok(())
}

/// Removes all roles of a user.
pub async fn delete_all(tx: &mut Tx, user: UserId) -> Result<()> {
    query(tx, "DELETE FROM user_roles WHERE user_id = $1").bind(user).execute().await?;
    Ok(())
}

/// Some of the roles in use, sorted, at most `limit`.
pub async fn some(on: impl Into<Conn<'_>>, limit: i64) -> Result<Vec<Role>> {
    let roles: Vec<(Role,)> = query(
        on,
        "WITH RECURSIVE found (role) AS (
             SELECT MIN(role) FROM user_roles WHERE role > ''
             UNION ALL
             SELECT (SELECT MIN(r.role) FROM user_roles r WHERE r.role > found.role) FROM found
             WHERE found.role IS NOT NULL)
         SELECT role FROM found WHERE role IS NOT NULL LIMIT $1",
    )
    .bind(limit)
    .all()
    .await?;
    Ok(roles.into_iter().map(|(role,)| role).collect())
}

/// A role in use.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct CountedRole {
    /// Its name.
    pub role: Role,
    /// How many accounts have it, at most as many as were to be counted.
    pub count: i64,
    name_1: Option<Username>,
    name_2: Option<Username>,
    name_3: Option<Username>,
}

impl CountedRole {
    /// The names of the three oldest accounts that have it.
    pub fn names(self) -> impl Iterator<Item = Username> {
        [self.name_1, self.name_2, self.name_3].into_iter().flatten()
    }
}

/// The roles in use from this name on, sorted, at most `limit`. At most `most` accounts of each are counted.
pub async fn counted(
    on: impl Into<Conn<'_>>,
    from: &str,
    most: i64,
    limit: i64,
) -> Result<Vec<CountedRole>> {
    // The first order makes SQLite use the index even for a role that most accounts have.
    query(
        on,
        "WITH RECURSIVE found (role) AS (
             SELECT MIN(role) FROM user_roles WHERE role >= $1
             UNION ALL
             SELECT (SELECT MIN(r.role) FROM user_roles r WHERE r.role > found.role) FROM found
             WHERE found.role IS NOT NULL)
         SELECT found.role,
                (SELECT COUNT(*) FROM (SELECT 1 FROM user_roles r WHERE r.role = found.role ORDER BY r.user_id LIMIT $2) counted) AS count,
                (SELECT (SELECT u.username FROM users u WHERE u.id = r.user_id) FROM user_roles r
                 WHERE r.role = found.role ORDER BY r.user_id LIMIT 1) AS name_1,
                (SELECT (SELECT u.username FROM users u WHERE u.id = r.user_id) FROM user_roles r
                 WHERE r.role = found.role ORDER BY r.user_id LIMIT 1 OFFSET 1) AS name_2,
                (SELECT (SELECT u.username FROM users u WHERE u.id = r.user_id) FROM user_roles r
                 WHERE r.role = found.role ORDER BY r.user_id LIMIT 1 OFFSET 2) AS name_3
         FROM found WHERE found.role IS NOT NULL LIMIT $3",
    )
    .bind(from.to_owned())
    .bind(most)
    .bind(limit)
    .all()
    .await
}

/// Locks the roles of all administrators until the transaction ends. If two administrators remove each other at the same time, the second
/// waits, and is then refused as the last one.
pub async fn hold_administrators(tx: &mut Tx) -> Result<()> {
    // `'admin'` is part of the statement, so that the query planner knows how rare it is.
    query(tx, "UPDATE user_roles SET role = role WHERE role = 'admin'").execute().await?;
    Ok(())
}

/// Whether any account has the role `admin`, even a disabled one. A sign-up that is unconfirmed or awaiting approval is not an account yet.
pub async fn has_administrator(on: impl Into<Conn<'_>>) -> Result<bool> {
    let found: Option<(UserId,)> = query(
        on,
        "SELECT u.id FROM user_roles r JOIN users u ON u.id = r.user_id
         WHERE r.role = 'admin' AND u.activated_at IS NOT NULL AND u.awaits_approval_since IS NULL LIMIT 1",
    )
    .optional()
    .await?;
    Ok(found.is_some())
}

/// Like [`has_administrator`], for one user.
pub async fn is_administrator(on: impl Into<Conn<'_>>, user: UserId) -> Result<bool> {
    let found: Option<(UserId,)> = query(
        on,
        "SELECT u.id FROM user_roles r JOIN users u ON u.id = r.user_id
         WHERE r.user_id = $1 AND r.role = 'admin' AND u.activated_at IS NOT NULL AND u.awaits_approval_since IS NULL",
    )
    .bind(user)
    .optional()
    .await?;
    Ok(found.is_some())
}

/// Accounts that can act as administrators, at most 50.
pub async fn administrators(tx: &mut Tx) -> Result<Vec<AdministratorContact>> {
    query(
        tx,
        "SELECT u.id, u.email FROM user_roles r JOIN users u ON u.id = r.user_id
         WHERE r.role = 'admin' AND u.disabled_at IS NULL AND u.activated_at IS NOT NULL AND u.awaits_approval_since IS NULL
         ORDER BY r.user_id LIMIT 50",
    )
    .all()
    .await
}

/// An administrator to email.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct AdministratorContact {
    /// The account.
    pub id: UserId,
    /// Where emails go.
    pub email: EmailAddress,
}

/// How many other accounts can act as administrators.
pub async fn other_administrators(tx: &mut Tx, user: UserId) -> Result<i64> {
    let (count,): (i64,) = query(
        tx,
        "SELECT COUNT(*) FROM user_roles r JOIN users u ON u.id = r.user_id
         WHERE r.role = 'admin' AND r.user_id <> $1 AND u.disabled_at IS NULL AND u.activated_at IS NOT NULL
           AND u.awaits_approval_since IS NULL",
    )
    .bind(user)
    .one()
    .await?;
    Ok(count)
}

/// How many accounts that can act as administrators have no second factor.
pub async fn administrators_without_second_factor(on: impl Into<Conn<'_>>) -> Result<i64> {
    let (count,): (i64,) = query(
        on,
        "SELECT COUNT(*) FROM user_roles r JOIN users u ON u.id = r.user_id
         WHERE r.role = 'admin' AND u.disabled_at IS NULL AND u.activated_at IS NOT NULL AND u.awaits_approval_since IS NULL
           AND NOT EXISTS (SELECT 1 FROM totp t WHERE t.user_id = u.id)",
    )
    .one()
    .await?;
    Ok(count)
}
