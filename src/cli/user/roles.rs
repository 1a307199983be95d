//! `authflow user roles`

use std::collections::BTreeSet;

use clap::Args;
use serde_json::json;

use super::error::CommandError;
use super::find::find;
use crate::app::App;
use crate::domain::account::role::{self, Role};
use crate::domain::account::user_list::ListedUser;
use crate::services::administration::role_assignment;
use crate::services::audit::Actor;

#[derive(Args, Debug)]
pub struct RolesArguments {
    /// Email address, handle or ID.
    user: String,
    /// Replace all roles by these, separated by commas; an empty value removes all.
    #[arg(long, value_name = "ROLES", conflicts_with_all = ["add", "remove"])]
    set: Option<String>,
    /// Add these roles, separated by commas; may be repeated.
    #[arg(long, value_name = "ROLES")]
    add: Vec<String>,
    /// Remove these roles, separated by commas; may be repeated.
    #[arg(long, value_name = "ROLES")]
    remove: Vec<String>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub async fn run(
    app: &App,
    actor: Actor<'_>,
    arguments: RolesArguments,
) -> Result<(), CommandError> {
    let user = find(app, &arguments.user).await?;
    let before: BTreeSet<Role> = user.roles().filter_map(|it| Role::parse(it).ok()).collect();
    let after = changed(&user, &before, &arguments)?;
    if after != before {
        role_assignment::set_roles(app, actor, user.id, &after).await?;
    }
    if arguments.json {
        println!("{}", json!(after));
    } else if after.is_empty() {
        println!("{} has no roles.", user.email);
    } else {
        println!("{}: {}", user.email, role::join(&after));
    }
    Ok(())
}

fn changed(
    user: &ListedUser,
    before: &BTreeSet<Role>,
    arguments: &RolesArguments,
) -> Result<BTreeSet<Role>, CommandError> {
    if let Some(set) = &arguments.set {
        return Role::parse_list(set).map_err(CommandError::usage);
    }
    let mut roles = before.clone();
    roles.extend(parse_roles(&arguments.add)?);
    let removed = parse_roles(&arguments.remove)?;
    if let Some(missing) = removed.iter().find(|role| !before.contains(role)) {
        let why = format!("{} does not have the role {missing}.", user.email);
        return Err(CommandError::Refused(why));
    }
    roles.retain(|role| !removed.contains(role));
    Ok(roles)
}

/// Parses the values of a repeatable option, each of which may list several roles. An empty value is an error, because a name is missing.
pub fn parse_roles(values: &[String]) -> Result<BTreeSet<Role>, CommandError> {
    let names = values.iter().flat_map(|value| match role::names(value) {
        names if names.is_empty() => vec![""],
        names => names,
    });
    names.map(Role::parse).collect::<Result<_, _>>().map_err(CommandError::usage)
}
