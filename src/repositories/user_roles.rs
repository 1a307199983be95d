//! The table `user_roles`.

use std::collections::BTreeSet;

use crate::db::{Conn, Result, Tx, query};
use crate::domain::account::email::EmailAddress;
use crate::domain::account::role::Role;
use crate::domain::id::UserId;

/// The roles of a user.
pub async fn of_user(on: impl Into<Conn<'_>>, user: UserId) -> Result<BTreeSet<Role>> {
    let roles: Vec<(Role,)> =
        query(on, "SELECT role FROM user_roles WHERE user_id = $1").bind(user).all().await?;
    Ok(roles.into_iter().map(|(role,)| role).collect())
}

/// Gives a user a role, if they have it not yet.
pub async fn add(tx: &mut Tx, user: UserId, role: &Role) -> Result<()> {
    query(tx, "INSERT INTO user_roles (user_id, role) VALUES ($1, $2) ON CONFLICT DO NOTHING")
        .bind(user)
        .bind(role.clone())
        .execute()
        .await?;
    Ok(())
}

/// Takes all roles from a user.
pub async fn delete_all(tx: &mut Tx, user: UserId) -> Result<()> {
    query(tx, "DELETE FROM user_roles WHERE user_id = $1").bind(user).execute().await?;
    Ok(())
}

/// Some roles that are in use, in their order, at most `limit`.
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

/// Holds the role of every administrator until the transaction ends: of two that would each leave the other as the last one, the
/// second waits and then finds out.
pub async fn hold_administrators(tx: &mut Tx) -> Result<()> {
    // The name stands in the text, so that the database knows how rare it is.
    query(tx, "UPDATE user_roles SET role = role WHERE role = 'admin'").execute().await?;
    Ok(())
}

/// Accounts that can act as an administrator; some, where there are very many.
pub async fn administrators(tx: &mut Tx) -> Result<Vec<Administrator>> {
    query(
        tx,
        "SELECT u.id, u.email FROM user_roles r JOIN users u ON u.id = r.user_id
         WHERE r.role = 'admin' AND u.disabled_at IS NULL AND u.activated_at IS NOT NULL AND u.awaits_approval_since IS NULL
         ORDER BY r.user_id LIMIT 50",
    )
    .all()
    .await
}

/// Somebody to write to.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Administrator {
    /// Who.
    pub id: UserId,
    /// Where mails go.
    pub email: EmailAddress,
}

/// How many other accounts than this one can act as an administrator.
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
