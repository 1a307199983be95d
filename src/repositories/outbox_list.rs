//! The table `outbox` as shown to users and administrators, the latest email first.

use serde::Serialize;

use crate::clock::Timestamp;
use crate::db::{Db, Result, query};
use crate::domain::email::mail_kind::MailKind;
use crate::domain::email::mail_state::MailState;
use crate::domain::id::{MailId, UserId};

/// An email in the list of the user it is about.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ListedMail {
    /// What it is about.
    pub kind: MailKind,
    /// The address it goes to.
    pub recipient: String,
    /// Its state.
    pub state: MailState,
    /// When it was added.
    pub created_at: Timestamp,
}

/// An email in a list for administrators.
#[derive(Clone, Debug, Serialize, sqlx::FromRow)]
pub struct OutboxEntry {
    /// Its ID.
    pub id: MailId,
    /// What it is about.
    pub kind: MailKind,
    /// The address it goes to.
    pub recipient: String,
    /// Its state.
    pub state: MailState,
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

/// The emails about a user.
pub async fn of_user(db: &Db, user: UserId, limit: i64) -> Result<Vec<ListedMail>> {
    query(
        db,
        "SELECT kind, recipient, state, created_at FROM outbox WHERE user_id = $1 ORDER BY id DESC LIMIT $2",
    )
    .bind(user)
    .bind(limit)
    .all()
    .await
}

/// The emails about a user, and those to their address that name no account.
pub async fn about(db: &Db, user: UserId, recipient: &str, limit: i64) -> Result<Vec<OutboxEntry>> {
    query(
        db,
        "SELECT id, kind, recipient, state, attempts, created_at, due_at, finished_at, last_error
         FROM outbox WHERE user_id = $1 OR (recipient = $2 AND user_id IS NULL) ORDER BY id DESC LIMIT $3",
    )
    .bind(user)
    .bind(recipient.to_owned())
    .bind(limit)
    .all()
    .await
}

/// The emails of all users.
pub async fn latest(db: &Db, limit: i64) -> Result<Vec<OutboxEntry>> {
    query(
        db,
        "SELECT id, kind, recipient, state, attempts, created_at, due_at, finished_at, last_error
         FROM outbox ORDER BY id DESC LIMIT $1",
    )
    .bind(limit)
    .all()
    .await
}

/// The emails in one state.
pub async fn in_state(db: &Db, state: MailState, limit: i64) -> Result<Vec<OutboxEntry>> {
    query(
        db,
        "SELECT id, kind, recipient, state, attempts, created_at, due_at, finished_at, last_error
         FROM outbox WHERE state = $1 ORDER BY created_at DESC, id DESC LIMIT $2",
    )
    .bind(state)
    .bind(limit)
    .all()
    .await
}
