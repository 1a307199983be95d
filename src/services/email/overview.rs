//! The outbox for administrators and operators: what was sent, what waits, and what to try again.

use crate::app::App;
use crate::clock::{Clock, Timestamp};
use crate::db::Db;
use crate::domain::account::email::EmailAddress;
use crate::domain::email::mail_state::MailState;
use crate::domain::id::{MailId, UserId};
use crate::error::Result;
use crate::repositories::outbox;
pub use crate::repositories::outbox::Held;
use crate::repositories::outbox_list;
pub use crate::repositories::outbox_list::OutboxEntry;
use crate::transaction;

/// The emails about a user, and those to their address that name no account: the latest first, at most `limit`.
pub async fn about(
    app: &App,
    user: UserId,
    email: &EmailAddress,
    limit: u32,
) -> Result<Vec<OutboxEntry>> {
    outbox_list::about(&app.db, user, email.key().as_str(), limit.into()).await
}

/// The emails of all users, or those in one state: the latest first, at most `limit`.
pub async fn list(db: &Db, state: Option<MailState>, limit: u32) -> Result<Vec<OutboxEntry>> {
    match state {
        Some(state) => outbox_list::in_state(db, state, limit.into()).await,
        None => outbox_list::latest(db, limit.into()).await,
    }
}

/// Lets one failed email, or all of them, be tried again for a day. Returns how many.
pub async fn retry(db: &Db, clock: &Clock, mail: Option<MailId>) -> Result<u64> {
    let now = clock.now();
    let mails = if let Some(mail) = mail {
        vec![mail]
    } else {
        let failed = outbox_list::in_state(db, MailState::Failed, i64::MAX).await?;
        failed.into_iter().map(|mail| mail.id).collect()
    };
    transaction!(db, |tx| -> Result<_> {
        let mut retried = 0;
        for mail in &mails {
            retried += outbox::retry(tx, *mail, now).await?;
        }
        Ok(retried)
    })
}

/// Counts the emails that visitors caused before `before` and that wait because of `EMAILS_PER_MINUTE`.
pub async fn held(db: &Db, before: Timestamp) -> Result<Held> {
    outbox::held(db, before).await
}
