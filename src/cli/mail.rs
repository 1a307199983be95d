//! `authflow mail test|list|retry`

use std::process::ExitCode;

use clap::Subcommand;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use serde_json::{Value, json};
use uuid::Uuid;

use super::database_problem::report;
use super::existing_database;
use super::exit_code::{FAILED, UNUSABLE};
use super::failure::failed;
use crate::clock::{Clock, Timestamp};
use crate::config::Config;
use crate::db::Db;
use crate::domain::account::email::EmailAddress;
use crate::domain::email::mail_state::MailState;
use crate::domain::id::MailId;
use crate::domain::source::Source;
use crate::error::{Error, Result};
use crate::i18n::message::Message;
use crate::installation::authflow;
use crate::installation::docs_page::DocsPage;
use crate::services::administration::email_retry;
use crate::services::audit::Actor;
use crate::services::email::overview::{self, OutboxEntry};
use crate::services::email::test_mail;

#[derive(Debug, Subcommand)]
pub enum MailCommand {
    /// Send a test email now and print the mail server's reply.
    #[command(after_help = "Example: authflow mail test --to you@example.org")]
    Test {
        /// The recipient.
        #[arg(long, value_name = "ADDRESS")]
        to: String,
    },
    /// List emails, newest first: recipient, state and the last error.
    #[command(after_help = "Example: authflow mail list --state failed")]
    List {
        /// Only emails in this state.
        #[arg(long, value_parser = state())]
        state: Option<MailState>,
        /// The largest number of emails to list.
        #[arg(long, default_value_t = 50)]
        limit: u32,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Retry failed emails for another day.
    #[command(after_help = "Example: authflow mail retry --all")]
    Retry {
        /// The ID shown by `authflow mail list`.
        #[arg(required_unless_present = "all")]
        #[arg(value_parser = |text: &str| text.parse::<Uuid>().map_err(|_| "not the ID of an email; `mail list` shows them"))]
        id: Option<Uuid>,
        /// Retry all failed emails.
        #[arg(long, conflicts_with = "id")]
        all: bool,
    },
}

/// Parses a state; the help lists all of them.
fn state() -> impl TypedValueParser<Value = MailState> {
    let names = PossibleValuesParser::new(MailState::ALL.map(MailState::name));
    names.try_map(|name| MailState::named(&name).ok_or("is not a state of an email"))
}

pub async fn run(config: &Config, warnings: &[String], command: MailCommand) -> ExitCode {
    match command {
        MailCommand::Test { to } => test(config, warnings, &to).await,
        MailCommand::List { state, limit, json } => list(config, state, limit, json).await,
        MailCommand::Retry { id, .. } => retry(config, id).await,
    }
}

/// Sends one email now, without the outbox.
async fn test(config: &Config, warnings: &[String], to: &str) -> ExitCode {
    let to = match EmailAddress::parse(to) {
        Ok(to) => to,
        Err(why) => {
            eprintln!("--to: {}", Message::from(why).english());
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
            println!("NOT SENT, because MAIL_TRANSPORT is file: {answer}");
            ExitCode::SUCCESS
        }
        Ok(answer) => {
            println!("Accepted: {answer}");
            println!("Accepted does not mean delivered: check the mailbox and its spam folder.");
            ExitCode::SUCCESS
        }
        Err(Error::Mail(error)) => failed(format!("Not accepted: {error}"), DocsPage::Email),
        Err(error) => failed(format!("Not sent: {error}"), DocsPage::Email),
    }
}

async fn list(config: &Config, state: Option<MailState>, limit: u32, as_json: bool) -> ExitCode {
    let listed = async {
        let db = existing_database::open(config).await?;
        let mails = overview::list(&db, state, limit).await?;
        db.close().await;
        Ok(mails)
    };
    let mails = match listed.await {
        Ok(mails) => mails,
        Err(error) => return report(config, &error),
    };
    let mails: Vec<Value> = mails.iter().map(to_json).collect();
    if as_json {
        println!("{}", Value::Array(mails));
    } else if mails.is_empty() {
        println!("No emails match.");
    } else {
        mails.iter().for_each(print);
    }
    ExitCode::SUCCESS
}

/// Retries one failed email, or all of them.
async fn retry(config: &Config, mail: Option<Uuid>) -> ExitCode {
    let retried: Result<u64> = async {
        existing_database::open(config).await?.close().await;
        let db = Db::open(&config.database).await?;
        let source = Source::command_line();
        let actor = Actor { id: None, source: &source };
        let retried = email_retry::retry(&db, &Clock::System, actor, mail.map(MailId)).await;
        db.close().await;
        retried
    }
    .await;
    match (retried, mail) {
        (Err(error), _) => report(config, &error),
        (Ok(0), Some(id)) => {
            eprintln!(
                "There is no failed email {id}. To list the failed ones: {} mail list --state failed",
                authflow()
            );
            ExitCode::from(FAILED)
        }
        (Ok(0), None) => {
            println!("There are no failed emails.");
            ExitCode::SUCCESS
        }
        (Ok(count), _) => {
            println!(
                "{count} to be retried. The running server does so within seconds, unless the mail server asked it to wait."
            );
            ExitCode::SUCCESS
        }
    }
}

/// An email as JSON.
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
        "finished_at": mail.finished_at.map(Timestamp::to_rfc3339),
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
    // The time is in the past if no email can be sent at present.
    if tries > 0 && text("next_try_at") > Clock::System.now().to_rfc3339() {
        println!("    next try at {}", text("next_try_at"));
    } else if tries > 0 && mail["next_try_at"].is_string() {
        println!("    next try as soon as emails can be sent");
    }
}
