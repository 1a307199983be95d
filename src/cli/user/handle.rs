//! `authflow user handle`

use clap::Args;
use serde_json::json;

use super::error::CommandError;
use super::find::find;
use crate::app::App;
use crate::domain::account::handle::Handle;
use crate::i18n::message;
use crate::services::administration::handle_change::{self, HandleError};
use crate::services::audit::Actor;

#[derive(Args, Debug)]
pub struct HandleArguments {
    /// Email address, handle or ID.
    user: String,
    /// The new handle; without it, the present one is shown.
    new: Option<String>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub async fn run(
    app: &App,
    actor: Actor<'_>,
    arguments: HandleArguments,
) -> Result<(), CommandError> {
    let user = find(app, &arguments.user).await?;
    let handle = match &arguments.new {
        None => user.handle,
        Some(new) => {
            let new = Handle::parse(new).map_err(CommandError::usage)?;
            handle_change::set_handle(app, actor, user.id, &new).await?;
            Some(new)
        }
    };
    if arguments.json {
        println!("{}", json!({ "id": user.id, "email": user.email, "handle": handle }));
    } else {
        match handle {
            Some(handle) => println!("{}: {handle}", user.email),
            None => println!("{} has no handle before it is confirmed and approved.", user.email),
        }
    }
    Ok(())
}

impl From<HandleError> for CommandError {
    fn from(error: HandleError) -> Self {
        match error {
            HandleError::Taken => Self::Refused(message::handle_taken().english()),
            HandleError::Act(error) => error.into(),
            HandleError::Failed(error) => Self::Failed(error),
        }
    }
}
