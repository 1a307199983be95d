//! The table `outbox`: mails asked for, in the transaction of what causes them.

use serde::Serialize;
use uuid::Uuid;

use crate::clock::Timestamp;
use crate::db::{Db, Result, Tx, query};
use crate::domain::email::mail_kind::MailKind;
use crate::domain::id::{MailId, UserId};
use crate::domain::source::Source;

/// Where a mail is on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, sqlx::Type)]
#[sqlx(type_name = "TEXT", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum MailState {
    /// To be delivered, now or after a pause.
    Waiting,
    /// Handed over.
    Sent,
    /// Given up.
    Failed,
    /// Not needed any more before it was handed over.
    Cancelled,
}

impl MailState {
    /// Every one.
    pub const ALL: [Self; 4] = [Self::Waiting, Self::Sent, Self::Failed, Self::Cancelled];

    /// The one of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }

    /// As it stands in the database.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}

/// A mail that a worker has taken on. No secret is in it: the one-time token is computed from its id.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct QueuedMail {
    /// Names the mail; the root of its Message-ID and of its token.
    pub id: MailId,
    /// What it is about.
    pub kind: MailKind,
    /// The account it is about; empty where only an address was typed.
    pub user_id: Option<UserId>,
    /// Where it goes.
    pub recipient: String,
    /// Where the act that caused it came from.
    pub address: String,
    /// What it speaks of, if kind and account do not say it all.
    pub detail: Option<String>,
    /// Tries so far, this one included.
    pub attempts: i64,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When an administrator asked for it again.
    pub retried_at: Option<Timestamp>,
    /// When it was tried first.
    pub first_tried_at: Option<Timestamp>,
    /// Who has taken it on.
    pub lease: Option<Uuid>,
}

/// When a mail within the budget is sent.
#[derive(Clone, Debug)]
pub struct Turn {
    /// Whose turns these are.
    pub flow: String,
    /// Which of them.
    pub turn: i64,
}

/// A mail to be.
#[derive(Clone, Debug)]
pub struct NewMail<'a> {
    /// Its id.
    pub id: MailId,
    /// What it is about.
    pub kind: MailKind,
    /// The account it is about.
    pub user_id: Option<UserId>,
    /// Where it goes.
    pub recipient: &'a str,
    /// What it speaks of, if kind and account do not say it all; never a secret.
    pub detail: Option<&'a str>,
    /// What caused it.
    pub source: &'a Source,
    /// When it may leave.
    pub due_at: Timestamp,
    /// Its turn, if it is within the budget.
    pub turn: Option<Turn>,
}

/// A mail as the person it went to sees it listed.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ListedMail {
    /// What it is about.
    pub kind: MailKind,
    /// Where it went.
    pub recipient: String,
    /// Whether it arrived.
    pub state: MailState,
    /// When it was asked for.
    pub created_at: Timestamp,
}

/// A mail as an administrator sees it listed.
#[derive(Clone, Debug, Serialize, sqlx::FromRow)]
pub struct OutboxEntry {
    /// Its id.
    pub id: MailId,
    /// What it is about.
    pub kind: MailKind,
    /// Where it goes.
    pub recipient: String,
    /// Whether it arrived.
    pub state: MailState,
    /// Tries so far.
    pub attempts: i64,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it is tried next, if it waits.
    pub due_at: Timestamp,
    /// When it was handed over or given up.
    pub finished_at: Option<Timestamp>,
    /// Why it is not there yet, or never will be; without secrets.
    pub last_error: Option<String>,
}

/// Asks for a mail.
pub async fn put(tx: &mut Tx, mail: &NewMail<'_>, now: Timestamp) -> Result<()> {
    query(
        tx,
        "INSERT INTO outbox (id, kind, user_id, recipient, address, state, attempts, due_at, created_at, detail,
                             turn, flow)
         VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $8, $9, $10, $11)",
    )
    .bind(mail.id)
    .bind(mail.kind)
    .bind(mail.user_id)
    .bind(mail.recipient.to_owned())
    .bind(mail.source.address.to_string())
    .bind(MailState::Waiting)
    .bind(mail.due_at)
    .bind(now)
    .bind(mail.detail.map(ToOwned::to_owned))
    .bind(mail.turn.as_ref().map(|it| it.turn))
    .bind(mail.turn.as_ref().map(|it| it.flow.clone()))
    .execute()
    .await?;
    Ok(())
}

/// The latest mail of one kind about a user: where it is, whether a worker has it in hand, and when it was due.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct LatestMail {
    /// Where it is.
    pub state: MailState,
    /// Who has taken it on.
    pub lease: Option<Uuid>,
    /// When it was due.
    pub due_at: Timestamp,
}

/// The latest mail of one kind about a user.
pub async fn latest_of(tx: &mut Tx, user: UserId, kind: MailKind) -> Result<Option<LatestMail>> {
    query(
        tx,
        "SELECT state, lease, due_at FROM outbox WHERE user_id = $1 AND kind = $2 ORDER BY id DESC LIMIT 1",
    )
    .bind(user)
    .bind(kind)
    .optional()
    .await
}

/// The lowest turn of those that wait and that no one has tried yet: one that is put off after a failure holds up no round.
pub async fn first_turn(tx: &mut Tx) -> Result<Option<i64>> {
    let first: Option<(i64,)> = query(
        tx,
        "SELECT turn FROM outbox WHERE state = 'waiting' AND turn IS NOT NULL AND attempts = 0 ORDER BY turn, id LIMIT 1",
    )
    .optional()
    .await?;
    Ok(first.map(|(turn,)| turn))
}

/// The highest turn of a flow that waits.
pub async fn last_turn(tx: &mut Tx, flow: &str) -> Result<Option<i64>> {
    let last: Option<(i64,)> = query(
        tx,
        "SELECT turn FROM outbox WHERE flow = $1 AND state = 'waiting' AND turn IS NOT NULL ORDER BY turn DESC LIMIT 1",
    )
    .bind(flow.to_owned())
    .optional()
    .await?;
    Ok(last.map(|(turn,)| turn))
}

/// Takes on the mail outside the budget that has waited longest, reset links first; no one else gets it before `leased_until`.
pub async fn claim(
    tx: &mut Tx,
    lease: Uuid,
    now: Timestamp,
    leased_until: Timestamp,
) -> Result<Option<QueuedMail>> {
    query(
        tx,
        "UPDATE outbox SET lease = $1, leased_until = $3, attempts = attempts + 1,
                           first_tried_at = COALESCE(first_tried_at, $2)
         WHERE id = (SELECT id FROM outbox
                     WHERE state = 'waiting' AND turn IS NULL AND due_at <= $2 AND (leased_until IS NULL OR leased_until <= $2)
                     ORDER BY kind <> 'reset_password', due_at, id LIMIT 1)
           AND state = 'waiting' AND due_at <= $2 AND (leased_until IS NULL OR leased_until <= $2)
         RETURNING id, kind, user_id, recipient, address, detail, attempts, created_at, retried_at, first_tried_at, lease",
    )
    .bind(lease)
    .bind(now)
    .bind(leased_until)
    .optional()
    .await
}

/// The mail within the budget whose turn it is.
pub async fn next_in_turn(tx: &mut Tx, now: Timestamp) -> Result<Option<MailId>> {
    let next: Option<(MailId,)> = query(
        tx,
        "SELECT id FROM outbox
         WHERE state = 'waiting' AND turn IS NOT NULL AND due_at <= $1 AND (leased_until IS NULL OR leased_until <= $1)
         ORDER BY turn, id LIMIT 1",
    )
    .bind(now)
    .optional()
    .await?;
    Ok(next.map(|(id,)| id))
}

/// Takes on this mail, unless someone else has.
pub async fn claim_turn(
    tx: &mut Tx,
    mail: MailId,
    lease: Uuid,
    now: Timestamp,
    leased_until: Timestamp,
) -> Result<Option<QueuedMail>> {
    query(
        tx,
        "UPDATE outbox SET lease = $1, leased_until = $3, attempts = attempts + 1,
                           first_tried_at = COALESCE(first_tried_at, $2)
         WHERE id = $4 AND state = 'waiting' AND due_at <= $2 AND (leased_until IS NULL OR leased_until <= $2)
         RETURNING id, kind, user_id, recipient, address, detail, attempts, created_at, retried_at, first_tried_at, lease",
    )
    .bind(lease)
    .bind(now)
    .bind(leased_until)
    .bind(mail)
    .optional()
    .await
}

/// Mails within the budget that no one has tried to send yet.
#[derive(Clone, Copy, Debug, sqlx::FromRow)]
pub struct Held {
    /// How many.
    pub count: i64,
    /// When the oldest was asked for.
    pub since: Option<Timestamp>,
}

/// How many mails that were asked for before `before` wait for their first turn.
pub async fn held(db: &Db, before: Timestamp) -> Result<Held> {
    query(
        db,
        "SELECT COUNT(*) AS count, MIN(created_at) AS since FROM outbox
         WHERE state = 'waiting' AND turn IS NOT NULL AND attempts = 0 AND created_at < $1",
    )
    .bind(before)
    .one()
    .await
}

/// Takes every mail off whoever has taken it on.
pub async fn release_all(tx: &mut Tx) -> Result<()> {
    query(tx, "UPDATE outbox SET lease = NULL, leased_until = NULL WHERE state = 'waiting' AND lease IS NOT NULL")
        .execute()
        .await?;
    Ok(())
}

/// Whether the mail is still wanted and still taken on under this lease, which now lasts until `leased_until`; holds the row until the
/// transaction ends.
pub async fn hold(tx: &mut Tx, mail: &QueuedMail, leased_until: Timestamp) -> Result<bool> {
    let held = query(
        tx,
        "UPDATE outbox SET leased_until = $3 WHERE id = $1 AND lease = $2 AND state = 'waiting'",
    )
    .bind(mail.id)
    .bind(mail.lease)
    .bind(leased_until)
    .execute()
    .await?;
    Ok(held == 1)
}

/// The mail is where it should be, or given up.
pub async fn finish(
    tx: &mut Tx,
    mail: &QueuedMail,
    state: MailState,
    error: Option<&str>,
    now: Timestamp,
) -> Result<()> {
    query(
        tx,
        "UPDATE outbox SET state = $3, finished_at = $4, last_error = $5, lease = NULL, leased_until = NULL
         WHERE id = $1 AND lease = $2 AND state = 'waiting'",
    )
    .bind(mail.id)
    .bind(mail.lease)
    .bind(state)
    .bind(now)
    .bind(error)
    .execute()
    .await?;
    Ok(())
}

/// Puts the mail back until `due_at`.
pub async fn postpone(
    tx: &mut Tx,
    mail: &QueuedMail,
    error: &str,
    due_at: Timestamp,
) -> Result<()> {
    query(
        tx,
        "UPDATE outbox SET due_at = $3, last_error = $4, lease = NULL, leased_until = NULL
         WHERE id = $1 AND lease = $2 AND state = 'waiting'",
    )
    .bind(mail.id)
    .bind(mail.lease)
    .bind(due_at)
    .bind(error)
    .execute()
    .await?;
    Ok(())
}

/// Forgets a mail.
pub async fn delete(tx: &mut Tx, mail: MailId) -> Result<()> {
    query(tx, "DELETE FROM outbox WHERE id = $1").bind(mail).execute().await?;
    Ok(())
}

/// Forgets every mail of a user.
pub async fn delete_of(tx: &mut Tx, user: UserId) -> Result<()> {
    query(tx, "DELETE FROM outbox WHERE user_id = $1").bind(user).execute().await?;
    Ok(())
}

/// Forgets every mail that was asked for by a user's address alone, or by one that they had before.
pub async fn delete_to(tx: &mut Tx, user: UserId, recipient: &str) -> Result<()> {
    query(
        tx,
        "DELETE FROM outbox WHERE user_id IS NULL
           AND recipient IN (SELECT $2 UNION ALL SELECT old_email_key FROM email_changes WHERE user_id = $1)",
    )
    .bind(user)
    .bind(recipient.to_owned())
    .execute()
    .await?;
    Ok(())
}

/// The mails about a user, the latest first, at most `limit`.
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

/// The mails about a user or asked for by their address alone, the latest first, at most `limit`.
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

/// The mails of all, the latest first, at most `limit`.
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

/// The mails in one state, the latest first, at most `limit`.
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

/// Puts a mail that was given up back among those that wait; 0 if it was not.
pub async fn retry(tx: &mut Tx, mail: MailId, now: Timestamp) -> Result<u64> {
    query(
        tx,
        "UPDATE outbox SET state = $2, attempts = 0, due_at = $3, retried_at = $3, finished_at = NULL, last_error = NULL,
                           turn = NULL, flow = NULL
         WHERE id = $1 AND state = $4",
    )
    .bind(mail)
    .bind(MailState::Waiting)
    .bind(now)
    .bind(MailState::Failed)
    .execute()
    .await
}

/// Stops the mails of one kind that are still to go out for a user.
pub async fn cancel(tx: &mut Tx, user: UserId, kind: MailKind, now: Timestamp) -> Result<()> {
    query(
        tx,
        "UPDATE outbox SET state = $3, finished_at = $4
         WHERE user_id = $1 AND kind = $2 AND state = 'waiting'",
    )
    .bind(user)
    .bind(kind)
    .bind(MailState::Cancelled)
    .bind(now)
    .execute()
    .await?;
    Ok(())
}

/// Stops the mails with links that open something and are still to go to this account: what they would open has been closed.
/// Mails that were asked for by address alone count too.
pub async fn cancel_links(
    tx: &mut Tx,
    user: UserId,
    recipient: &str,
    now: Timestamp,
) -> Result<()> {
    query(
        tx,
        "UPDATE outbox SET state = $3, finished_at = $4
         WHERE (user_id = $1 OR recipient = $2) AND state = 'waiting' AND kind IN ($5, $6, $7, $8)",
    )
    .bind(user)
    .bind(recipient.to_owned())
    .bind(MailState::Cancelled)
    .bind(now)
    .bind(MailKind::VerifyEmail)
    .bind(MailKind::ResetPassword)
    .bind(MailKind::ConfirmEmail)
    .bind(MailKind::AccountSecured)
    .execute()
    .await?;
    Ok(())
}

/// When the next mail outside the budget is due, if one waits.
pub async fn next_due(db: &Db) -> Result<Option<Timestamp>> {
    let (next,): (Option<Timestamp>,) = query(
        db,
        "SELECT MIN(CASE WHEN leased_until > due_at THEN leased_until ELSE due_at END)
         FROM outbox WHERE state = 'waiting' AND turn IS NULL",
    )
    .one()
    .await?;
    Ok(next)
}

/// When the next mail within the budget is due, if one waits.
pub async fn next_due_in_turn(db: &Db) -> Result<Option<Timestamp>> {
    let (next,): (Option<Timestamp>,) = query(
        db,
        "SELECT MIN(CASE WHEN leased_until > due_at THEN leased_until ELSE due_at END)
         FROM outbox WHERE state = 'waiting' AND turn IS NOT NULL",
    )
    .one()
    .await?;
    Ok(next)
}

/// Removes mails that were done with before `before`, at most `limit`; how many that were.
pub async fn delete_finished(tx: &mut Tx, before: Timestamp, limit: i64) -> Result<u64> {
    query(
        tx,
        "DELETE FROM outbox WHERE finished_at < $1
           AND id IN (SELECT id FROM outbox WHERE finished_at < $1 ORDER BY finished_at LIMIT $2)",
    )
    .bind(before)
    .bind(limit)
    .execute()
    .await
}
