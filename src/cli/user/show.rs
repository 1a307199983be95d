//! `authflow user show`

use clap::Args;
use serde_json::{Value, json};

use super::error::CommandError;
use super::find::find;
use super::json::to_json;
use crate::app::App;
use crate::cli::mail;
use crate::clock::Timestamp;
use crate::domain::account::handle::Handle;
use crate::domain::paging::PageRequest;
use crate::domain::quantity::counted;
use crate::i18n::localizer::Localizer;
use crate::i18n::message::Message;
use crate::services::administration::act::ActError;
use crate::services::administration::user_lookup::{self, DetailPages, UserDetails};
use crate::wording::events;

/// The most sessions to show: with the limit on live sessions, normally all of them.
const SESSIONS: usize = 100;

#[derive(Args, Debug)]
pub struct ShowArguments {
    /// Email address, handle or ID.
    user: String,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub async fn run(app: &App, arguments: ShowArguments) -> Result<(), CommandError> {
    let id = find(app, &arguments.user).await?.id;
    let sessions = PageRequest { size: SESSIONS, ..PageRequest::default() };
    let pages = DetailPages { sessions, ..DetailPages::default() };
    let account = user_lookup::find_at(app, id, pages).await?.ok_or(ActError::Unknown)?;
    if arguments.json {
        println!("{}", account_to_json(&account));
    } else {
        print(&account);
    }
    Ok(())
}

fn account_to_json(account: &UserDetails) -> Value {
    let UserDetails { user, second_factor, sessions, mails, entries, .. } = account;
    let mut shown = to_json(user);
    shown["second_factor_since"] = json!(second_factor.as_ref().map(|it| it.since.to_rfc3339()));
    shown["recovery_codes_left"] = json!(second_factor.as_ref().map(|it| it.recovery_codes));
    shown["sessions"] = sessions
        .rows
        .iter()
        .map(|it| {
            json!({
                "id": it.id, "address": it.address, "user_agent": it.user_agent,
                "signed_in_at": it.created_at.to_rfc3339(), "last_seen_at": it.last_seen_at.to_rfc3339(),
            })
        })
        .collect();
    shown["more_sessions"] = json!(sessions.next.is_some());
    shown["mails"] = mails.rows.iter().map(mail::to_json).collect();
    shown["audit_entries"] = entries
        .iter()
        .map(|it| {
            json!({
                "at": it.at.to_rfc3339(), "event": it.event, "outcome": it.outcome, "address": it.address,
                "user_agent": it.user_agent, "detail": it.detail,
            })
        })
        .collect();
    shown
}

fn print(account: &UserDetails) {
    let UserDetails { user, second_factor, sessions, mails, entries, .. } = account;
    let time = |at: Option<Timestamp>| at.map_or("–".to_owned(), |at| at.to_string());
    let roles: Vec<&str> = user.roles().collect();
    println!("id            {}", user.id);
    println!("email         {} (confirmed: {})", user.email, time(user.email_verified_at));
    println!("name          {}", user.username);
    println!("handle        {}", user.handle.as_ref().map_or("none", Handle::as_str));
    println!("status        {}", user.standing().name());
    println!("roles         {}", if roles.is_empty() { "none".into() } else { roles.join(", ") });
    println!(
        "two-factor    {}",
        second_factor.as_ref().map_or("off".into(), |it| {
            let codes = counted(it.recovery_codes, "recovery code", "recovery codes");
            format!("on since {}, {codes} left", it.since)
        })
    );
    println!("created       {}", user.created_at);
    println!("last sign-in  {}", time(user.last_sign_in_at));
    let more = if sessions.next.is_some() { ", and more" } else { "" };
    println!("sessions      {}{more}", sessions.rows.len());
    for session in &sessions.rows {
        println!(
            "  {} from {}, last seen {}",
            session.created_at, session.address, session.last_seen_at
        );
    }
    println!("latest emails");
    for mail in &mails.rows {
        println!(
            "  {} {}: {}",
            mail.created_at,
            Message::from(mail.kind.clone()).english(),
            mail.state.name()
        );
    }
    println!("latest activity");
    let english = Localizer::english(None);
    for entry in entries {
        let in_english = |it: &String| english.text(&events::detail(entry.event.clone(), it));
        let detail =
            entry.detail.as_ref().map_or(String::new(), |it| format!(" ({})", in_english(it)));
        println!("  {} {}{detail} from {}", entry.at, entry.event.name(), entry.address);
    }
}
