//! The audit log for administrators, the latest entry first: statements for each filter, each with its own index.

use crate::clock::Timestamp;
use crate::db::{Conn, Query, Result, query};
use crate::domain::audit_event::{Event, FullEntry, Outcome};
use crate::domain::id::UserId;
use crate::domain::paging::{Direction, TimeCursor};

/// Entries of a range with the event `$3` and the outcome `$4` if given, at most `$5`. The range has two ends: the time `$1` and the
/// cursor `($2, $6)`.
macro_rules! narrowed {
    (forward, $columns:literal, $condition:literal) => {
        concat!(
            "(SELECT ", $columns, " FROM audit_events WHERE at >= $1 AND (at, id) < ($2, $6) ", $condition,
            " AND ($3 IS NULL OR event = $3) AND ($4 IS NULL OR outcome = $4) ORDER BY at DESC, id DESC LIMIT $5)"
        )
    };
    (backward, $columns:literal, $condition:literal) => {
        concat!(
            "(SELECT ", $columns, " FROM audit_events WHERE at < $1 AND (at, id) > ($2, $6) ", $condition,
            " AND ($3 IS NULL OR event = $3) AND ($4 IS NULL OR outcome = $4) ORDER BY at ASC, id ASC LIMIT $5)"
        )
    };
}

/// The same about one person (`$7`): actions by them or on their account.
macro_rules! about_person {
    ($direction:ident, $columns:literal) => {
        concat!(
            "(SELECT * FROM ",
            narrowed!($direction, $columns, "AND subject_id = $7"),
            " s UNION SELECT * FROM ",
            narrowed!($direction, $columns, "AND actor_id = $7"),
            " a)"
        )
    };
}

/// Entries of `$from` as the list shows them.
macro_rules! entries {
    ($order:literal, $from:expr) => {
        concat!(
            "SELECT e.id, e.at, e.event, e.outcome, e.actor_id, e.subject_id, e.detail, e.address, e.user_agent, e.request_id, e.count,
                    (SELECT u.email FROM users u WHERE u.id = e.actor_id) AS actor,
                    (SELECT u.email FROM users u WHERE u.id = e.subject_id) AS subject
             FROM ", $from, " e ORDER BY ", $order, " LIMIT $5"
        )
    };
}

macro_rules! latest_first {
    ($from:expr) => {
        entries!("e.at DESC, e.id DESC", $from)
    };
}

macro_rules! earliest_first {
    ($from:expr) => {
        entries!("e.at ASC, e.id ASC", $from)
    };
}

macro_rules! counted {
    ($from:expr) => {
        concat!("SELECT COUNT(*) FROM (SELECT 1 FROM ", $from, " found LIMIT $5) counted")
    };
}

/// The statements of one filter.
#[derive(Clone, Copy, Debug)]
pub struct Statements {
    /// The filter.
    pub name: &'static str,
    /// Reads from the latest entry to the earliest.
    pub forward: &'static str,
    /// Reads from the earliest entry to the latest.
    pub backward: &'static str,
    /// Counts the entries.
    pub count: &'static str,
}

macro_rules! statements {
    ($name:literal, $condition:literal) => {
        Statements {
            name: $name,
            forward: latest_first!(narrowed!(forward, "*", $condition)),
            backward: earliest_first!(narrowed!(backward, "*", $condition)),
            count: counted!(narrowed!(forward, "id", $condition)),
        }
    };
}

/// Every entry.
pub const ALL: Statements = statements!("all", "");
/// Entries of one event.
pub const OF_EVENT: Statements = statements!("of_event", "AND event = $3");
/// Refused attempts.
pub const REFUSED: Statements = statements!("refused", "AND outcome = 'refused'");
/// Actions by one user or on their account.
pub const OF_PERSON: Statements = Statements {
    name: "of_person",
    forward: latest_first!(about_person!(forward, "*")),
    backward: earliest_first!(about_person!(backward, "*")),
    count: counted!(about_person!(forward, "id")),
};

/// The filter.
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
    /// Before this time.
    pub until: Timestamp,
}

impl Range {
    fn statements(&self) -> Statements {
        match self {
            Self { person: Some(_), .. } => OF_PERSON,
            Self { event: Some(_), .. } => OF_EVENT,
            Self { outcome: Some(Outcome::Refused), .. } => REFUSED,
            _ => ALL,
        }
    }

    fn bind<'c, 'q>(
        &self,
        query: Query<'c, 'q>,
        end: Timestamp,
        cursor: TimeCursor,
        limit: i64,
    ) -> Query<'c, 'q> {
        let query = query
            .bind(end)
            .bind(cursor.at)
            .bind(self.event)
            .bind(self.outcome)
            .bind(limit)
            .bind(cursor.id);
        match self.person {
            Some(person) => query.bind(person),
            None => query,
        }
    }
}

/// The entries of a range beside a cursor, at most `limit`.
pub async fn page(
    on: impl Into<Conn<'_>>,
    range: &Range,
    direction: Direction,
    cursor: TimeCursor,
    limit: i64,
) -> Result<Vec<FullEntry>> {
    let (statements, Range { from, until, .. }) = (range.statements(), *range);
    let (sql, end, cursor) = match direction {
        Direction::Forward => (statements.forward, from, cursor.min(TimeCursor::at(until))),
        Direction::Backward => (statements.backward, until, cursor.max(TimeCursor::at(from))),
    };
    range.bind(query(on, sql), end, cursor, limit).all().await
}

/// Counts the entries of a range, at most `most`.
pub async fn count(on: impl Into<Conn<'_>>, range: &Range, most: i64) -> Result<i64> {
    let query = query(on, range.statements().count);
    let (count,): (i64,) =
        range.bind(query, range.from, TimeCursor::at(range.until), most).one().await?;
    Ok(count)
}
