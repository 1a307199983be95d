//! The outbox for administrators and operators: sent, waiting and failed emails, and retrying the failed ones.

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

/// The emails of a user, and those to their address that belong to no account: newest first, at most `limit`.
pub async fn about(
    app: &App,
    user: UserId,
    email: &EmailAddress,
    limit: u32,
) -> Result<Vec<OutboxEntry>> {
    Ok(outbox_list::about(&app.db, user, email.key().as_str(), limit.into()).await?)
}

/// All emails, or those in one state: newest first, at most `limit`.
pub async fn list(db: &Db, state: Option<MailState>, limit: u32) -> Result<Vec<OutboxEntry>> {
    match state {
        Some(state) => Ok(outbox_list::in_state(db, state, limit.into()).await?),
        None => Ok(outbox_list::latest(db, limit.into()).await?),
    }
}

/// Makes the worker retry one failed email, or all of them, for another day. Returns how many.
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

/// Counts the emails caused by visitors before `before` that `EMAILS_PER_MINUTE` delays.
pub async fn held(db: &Db, before: Timestamp) -> Result<Held> {
    Ok(outbox::held(db, before).await?)
}
