//! The outbox for administrators and operators: sent, waiting and failed emails.

use uuid::Uuid;

use crate::app::App;
use crate::clock::Timestamp;
use crate::db::Db;
use crate::domain::account::email::EmailAddress;
use crate::domain::email::mail_state::MailState;
use crate::domain::id::UserId;
use crate::domain::paging::{Direction, MOST_COUNTED, PageOf, PageRequest, TimeCursor, Total};
use crate::error::Result;
pub use crate::repositories::outbox_list::OutboxEntry;
use crate::repositories::outbox_list::{self, Delayed, Held};

/// A page of the emails of a user, and of those to their address that belong to no account, newest first.
pub async fn about(
    app: &App,
    user: UserId,
    email: &EmailAddress,
    request: PageRequest<Uuid>,
) -> Result<PageOf<OutboxEntry, Uuid>> {
    let key = email.key();
    let to = key.as_str();
    let read =
        |direction, beside, limit| outbox_list::about(&app.db, user, to, direction, beside, limit);
    let found = PageOf::find(request, Uuid::max(), |mail| mail.id.0, read).await?;
    let count = async |most| outbox_list::count_about(&app.db, user, to, most).await;
    Ok(found.counted(count).await?)
}

/// A page of all emails, or of those in one state, newest first.
pub async fn page(
    app: &App,
    state: Option<MailState>,
    request: PageRequest<TimeCursor>,
) -> Result<PageOf<OutboxEntry, TimeCursor>> {
    let db = &app.db;
    let read = |direction, beside: TimeCursor, limit| async move {
        match state {
            Some(state) => outbox_list::in_state(db, state, direction, beside, limit).await,
            None => outbox_list::page(db, direction, beside.id, limit).await,
        }
    };
    let found = PageOf::find(request, TimeCursor::LATEST, OutboxEntry::place, read).await?;
    let count = async |most| match state {
        Some(state) => outbox_list::count_in_state(db, state, most).await,
        None => outbox_list::count(db, most).await,
    };
    Ok(found.counted(count).await?)
}

/// All emails, or those in one state: newest first, at most `limit`.
pub async fn list(db: &Db, state: Option<MailState>, limit: u32) -> Result<Vec<OutboxEntry>> {
    let (direction, latest, limit) = (Direction::Forward, TimeCursor::LATEST, limit.into());
    Ok(match state {
        Some(state) => outbox_list::in_state(db, state, direction, latest, limit).await?,
        None => outbox_list::page(db, direction, latest.id, limit).await?,
    })
}

/// Counts the emails in one state.
pub async fn count(app: &App, state: MailState) -> Result<Total> {
    Ok(Total::of(outbox_list::count_in_state(&app.db, state, MOST_COUNTED + 1).await?))
}

/// Counts the failed emails.
pub async fn failed(app: &App) -> Result<Total> {
    count(app, MailState::Failed).await
}

/// Counts the emails that could not be sent yet and will be tried again, and finds the error of the newest.
pub async fn delayed(db: &Db) -> Result<(Total, Option<String>)> {
    let Delayed { count, last_error } = outbox_list::delayed(db, MOST_COUNTED + 1).await?;
    Ok((Total::of(count), last_error))
}

/// Counts the emails caused by visitors before `before` that `EMAILS_PER_MINUTE` delays, and says since when the oldest waits.
pub async fn held(db: &Db, before: Timestamp) -> Result<(Total, Option<Timestamp>)> {
    let Held { count, since } = outbox_list::held(db, before, MOST_COUNTED + 1).await?;
    Ok((Total::of(count), since))
}
