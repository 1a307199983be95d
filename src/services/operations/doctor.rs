//! What is wrong with the installation, as far as it can be seen from inside: database, mails, clock, keys, the gate.

use std::time::Duration;

use crate::app::App;
use crate::clock::{Timestamp, in_words};
use crate::config::{Config, Registration};
use crate::db::{Db, Location, network_file_system};
use crate::domain::finding::Finding;
use crate::domain::gate::origin::GateOrigin;
use crate::domain::sign_in::signing_key::KeyState;
use crate::error::Result;
use crate::repositories::audit_events;
use crate::secret::{self, MacKey};
use crate::services::email::outbox::{self, Held, MailState};
use crate::services::operations::keys;

/// How far a clock may be off before codes of authenticator apps and tickets stop working.
pub const DRIFT: Duration = Duration::from_secs(30);
const MOST_MAILS: u32 = 100;
/// How long an email may wait for its turn before that is worth a word.
const HELD_AFTER: Duration = Duration::from_mins(2);
/// When it is time for a new signing key.
const OLD_KEY: Duration = Duration::from_hours(2 * 365 * 24);
/// How long a question of the command line is good.
const QUESTION: i64 = 60;

/// Looks at what the running server keeps.
pub async fn of_server(app: &App) -> Result<Vec<Finding>> {
    examine(&app.config, &app.db, app.clock.now()).await
}

/// Looks at everything that a server with these settings keeps.
pub async fn examine(config: &Config, db: &Db, now: Timestamp) -> Result<Vec<Finding>> {
    let mut found = vec![place(config)];
    found.extend(mails(db).await?);
    found.extend(held(config, db, now).await?);
    found.push(clock(db, now).await?);
    found.extend(signing_keys(db, now).await?);
    found.extend(gate(config));
    Ok(found)
}

/// Where the data lies.
#[must_use]
pub fn place(config: &Config) -> Finding {
    const PART: &str = "database";
    let name = config.database.describe();
    if let Location::Sqlite(path) = &config.database
        && let Some(kind) = network_file_system(path)
    {
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
    let failed = outbox::list(db, Some(MailState::Failed), MOST_MAILS).await?;
    let waiting = outbox::list(db, Some(MailState::Waiting), MOST_MAILS).await?;
    let count = |mails: &[_]| {
        let more = if mails.len() == MOST_MAILS as usize { " or more" } else { "" };
        format!("{}{more}", mails.len())
    };
    let mut found = Vec::new();
    if let Some(latest) = failed.first() {
        let why = latest.last_error.as_deref().unwrap_or("no reason is known");
        found.push(Finding::note(
            PART,
            format!("given up: {}; the latest because {why}", count(&failed)),
            "mend the cause, then: authflow mail retry --all",
        ));
    }
    let tried: Vec<_> = waiting.iter().filter(|mail| mail.attempts > 0).collect();
    if let Some(latest) = tried.first() {
        let why = latest.last_error.as_deref().unwrap_or("no reason is known");
        found.push(Finding::bad(
            PART,
            format!("{} wait and could not leave yet; the latest because {why}", count(&waiting)),
            "authflow mail test --to ADDRESS says what the other side says",
        ));
    }
    if found.is_empty() {
        found.push(Finding::good(PART, "none was given up, none waits that could not leave"));
    }
    Ok(found)
}

/// Emails that wait because strangers cause more than may be sent a minute.
async fn held(config: &Config, db: &Db, now: Timestamp) -> Result<Option<Finding>> {
    let Held { count, since } = outbox::held(db, now.before(HELD_AFTER)).await?;
    let limit = config.emails_per_minute;
    Ok(since.map(|since| {
        Finding::bad(
            "mails",
            format!(
                "{count} that visitors caused wait for their turn, the oldest since {since}: EMAILS_PER_MINUTE={limit} are sent a \
                 minute. Reset links and notices of changes to an account do not wait"
            ),
            "see /admin/audit for where they come from; REGISTRATION=invite or approval stops sign-ups by strangers. If these are people \
             that you know, raise EMAILS_PER_MINUTE",
        )
    }))
}

/// A clock that has gone back makes sessions immortal and codes wrong: nothing that was written may be from the future.
async fn clock(db: &Db, now: Timestamp) -> Result<Finding> {
    const PART: &str = "clock";
    let latest = audit_events::latest_at(db).await?;
    let ahead = latest.map(|latest| latest.since(now)).unwrap_or_default();
    if ahead >= DRIFT {
        return Ok(Finding::bad(
            PART,
            format!(
                "it is {now} here, but the audit log has an entry from {} later",
                in_words(ahead)
            ),
            "set this machine's clock, and keep it right (timedatectl set-ntp true)",
        ));
    }
    Ok(Finding::good(PART, format!("it is {now} here")))
}

async fn signing_keys(db: &Db, now: Timestamp) -> Result<Vec<Finding>> {
    const PART: &str = "signing key";
    let keys = keys::list(db, now).await?;
    let told = keys.into_iter().filter_map(|key| {
        let age = now.since(key.created_at);
        let words = in_words(Duration::from_secs(age.as_secs() / 60 * 60));
        let use_now = match key.state {
            KeyState::Published(from) => format!("is published, and signs from {from} on"),
            KeyState::Signs => "signs".to_owned(),
            KeyState::Verifies(until) => format!("still verifies, until {until}"),
            KeyState::Over | KeyState::Revoked(_) => return None,
        };
        let text = format!("{} ({}) {use_now}; it is {words} old", key.kid, key.algorithm);
        Some(if key.state == KeyState::Signs && age > OLD_KEY {
            Finding::note(PART, text, "make a new one now and then: authflow keys rotate")
        } else {
            Finding::good(PART, text)
        })
    });
    Ok(told.collect())
}

/// What the gate guards, and whom it lets in.
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

/// Proof that a question comes from somebody with the same `SECRET_KEY`, good for a minute: how the command line asks the running
/// server what of its request arrived.
#[must_use]
pub fn question(key: &MacKey, now: Timestamp) -> String {
    let time = now.0.to_be_bytes();
    secret::encode(&[time.as_slice(), &key.tag(&time)].concat())
}

/// Whether a question is genuine, and from within the last minute.
#[must_use]
pub fn is_genuine(key: &MacKey, question: &str, now: Timestamp) -> bool {
    let Some(bytes) = secret::decode(question) else { return false };
    let Some((time, tag)) = bytes.split_first_chunk::<8>() else { return false };
    key.verify(time, tag) && i64::from_be_bytes(*time).abs_diff(now.0) <= QUESTION.unsigned_abs()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::MasterKey;

    #[test]
    fn questions_are_good_for_a_minute() {
        let key = MasterKey::new(vec![7; 32]).mac_key(&[], "doctor");
        let now = Timestamp(1_000_000);
        let asked = question(&key, now);
        for (seconds, good) in [(0, true), (60, true), (61, false), (-60, true), (-61, false)] {
            assert_eq!(is_genuine(&key, &asked, Timestamp(now.0 + seconds)), good, "{seconds}");
        }
        let other = MasterKey::new(vec![8; 32]).mac_key(&[], "doctor");
        assert!(!is_genuine(&other, &asked, now));
        let mut later = secret::decode(&asked).unwrap();
        later[7] ^= 1;
        assert!(!is_genuine(&key, &secret::encode(&later), now));
        assert!(!is_genuine(&key, "", now) && !is_genuine(&key, "AAAA", now));
    }
}
