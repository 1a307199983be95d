//! Diagnoses the installation from inside: database, emails, clock, signing keys, gate.

use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::app::App;
use crate::clock::{DRIFT, Timestamp, rough};
use crate::config::{Config, Registration};
use crate::db::{DatabasePlace, Db};
use crate::domain::account::role::ADMIN;
use crate::domain::email::mail_state::MailState;
use crate::domain::paging::{MOST_COUNTED, Total};
use crate::domain::sign_in::signing_key::KeyState;
use crate::domain::signed_token::signer::Signer;
use crate::error::Result;
use crate::i18n::message::{self, Argument, ToArgument};
use crate::repositories::{audit_events, user_roles};
use crate::services::email::overview;
use crate::services::operations::finding::{CheckedPart, Finding};
use crate::services::operations::key_rotation::{self, ListedKey};

const MOST_MAILS: u32 = 100;
/// An email that `EMAILS_PER_MINUTE` delays for longer than this is reported.
const HELD_AFTER: Duration = Duration::from_mins(2);
/// A signing key older than this should be rotated.
const OLD_KEY: Duration = Duration::from_hours(2 * 365 * 24);
/// How many seconds a proof of the command line is accepted.
const QUESTION: i64 = 60;

/// Examines the running server. Contacts nothing but the database, so that a page can show the result each time.
pub async fn of_server(app: &App) -> Result<Vec<Finding>> {
    let mut found = examine(&app.config, &app.db, app.clock.now()).await?;
    if app.mail_check_failed.load(Ordering::Relaxed) {
        found.push(Finding::bad(
            CheckedPart::Emails,
            message::health_emails_unreachable(),
            message::health_emails_delayed_fix(),
        ));
    }
    Ok(found)
}

/// Examines an installation with these settings.
pub async fn examine(config: &Config, db: &Db, now: Timestamp) -> Result<Vec<Finding>> {
    let mut found = vec![place(config)];
    found.extend(mails(config, db, now).await?);
    found.push(clock(db, now).await?);
    found.extend(signing_keys(db, now).await?);
    found.extend(second_factor(config, db).await?);
    found.extend(gate(config));
    Ok(found)
}

/// Where the data is stored.
#[must_use]
pub fn place(config: &Config) -> Finding {
    const PART: CheckedPart = CheckedPart::Database;
    let file = match config.database.place() {
        DatabasePlace::File(file) => file,
        DatabasePlace::Server { address, database } => {
            return Finding::good(PART, message::health_database_postgres(database, address));
        }
    };
    match config.database.network_file_system() {
        Some(kind) => Finding::bad(
            PART,
            message::health_database_network(file, kind),
            message::health_database_network_fix(),
        ),
        None => Finding::good(PART, message::health_database(file)),
    }
}

async fn mails(config: &Config, db: &Db, now: Timestamp) -> Result<Vec<Finding>> {
    const PART: CheckedPart = CheckedPart::Emails;
    let failed = overview::list(db, Some(MailState::Failed), MOST_MAILS).await?;
    let (delayed, latest_error) = overview::delayed(db).await?;
    let mut found = Vec::new();
    if let Some(latest) = failed.first() {
        let (count, error) = (failed.len(), last_error(latest.last_error.as_deref()));
        let text = if count == MOST_MAILS as usize {
            message::health_emails_failed_many(count, error)
        } else {
            message::health_emails_failed(count, error)
        };
        found.push(Finding::note(PART, text, message::health_emails_failed_fix()));
    }
    if delayed > Total::default() {
        let error = last_error(latest_error.as_deref());
        let text = match delayed {
            Total::Exactly(count) => message::health_emails_delayed(count, error),
            Total::Many => message::health_emails_delayed_many(error, MOST_COUNTED),
        };
        found.push(Finding::bad(PART, text, message::health_emails_delayed_fix()));
    }
    found.extend(held(config, db, now).await?);
    if found.is_empty() {
        found.push(Finding::good(PART, message::health_emails()));
    }
    Ok(found)
}

fn last_error(error: Option<&str>) -> Argument {
    match error {
        Some(error) => error.to_argument(),
        None => message::health_error_unknown().to_argument(),
    }
}

/// Emails delayed because visitors cause more than `EMAILS_PER_MINUTE`.
async fn held(config: &Config, db: &Db, now: Timestamp) -> Result<Option<Finding>> {
    let (count, since) = overview::held(db, now.before(HELD_AFTER)).await?;
    let limit = config.emails_per_minute.to_string();
    Ok(since.map(|since| {
        let text = match count {
            Total::Exactly(count) => message::health_emails_held(count, limit, since),
            Total::Many => message::health_emails_held_many(limit, MOST_COUNTED, since),
        };
        Finding::bad(CheckedPart::Emails, text, message::health_emails_held_fix())
    }))
}

/// A clock that was set back keeps sessions alive and breaks codes. Audit entries from the future reveal it.
async fn clock(db: &Db, now: Timestamp) -> Result<Finding> {
    const PART: CheckedPart = CheckedPart::Clock;
    let latest = audit_events::latest_at(db).await?;
    let ahead = latest.map(|latest| latest.since(now)).unwrap_or_default();
    Ok(if ahead >= DRIFT {
        let text = message::health_clock_set_back(rough(ahead), now);
        Finding::bad(PART, text, message::health_clock_fix())
    } else {
        Finding::good(PART, message::health_clock(now))
    })
}

async fn signing_keys(db: &Db, now: Timestamp) -> Result<Vec<Finding>> {
    const PART: CheckedPart = CheckedPart::SigningKey;
    let keys = key_rotation::list(db, now).await?;
    let findings = keys.into_iter().filter_map(|key| {
        let ListedKey { kid, algorithm, created_at, state } = key;
        let created = message::ago(created_at);
        let text = match state {
            KeyState::Published(from) => {
                message::health_key_published(algorithm, created, from, kid)
            }
            KeyState::Signs => message::health_key_signs(algorithm, created, kid),
            KeyState::Verifies(until) => {
                message::health_key_verifies(algorithm, created, kid, until)
            }
            KeyState::Over | KeyState::Revoked(_) => return None,
        };
        Some(if state == KeyState::Signs && now.since(created_at) > OLD_KEY {
            Finding::note(PART, text, message::health_key_old_fix())
        } else {
            Finding::good(PART, text)
        })
    });
    Ok(findings.collect())
}

/// Administrators whose password alone opens their account, or who can't open `/admin` before they set up a second factor.
async fn second_factor(config: &Config, db: &Db) -> Result<Option<Finding>> {
    const PART: CheckedPart = CheckedPart::Administrators;
    let without = user_roles::administrators_without_second_factor(db).await?;
    if without == 0 {
        return Ok(None);
    }
    Ok(if config.second_factor.demands([ADMIN]) {
        Some(Finding::note(
            PART,
            message::health_administrators_blocked(without),
            message::health_administrators_blocked_fix(),
        ))
    } else if config.public_url.is_https() {
        Some(Finding::note(
            PART,
            message::health_administrators_password_only(without),
            message::health_administrators_password_only_fix(),
        ))
    } else {
        None
    })
}

/// Which apps the gate guards, and who can open them.
fn gate(config: &Config) -> Vec<Finding> {
    const PART: CheckedPart = CheckedPart::Gate;
    if config.guarded_apps.is_empty() {
        return vec![Finding::good(PART, message::health_gate_nothing())];
    }
    let apps = message::list(config.guarded_apps.iter().map(|it| it.origin.as_str()));
    let mut found = vec![Finding::good(PART, message::health_gate(apps))];
    if config.registration == Registration::Open {
        let (text, fix) = (message::health_gate_open(), message::health_gate_open_fix());
        found.push(Finding::note(PART, text, fix));
    }
    if !config.verification_required {
        let text = message::health_gate_unconfirmed();
        found.push(Finding::note(PART, text, message::health_gate_unconfirmed_fix()));
    }
    found
}

/// Proves that a request comes from a command line with the same `SECRET_KEY`. The running server then reports which parts of the
/// request reached it. The proof expires after a minute.
#[must_use]
pub fn question(signer: &Signer, now: Timestamp) -> String {
    signer.sign(&[&now.0.to_be_bytes()], &[]).reveal().clone()
}

/// Whether a proof was made with this key within the last minute.
#[must_use]
pub fn is_genuine(signer: &Signer, question: &str, now: Timestamp) -> bool {
    let Some(token) = signer.open(&[size_of::<i64>()], question) else { return false };
    let asked_at = token.body().try_into().map(i64::from_be_bytes);
    asked_at.is_ok_and(|asked_at| asked_at.abs_diff(now.0) <= QUESTION.unsigned_abs())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::signed_token::kind::TokenKind;
    use crate::secret::{self, MasterKey};

    #[test]
    fn a_proof_expires_after_a_minute() {
        let signer =
            |byte| Signer::derive(&MasterKey::new(vec![byte; 32]), TokenKind::DoctorQuestion);
        let key = signer(7);
        let now = Timestamp(1_000_000);
        let asked = question(&key, now);
        for (seconds, good) in [(0, true), (60, true), (61, false), (-60, true), (-61, false)] {
            assert_eq!(is_genuine(&key, &asked, Timestamp(now.0 + seconds)), good, "{seconds}");
        }
        assert!(!is_genuine(&signer(8), &asked, now));
        let mut later = secret::decode(&asked).unwrap();
        later[12] ^= 1; // the last byte of the time
        assert!(!is_genuine(&key, &secret::encode(&later), now));
        assert!(!is_genuine(&key, "", now) && !is_genuine(&key, "AAAA", now));
    }
}
