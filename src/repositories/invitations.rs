//! The table `invitations`.
//!
//! Five statements check whether the creator of an invitation may invite users. The check cannot be shared: each statement is one literal,
//! and a view would need a migration.

use uuid::Uuid;

use crate::clock::Timestamp;
use crate::db::{Conn, Result, Tx, query};
use crate::domain::account::invitation::{Because, Invitation, ListedInvitation};
use crate::domain::email::one_time_token::OneTimeToken;
use crate::domain::id::{InvitationId, UserId};
use crate::domain::paging::Direction;

/// Adds an invitation.
pub async fn put(tx: &mut Tx, new: &Invitation, token: &OneTimeToken) -> Result<()> {
    query(
        tx,
        "INSERT INTO invitations (id, hash, email, roles, language, created_at, created_by, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(new.id)
    .bind(token.hash())
    .bind(new.email.clone())
    .bind(new.roles.clone())
    .bind(new.language.clone())
    .bind(new.created_at)
    .bind(new.created_by)
    .bind(new.expires_at)
    .execute()
    .await?;
    Ok(())
}

/// The invitation with this ID.
pub async fn find(on: impl Into<Conn<'_>>, id: InvitationId) -> Result<Option<Invitation>> {
    query(
        on,
        "SELECT id, email, roles, language, created_at, created_by, expires_at, revoked_at, revoked_because, used_at, used_by,
                (invitations.created_by IS NULL OR EXISTS (
                    SELECT 1 FROM user_roles r JOIN users u ON u.id = r.user_id
                    WHERE r.user_id = invitations.created_by AND r.role = 'admin' AND u.disabled_at IS NULL
                      AND u.activated_at IS NOT NULL AND u.awaits_approval_since IS NULL)) AS maker_may
         FROM invitations WHERE id = $1",
    )
    .bind(id)
    .optional()
    .await
}

/// The invitation whose link has this token.
pub async fn find_by_token(
    on: impl Into<Conn<'_>>,
    token: &OneTimeToken,
) -> Result<Option<Invitation>> {
    query(
        on,
        "SELECT id, email, roles, language, created_at, created_by, expires_at, revoked_at, revoked_because, used_at, used_by,
                (invitations.created_by IS NULL OR EXISTS (
                    SELECT 1 FROM user_roles r JOIN users u ON u.id = r.user_id
                    WHERE r.user_id = invitations.created_by AND r.role = 'admin' AND u.disabled_at IS NULL
                      AND u.activated_at IS NOT NULL AND u.awaits_approval_since IS NULL)) AS maker_may
         FROM invitations WHERE hash = $1",
    )
    .bind(token.hash())
    .optional()
    .await
}

/// The invitations beside this ID with their creators, at most `limit`. Forward is from the latest to the earliest.
pub async fn page(
    on: impl Into<Conn<'_>>,
    direction: Direction,
    beside: Uuid,
    limit: i64,
) -> Result<Vec<ListedInvitation>> {
    let found = match direction {
        Direction::Forward => query(
            on,
            "SELECT id, email, roles, language, created_at, created_by, expires_at, revoked_at, revoked_because, used_at, used_by,
                    (invitations.created_by IS NULL OR EXISTS (
                        SELECT 1 FROM user_roles r JOIN users u ON u.id = r.user_id
                        WHERE r.user_id = invitations.created_by AND r.role = 'admin' AND u.disabled_at IS NULL
                          AND u.activated_at IS NOT NULL AND u.awaits_approval_since IS NULL)) AS maker_may,
                    (SELECT u.email FROM users u WHERE u.id = invitations.created_by) AS maker
             FROM invitations WHERE id < $1 ORDER BY id DESC LIMIT $2",
        ),
        Direction::Backward => query(
            on,
            "SELECT id, email, roles, language, created_at, created_by, expires_at, revoked_at, revoked_because, used_at, used_by,
                    (invitations.created_by IS NULL OR EXISTS (
                        SELECT 1 FROM user_roles r JOIN users u ON u.id = r.user_id
                        WHERE r.user_id = invitations.created_by AND r.role = 'admin' AND u.disabled_at IS NULL
                          AND u.activated_at IS NOT NULL AND u.awaits_approval_since IS NULL)) AS maker_may,
                    (SELECT u.email FROM users u WHERE u.id = invitations.created_by) AS maker
             FROM invitations WHERE id > $1 ORDER BY id ASC LIMIT $2",
        ),
    };
    found.bind(beside).bind(limit).all().await
}

/// Counts the invitations, at most `most`.
pub async fn count(on: impl Into<Conn<'_>>, most: i64) -> Result<i64> {
    let (count,): (i64,) =
        query(on, "SELECT COUNT(*) FROM (SELECT 1 FROM invitations LIMIT $1) counted")
            .bind(most)
            .one()
            .await?;
    Ok(count)
}

/// Revokes an invitation; `false` if it is already used or revoked.
pub async fn revoke(tx: &mut Tx, id: InvitationId, now: Timestamp) -> Result<bool> {
    let revoked = query(
        tx,
        "UPDATE invitations SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL AND used_at IS NULL",
    )
    .bind(id)
    .bind(now)
    .execute()
    .await?;
    Ok(revoked == 1)
}

/// Revokes the unused invitations that this account has created. Returns the IDs of all, since the log has an entry for each.
pub async fn revoke_made_by(
    tx: &mut Tx,
    maker: UserId,
    because: Because,
    now: Timestamp,
) -> Result<Vec<InvitationId>> {
    let revoked: Vec<(InvitationId,)> = query(
        tx,
        "UPDATE invitations SET revoked_at = $2, revoked_because = $3
         WHERE created_by = $1 AND revoked_at IS NULL AND used_at IS NULL RETURNING id",
    )
    .bind(maker)
    .bind(now)
    .bind(because)
    .all()
    .await?;
    Ok(revoked.into_iter().map(|(id,)| id).collect())
}

/// Marks an invitation as used by an account, unless its creator may no longer invite users. Of parallel requests, one gets `true`. The
/// expiry is not checked: a visitor who signed up in time may confirm later.
pub async fn use_up(tx: &mut Tx, id: InvitationId, user: UserId, now: Timestamp) -> Result<bool> {
    let done = query(
        tx,
        "UPDATE invitations SET used_at = $3, used_by = $2
         WHERE id = $1 AND revoked_at IS NULL AND used_at IS NULL
           AND (invitations.created_by IS NULL OR EXISTS (
                SELECT 1 FROM user_roles r JOIN users u ON u.id = r.user_id
                WHERE r.user_id = invitations.created_by AND r.role = 'admin' AND u.disabled_at IS NULL
                  AND u.activated_at IS NOT NULL AND u.awaits_approval_since IS NULL))",
    )
    .bind(id)
    .bind(user)
    .bind(now)
    .execute()
    .await?;
    Ok(done == 1)
}

/// Deletes invitations that expired before `before`, used or not, at most `limit`. Returns how many.
pub async fn delete_expired(tx: &mut Tx, before: Timestamp, limit: i64) -> Result<u64> {
    query(
        tx,
        "DELETE FROM invitations WHERE expires_at < $1
           AND id IN (SELECT id FROM invitations WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)",
    )
    .bind(before)
    .bind(limit)
    .execute()
    .await
}
