//! Retrying failed emails, on the page of emails and with `authflow mail retry`.

use crate::app::App;
use crate::clock::{Clock, Timestamp};
use crate::db::{Db, Tx};
use crate::domain::audit_detail::AuditDetail;
use crate::domain::audit_event::Event;
use crate::domain::email::mail_state::MailState;
use crate::domain::id::MailId;
use crate::domain::paging::{Direction, TimeCursor};
use crate::error::Result;
use crate::repositories::outbox;
use crate::repositories::outbox_list::{self, OutboxEntry};
use crate::services::audit::{self, Actor};
use crate::transaction;

/// Emails that one transaction retries.
const BATCH: i64 = 500;

/// Makes the worker of this server retry one failed email, or all of them. Returns how many.
pub async fn retry_here(app: &App, actor: Actor<'_>, mail: Option<MailId>) -> Result<u64> {
    let retried = retry(&app.db, &app.clock, actor, mail).await?;
    app.outbox_bell.notify_one();
    Ok(retried)
}

/// Makes a worker retry one failed email, or all of them, for another day. Returns how many.
pub async fn retry(db: &Db, clock: &Clock, actor: Actor<'_>, mail: Option<MailId>) -> Result<u64> {
    let now = clock.now();
    if let Some(mail) = mail {
        return transaction!(db, |tx| -> Result<_> {
            let retried = outbox::retry(tx, mail, now).await?;
            record(tx, actor, retried, now).await
        });
    }
    let (mut retried, mut before) = (0, TimeCursor::LATEST);
    loop {
        let (state, direction) = (MailState::Failed, Direction::Forward);
        let failed = outbox_list::in_state(db, state, direction, before, BATCH).await?;
        let Some(last) = failed.last().map(OutboxEntry::place) else { return Ok(retried) };
        retried += transaction!(db, |tx| -> Result<_> {
            let retried = outbox::retry_all(tx, before, last, now).await?;
            record(tx, actor, retried, now).await
        })?;
        before = last;
    }
}

/// Records how many emails are retried, and returns that.
async fn record(tx: &mut Tx, actor: Actor<'_>, retried: u64, now: Timestamp) -> Result<u64> {
    if retried > 0 {
        let detail = AuditDetail::Emails(retried).to_string();
        audit::put(tx, &actor.act(Event::EmailsRetried, None, Some(&detail)), now).await?;
    }
    Ok(retried)
}
