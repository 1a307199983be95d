//! The table `outbox` as shown to users and administrators, the latest email first.

use serde::Serialize;

use uuid::Uuid;

use crate::clock::Timestamp;
use crate::db::{Conn, Db, Result, query};
use crate::domain::email::mail_kind::MailKind;
use crate::domain::email::mail_state::MailState;
use crate::domain::id::{MailId, UserId};
use crate::domain::paging::{Direction, TimeCursor};
use crate::domain::stored::Stored;

/// An email in the list of the user it is about.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ListedMail {
    /// Its ID.
    pub id: MailId,
    /// What it is about.
    pub kind: Stored<MailKind>,
    /// The address it goes to.
    pub recipient: String,
    /// Its state.
    pub state: Stored<MailState>,
    /// When it was added.
    pub created_at: Timestamp,
}

/// An email in a list for administrators.
#[derive(Clone, Debug, Serialize, sqlx::FromRow)]
pub struct OutboxEntry {
    /// Its ID.
    pub id: MailId,
    /// What it is about.
    pub kind: Stored<MailKind>,
    /// The address it goes to.
    pub recipient: String,
    /// Its state.
    pub state: Stored<MailState>,
    /// Attempts so far.
    pub attempts: i64,
    /// When it was added.
    pub created_at: Timestamp,
    /// When the next attempt is due, if it waits.
    pub due_at: Timestamp,
    /// When it was sent, failed or was cancelled.
    pub finished_at: Option<Timestamp>,
    /// Why the last attempt failed; never a secret.
    pub last_error: Option<String>,
}

impl OutboxEntry {
    /// Its position in the list.
    #[must_use]
    pub fn place(&self) -> TimeCursor {
        TimeCursor { at: self.created_at, id: self.id.0 }
    }
}

/// The latest email of one kind about an account.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct LatestMail {
    /// Its ID.
    pub id: MailId,
    /// Its state.
    pub state: Stored<MailState>,
    /// The lease of the worker that is sending it.
    pub lease: Option<Uuid>,
    /// When it was due.
    pub due_at: Timestamp,
    /// Further details, if any.
    pub detail: Option<String>,
}

/// Emails that could not be sent yet and will be tried again.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Delayed {
    /// How many were counted.
    pub count: i64,
    /// The error of the newest.
    pub last_error: Option<String>,
}

/// Emails that count against `EMAILS_PER_MINUTE` and wait for their first attempt.
#[derive(Clone, Copy, Debug, sqlx::FromRow)]
pub struct Held {
    /// How many were counted.
    pub count: i64,
    /// When the oldest was added.
    pub since: Option<Timestamp>,
}

/// Finds the latest email of one kind about a user.
pub async fn latest_of(
    on: impl Into<Conn<'_>>,
    user: UserId,
    kind: MailKind,
) -> Result<Option<LatestMail>> {
    query(
        on,
        "SELECT id, state, lease, due_at, detail FROM outbox WHERE user_id = $1 AND kind = $2 ORDER BY id DESC LIMIT 1",
    )
    .bind(user)
    .bind(kind)
    .optional()
    .await
}

/// The emails about a user before this ID, at most `limit`.
pub async fn of_user(db: &Db, user: UserId, before: Uuid, limit: i64) -> Result<Vec<ListedMail>> {
    query(
        db,
        "SELECT id, kind, recipient, state, created_at FROM outbox
         WHERE user_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3",
    )
    .bind(user)
    .bind(before)
    .bind(limit)
    .all()
    .await
}

/// The emails about a user, and those to their address that name no account, beside this ID, at most `limit`. Forward is from the latest
/// to the earliest, here and below.
pub async fn about(
    db: &Db,
    user: UserId,
    recipient: &str,
    direction: Direction,
    beside: Uuid,
    limit: i64,
) -> Result<Vec<OutboxEntry>> {
    // With OR, the databases would read all of these emails and sort them.
    let found = match direction {
        Direction::Forward => query(
            db,
            "SELECT * FROM
               (SELECT id, kind, recipient, state, attempts, created_at, due_at, finished_at, last_error
                FROM outbox WHERE user_id = $1 AND id < $3 ORDER BY id DESC LIMIT $4) about_them
             UNION ALL SELECT * FROM
               (SELECT id, kind, recipient, state, attempts, created_at, due_at, finished_at, last_error
                FROM outbox WHERE recipient = $2 AND user_id IS NULL AND id < $3 ORDER BY id DESC LIMIT $4) to_them
             ORDER BY id DESC LIMIT $4",
        ),
        Direction::Backward => query(
            db,
            "SELECT * FROM
               (SELECT id, kind, recipient, state, attempts, created_at, due_at, finished_at, last_error
                FROM outbox WHERE user_id = $1 AND id > $3 ORDER BY id ASC LIMIT $4) about_them
             UNION ALL SELECT * FROM
               (SELECT id, kind, recipient, state, attempts, created_at, due_at, finished_at, last_error
                FROM outbox WHERE recipient = $2 AND user_id IS NULL AND id > $3 ORDER BY id ASC LIMIT $4) to_them
             ORDER BY id ASC LIMIT $4",
        ),
    };
    found.bind(user).bind(recipient.to_owned()).bind(beside).bind(limit).all().await
}

/// Counts the emails about a user, and those to their address that name no account, at most `most` of each.
pub async fn count_about(db: &Db, user: UserId, recipient: &str, most: i64) -> Result<i64> {
    let (count,): (i64,) = query(
        db,
        "SELECT COUNT(*) FROM (
           SELECT 1 FROM (SELECT 1 FROM outbox WHERE user_id = $1 LIMIT $3) about_them
           UNION ALL
           SELECT 1 FROM (SELECT 1 FROM outbox WHERE recipient = $2 AND user_id IS NULL LIMIT $3) to_them) counted",
    )
    .bind(user)
    .bind(recipient.to_owned())
    .bind(most)
    .one()
    .await?;
    Ok(count)
}

/// The emails of all users beside this ID, at most `limit`.
pub async fn page(
    db: &Db,
    direction: Direction,
    beside: Uuid,
    limit: i64,
) -> Result<Vec<OutboxEntry>> {
    let found = match direction {
        Direction::Forward => query(
            db,
            "SELECT id, kind, recipient, state, attempts, created_at, due_at, finished_at, last_error
             FROM outbox WHERE id < $1 ORDER BY id DESC LIMIT $2",
        ),
        Direction::Backward => query(
            db,
            "SELECT id, kind, recipient, state, attempts, created_at, due_at, finished_at, last_error
             FROM outbox WHERE id > $1 ORDER BY id ASC LIMIT $2",
        ),
    };
    found.bind(beside).bind(limit).all().await
}

/// Counts the emails of all users, at most `most`.
pub async fn count(db: &Db, most: i64) -> Result<i64> {
    let (count,): (i64,) =
        query(db, "SELECT COUNT(*) FROM (SELECT 1 FROM outbox LIMIT $1) counted")
            .bind(most)
            .one()
            .await?;
    Ok(count)
}

/// The emails in one state beside this cursor, at most `limit`.
pub async fn in_state(
    db: &Db,
    state: MailState,
    direction: Direction,
    beside: TimeCursor,
    limit: i64,
) -> Result<Vec<OutboxEntry>> {
    let found = match direction {
        Direction::Forward => query(
            db,
            "SELECT id, kind, recipient, state, attempts, created_at, due_at, finished_at, last_error
             FROM outbox WHERE state = $1 AND (created_at, id) < ($2, $3)
             ORDER BY created_at DESC, id DESC LIMIT $4",
        ),
        Direction::Backward => query(
            db,
            "SELECT id, kind, recipient, state, attempts, created_at, due_at, finished_at, last_error
             FROM outbox WHERE state = $1 AND (created_at, id) > ($2, $3)
             ORDER BY created_at ASC, id ASC LIMIT $4",
        ),
    };
    found.bind(state).bind(beside.at).bind(beside.id).bind(limit).all().await
}

/// Counts the emails in one state, at most `most`.
pub async fn count_in_state(db: &Db, state: MailState, most: i64) -> Result<i64> {
    // The order makes PostgreSQL use the index even for a state that most emails are in.
    let (count,): (i64,) = query(
        db,
        "SELECT COUNT(*) FROM
           (SELECT 1 FROM outbox WHERE state = $1 ORDER BY created_at DESC, id DESC LIMIT $2) counted",
    )
    .bind(state)
    .bind(most)
    .one()
    .await?;
    Ok(count)
}

/// Counts the emails that wait for another attempt, at most `most`.
pub async fn delayed(db: &Db, most: i64) -> Result<Delayed> {
    // One without an error is just being sent for the first time.
    query(
        db,
        "SELECT COUNT(*) AS count,
                (SELECT last_error FROM outbox WHERE state = 'waiting' AND last_error IS NOT NULL
                 ORDER BY created_at DESC, id DESC LIMIT 1) AS last_error
         FROM (SELECT 1 FROM outbox WHERE state = 'waiting' AND last_error IS NOT NULL
               ORDER BY created_at DESC, id DESC LIMIT $1) counted",
    )
    .bind(most)
    .one()
    .await
}

/// Counts the emails that were added before `before` and wait for their first turn, at most `most`, without those that are left to a later version.
pub async fn held(db: &Db, before: Timestamp, most: i64) -> Result<Held> {
    // It passes over emails without a turn, which are sent first, and over those of the last day that are tried again.
    query(
        db,
        "SELECT COUNT(*) AS count, MIN(created_at) AS since FROM
           (SELECT created_at FROM outbox
            WHERE state = 'waiting' AND turn IS NOT NULL AND attempts = 0 AND created_at < $1
              AND REPLACE($3, ',' || kind || ',', '') <> $3
            ORDER BY created_at, id LIMIT $2) counted",
    )
    .bind(before)
    .bind(most)
    .bind(MailKind::NAMES)
    .one()
    .await
}
