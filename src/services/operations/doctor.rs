//! Diagnoses the installation from inside: database, emails, clock, signing keys, gate.

use std::time::Duration;

use crate::app::App;
use crate::clock::{DRIFT, Timestamp, about};
use crate::config::{Config, Registration};
use crate::db::Db;
use crate::domain::account::role::ADMIN;
use crate::domain::email::mail_state::MailState;
use crate::domain::finding::Finding;
use crate::domain::gate::origin::GateOrigin;
use crate::domain::quantity::counted;
use crate::domain::sign_in::signing_key::KeyState;
use crate::domain::signed_token::signer::Signer;
use crate::error::Result;
use crate::repositories::{audit_events, user_roles};
use crate::services::email::overview::{self, Held};
use crate::services::operations::key_rotation;

const MOST_MAILS: u32 = 100;
/// An email that `EMAILS_PER_MINUTE` delays for longer than this is reported.
const HELD_AFTER: Duration = Duration::from_mins(2);
/// A signing key older than this should be rotated.
const OLD_KEY: Duration = Duration::from_hours(2 * 365 * 24);
/// How many seconds a proof of the command line is accepted.
const QUESTION: i64 = 60;

/// Examines the running server.
pub async fn of_server(app: &App) -> Result<Vec<Finding>> {
    examine(&app.config, &app.db, app.clock.now()).await
}

/// Examines an installation with these settings.
pub async fn examine(config: &Config, db: &Db, now: Timestamp) -> Result<Vec<Finding>> {
    let mut found = vec![place(config)];
    found.extend(mails(db).await?);
    found.extend(held(config, db, now).await?);
    found.push(clock(db, now).await?);
    found.extend(signing_keys(db, now).await?);
    found.extend(second_factor(config, db).await?);
    found.extend(gate(config));
    Ok(found)
}

/// Where the data is stored.
#[must_use]
pub fn place(config: &Config) -> Finding {
    const PART: &str = "database";
    let name = config.database.describe();
    if let Some(kind) = config.database.network_file_system() {
        return Finding::bad(
            PART,
            format!(
                "{name} lies on a network file system ({kind}), where SQLite cannot rely on locks"
            ),
            "move DATA_DIR to a local disk, or the data to PostgreSQL (authflow db copy)",
        );
    }
    Finding::good(PART, format!("the data lies in {name}"))
}

async fn mails(db: &Db) -> Result<Vec<Finding>> {
    const PART: &str = "mails";
    let failed = overview::list(db, Some(MailState::Failed), MOST_MAILS).await?;
    let waiting = overview::list(db, Some(MailState::Waiting), MOST_MAILS).await?;
    let is_full = |mails: &[_]| mails.len() == MOST_MAILS as usize;
    let mut found = Vec::new();
    if let Some(latest) = failed.first() {
        let why = latest.last_error.as_deref().unwrap_or("no reason is known");
        let more = if is_full(&failed) { " or more" } else { "" };
        found.push(Finding::note(
            PART,
            format!("given up: {}{more}; the latest because {why}", failed.len()),
            "fix the cause, then: authflow mail retry --all",
        ));
    }
    let tried: Vec<_> = waiting.iter().filter(|mail| mail.attempts > 0).collect();
    if let Some(latest) = tried.first() {
        let why = latest.last_error.as_deref().unwrap_or("no reason is known");
        let many = if is_full(&waiting) { "or more wait" } else { "wait" };
        let wait = counted(waiting.len(), "waits", many);
        found.push(Finding::bad(
            PART,
            format!("{wait} and could not leave yet; the latest because {why}"),
            "authflow mail test --to ADDRESS says what the other side says",
        ));
    }
    if found.is_empty() {
        found.push(Finding::good(PART, "none was given up, none waits that could not leave"));
    }
    Ok(found)
}

/// Emails delayed because visitors cause more than `EMAILS_PER_MINUTE`.
async fn held(config: &Config, db: &Db, now: Timestamp) -> Result<Option<Finding>> {
    let Held { count, since } = overview::held(db, now.before(HELD_AFTER)).await?;
    let limit = config.emails_per_minute;
    let (one, many) =
        ("that a visitor caused waits for its turn", "that visitors caused wait for their turn");
    Ok(since.map(|since| {
        Finding::bad(
            "mails",
            format!(
                "{}, the oldest since {since}: the limit is EMAILS_PER_MINUTE={limit}. Reset links and notices of changes to an account do not wait",
                counted(count, one, many)
            ),
            "see /admin/audit for where they come from; REGISTRATION=invite or approval stops sign-ups by strangers. If these are people \
             that you know, raise EMAILS_PER_MINUTE",
        )
    }))
}

/// A clock that was set back keeps sessions alive and breaks codes. Audit entries from the future reveal it.
async fn clock(db: &Db, now: Timestamp) -> Result<Finding> {
    const PART: &str = "clock";
    let latest = audit_events::latest_at(db).await?;
    let ahead = latest.map(|latest| latest.since(now)).unwrap_or_default();
    if ahead >= DRIFT {
        return Ok(Finding::bad(
            PART,
            format!("it is {now} here, but the audit log has an entry from {} later", about(ahead)),
            "set this machine's clock, and keep it right (timedatectl set-ntp true)",
        ));
    }
    Ok(Finding::good(PART, format!("it is {now} here")))
}

async fn signing_keys(db: &Db, now: Timestamp) -> Result<Vec<Finding>> {
    const PART: &str = "signing key";
    let keys = key_rotation::list(db, now).await?;
    let findings = keys.into_iter().filter_map(|key| {
        let age = now.since(key.created_at);
        let made = if age < Duration::from_mins(1) {
            "was just made".to_owned()
        } else {
            format!("is {} old", about(age))
        };
        let use_now = match key.state {
            KeyState::Published(from) => format!("is published, and signs from {from} on"),
            KeyState::Signs => "signs".to_owned(),
            KeyState::Verifies(until) => format!("still verifies, until {until}"),
            KeyState::Over | KeyState::Revoked(_) => return None,
        };
        let text = format!("{} ({}) {use_now}; it {made}", key.kid, key.algorithm);
        Some(if key.state == KeyState::Signs && age > OLD_KEY {
            Finding::note(PART, text, "make a new one now and then: authflow keys rotate")
        } else {
            Finding::good(PART, text)
        })
    });
    Ok(findings.collect())
}

/// Administrators whose password alone opens their account, or who can't open `/admin` before they set up a second factor.
async fn second_factor(config: &Config, db: &Db) -> Result<Option<Finding>> {
    const PART: &str = "administrators";
    let without = user_roles::administrators_without_second_factor(db).await?;
    if without == 0 {
        return Ok(None);
    }
    let (one, many) = (
        "administrator has not set up two-factor authentication",
        "administrators have not set up two-factor authentication",
    );
    let without = format!("{without} {}", if without == 1 { one } else { many });
    Ok(if config.second_factor.demands([ADMIN]) {
        Some(Finding::note(
            PART,
            format!("{without}, which SECOND_FACTOR requires: /admin opens for them afterwards"),
            "they sign in, and are led through it",
        ))
    } else if config.public_url.is_https() {
        Some(Finding::note(
            PART,
            format!("{without}, so a password alone opens /admin"),
            "SECOND_FACTOR=admins",
        ))
    } else {
        None
    })
}

/// Which apps the gate guards, and who can open them.
fn gate(config: &Config) -> Vec<Finding> {
    const PART: &str = "gate";
    if config.gate_origins.is_empty() {
        return vec![Finding::good(PART, "it guards nothing: GATE_ORIGINS is empty")];
    }
    let all: Vec<&str> = config.gate_origins.iter().map(GateOrigin::as_str).collect();
    let mut found = vec![Finding::good(PART, format!("it guards {}", all.join(", ")))];
    if config.registration == Registration::Open {
        found.push(Finding::note(
            PART,
            "whoever signs up gets into every application whose rule asks for no role",
            "REGISTRATION=closed, or role= in the proxy's rule (authflow proxy … --role NAME)",
        ));
    }
    if !config.verification_required {
        found.push(Finding::note(
            PART,
            "people get into applications before they confirm their email address: Remote-Email is empty until then",
            "EMAIL_VERIFICATION=required",
        ));
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
