//! The table `sessions`. Its lists are in `listed_sessions`.

use uuid::Uuid;

use crate::clock::Timestamp;
use crate::db::{Conn, Result, Tx, query};
use crate::domain::id::{SessionId, UserId};
use crate::domain::sign_in::amr::Amr;
use crate::domain::sign_in::refresh_token::Seed;
use crate::domain::sign_in::session::{EndReason, Session};
use crate::domain::sign_in::session_kind::SessionKind;
use crate::domain::source::Source;
use crate::repositories::listed_sessions::LiveRange;

/// The session with its owner and their roles: the only read that a signed-in request needs. A session of a kind that only a later version
/// knows is not found, because this version cannot say what it may do.
pub async fn find(on: impl Into<Conn<'_>>, id: SessionId) -> Result<Option<Session>> {
    query(
        on,
        "SELECT s.id, s.kind, s.seed, s.generation, s.generation_at, s.confirmed_at, s.remember, s.amr, s.authenticated_at,
                s.created_at, s.last_seen_at, s.expires_at, s.ended_at, s.end_reason,
                u.id AS user_id, u.email, u.username, u.handle, u.email_verified_at, u.disabled_at,
                u.language, u.time_zone,
                (SELECT STRING_AGG(r.role, ',' ORDER BY r.role) FROM user_roles r WHERE r.user_id = u.id) AS roles
         FROM sessions s JOIN users u ON u.id = s.user_id
         WHERE s.id = $1 AND (s.kind IS NULL OR s.kind IN ('browser', 'program'))",
    )
    .bind(id)
    .optional()
    .await
}

/// A session to add.
#[derive(Clone, Debug)]
pub struct NewSession<'a> {
    /// The token's `sid`.
    pub id: SessionId,
    /// What holds its refresh tokens.
    pub kind: SessionKind,
    /// The owner.
    pub user_id: UserId,
    /// Part of the key of its refresh tokens.
    pub seed: &'a Seed,
    /// Whether it continues after the browser is closed.
    pub remember: bool,
    /// How the user authenticated.
    pub amr: Amr,
    /// The end of its absolute lifetime.
    pub expires_at: Timestamp,
    /// The client.
    pub source: &'a Source,
}

/// Adds a session at generation 1.
pub async fn put(tx: &mut Tx, session: &NewSession<'_>, now: Timestamp) -> Result<()> {
    query(
        tx,
        "INSERT INTO sessions (id, user_id, seed, generation, generation_at, remember, amr, created_at, authenticated_at,
                               last_seen_at, expires_at, address, user_agent, kind)
         VALUES ($1, $2, $3, 1, $4, $5, $6, $4, $4, $4, $7, $8, $9, $10)",
    )
    .bind(session.id)
    .bind(session.user_id)
    .bind(session.seed.clone())
    .bind(now)
    .bind(session.remember)
    .bind(session.amr.to_string())
    .bind(session.expires_at)
    .bind(session.source.address.to_string())
    .bind(session.source.user_agent.clone())
    .bind(session.kind)
    .execute()
    .await?;
    Ok(())
}

/// Marks a session as a sign-in from a new device.
pub async fn mark_new_device(tx: &mut Tx, id: SessionId) -> Result<()> {
    query(tx, "UPDATE sessions SET new_device = TRUE WHERE id = $1").bind(id).execute().await?;
    Ok(())
}

/// Sets the kind of a session from before kinds; `false` if it has one or was ended.
pub async fn set_kind(tx: &mut Tx, id: SessionId, kind: SessionKind) -> Result<bool> {
    let set = query(
        tx,
        "UPDATE sessions SET kind = $2 WHERE id = $1 AND kind IS NULL AND ended_at IS NULL",
    )
    .bind(id)
    .bind(kind)
    .execute()
    .await?;
    Ok(set == 1)
}

/// Ends the sessions of a range and kind, before its cursor, that were used longest ago, all but the `most` latest; at most 500 at a time.
/// Returns how many. A time in the future, from before the clock was set back, counts as now.
pub async fn end_oldest(
    tx: &mut Tx,
    range: &LiveRange,
    kind: SessionKind,
    most: i64,
) -> Result<u64> {
    query(
        tx,
        "UPDATE sessions SET ended_at = $2, end_reason = $9
         WHERE ended_at IS NULL
           AND id IN (SELECT id FROM sessions
                      WHERE user_id = $1 AND ended_at IS NULL AND expires_at > $2 AND kind = $8
                        AND last_seen_at > $3 AND (remember OR last_seen_at > $4) AND id <> $5 AND (last_seen_at, id) < ($6, $7)
                      ORDER BY CASE WHEN last_seen_at > $2 THEN $2 ELSE last_seen_at END DESC, id DESC LIMIT 500 OFFSET $10)",
    )
    .bind(range.user)
    .bind(range.now)
    .bind(range.remembered_since)
    .bind(range.short_since)
    .bind(range.without.unwrap_or(SessionId(Uuid::nil())))
    .bind(range.beside.at)
    .bind(range.beside.id)
    .bind(kind)
    .bind(EndReason::MadeRoom)
    .bind(most)
    .execute()
    .await
}

/// Records that the token of `generation` was presented for the first time, and a visit.
pub async fn confirm(tx: &mut Tx, id: SessionId, generation: i64, now: Timestamp) -> Result<()> {
    query(
        tx,
        "UPDATE sessions SET confirmed_at = $3, last_seen_at = $3
         WHERE id = $1 AND generation = $2 AND confirmed_at IS NULL",
    )
    .bind(id)
    .bind(generation)
    .bind(now)
    .execute()
    .await?;
    Ok(())
}

/// Rotates the token from `generation` to the next. Of parallel requests, one gets `true`.
pub async fn rotate(tx: &mut Tx, id: SessionId, generation: i64, now: Timestamp) -> Result<bool> {
    let moved = query(
        tx,
        "UPDATE sessions SET generation = generation + 1, generation_at = $3, confirmed_at = NULL, last_seen_at = $3
         WHERE id = $1 AND generation = $2 AND ended_at IS NULL",
    )
    .bind(id)
    .bind(generation)
    .bind(now)
    .execute()
    .await?;
    Ok(moved == 1)
}

/// The present, for times that lie in the future.
#[derive(Clone, Copy, Debug)]
pub struct Present {
    /// The time now.
    pub now: Timestamp,
    /// The latest time at which the user may have authenticated. They have to do so again before a sensitive action.
    pub authenticated_at: Timestamp,
    /// The latest end of the absolute lifetime.
    pub expires_at: Timestamp,
}

/// Replaces the times of a session that lie in the future.
pub async fn correct_times(tx: &mut Tx, id: SessionId, present: Present) -> Result<()> {
    query(
        tx,
        "UPDATE sessions SET
           created_at = CASE WHEN created_at > $2 THEN $2 ELSE created_at END,
           authenticated_at = CASE WHEN authenticated_at > $2 THEN $3 ELSE authenticated_at END,
           generation_at = CASE WHEN generation_at > $2 THEN $2 ELSE generation_at END,
           confirmed_at = CASE WHEN confirmed_at > $2 THEN $2 ELSE confirmed_at END,
           last_seen_at = CASE WHEN last_seen_at > $2 THEN $2 ELSE last_seen_at END,
           expires_at = CASE WHEN expires_at > $4 THEN $4 ELSE expires_at END
         WHERE id = $1",
    )
    .bind(id)
    .bind(present.now)
    .bind(present.authenticated_at)
    .bind(present.expires_at)
    .execute()
    .await?;
    Ok(())
}

/// Records a visit.
pub async fn touch(tx: &mut Tx, id: SessionId, now: Timestamp) -> Result<()> {
    query(tx, "UPDATE sessions SET last_seen_at = $2 WHERE id = $1 AND last_seen_at < $2")
        .bind(id)
        .bind(now)
        .execute()
        .await?;
    Ok(())
}

/// Ends a session; `false` if it had already ended.
pub async fn end(tx: &mut Tx, id: SessionId, reason: EndReason, now: Timestamp) -> Result<bool> {
    let ended = query(
        tx,
        "UPDATE sessions SET ended_at = $3, end_reason = $2 WHERE id = $1 AND ended_at IS NULL",
    )
    .bind(id)
    .bind(reason)
    .bind(now)
    .execute()
    .await?;
    Ok(ended == 1)
}

/// Ends a session of this user; `false` if it had already ended or belongs to another user.
pub async fn end_own(
    tx: &mut Tx,
    user: UserId,
    id: SessionId,
    reason: EndReason,
    now: Timestamp,
) -> Result<bool> {
    let ended = query(
        tx,
        "UPDATE sessions SET ended_at = $4, end_reason = $3
         WHERE id = $1 AND user_id = $2 AND ended_at IS NULL",
    )
    .bind(id)
    .bind(user)
    .bind(reason)
    .bind(now)
    .execute()
    .await?;
    Ok(ended == 1)
}

/// Whether a user has or had this session.
pub async fn is_own(tx: &mut Tx, user: UserId, id: SessionId) -> Result<bool> {
    let found: Option<(i64,)> =
        query(tx, "SELECT created_at FROM sessions WHERE id = $1 AND user_id = $2")
            .bind(id)
            .bind(user)
            .optional()
            .await?;
    Ok(found.is_some())
}

/// Ends every session of a user except `kept`. Returns how many.
pub async fn end_all(
    tx: &mut Tx,
    user: UserId,
    kept: Option<SessionId>,
    reason: EndReason,
    now: Timestamp,
) -> Result<u64> {
    query(
        tx,
        "UPDATE sessions SET ended_at = $4, end_reason = $3
         WHERE user_id = $1 AND ended_at IS NULL AND ($2 IS NULL OR id <> $2)",
    )
    .bind(user)
    .bind(kept)
    .bind(reason)
    .bind(now)
    .execute()
    .await
}

/// Records that the user has authenticated. Locks the row until the transaction ends. `false` if the session has ended.
pub async fn authenticate(tx: &mut Tx, id: SessionId, now: Timestamp) -> Result<bool> {
    let noted =
        query(tx, "UPDATE sessions SET authenticated_at = $2 WHERE id = $1 AND ended_at IS NULL")
            .bind(id)
            .bind(now)
            .execute()
            .await?;
    Ok(noted == 1)
}

/// Sets how the user has authenticated.
pub async fn set_amr(tx: &mut Tx, id: SessionId, amr: Amr) -> Result<()> {
    query(tx, "UPDATE sessions SET amr = $2 WHERE id = $1")
        .bind(id)
        .bind(amr.to_string())
        .execute()
        .await?;
    Ok(())
}

/// Backdates the current token to `since`, so that the next rotation is due.
pub async fn age(tx: &mut Tx, id: SessionId, since: Timestamp) -> Result<()> {
    query(tx, "UPDATE sessions SET generation_at = $2 WHERE id = $1 AND generation_at > $2")
        .bind(id)
        .bind(since)
        .execute()
        .await?;
    Ok(())
}

/// Deletes sessions whose absolute lifetime ended before `before`, at most `limit`. Returns how many.
pub async fn delete_expired(tx: &mut Tx, before: Timestamp, limit: i64) -> Result<u64> {
    query(
        tx,
        "DELETE FROM sessions WHERE expires_at < $1
           AND id IN (SELECT id FROM sessions WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)",
    )
    .bind(before)
    .bind(limit)
    .execute()
    .await
}

/// Deletes sessions that were ended before `before`, at most `limit`. Returns how many.
pub async fn delete_ended(tx: &mut Tx, before: Timestamp, limit: i64) -> Result<u64> {
    query(
        tx,
        "DELETE FROM sessions WHERE ended_at < $1
           AND id IN (SELECT id FROM sessions WHERE ended_at < $1 ORDER BY ended_at LIMIT $2)",
    )
    .bind(before)
    .bind(limit)
    .execute()
    .await
}
