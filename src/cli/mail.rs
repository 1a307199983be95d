//! `authflow mail test|list|retry`

use std::process::ExitCode;

use serde_json::{Value, json};
use uuid::Uuid;

use super::{FAILED, UNUSABLE};
use crate::clock::Clock;
use crate::config::Config;
use crate::db::{Db, Place};
use crate::domain::account::email::EmailAddress;
use crate::domain::email::mail_state::MailState;
use crate::domain::id::MailId;
use crate::error::{Error, Result};
use crate::services::email::overview::{self, OutboxEntry};
use crate::services::email::test_mail;

/// Sends one mail now, past the queue.
pub async fn test(config: &Config, warnings: &[String], to: &str) -> ExitCode {
    let to = match EmailAddress::parse(to) {
        Ok(to) => to,
        Err(error) => {
            eprintln!("--to: {error}");
            return ExitCode::from(UNUSABLE);
        }
    };
    for warning in warnings {
        eprintln!("note: {warning}");
    }
    println!("by    {}", config.mail.describe());
    println!("from  {}", config.mail_from);
    println!("to    {}", to.as_str());
    match test_mail::send(config, &Clock::System, &to).await {
        Ok(answer) if config.mail.folder().is_some() => {
            println!("NOT SENT, since MAIL_TRANSPORT is file: {answer}");
            ExitCode::SUCCESS
        }
        Ok(answer) => {
            println!("Accepted: {answer}");
            println!(
                "Accepted is not yet delivered: look into the mailbox, and into its spam folder."
            );
            ExitCode::SUCCESS
        }
        Err(Error::Mail(error)) => {
            eprintln!("Not accepted: {error}");
            ExitCode::from(FAILED)
        }
        Err(error) => {
            eprintln!("Not sent: {error}");
            ExitCode::from(FAILED)
        }
    }
}

/// Lists mails, the latest first.
pub async fn list(
    config: &Config,
    state: Option<MailState>,
    limit: u32,
    as_json: bool,
) -> ExitCode {
    let listed = async {
        let db = look(config).await?;
        let mails = overview::list(&db, state, limit).await?;
        db.close().await;
        Ok(mails)
    };
    let mails = match listed.await {
        Ok(mails) => mails,
        Err(error) => return unusable(config, &error),
    };
    let mails: Vec<Value> = mails.iter().map(to_json).collect();
    if as_json {
        println!("{}", Value::Array(mails));
    } else if mails.is_empty() {
        println!("There are no such mails.");
    } else {
        mails.iter().for_each(print);
    }
    ExitCode::SUCCESS
}

/// Tries given-up mails again: one, or all.
pub async fn retry(config: &Config, mail: Option<Uuid>) -> ExitCode {
    let retried: Result<u64> = async {
        look(config).await?.close().await;
        let db = Db::open(&config.database).await?;
        let retried = overview::retry(&db, &Clock::System, mail.map(MailId)).await;
        db.close().await;
        retried
    }
    .await;
    match (retried, mail) {
        (Err(error), _) => unusable(config, &error),
        (Ok(0), Some(id)) => {
            eprintln!(
                "No mail {id} was given up; `authflow mail list --state failed` names those that were."
            );
            ExitCode::from(FAILED)
        }
        (Ok(0), None) => {
            println!("No mail was given up.");
            ExitCode::SUCCESS
        }
        (Ok(count), _) => {
            println!(
                "{count} to be tried again: within seconds by the running server, unless it has been asked to wait."
            );
            ExitCode::SUCCESS
        }
    }
}

/// The database, if there is one.
pub async fn look(config: &Config) -> Result<Db> {
    if let Place::Sqlite(path) = &config.database
        && !path.exists()
    {
        let missing = std::io::Error::from(std::io::ErrorKind::NotFound);
        let hint = "there is no database; run this in the server's folder, or set DATA_DIR";
        return Err(Error::Io(hint.into(), missing));
    }
    let db = Db::look(&config.database).await?;
    db.must_be_current().await?;
    Ok(db)
}

fn unusable(config: &Config, error: &Error) -> ExitCode {
    eprintln!("{}: {error}", config.database.describe());
    ExitCode::from(FAILED)
}

/// A mail, for programs.
pub fn to_json(mail: &OutboxEntry) -> Value {
    let waits = mail.state == MailState::Waiting;
    json!({
        "id": mail.id,
        "kind": mail.kind,
        "to": mail.recipient,
        "state": mail.state,
        "tries": mail.attempts,
        "asked_at": mail.created_at.to_rfc3339(),
        "next_try_at": waits.then(|| mail.due_at.to_rfc3339()),
        "finished_at": mail.finished_at.map(crate::clock::Timestamp::to_rfc3339),
        "error": mail.last_error,
    })
}

fn print(mail: &Value) {
    let text = |name: &str| mail[name].as_str().unwrap_or_default().to_owned();
    let (id, state, kind) = (text("id"), text("state"), text("kind"));
    println!("{id}  {state:<9}  {}  {kind} to {}", text("asked_at"), text("to"));
    let tries = mail["tries"].as_i64().unwrap_or_default();
    if mail["error"].is_string() {
        println!(
            "    after {tries} {}: {}",
            if tries == 1 { "try" } else { "tries" },
            text("error")
        );
    }
    // Past, where it waits until any mail can leave.
    if tries > 0 && text("next_try_at") > Clock::System.now().to_rfc3339() {
        println!("    next try at {}", text("next_try_at"));
    } else if tries > 0 && mail["next_try_at"].is_string() {
        println!("    next try as soon as mails can leave");
    }
}
