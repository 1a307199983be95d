//! What has run out goes, in small batches: nobody waits for it, and it can stop anywhere and go on later.

use std::time::Duration;

use crate::app::App;
use crate::error::Result;
use crate::repositories::{
    audit_events, browser_states, email_changes, invitations, one_time_tokens, outbox, sessions,
    signing_keys, spent_tickets, throttles, users,
};
use crate::services::account::former_address;
use crate::transaction;

/// Rows that one transaction removes at most.
const BATCH: i64 = 500;
/// Between two of them, for whoever else wants to write.
const PAUSE: Duration = Duration::from_millis(20);

const DAY: Duration = Duration::from_hours(24);
/// Sign-ups that nobody has confirmed.
const SIGN_UPS: Duration = DAY.saturating_mul(7);
/// Sessions that are over: long enough to tell a browser why.
const SESSIONS: Duration = DAY.saturating_mul(7);
/// Tickets to guarded hosts: they are good for a minute.
const TICKETS: Duration = Duration::from_mins(10);
/// Links that have run out: long enough to say that a second click is one.
const LINKS: Duration = DAY.saturating_mul(7);
/// Mails that have arrived, or never will.
const MAILS: Duration = DAY.saturating_mul(30);
/// Invitations: long enough to see what became of them.
const INVITATIONS: Duration = DAY.saturating_mul(90);
/// Signing keys that another took the place of: much longer than anything that they have signed.
const RETIRED_KEYS: Duration = DAY;

/// What is removed.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Throttles,
    BrowserStates,
    SignUps,
    Sessions,
    EndedSessions,
    Tickets,
    Links,
    EmailChanges,
    Mails,
    AuditEvents,
    SigningKeys,
    Invitations,
}

const KINDS: [Kind; 12] = [
    Kind::Throttles,
    Kind::BrowserStates,
    Kind::SignUps,
    Kind::Sessions,
    Kind::EndedSessions,
    Kind::Tickets,
    Kind::Links,
    Kind::EmailChanges,
    Kind::Mails,
    Kind::AuditEvents,
    Kind::SigningKeys,
    Kind::Invitations,
];

/// Removes all that has run out. Trouble with one kind does not keep the others; the first of it is what comes back.
pub async fn clean_up(app: &App) -> Result<()> {
    let mut outcome = Ok(());
    for kind in KINDS {
        match remove(app, kind).await {
            Ok(0) => {}
            Ok(gone) => tracing::info!(?kind, gone, "removed what had run out"),
            Err(error) => outcome = outcome.and(Err(error)),
        }
    }
    outcome
}

async fn remove(app: &App, kind: Kind) -> Result<u64> {
    let now = app.clock.now();
    let mut removed = 0;
    loop {
        let gone = transaction!(app.db, |tx| {
            match kind {
                Kind::Throttles => throttles::delete_expired(tx, now, BATCH).await,
                Kind::BrowserStates => browser_states::delete_expired(tx, now, BATCH).await,
                Kind::SignUps => {
                    users::delete_pending_older(tx, now.before(SIGN_UPS), now, BATCH).await
                }
                Kind::Sessions => sessions::delete_expired(tx, now.before(SESSIONS), BATCH).await,
                Kind::EndedSessions => {
                    sessions::delete_ended(tx, now.before(SESSIONS), BATCH).await
                }
                Kind::Tickets => spent_tickets::delete_older(tx, now.before(TICKETS), BATCH).await,
                Kind::Links => one_time_tokens::delete_expired(tx, now.before(LINKS), BATCH).await,
                Kind::EmailChanges => {
                    email_changes::delete_older(tx, now.before(former_address::KEPT), BATCH).await
                }
                Kind::Mails => outbox::delete_finished(tx, now.before(MAILS), BATCH).await,
                Kind::AuditEvents => {
                    audit_events::delete_older(tx, now.before(app.config.audit_retention), BATCH)
                        .await
                }
                Kind::Invitations => {
                    invitations::delete_expired(tx, now.before(INVITATIONS), BATCH).await
                }
                Kind::SigningKeys => {
                    signing_keys::delete_retired(tx, now.before(RETIRED_KEYS)).await
                }
            }
        })?;
        removed += gone;
        if gone < BATCH.unsigned_abs() {
            return Ok(removed);
        }
        tokio::time::sleep(PAUSE).await;
    }
}
