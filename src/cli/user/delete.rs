//! `authflow user delete`

use std::io::{self, IsTerminal};

use clap::Args;

use super::error::CommandError;
use super::find::find;
use crate::app::App;
use crate::domain::account::email::EmailAddress;
use crate::domain::account::user_list::ListedUser;
use crate::error::Error;
use crate::services::administration::user_status;
use crate::services::audit::Actor;

#[derive(Args, Debug)]
pub struct DeleteArguments {
    /// Email address, handle or ID.
    user: String,
    /// Delete without asking.
    #[arg(long)]
    yes: bool,
}

pub async fn run(
    app: &App,
    actor: Actor<'_>,
    arguments: DeleteArguments,
) -> Result<(), CommandError> {
    let user = find(app, &arguments.user).await?;
    if !arguments.yes {
        confirm(&user)?;
    }
    user_status::delete(app, actor, user.id).await?;
    println!("{} is deleted.", user.email);
    Ok(())
}

/// Asks for confirmation in a terminal. Scripts have to pass `--yes`.
fn confirm(user: &ListedUser) -> Result<(), CommandError> {
    if !io::stdin().is_terminal() {
        return Err(CommandError::Usage(
            "Nothing was deleted: pass --yes, or run this in a terminal.".to_owned(),
        ));
    }
    eprint!(
        "{} ({}) and everything that belongs to the account will be deleted. This cannot be undone. Type the email address to continue: ",
        user.email, user.username
    );
    let mut answer = String::new();
    io::stdin().read_line(&mut answer).map_err(Error::io("reading the answer"))?;
    let is_same = EmailAddress::parse(&answer).is_ok_and(|it| it.key() == user.email.key());
    if is_same { Ok(()) } else { Err(CommandError::Refused("Nothing was deleted.".into())) }
}
