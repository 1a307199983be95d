//! The table `outbox`: when emails are due.

use crate::clock::Timestamp;
use crate::db::{Db, Result, Tx, query};
use crate::domain::email::mail_kind::MailKind;

/// When the next waiting email without a turn is due. Emails of kinds that only a later version knows don't count, here and below.
pub async fn next_exempt_due(db: &Db) -> Result<Option<Timestamp>> {
    let (next,): (Option<Timestamp>,) = query(
        db,
        "SELECT MIN(CASE WHEN leased_until > due_at THEN leased_until ELSE due_at END)
         FROM outbox WHERE state = 'waiting' AND turn IS NULL AND REPLACE($1, ',' || kind || ',', '') <> $1",
    )
    .bind(MailKind::NAMES)
    .one()
    .await?;
    Ok(next)
}

/// When the next waiting email with a turn is due.
pub async fn next_due_in_turn(db: &Db) -> Result<Option<Timestamp>> {
    let (next,): (Option<Timestamp>,) = query(
        db,
        "SELECT MIN(CASE WHEN leased_until > due_at THEN leased_until ELSE due_at END)
         FROM outbox WHERE state = 'waiting' AND turn IS NOT NULL AND REPLACE($1, ',' || kind || ',', '') <> $1",
    )
    .bind(MailKind::NAMES)
    .one()
    .await?;
    Ok(next)
}

/// Makes emails due that are postponed until after `latest`. Returns how many.
pub async fn hasten(tx: &mut Tx, now: Timestamp, latest: Timestamp) -> Result<u64> {
    query(tx, "UPDATE outbox SET due_at = $1 WHERE state = 'waiting' AND due_at > $2")
        .bind(now)
        .bind(latest)
        .execute()
        .await
}

/// Ends leases until after `latest`. Returns how many.
pub async fn release(tx: &mut Tx, now: Timestamp, latest: Timestamp) -> Result<u64> {
    query(
        tx,
        "UPDATE outbox SET lease = NULL, leased_until = NULL
         WHERE state = 'waiting' AND due_at <= $1 AND leased_until > $2",
    )
    .bind(now)
    .bind(latest)
    .execute()
    .await
}
