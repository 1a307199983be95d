//! Counts attempts in the database, and reduces the counts again.

use std::time::Duration;

use super::subject::{Counter, Mails, Subject};
use crate::app::App;
use crate::db::Tx;
use crate::domain::account::email::EmailKey;
use crate::error::Result;
use crate::repositories::throttles;

/// Counts an attempt before it is checked, so that concurrent attempts cannot exceed the limit. `Err`: the time to wait.
pub async fn count(app: &App, tx: &mut Tx, subject: Subject<'_>) -> Result<Result<(), Duration>> {
    count_all(app, tx, &[subject]).await
}

/// Counts an attempt for several subjects: for all of them or, if one has reached its limit, for none.
pub async fn count_all(
    app: &App,
    tx: &mut Tx,
    subjects: &[Subject<'_>],
) -> Result<Result<(), Duration>> {
    let now = app.clock.now();
    let mut counted = Vec::new();
    let mut longest = None;
    for counter in subjects.iter().flat_map(|subject| subject.counters(app)) {
        let before = throttles::find(&mut *tx, &counter.id).await?;
        match counter.limit.count(before, now) {
            Ok(next) => counted.push((counter, before, next)),
            Err(wait) => longest = longest.max(Some(wait)),
        }
    }
    if let Some(wait) = longest {
        return Ok(Err(wait));
    }
    for (Counter { id, limit }, mut before, mut next) in counted {
        while !throttles::replace(tx, &id, before, next, limit.forgotten_at(next)).await? {
            // A concurrent request counted first. If it reached the limit, the subjects counted so far stay counted.
            before = throttles::find(&mut *tx, &id).await?;
            match limit.count(before, now) {
                Ok(again) => next = again,
                Err(wait) => return Ok(Err(wait)),
            }
        }
    }
    Ok(Ok(()))
}

/// Counts an email that a stranger may have caused. `Err`: the time until the address may get another one.
pub async fn count_mail(
    app: &App,
    tx: &mut Tx,
    mails: Mails,
    recipient: &EmailKey,
) -> Result<Result<(), Duration>> {
    let all = [Subject::MailHourly(mails, recipient), Subject::MailDaily(mails, recipient)];
    count_all(app, tx, &all).await
}

/// Resets the count of emails that strangers have caused.
pub async fn forget_mails(
    app: &App,
    tx: &mut Tx,
    mails: Mails,
    recipient: &EmailKey,
) -> Result<()> {
    forget(app, tx, Subject::MailHourly(mails, recipient)).await?;
    forget(app, tx, Subject::MailDaily(mails, recipient)).await
}

/// Resets the count of a subject.
pub async fn forget(app: &App, tx: &mut Tx, subject: Subject<'_>) -> Result<()> {
    for counter in subject.counters(app) {
        throttles::delete(tx, &counter.id).await?;
    }
    Ok(())
}

/// Removes one attempt from the count.
pub async fn take_back(app: &App, tx: &mut Tx, subject: Subject<'_>) -> Result<()> {
    for counter in subject.counters(app) {
        throttles::take_back(tx, &counter.id, app.clock.now()).await?;
    }
    Ok(())
}
