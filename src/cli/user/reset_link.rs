//! `authflow user reset-link`

use clap::Args;
use serde_json::json;

use super::error::CommandError;
use super::find::find;
use crate::app::App;
use crate::domain::account::email::EmailAddress;
use crate::domain::email::one_time_token::HANDED_RESET_TTL;
use crate::services::administration::user_links;
use crate::services::administration::user_security;
use crate::services::audit::Actor;

#[derive(Args, Debug)]
pub struct ResetLinkArguments {
    /// Email address, handle or ID.
    user: String,
    /// Turn off two-factor authentication for this reason. The owner gets an email with the reason.
    #[arg(long, value_name = "REASON")]
    remove_second_factor: Option<String>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub async fn run(
    app: &App,
    actor: Actor<'_>,
    arguments: ResetLinkArguments,
) -> Result<(), CommandError> {
    let user = find(app, &arguments.user).await?;
    if let Some(reason) = arguments.remove_second_factor {
        let reason = user_security::reason(&reason).map_err(CommandError::usage)?;
        user_security::remove_second_factor(app, actor, user.id, &reason).await?;
    }
    let link = user_links::reset_link(app, actor, user.id).await?;
    print(&user.email, link.reveal(), arguments.json);
    Ok(())
}

/// Prints the link alone on standard output, so that scripts can use it.
pub fn print(email: &EmailAddress, link: &str, json: bool) {
    let hours = HANDED_RESET_TTL.as_secs() / 3_600;
    if json {
        println!("{}", json!({ "email": email, "link": link, "hours": hours }));
        return;
    }
    println!("{link}");
    eprintln!(
        "Anyone who opens this link can set the password of {email}, once, within {hours} hours. Protect it like a password."
    );
}
