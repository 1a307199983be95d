//! Deletes expired rows in small batches, so that other writers never wait for long and an interrupted cleanup loses no work.

use std::time::Duration;

use crate::app::App;
use crate::domain::sign_in::emailed_code;
use crate::domain::submission;
use crate::error::Result;
use crate::repositories::{
    audit_events, browser_states, email_changes, emailed_codes, gate_rules, invitations,
    one_time_tokens, outbox, return_addresses, sessions, sign_ups, signing_keys, spent_tickets,
    submissions, throttles,
};
use crate::services::former_address;
use crate::transaction;

/// The maximum number of rows that one transaction deletes.
const BATCH: i64 = 500;
/// The time for other writers between two batches.
const PAUSE: Duration = Duration::from_millis(20);

const DAY: Duration = Duration::from_hours(24);
/// How long unconfirmed sign-ups are kept.
const SIGN_UPS: Duration = DAY.saturating_mul(7);
/// How long ended sessions are kept: long enough to tell the browser why they ended, and the owner of a new device that signed out at once.
const SESSIONS: Duration = DAY.saturating_mul(7);
/// How long spent tickets are kept: longer than the minute for which a ticket works.
const TICKETS: Duration = Duration::from_mins(10);
/// How long expired links are kept: long enough to recognize a second click.
const LINKS: Duration = DAY.saturating_mul(7);
/// How long sent and failed emails are kept.
const MAILS: Duration = DAY.saturating_mul(30);
/// How long expired invitations are kept: long enough for administrators to look them up.
const INVITATIONS: Duration = DAY.saturating_mul(90);
/// How long retired signing keys are kept: much longer than their tokens live.
const RETIRED_KEYS: Duration = DAY;

/// How long the gate remembers a rule that the proxy no longer has.
const GATE_RULES: Duration = DAY.saturating_mul(30);

/// A kind of rows to delete.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Throttles,
    BrowserStates,
    SignUps,
    Sessions,
    EndedSessions,
    Tickets,
    ReturnAddresses,
    Links,
    EmailedCodes,
    EmailChanges,
    Mails,
    AuditEvents,
    SigningKeys,
    Invitations,
    Submissions,
    GateRules,
}

const KINDS: [Kind; 16] = [
    Kind::Throttles,
    Kind::BrowserStates,
    Kind::SignUps,
    Kind::Sessions,
    Kind::EndedSessions,
    Kind::Tickets,
    Kind::ReturnAddresses,
    Kind::Links,
    Kind::EmailedCodes,
    Kind::EmailChanges,
    Kind::Mails,
    Kind::AuditEvents,
    Kind::SigningKeys,
    Kind::Invitations,
    Kind::Submissions,
    Kind::GateRules,
];

/// Deletes all expired rows. An error with one kind does not stop the others; the first error is returned.
pub async fn clean_up(app: &App) -> Result<()> {
    let mut outcome = Ok(());
    for kind in KINDS {
        match remove(app, kind).await {
            Ok(0) => {}
            Ok(deleted) => tracing::info!(?kind, deleted, "deleted expired rows"),
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
                Kind::SignUps => sign_ups::delete_older(tx, now.before(SIGN_UPS), now, BATCH).await,
                Kind::Sessions => sessions::delete_expired(tx, now.before(SESSIONS), BATCH).await,
                Kind::EndedSessions => {
                    sessions::delete_ended(tx, now.before(SESSIONS), BATCH).await
                }
                Kind::Tickets => spent_tickets::delete_older(tx, now.before(TICKETS), BATCH).await,
                Kind::ReturnAddresses => return_addresses::delete_expired(tx, now, BATCH).await,
                Kind::Links => one_time_tokens::delete_expired(tx, now.before(LINKS), BATCH).await,
                Kind::EmailedCodes => {
                    emailed_codes::delete_older(tx, now.before(emailed_code::LASTS), BATCH).await
                }
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
                Kind::Submissions => {
                    submissions::delete_older(tx, now.before(submission::LASTS), BATCH).await
                }
                Kind::GateRules => {
                    gate_rules::delete_older(tx, now.before(GATE_RULES), BATCH).await
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
