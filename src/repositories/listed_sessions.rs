//! The table `sessions` as shown to users, administrators and programs.

use uuid::Uuid;

use crate::clock::Timestamp;
use crate::db::{Conn, Result, query};
use crate::domain::id::{SessionId, UserId};
use crate::domain::paging::{Direction, TimeCursor};
use crate::domain::sign_in::session::ListedSession;

/// The stored sessions of a user before this ID, ended or not, the latest sign-in first, at most `limit`.
pub async fn of_user(
    on: impl Into<Conn<'_>>,
    user: UserId,
    before: Uuid,
    limit: i64,
) -> Result<Vec<ListedSession>> {
    query(
        on,
        "SELECT id, kind, remember, amr, created_at, last_seen_at, expires_at, address, user_agent, ended_at
         FROM sessions WHERE user_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3",
    )
    .bind(user)
    .bind(before)
    .bind(limit)
    .all()
    .await
}

/// A session as lists show it, ended or not.
pub async fn find_listed(on: impl Into<Conn<'_>>, id: SessionId) -> Result<Option<ListedSession>> {
    query(
        on,
        "SELECT id, kind, remember, amr, created_at, last_seen_at, expires_at, address, user_agent, ended_at
         FROM sessions WHERE id = $1",
    )
    .bind(id)
    .optional()
    .await
}

/// The latest sign-in from a new device since this time. The session may have ended.
pub async fn latest_of_new_devices(
    on: impl Into<Conn<'_>>,
    user: UserId,
    since: Timestamp,
) -> Result<Option<ListedSession>> {
    query(
        on,
        "SELECT id, kind, remember, amr, created_at, last_seen_at, expires_at, address, user_agent, ended_at
         FROM sessions WHERE user_id = $1 AND new_device AND created_at > $2
         ORDER BY created_at DESC LIMIT 1",
    )
    .bind(user)
    .bind(since)
    .optional()
    .await
}

/// Live sessions of a user.
#[derive(Clone, Copy, Debug)]
pub struct LiveRange {
    /// The owner.
    pub user: UserId,
    /// Within their absolute lifetime at this time.
    pub now: Timestamp,
    /// Last seen after this time.
    pub remembered_since: Timestamp,
    /// Without 'keep me signed in': last seen after this time, which is not before the other.
    pub short_since: Timestamp,
    /// All but this one.
    pub without: Option<SessionId>,
    /// Beside this cursor.
    pub beside: TimeCursor,
}

/// The live sessions of a range, at most `limit`. Forward is from the most recently used to the least. They are sorted for each page, so that
/// visits change no index. An account has few live sessions.
pub async fn live_of_user(
    on: impl Into<Conn<'_>>,
    range: &LiveRange,
    direction: Direction,
    limit: i64,
) -> Result<Vec<ListedSession>> {
    let found = match direction {
        Direction::Forward => query(
            on,
            "SELECT id, kind, remember, amr, created_at, last_seen_at, expires_at, address, user_agent, ended_at
             FROM sessions
             WHERE user_id = $1 AND ended_at IS NULL AND expires_at > $2
               AND last_seen_at > $3 AND (remember OR last_seen_at > $4)
               AND id <> $5 AND (last_seen_at, id) < ($6, $7)
             ORDER BY last_seen_at DESC, id DESC LIMIT $8",
        ),
        Direction::Backward => query(
            on,
            "SELECT id, kind, remember, amr, created_at, last_seen_at, expires_at, address, user_agent, ended_at
             FROM sessions
             WHERE user_id = $1 AND ended_at IS NULL AND expires_at > $2
               AND last_seen_at > $3 AND (remember OR last_seen_at > $4)
               AND id <> $5 AND (last_seen_at, id) > ($6, $7)
             ORDER BY last_seen_at ASC, id ASC LIMIT $8",
        ),
    };
    found
        .bind(range.user)
        .bind(range.now)
        .bind(range.remembered_since)
        .bind(range.short_since)
        .bind(range.without.unwrap_or(SessionId(Uuid::nil())))
        .bind(range.beside.at)
        .bind(range.beside.id)
        .bind(limit)
        .all()
        .await
}

/// Counts the live sessions of a range on both sides of its cursor, at most `most`.
pub async fn count_live_of_user(
    on: impl Into<Conn<'_>>,
    range: &LiveRange,
    most: i64,
) -> Result<i64> {
    let (count,): (i64,) = query(
        on,
        "SELECT COUNT(*) FROM (
           SELECT 1 FROM sessions
           WHERE user_id = $1 AND ended_at IS NULL AND expires_at > $2
             AND last_seen_at > $3 AND (remember OR last_seen_at > $4) AND id <> $5 LIMIT $6) counted",
    )
    .bind(range.user)
    .bind(range.now)
    .bind(range.remembered_since)
    .bind(range.short_since)
    .bind(range.without.unwrap_or(SessionId(Uuid::nil())))
    .bind(most)
    .one()
    .await?;
    Ok(count)
}
