//! The table `outbox` as a queue: emails are added in the transaction that triggers them, and a worker leases and sends them.

use uuid::Uuid;

use crate::clock::Timestamp;
use crate::db::{Result, Tx, query};
use crate::domain::email::mail_kind::MailKind;
use crate::domain::email::mail_state::MailState;
use crate::domain::id::{MailId, UserId};
use crate::domain::paging::TimeCursor;
use crate::domain::source::Source;
use crate::repositories::mail_readers::MailReader;

/// An email to add.
#[derive(Clone, Debug)]
pub struct NewMail<'a> {
    /// Its ID.
    pub id: MailId,
    /// What it is about.
    pub kind: MailKind,
    /// The account it is about; `None` if only an address is known.
    pub user_id: Option<UserId>,
    /// The address it goes to.
    pub recipient: &'a str,
    /// How it is written. The row keeps it, so that every attempt sends the same bytes.
    pub reader: MailReader,
    /// Further details, if any; never a secret.
    pub detail: Option<&'a str>,
    /// The request that triggered it.
    pub source: &'a Source,
    /// The earliest time to send it.
    pub due_at: Timestamp,
    /// Its turn, if it counts against `EMAILS_PER_MINUTE`.
    pub turn: Option<EmailTurn>,
}

/// The place of an email among those that count against `EMAILS_PER_MINUTE`.
#[derive(Clone, Debug)]
pub struct EmailTurn {
    /// The network or account whose emails take turns with those of others.
    pub flow: String,
    /// Lower turns are sent first.
    pub turn: i64,
}

/// An email that a worker has leased. It contains no secret: the one-time token is computed from its ID.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct QueuedMail {
    /// Its ID, from which its Message-ID and its token are computed.
    pub id: MailId,
    /// What it is about.
    pub kind: MailKind,
    /// The account it is about; `None` if only an address was known.
    pub user_id: Option<UserId>,
    /// The address it goes to.
    pub recipient: String,
    /// The IP address of the request that triggered it.
    pub address: String,
    /// Further details, if any.
    pub detail: Option<String>,
    /// Attempts so far, this one included.
    pub attempts: i64,
    /// When it was added.
    pub created_at: Timestamp,
    /// When an administrator asked to send it again.
    pub retried_at: Option<Timestamp>,
    /// When the first attempt was made.
    pub first_tried_at: Option<Timestamp>,
    /// The lease of the worker that is sending it.
    pub lease: Option<Uuid>,
    /// How it is written.
    #[sqlx(flatten)]
    pub reader: MailReader,
}

/// Adds an email.
pub async fn put(tx: &mut Tx, mail: &NewMail<'_>, now: Timestamp) -> Result<()> {
    query(
        tx,
        "INSERT INTO outbox (id, kind, user_id, recipient, address, state, attempts, due_at, created_at, detail,
                             turn, flow, language, time_zone, greeted, inviter)
         VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
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
    .bind(mail.reader.language.clone())
    .bind(mail.reader.time_zone.clone())
    .bind(mail.reader.greeted.clone())
    .bind(mail.reader.inviter.clone())
    .execute()
    .await?;
    Ok(())
}

/// The lowest turn among the waiting emails without an attempt. An email that was postponed after a failure, or left to a later version, must not
/// hold up a round.
pub async fn first_turn(tx: &mut Tx) -> Result<Option<i64>> {
    let first: Option<(i64,)> = query(
        tx,
        "SELECT turn FROM outbox
         WHERE state = 'waiting' AND turn IS NOT NULL AND attempts = 0 AND REPLACE($1, ',' || kind || ',', '') <> $1
         ORDER BY turn, id LIMIT 1",
    )
    .bind(MailKind::NAMES)
    .optional()
    .await?;
    Ok(first.map(|(turn,)| turn))
}

/// The highest turn among the waiting emails of a flow.
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

/// The email without a turn that has waited longest. Reset links and codes go first, because people are waiting for them. An email of a kind
/// that only a later version knows is left to that version, here and below.
pub async fn next_exempt(tx: &mut Tx, now: Timestamp) -> Result<Option<MailId>> {
    let next: Option<(MailId,)> = query(
        tx,
        "SELECT id FROM outbox
         WHERE state = 'waiting' AND turn IS NULL AND due_at <= $1 AND (leased_until IS NULL OR leased_until <= $1)
           AND REPLACE($2, ',' || kind || ',', '') <> $2
         ORDER BY kind NOT IN ('reset_password', 'confirmation_code'), due_at, id LIMIT 1",
    )
    .bind(now)
    .bind(MailKind::NAMES)
    .optional()
    .await?;
    Ok(next.map(|(id,)| id))
}

/// The email whose turn is next.
pub async fn next_in_turn(tx: &mut Tx, now: Timestamp) -> Result<Option<MailId>> {
    let next: Option<(MailId,)> = query(
        tx,
        "SELECT id FROM outbox
         WHERE state = 'waiting' AND turn IS NOT NULL AND due_at <= $1 AND (leased_until IS NULL OR leased_until <= $1)
           AND REPLACE($2, ',' || kind || ',', '') <> $2
         ORDER BY turn, id LIMIT 1",
    )
    .bind(now)
    .bind(MailKind::NAMES)
    .optional()
    .await?;
    Ok(next.map(|(id,)| id))
}

/// Leases an email until `leased_until`, unless another worker was first.
pub async fn claim(
    tx: &mut Tx,
    mail: MailId,
    lease: Uuid,
    now: Timestamp,
    leased_until: Timestamp,
) -> Result<Option<QueuedMail>> {
    query(
        tx,
        "UPDATE outbox SET lease = $1, leased_until = $3, attempts = attempts + 1,
                           first_tried_at = CASE WHEN first_tried_at < $2 THEN first_tried_at ELSE $2 END
         WHERE id = $4 AND state = 'waiting' AND due_at <= $2 AND (leased_until IS NULL OR leased_until <= $2)
         RETURNING id, kind, user_id, recipient, address, detail, attempts, created_at, retried_at, first_tried_at, lease,
                   language, time_zone, greeted, inviter",
    )
    .bind(lease)
    .bind(now)
    .bind(leased_until)
    .bind(mail)
    .optional()
    .await
}

/// Ends every lease.
pub async fn release_all(tx: &mut Tx) -> Result<()> {
    query(tx, "UPDATE outbox SET lease = NULL, leased_until = NULL WHERE state = 'waiting' AND lease IS NOT NULL")
        .execute()
        .await?;
    Ok(())
}

/// Extends the lease until `leased_until` and locks the row until the transaction ends. `false` if the email was cancelled, or another
/// worker has leased it in the meantime.
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

/// Keeps a further detail of an email.
pub async fn set_detail(tx: &mut Tx, id: MailId, detail: &str) -> Result<()> {
    query(tx, "UPDATE outbox SET detail = $2 WHERE id = $1")
        .bind(id)
        .bind(detail.to_owned())
        .execute()
        .await?;
    Ok(())
}

/// Records that an email was sent or has permanently failed.
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

/// Ends the lease, and postpones the email until `due_at`.
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

/// Queues a failed email again, without a turn. Returns 0 if it has not failed.
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

/// Queues all failed emails again that were added before `before`, down to the one at `last`, without a turn. Returns how many.
pub async fn retry_all(
    tx: &mut Tx,
    before: TimeCursor,
    last: TimeCursor,
    now: Timestamp,
) -> Result<u64> {
    query(
        tx,
        "UPDATE outbox SET state = 'waiting', attempts = 0, due_at = $5, retried_at = $5, finished_at = NULL, last_error = NULL,
                           turn = NULL, flow = NULL
         WHERE state = 'failed' AND (created_at, id) < ($1, $2) AND (created_at, id) >= ($3, $4)",
    )
    .bind(before.at)
    .bind(before.id)
    .bind(last.at)
    .bind(last.id)
    .bind(now)
    .execute()
    .await
}

/// Cancels the waiting emails of one kind about a user.
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

/// Cancels the waiting emails of one kind about a user or to their address.
pub async fn cancel_to(
    tx: &mut Tx,
    user: UserId,
    recipient: &str,
    kind: MailKind,
    now: Timestamp,
) -> Result<()> {
    query(
        tx,
        "UPDATE outbox SET state = $4, finished_at = $5
         WHERE (user_id = $1 OR recipient = $2) AND kind = $3 AND state = 'waiting'",
    )
    .bind(user)
    .bind(recipient.to_owned())
    .bind(kind)
    .bind(MailState::Cancelled)
    .bind(now)
    .execute()
    .await?;
    Ok(())
}

/// Deletes an email.
pub async fn delete(tx: &mut Tx, mail: MailId) -> Result<()> {
    query(tx, "DELETE FROM outbox WHERE id = $1").bind(mail).execute().await?;
    Ok(())
}

/// Deletes every email about a user.
pub async fn delete_of(tx: &mut Tx, user: UserId) -> Result<()> {
    query(tx, "DELETE FROM outbox WHERE user_id = $1").bind(user).execute().await?;
    Ok(())
}

/// Deletes every email without an account to a user's current or former addresses.
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

/// Deletes emails that were finished before `before`, at most `limit`, and returns how many.
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
