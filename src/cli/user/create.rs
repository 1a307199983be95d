//! `authflow user create`

use clap::Args;

use super::error::CommandError;
use super::reset_link;
use super::roles::parse_roles;
use crate::app::App;
use crate::domain::account::email::EmailAddress;
use crate::domain::account::username::Username;
use crate::services::administration::user_creation;
use crate::services::administration::user_creation::NewAccount;
use crate::services::administration::user_links;
use crate::services::audit::Actor;

#[derive(Args, Debug)]
pub struct CreateArguments {
    /// The email address.
    email: String,
    /// The name; by default, the part of the email address before the @.
    #[arg(long)]
    name: Option<String>,
    /// Its roles, separated by commas; may be repeated.
    #[arg(long = "role", value_name = "ROLES")]
    roles: Vec<String>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub async fn run(
    app: &App,
    actor: Actor<'_>,
    arguments: CreateArguments,
) -> Result<(), CommandError> {
    let email = EmailAddress::parse(&arguments.email).map_err(CommandError::usage)?;
    let username = match arguments.name {
        Some(name) => Username::parse(&name).map_err(CommandError::usage)?,
        None => Username::plain(&email),
    };
    let roles = parse_roles(&arguments.roles)?;
    let new = NewAccount { email: &email, username: &username, roles: &roles };
    let id = user_creation::create(app, actor, &new).await?;
    let link = user_links::reset_link(app, actor, id).await?;
    reset_link::print(&email, link.reveal(), arguments.json);
    Ok(())
}
