//! The audit log for administrators, the latest entry first: one statement for each filter, each with its own index.

use crate::clock::Timestamp;
use crate::db::{Conn, Result, query};
use crate::domain::audit_event::{Event, FullEntry, Outcome};
use crate::domain::id::UserId;
use crate::domain::paging::TimeCursor;

/// Entries of `$from` since `$1` and before the cursor `($2, $6)`, with the event `$3` and the outcome `$4` if given, at most `$5`.
macro_rules! entries {
    ($from:expr) => {
        concat!(
            "SELECT e.id, e.at, e.event, e.outcome, e.actor_id, e.subject_id, e.detail, e.address, e.user_agent, e.request_id, e.count,
                    (SELECT u.email FROM users u WHERE u.id = e.actor_id) AS actor,
                    (SELECT u.email FROM users u WHERE u.id = e.subject_id) AS subject
             FROM ", $from, " e ORDER BY e.at DESC, e.id DESC LIMIT $5"
        )
    };
}

/// Entries that match a condition.
macro_rules! narrowed {
    ($condition:literal) => {
        concat!(
            "(SELECT * FROM audit_events WHERE at >= $1 AND (at, id) < ($2, $6) ", $condition,
            " AND ($3 IS NULL OR event = $3) AND ($4 IS NULL OR outcome = $4) ORDER BY at DESC, id DESC LIMIT $5)"
        )
    };
}

/// Every entry.
pub const ALL: &str = entries!(narrowed!(""));
/// Entries of one event.
pub const OF_EVENT: &str = entries!(narrowed!("AND event = $3"));
/// Refused attempts.
pub const REFUSED: &str = entries!(narrowed!("AND outcome = 'refused'"));
/// Actions by one user or on their account (`$7`).
pub const OF_PERSON: &str = entries!(concat!(
    "(SELECT * FROM ",
    narrowed!("AND subject_id = $7"),
    " s UNION SELECT * FROM ",
    narrowed!("AND actor_id = $7"),
    " a)"
));

/// The filter and the cursor.
#[derive(Clone, Copy, Debug)]
pub struct Range {
    /// Who did it, or on whose account.
    pub person: Option<UserId>,
    /// What happened.
    pub event: Option<Event>,
    /// Whether it succeeded or was refused.
    pub outcome: Option<Outcome>,
    /// Since this time.
    pub from: Timestamp,
    /// Before this cursor.
    pub before: TimeCursor,
}

/// The latest entries of a range, at most `limit`.
pub async fn latest(on: impl Into<Conn<'_>>, range: &Range, limit: i64) -> Result<Vec<FullEntry>> {
    let sql = match range {
        Range { person: Some(_), .. } => OF_PERSON,
        Range { event: Some(_), .. } => OF_EVENT,
        Range { outcome: Some(Outcome::Refused), .. } => REFUSED,
        _ => ALL,
    };
    let query = query(on, sql)
        .bind(range.from)
        .bind(range.before.at)
        .bind(range.event)
        .bind(range.outcome)
        .bind(limit)
        .bind(range.before.id);
    match range.person {
        Some(person) => query.bind(person).all().await,
        None => query.all().await,
    }
}
