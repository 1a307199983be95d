//! Sends the emails in the outbox, one at a time. Several workers may share a database: each leases the email that it sends.

use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::app::App;
use crate::clock::{DRIFT, Timestamp};
use crate::domain::email::mail_kind::Wanted;
use crate::domain::email::mail_state::MailState;
use crate::domain::id;
use crate::domain::paging::MOST_COUNTED;
use crate::error::Result;
use crate::installation::authflow;
use crate::installation::docs_page::DocsPage;
use crate::mail::{DeliveryError, Mail};
use crate::repositories::outbox::{self, QueuedMail};
use crate::repositories::outbox_list::{self, Held};
use crate::repositories::outbox_schedule;
use crate::secret;
use crate::services::email::preparation;
use crate::services::throttle::{self, Subject};
use crate::transaction;

/// Extra time for addresses of a mail server that do not respond, on top of `MAIL_TIMEOUT` for the one that does.
const DETOURS: Duration = Duration::from_secs(40);
/// How much longer a lease lasts than the longest attempt.
const MARGIN: Duration = Duration::from_secs(20);
/// The first and the longest pause after an email has failed. Each further failure doubles the pause.
const MAIL_PAUSES: [Duration; 2] = [Duration::from_secs(30), Duration::from_hours(1)];
/// The same for a failure that affects every email. Shorter, because a visitor may be waiting for a confirmation email.
const BLOCKED_PAUSES: [Duration; 2] = [Duration::from_secs(5), Duration::from_mins(2)];
/// No email waits longer for its next attempt: the longest pause, which may vary by a fifth.
const LONGEST_WAIT: Duration = Duration::from_mins(75);
/// The longest pause that a mail server may request.
const LONGEST_REQUEST: Duration = Duration::from_hours(1);
/// The minimum time between two log lines about emails that `EMAILS_PER_MINUTE` delays.
const ALARM_EVERY: Duration = Duration::from_hours(1);
/// How long an email is retried before it counts as failed.
const GIVE_UP_AFTER: Duration = Duration::from_hours(24);

/// What [`deliver_next`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivered {
    /// No email was due.
    None,
    /// One email was sent, postponed, deleted or marked as failed.
    One,
    /// All due emails count against `EMAILS_PER_MINUTE`, and that limit is reached. The next one can be sent after this time.
    Held(Duration),
    /// No email can be sent at present. The email stays due, so it is sent as soon as any can be. Try again after this time.
    Blocked(Duration),
}

/// Ends the leases of a worker that was killed. Call this only where no other process sends emails.
pub async fn take_over(app: &App) -> Result<()> {
    Ok(transaction!(app.db, |tx| { outbox::release_all(tx).await })?)
}

/// Sends the next due email, if there is one.
pub async fn deliver_next(app: &App) -> Result<Delivered> {
    let queued = match claim(app).await? {
        Claim::Mail(queued) => *queued,
        Claim::Nothing => return Ok(Delivered::None),
        Claim::Held(wait) => {
            report_delay(app).await?;
            return Ok(Delivered::Held(wait));
        }
    };
    let outcome = match preparation::prepare(app, &queued, lease(app)).await {
        Ok(Some(mail)) => send(app, &mail).await,
        Ok(None) => return Ok(Delivered::One),
        Err(error) if error.is_passing() => return Err(error),
        Err(error) => Err(DeliveryError::Final(error.to_string())),
    };
    settle(app, &queued, outcome).await
}

/// When the next waiting email is due.
pub async fn next_due(app: &App) -> Result<Option<Timestamp>> {
    let due = [
        outbox_schedule::next_exempt_due(&app.db).await?,
        outbox_schedule::next_due_in_turn(&app.db).await?,
    ];
    Ok(due.into_iter().flatten().min())
}

/// When the next waiting email is due that does not count against `EMAILS_PER_MINUTE`.
pub async fn next_exempt_due(app: &App) -> Result<Option<Timestamp>> {
    Ok(outbox_schedule::next_exempt_due(&app.db).await?)
}

enum Claim {
    Mail(Box<QueuedMail>),
    Nothing,
    Held(Duration),
}

/// Leases the next email, including those that have to wait only because the clock was set back.
async fn claim(app: &App) -> Result<Claim> {
    match claim_due(app).await? {
        Claim::Nothing if hasten(app).await? > 0 => claim_due(app).await,
        claimed => Ok(claimed),
    }
}

/// Makes emails due that wait longer than any email waits. Returns how many.
async fn hasten(app: &App) -> Result<u64> {
    let now = app.clock.now();
    let (due_by, leased_until) = (now.after(LONGEST_WAIT), now.after(lease(app)).after(DRIFT));
    transaction!(app.db, |tx| -> Result<_> {
        let postponed = outbox_schedule::hasten(tx, now, due_by).await?;
        Ok(postponed + outbox_schedule::release(tx, now, leased_until).await?)
    })
}

/// Leases the next email that is exempt from `EMAILS_PER_MINUTE`, or else the next in turn, if the limit allows one more.
async fn claim_due(app: &App) -> Result<Claim> {
    let now = app.clock.now();
    let (leased, until) = (id::new(now), now.after(lease(app)));
    transaction!(app.db, |tx| -> Result<_> {
        if let Some(next) = outbox::next_exempt(tx, now).await?
            && let Some(mail) = outbox::claim(tx, next, leased, now, until).await?
        {
            return Ok(Claim::Mail(mail.into()));
        }
        let Some(next) = outbox::next_in_turn(tx, now).await? else { return Ok(Claim::Nothing) };
        if let Err(wait) = throttle::count(app, tx, Subject::Emails).await? {
            return Ok(Claim::Held(wait));
        }
        let claimed = outbox::claim(tx, next, leased, now, until).await?;
        if claimed.is_none() {
            throttle::take_back(app, tx, Subject::Emails).await?; // another instance has leased it
        }
        Ok(claimed.map_or(Claim::Nothing, |mail| Claim::Mail(mail.into())))
    })
}

/// Logs, at most once an hour, that visitors cause too many emails.
async fn report_delay(app: &App) -> Result<()> {
    let now = app.clock.now();
    let latest = app.emails_alarm_at.load(Ordering::Relaxed);
    if Timestamp(latest).is_within(ALARM_EVERY, now) {
        return Ok(());
    }
    let before = now.after(Duration::from_secs(1));
    let Held { count, since } = outbox_list::held(&app.db, before, MOST_COUNTED + 1).await?;
    let Some(since) = since.map(tracing::field::display) else { return Ok(()) };
    app.emails_alarm_at.store(now.0, Ordering::Relaxed);
    tracing::error!(
        waiting_at_least = count,
        since,
        limit = app.config.emails_per_minute,
        help = %DocsPage::Email,
        "visitors cause more emails than EMAILS_PER_MINUTE allows, so emails are delayed"
    );
    Ok(())
}

/// The longest time that one attempt can take: `MAIL_TIMEOUT` for the connection, and again for the email.
fn longest_attempt(app: &App) -> Duration {
    2 * app.config.mail_timeout + DETOURS
}

/// How long no other worker may send a leased email.
fn lease(app: &App) -> Duration {
    longest_attempt(app) + MARGIN
}

async fn send(app: &App, mail: &Mail) -> Result<String, DeliveryError> {
    let sent = tokio::time::timeout(longest_attempt(app), app.mail.deliver(mail)).await;
    sent.unwrap_or_else(|_| Err(DeliveryError::blocked("the mail server took too long")))
}

/// Checks whether emails can be sent, and logs and stores the outcome, so that operators notice a wrong password before a user waits for an
/// email.
pub async fn check_transport(app: &App) {
    let transport = app.mail.describe();
    let checked = app.mail.check().await;
    app.mail_check_failed.store(checked.is_err(), Ordering::Relaxed);
    match checked {
        Ok(found) if app.mail.folder().is_none() => {
            tracing::info!(transport, found, "emails can be sent");
        }
        Ok(_) => {}
        Err(error) => {
            tracing::error!(transport, %error, help = %DocsPage::Email, "emails cannot be sent at present");
        }
    }
}

/// Stores the outcome of an attempt.
async fn settle(
    app: &App,
    queued: &QueuedMail,
    outcome: Result<String, DeliveryError>,
) -> Result<Delivered> {
    if !matches!(outcome, Err(DeliveryError::Blocked { .. })) {
        app.mail_check_failed.store(false, Ordering::Relaxed);
        if app.mail_failures.swap(0, Ordering::Relaxed) > 0 {
            tracing::info!("emails can be sent again");
        }
    }
    match outcome {
        Ok(reply) => {
            tracing::info!(mail = %queued.id, kind = ?queued.kind, reply, "email sent");
            finish(app, queued, MailState::Sent, None).await?;
            Ok(Delivered::One)
        }
        Err(DeliveryError::Final(why)) => {
            give_up(app, queued, &why).await?;
            Ok(Delivered::One)
        }
        Err(DeliveryError::Passing(why)) => {
            let pause = pause(MAIL_PAUSES, queued.attempts);
            try_later(app, queued, &why, pause, pause).await?;
            Ok(Delivered::One)
        }
        Err(DeliveryError::Blocked { why, pause: requested }) => {
            let failures = app.mail_failures.fetch_add(1, Ordering::Relaxed) + 1;
            if failures == 1 {
                tracing::error!(error = why, help = %DocsPage::Email, "emails cannot be sent at present");
            }
            let requested = requested.unwrap_or_default().min(LONGEST_REQUEST);
            let pause = pause(BLOCKED_PAUSES, failures).max(requested);
            try_later(app, queued, &why, pause, Duration::ZERO).await?;
            Ok(Delivered::Blocked(pause))
        }
    }
}

/// Postpones the email, or gives up after a day of attempts. The time before the first attempt does not count.
async fn try_later(
    app: &App,
    queued: &QueuedMail,
    why: &str,
    pause: Duration,
    due_in: Duration,
) -> Result<()> {
    let now = app.clock.now();
    let retried_at = queued.retried_at.filter(|at| !at.is_ahead_of(now));
    let tried_since = retried_at.or(queued.first_tried_at).unwrap_or(queued.created_at);
    if now.since(tried_since) >= GIVE_UP_AFTER {
        return give_up(app, queued, why).await;
    }
    let (mail, kind) = (queued.id, queued.kind);
    let retry_in = pause.as_secs();
    tracing::warn!(%mail, ?kind, why, retry_in, "could not send the email; it will be retried");
    Ok(transaction!(app.db, |tx| { outbox::postpone(tx, queued, why, now.after(due_in)).await })?)
}

async fn give_up(app: &App, queued: &QueuedMail, why: &str) -> Result<()> {
    let (mail, kind) = (queued.id, queued.kind);
    let fix = format!("{} mail retry {mail}", authflow());
    tracing::error!(%mail, ?kind, why, fix, "gave up on the email");
    finish(app, queued, MailState::Failed, Some(why)).await
}

/// Stores the final state of an email: no further attempt follows.
async fn finish(
    app: &App,
    queued: &QueuedMail,
    state: MailState,
    error: Option<&str>,
) -> Result<()> {
    let now = app.clock.now();
    Ok(transaction!(app.db, |tx| {
        if queued.kind.facts().wanted == Wanted::AfterDeletion {
            outbox::delete(tx, queued.id).await
        } else {
            outbox::finish(tx, queued, state, error, now).await
        }
    })?)
}

/// The pause after this many attempts. It varies by a fifth, so that instances do not all retry at the same moment.
fn pause([first, longest]: [Duration; 2], attempts: i64) -> Duration {
    let doublings = u32::try_from(attempts.clamp(1, 20) - 1).unwrap_or(0);
    let pause = first.saturating_mul(1 << doublings).min(longest);
    let [jitter] = secret::random::<1>();
    pause * (204 + u32::from(jitter) * 2 / 5) / 255
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_an_hour_for_one_email_and_to_two_minutes_for_all() {
        let of_a_mail = [(0, 30), (1, 30), (2, 60), (3, 120), (8, 3_600), (1_000, 3_600)];
        let of_all = [(0, 5), (1, 5), (2, 10), (5, 80), (6, 120), (1_000, 120)];
        let of_a_mail = of_a_mail.map(|(attempts, seconds)| (MAIL_PAUSES, attempts, seconds));
        let of_all = of_all.map(|(attempts, seconds)| (BLOCKED_PAUSES, attempts, seconds));
        for (pauses, attempts, seconds) in of_a_mail.into_iter().chain(of_all) {
            for _ in 0..100 {
                let pause = pause(pauses, attempts).as_secs_f64();
                let expected = f64::from(seconds);
                assert!(
                    (expected * 0.79..=expected * 1.21).contains(&pause),
                    "{attempts}: {pause}"
                );
            }
        }
    }
}
