//! The outbox for administrators and operators: sent, waiting and failed emails, and retrying the failed ones.

use uuid::Uuid;

use crate::app::App;
use crate::clock::{Clock, Timestamp};
use crate::db::Db;
use crate::domain::account::email::EmailAddress;
use crate::domain::email::mail_state::MailState;
use crate::domain::id::{MailId, UserId};
use crate::domain::paging::{PageOf, TimeCursor, one_more};
use crate::error::Result;
use crate::repositories::outbox;
pub use crate::repositories::outbox::Held;
use crate::repositories::outbox_list;
pub use crate::repositories::outbox_list::{Delayed, OutboxEntry};
use crate::transaction;

/// Emails that one transaction retries.
const BATCH: i64 = 500;

/// The emails of a user, and those to their address that belong to no account: before `before`, newest first, at most `size`.
pub async fn about(
    app: &App,
    user: UserId,
    email: &EmailAddress,
    before: Option<Uuid>,
    size: usize,
) -> Result<PageOf<OutboxEntry, Uuid>> {
    let (to, before) = (email.key(), before.unwrap_or(Uuid::max()));
    let found = outbox_list::about(&app.db, user, to.as_str(), before, one_more(size)).await?;
    Ok(PageOf::cut(found, size, |mail| mail.id.0))
}

/// All emails, or those in one state: newest first, at most `limit`.
pub async fn list(db: &Db, state: Option<MailState>, limit: u32) -> Result<Vec<OutboxEntry>> {
    match state {
        Some(state) => {
            Ok(outbox_list::in_state(db, state, TimeCursor::LATEST, limit.into()).await?)
        }
        None => Ok(outbox_list::latest(db, limit.into()).await?),
    }
}

/// Makes the worker retry one failed email, or all of them, for another day. Returns how many.
pub async fn retry(db: &Db, clock: &Clock, mail: Option<MailId>) -> Result<u64> {
    let now = clock.now();
    if let Some(mail) = mail {
        return retry_each(db, &[mail], now).await;
    }
    let (mut retried, mut place) = (0, TimeCursor::LATEST);
    loop {
        let failed = outbox_list::in_state(db, MailState::Failed, place, BATCH).await?;
        let Some(last) = failed.last() else { return Ok(retried) };
        place = TimeCursor { at: last.created_at, id: last.id.0 };
        let mails: Vec<MailId> = failed.iter().map(|mail| mail.id).collect();
        retried += retry_each(db, &mails, now).await?;
    }
}

async fn retry_each(db: &Db, mails: &[MailId], now: Timestamp) -> Result<u64> {
    transaction!(db, |tx| -> Result<_> {
        let mut retried = 0;
        for mail in mails {
            retried += outbox::retry(tx, *mail, now).await?;
        }
        Ok(retried)
    })
}

/// Counts the emails that could not be sent yet and will be tried again.
pub async fn delayed(db: &Db) -> Result<Delayed> {
    Ok(outbox_list::delayed(db).await?)
}

/// Counts the emails caused by visitors before `before` that `EMAILS_PER_MINUTE` delays.
pub async fn held(db: &Db, before: Timestamp) -> Result<Held> {
    Ok(outbox::held(db, before).await?)
}
