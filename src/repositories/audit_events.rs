//! The table `audit_events`. Rows are only added, and deleted by age. The one exception is the count of refused attempts, which rises if
//! the same attempt is refused again within the same minute.

use uuid::Uuid;

use crate::clock::Timestamp;
use crate::db::{Conn, Result, Tx, query};
use crate::domain::audit_event::{AuditEntry, Event, Outcome};
use crate::domain::id::UserId;
use crate::domain::paging::Direction;
use crate::domain::sign_in::sign_in_counts::{SLOT, SignInSlot};
use crate::domain::source::Source;

/// An entry to add.
#[derive(Clone, Debug)]
pub struct NewEvent<'a> {
    /// What happened.
    pub event: Event,
    /// Whether it succeeded or was refused.
    pub outcome: Outcome,
    /// Who did it, if known.
    pub actor: Option<UserId>,
    /// The account that was acted on.
    pub subject: Option<UserId>,
    /// Further details, if any; never a secret.
    pub detail: Option<&'a str>,
    /// The client.
    pub source: &'a Source,
    /// A hash. Entries with the same one are merged.
    pub merge_key: Option<[u8; 32]>,
}

/// Adds an entry, or counts it in the entry with the same `merge_key`.
pub async fn put(tx: &mut Tx, id: Uuid, event: &NewEvent<'_>, now: Timestamp) -> Result<()> {
    query(
        tx,
        "INSERT INTO audit_events (id, at, event, outcome, actor_id, subject_id, address, user_agent, request_id,
                                   detail, merge_key)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
         ON CONFLICT (merge_key) DO UPDATE SET count = audit_events.count + 1",
    )
    .bind(id)
    .bind(now)
    .bind(event.event)
    .bind(event.outcome)
    .bind(event.actor)
    .bind(event.subject)
    .bind(event.source.address.to_string())
    .bind(event.source.user_agent.clone())
    .bind(event.source.request_id.clone())
    .bind(event.detail.map(ToOwned::to_owned))
    .bind(event.merge_key.map(|it| it.to_vec()))
    .execute()
    .await?;
    Ok(())
}

/// The time of the latest entry.
pub async fn latest_at(on: impl Into<Conn<'_>>) -> Result<Option<Timestamp>> {
    let latest: Option<(Timestamp,)> =
        query(on, "SELECT at FROM audit_events ORDER BY id DESC LIMIT 1").optional().await?;
    Ok(latest.map(|(at,)| at))
}

/// When the log says that the last backup was made.
pub async fn last_backup_at(on: impl Into<Conn<'_>>) -> Result<Option<Timestamp>> {
    // `'backup_made'` is part of the statement, so that the query planner knows how rare it is.
    let latest: Option<(Timestamp,)> = query(
        on,
        "SELECT at FROM audit_events WHERE event = 'backup_made' ORDER BY at DESC, id DESC LIMIT 1",
    )
    .optional()
    .await?;
    Ok(latest.map(|(at,)| at))
}

/// The sign-ins since this slot, and the attempts that failed: with a wrong password, or with a wrong code, which signed-in users are asked for as
/// well. Of the successes, only an index is read, because their `count` is always 1.
pub async fn sign_ins(on: impl Into<Conn<'_>>, since: i64) -> Result<Vec<SignInSlot>> {
    query(
        on,
        "SELECT at / 900 AS slot, 'success' AS outcome, COUNT(*) AS count FROM audit_events
         WHERE event = 'signed_in' AND outcome = 'success' AND at / 900 >= $1
         GROUP BY at / 900
         UNION ALL
         SELECT at / 900, 'refused',
                CAST(SUM(CASE WHEN event IN ('signed_in', 'password_accepted', 'code_checked') THEN count ELSE 0 END) AS BIGINT)
         FROM audit_events WHERE outcome = 'refused' AND at >= $2
         GROUP BY at / 900",
    )
    .bind(since)
    .bind(since.saturating_mul(SLOT))
    .all()
    .await
}

/// The entries about a user's account beside this one, at most `limit`. Forward is from the latest to the earliest.
pub async fn of_user(
    on: impl Into<Conn<'_>>,
    user: UserId,
    direction: Direction,
    beside: Uuid,
    limit: i64,
) -> Result<Vec<AuditEntry>> {
    let found = match direction {
        Direction::Forward => query(
            on,
            "SELECT id, at, event, outcome, actor_id, address, user_agent, detail, count FROM audit_events
             WHERE subject_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3",
        ),
        Direction::Backward => query(
            on,
            "SELECT id, at, event, outcome, actor_id, address, user_agent, detail, count FROM audit_events
             WHERE subject_id = $1 AND id > $2 ORDER BY id ASC LIMIT $3",
        ),
    };
    found.bind(user).bind(beside).bind(limit).all().await
}

/// Counts the entries about a user's account, at most `most`.
pub async fn count_of_user(on: impl Into<Conn<'_>>, user: UserId, most: i64) -> Result<i64> {
    let (count,): (i64,) = query(
        on,
        "SELECT COUNT(*) FROM (SELECT 1 FROM audit_events WHERE subject_id = $1 LIMIT $2) counted",
    )
    .bind(user)
    .bind(most)
    .one()
    .await?;
    Ok(count)
}

/// Deletes entries made before `before`, at most `limit`. Returns how many.
pub async fn delete_older(tx: &mut Tx, before: Timestamp, limit: i64) -> Result<u64> {
    query(
        tx,
        "DELETE FROM audit_events WHERE at < $1
           AND id IN (SELECT id FROM audit_events WHERE at < $1 ORDER BY at LIMIT $2)",
    )
    .bind(before)
    .bind(limit)
    .execute()
    .await
}
