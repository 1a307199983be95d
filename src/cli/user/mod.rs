//! `authflow user …`: the actions of the administration pages, for operators with a shell on the server.

mod create;
mod delete;
mod error;
mod export;
mod find;
mod handle;
mod import;
mod json;
mod list;
mod reset_link;
mod roles;
mod show;
mod status;
mod verify_email;

use std::process::ExitCode;

use clap::{Args, Subcommand};

use self::create::CreateArguments;
use self::delete::DeleteArguments;
use self::error::CommandError;
use self::export::ExportArguments;
use self::handle::HandleArguments;
use self::import::ImportArguments;
use self::list::ListArguments;
use self::reset_link::ResetLinkArguments;
use self::roles::RolesArguments;
use self::show::ShowArguments;
use super::database_problem::report;
use super::existing_database;
use super::exit_code::{FAILED, UNUSABLE};
use crate::app::App;
use crate::clock::Clock;
use crate::config::Config;
use crate::domain::source::Source;
use crate::services::audit::Actor;

#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// Create an account and print a link with which its owner sets a password.
    ///
    /// The link works once and expires after 24 hours. No email is sent. The link that `authflow serve` prints is the other way to
    /// create the first administrator.
    #[command(
        after_help = "Example: authflow user create ada@example.org --name 'Ada Lovelace' --role admin"
    )]
    Create(CreateArguments),
    /// List accounts.
    #[command(after_help = "Example: authflow user list --status disabled --sort last-sign-in")]
    List(ListArguments),
    /// Show one account with its sessions, emails and recent activity.
    #[command(after_help = "Example: authflow user show ada@example.org")]
    Show(ShowArguments),
    /// Approve an account that waits for approval (`REGISTRATION=approval`) and email its owner.
    #[command(
        after_help = "Examples:\n  authflow user list --status waiting\n  authflow user approve ada@example.org"
    )]
    Approve(AccountArguments),
    /// Reject an account that waits for approval, delete it and email its owner.
    #[command(after_help = "Example: authflow user reject eve@example.org")]
    Reject(AccountArguments),
    /// Disable an account: its sessions end and no one can sign in to it until `user enable`.
    #[command(after_help = "Example: authflow user disable ada@example.org")]
    Disable(AccountArguments),
    /// Enable a disabled account.
    #[command(after_help = "Example: authflow user enable ada@example.org")]
    Enable(AccountArguments),
    /// Confirm the email address of an account without an email.
    ///
    /// Do this only if you know that the address belongs to this person: apps rely on it. An unconfirmed sign-up becomes an account. The
    /// person who signed up can then sign in with the password they chose. If you don't know that it was them, delete the sign-up with
    /// `authflow user delete` and create the account with `authflow user create`.
    #[command(after_help = "Example: authflow user verify-email ada@example.org")]
    VerifyEmail(AccountArguments),
    /// Show or change the roles of an account, with effect from the next request.
    #[command(
        after_help = "Examples:\n  authflow user roles ada@example.org                     show the roles\n  authflow user roles ada@example.org --set admin,family  replace all roles\n  authflow user roles ada@example.org --add family --remove staff"
    )]
    Roles(RolesArguments),
    /// Show or change the handle of an account: the unique name that apps know it by.
    ///
    /// A handle has 2 to 32 characters: letters from a to z, digits, dots, underscores and hyphens. Apps may take an account with another handle
    /// for another user. The former handle stays reserved: the account can get it back, and no other account ever gets it.
    #[command(
        after_help = "Examples:\n  authflow user handle ada@example.org       show the handle\n  authflow user handle ada@example.org ada   change it"
    )]
    Handle(HandleArguments),
    /// Print a link with which the owner of an account sets a new password. No email is sent.
    ///
    /// The link works once and expires after 24 hours. An account with two-factor authentication also needs a code. If the owner has lost
    /// their authenticator app, use `--remove-second-factor`.
    ///
    /// The link does not confirm the email address of an account that is in use, because it does not prove who reads that mailbox. `authflow user
    /// verify-email` does.
    #[command(after_help = "Example: authflow user reset-link ada@example.org")]
    ResetLink(ResetLinkArguments),
    /// Import accounts from another system: CSV or JSON lines.
    ///
    /// Fields: email, and optionally id (a UUID), username, handle, password_hash (argon2 or bcrypt), roles, verified, language, time_zone. The whole file is checked
    /// first. Every bad line is reported, and nothing is imported unless all lines are good. Existing accounts are not changed, so the
    /// command can be repeated. The owner of an account without a hash has to reset their password.
    #[command(
        after_help = "Examples:\n  authflow user import users.csv --dry-run\n  authflow user import users.jsonl --skip-bad"
    )]
    Import(ImportArguments),
    /// Export all accounts to a file that `user import` reads, one JSON object per line.
    #[command(after_help = "Example: authflow user export users.jsonl --password-hashes")]
    Export(ExportArguments),
    /// Delete an account and everything that belongs to it. This cannot be undone.
    #[command(after_help = "Example: authflow user delete ada@example.org --yes")]
    Delete(DeleteArguments),
}

/// The argument of commands that need only the account.
#[derive(Args, Debug)]
pub struct AccountArguments {
    /// Email address, handle or ID.
    user: String,
}

pub async fn run(config: &Config, command: UserCommand) -> ExitCode {
    let done = async {
        existing_database::open(config).await?.close().await;
        let app = Box::pin(App::start(config.clone(), Clock::System)).await?;
        let done = Box::pin(carry_out(&app, command)).await;
        app.db.close().await;
        done
    };
    match done.await {
        Ok(()) => ExitCode::SUCCESS,
        Err(CommandError::Usage(why)) => {
            eprintln!("{why}");
            ExitCode::from(UNUSABLE)
        }
        Err(CommandError::Refused(why)) => {
            eprintln!("{why}");
            ExitCode::from(FAILED)
        }
        Err(CommandError::Failed(error)) => report(config, &error),
    }
}

async fn carry_out(app: &App, command: UserCommand) -> Result<(), CommandError> {
    let source = Source::command_line();
    let actor = Actor { id: None, source: &source };
    match command {
        UserCommand::Create(arguments) => create::run(app, actor, arguments).await,
        UserCommand::List(arguments) => list::run(app, arguments).await,
        UserCommand::Show(arguments) => show::run(app, arguments).await,
        UserCommand::Approve(it) => status::approve(app, actor, &it.user).await,
        UserCommand::Reject(it) => status::reject(app, actor, &it.user).await,
        UserCommand::Disable(it) => status::disable(app, actor, &it.user).await,
        UserCommand::Enable(it) => status::enable(app, actor, &it.user).await,
        UserCommand::VerifyEmail(it) => verify_email::run(app, actor, &it.user).await,
        UserCommand::Roles(arguments) => roles::run(app, actor, arguments).await,
        UserCommand::Handle(arguments) => handle::run(app, actor, arguments).await,
        UserCommand::ResetLink(arguments) => reset_link::run(app, actor, arguments).await,
        UserCommand::Import(arguments) => import::run(app, actor, arguments).await,
        UserCommand::Export(arguments) => export::run(app, actor, arguments).await,
        UserCommand::Delete(arguments) => delete::run(app, actor, arguments).await,
    }
}
