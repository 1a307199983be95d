//! The command line: one file per command, over the same services as the pages.

#![expect(clippy::doc_markdown, reason = "doc comments are the help texts of a terminal")]

#[macro_use]
mod output;

mod backup;
mod check;
mod completion;
mod database_problem;
mod db_copy;
mod demo;
mod doctor;
mod existing_database;
mod exit_code;
mod failure;
mod healthcheck;
mod keys;
mod listen_problem;
mod log;
mod mail;
mod manpage;
mod migrate;
mod progress;
mod proxy;
#[cfg(test)]
mod reference;
mod restore;
mod running;
mod serve;
mod stop_signal;
mod user;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use self::completion::CompletionArguments;
use self::db_copy::DbCommand;
use self::demo::DemoArguments;
use self::exit_code::{FAILED, UNUSABLE};
use self::keys::KeysCommand;
use self::mail::MailCommand;
use self::manpage::ManpageArguments;
use self::proxy::ProxyArguments;
use self::stop_signal::unless_received;
use self::user::UserCommand;
use crate::config::{Config, Loaded, SecretFile};
use crate::installation;
use crate::installation::docs_page::DocsPage;

/// Single sign-on for your self-hosted apps.
///
/// Without a command, authflow serves. Settings are environment variables, lines in a .env file, or files that variables with the ending
/// _FILE name. None is required. docs/configuration.md explains all of them.
#[derive(Debug, Parser)]
#[command(
    version,
    max_term_width = 100,
    after_help = "Example: PUBLIC_URL=http://localhost:5000 authflow serve\n\nExit codes: 0 success, 1 failure, 2 usage or configuration error."
)]
struct Arguments {
    /// Read the settings from this file in place of .env. Unlike .env, the file must exist.
    #[arg(long, global = true, value_name = "FILE", display_order = 900)]
    env_file: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<AnyCommand>,
}

#[derive(Debug, Subcommand)]
enum AnyCommand {
    #[command(flatten)]
    Configured(Command),
    #[command(flatten)]
    Unconfigured(UnconfiguredCommand),
}

/// Commands that read no settings.
#[derive(Debug, Subcommand)]
enum UnconfiguredCommand {
    /// Try authflow with sample users and a sample app behind the gate; keeps nothing.
    ///
    /// Prints the addresses and the passwords of the sample users. The data is in a temporary folder, which is deleted when the demo
    /// stops. The environment and .env have no effect, except for RUST_LOG and LOG_FORMAT in the environment.
    #[command(after_help = "Example: authflow demo --port 5100")]
    Demo(DemoArguments),
    /// Print the completions of a shell: the commands and options that the Tab key offers.
    #[command(
        after_help = "Examples:\n  authflow completion bash > /etc/bash_completion.d/authflow\n  authflow completion zsh > /usr/local/share/zsh/site-functions/_authflow\n  authflow completion fish > ~/.config/fish/completions/authflow.fish"
    )]
    Completion(CompletionArguments),
    /// Write the manual pages of authflow and of each command, for man.
    #[command(after_help = "Example: authflow manpage --directory /usr/local/share/man/man1")]
    Manpage(ManpageArguments),
}

/// Commands that read the settings.
#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the pages and deliver emails (the default command).
    ///
    /// The first start creates the database, the secret and the signing keys. As long as there is no administrator, each start prints a link
    /// that makes one. SIGTERM and Ctrl-C stop the server: requests in progress get 15 seconds.
    #[command(after_help = "Example: PORT=8080 authflow serve")]
    Serve,
    /// Check the configuration, the database and email delivery; change nothing.
    ///
    /// Signs in to the mail server and names the sender, but sends no email. `authflow doctor` also checks the way from the browser.
    #[command(after_help = "Example: authflow check")]
    Check,
    /// Apply pending database migrations and exit. `serve` does the same when it starts.
    #[command(after_help = "Example: authflow migrate")]
    Migrate,
    /// Ask the running server whether it is ready; for containers and monitoring.
    ///
    /// Asks /health/ready at HOST and PORT, and waits up to five seconds.
    #[command(after_help = "Example: authflow healthcheck && echo ready")]
    Healthcheck,
    /// Back up the database to a file while the server runs.
    ///
    /// The file is a SQLite database, even if the data is in PostgreSQL. It does not contain the secret: keep SECRET_KEY (or
    /// DATA_DIR/secret.key) too, in another place.
    #[command(after_help = "Example: authflow backup /backups/authflow-$(date -u +%F-%H%M%S).db")]
    Backup {
        /// The file to create; must not exist.
        file: PathBuf,
    },
    /// Restore a backup to the database in DATABASE_URL; stop the server first.
    ///
    /// The backup is checked, migrated and opened with the current secret before anything is changed.
    #[command(after_help = "Example: authflow restore --replace /backups/authflow-2026-11-23.db")]
    Restore {
        /// A file written by `authflow backup`.
        file: PathBuf,
        /// Replace existing data. An existing SQLite file is kept beside the new one; data in PostgreSQL is deleted.
        #[arg(long)]
        replace: bool,
    },
    /// Manage accounts; the server may be running.
    #[command(after_help = "Example: authflow user create ada@example.org --role admin")]
    User {
        #[command(subcommand)]
        command: UserCommand,
    },
    /// Manage the keys that sign access tokens.
    #[command(after_help = "Example: authflow keys rotate")]
    Keys {
        #[command(subcommand)]
        command: KeysCommand,
    },
    /// Test email delivery, list emails, retry failed ones.
    #[command(after_help = "Example: authflow mail test --to you@example.org")]
    Mail {
        #[command(subcommand)]
        command: MailCommand,
    },
    /// Diagnose the whole installation and suggest fixes.
    ///
    /// Checks the database, email, clocks and keys, then opens the sign-in page and every guarded app at its public address. Changes
    /// nothing. Administrators find the same checks at /admin/doctor.
    #[command(after_help = "Example: authflow doctor")]
    Doctor {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Print the configuration of a reverse proxy for this installation.
    ///
    /// With --app: a site for an app that authflow guards. Without: authflow's own site. The notes on standard error are also in the
    /// printed configuration.
    #[command(
        after_help = "Examples:\n  authflow proxy nginx\n  authflow proxy caddy --app https://app.example.org --upstream 127.0.0.1:8080 --role family"
    )]
    Proxy(ProxyArguments),
    /// Move the database.
    #[command(
        after_help = "Example: authflow db copy --to postgres://authflow@db.example.org/authflow"
    )]
    Db {
        #[command(subcommand)]
        command: DbCommand,
    },
}

/// The settings of the service that the Debian package or the systemd unit runs.
const INSTALLED_SETTINGS: &str = "/etc/authflow/authflow.env";

impl Command {
    /// Only these two commands create the secret if there is none.
    fn secret_file(&self) -> SecretFile {
        match self {
            Self::Serve | Self::Migrate => SecretFile::Create,
            _ => SecretFile::Look,
        }
    }

    /// Other commands print their results, so they log only problems.
    fn log_level(&self) -> &'static str {
        match self {
            Self::Serve => "info",
            _ => "warn",
        }
    }
}

/// Help for those who run the commands of the service.
fn of_service(command: clap::Command) -> clap::Command {
    fn noted(command: clap::Command) -> clap::Command {
        let help = command.get_after_help().map(|it| format!("{it}\n\n")).unwrap_or_default();
        let note = "On this machine, write sudo authflowctl in place of authflow.";
        command.after_help(format!("{help}{note}")).mut_subcommands(noted)
    }
    noted(command)
        .bin_name("sudo authflowctl")
        .long_about(
            "Single sign-on for your self-hosted apps.\n\nRuns authflow as the user of the service, with the settings in \
             /etc/authflow/authflow.env. Without a command, it prints this help.",
        )
        .mut_subcommand("serve", |serve| serve.about("Serve the pages and deliver emails"))
}

/// Parses the command line and runs the command.
#[must_use]
pub fn run() -> ExitCode {
    let command = Arguments::command();
    let command = if installation::is_service() { of_service(command) } else { command };
    let parsed = Arguments::from_arg_matches(&command.get_matches());
    let Arguments { env_file, command } = parsed.unwrap_or_else(|error| error.exit());
    match command.unwrap_or(AnyCommand::Configured(Command::Serve)) {
        AnyCommand::Configured(command) => run_configured(command, env_file.as_deref()),
        AnyCommand::Unconfigured(command) => run_unconfigured(&command),
    }
}

fn run_unconfigured(command: &UnconfiguredCommand) -> ExitCode {
    match command {
        UnconfiguredCommand::Demo(arguments) => in_runtime(demo::run(arguments)),
        UnconfiguredCommand::Completion(arguments) => {
            completion::run(arguments, Arguments::command())
        }
        UnconfiguredCommand::Manpage(arguments) => manpage::run(arguments, Arguments::command()),
    }
}

fn run_configured(command: Command, env_file: Option<&Path>) -> ExitCode {
    let Loaded { config, mut warnings } = match Config::load(env_file, command.secret_file()) {
        Ok(loaded) => loaded,
        Err(problems) => {
            eprintln!("{problems}{}", failure::help(DocsPage::Configuration));
            return ExitCode::from(UNUSABLE);
        }
    };
    warnings.extend(network_warning(&config));
    if env_file.is_none() && !Path::new(".env").exists() && Path::new(INSTALLED_SETTINGS).exists() {
        eprintln!(
            "NOTE: this command does not use the settings of the installed service. To use them, write sudo authflowctl in place of authflow."
        );
    }
    log::start(config.log_format, command.log_level(), config.log_filter.as_deref());
    in_runtime(carry_out(command, config, &warnings))
}

fn in_runtime(work: impl Future<Output = ExitCode>) -> ExitCode {
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("The program's threads cannot be started: {error}");
            return ExitCode::from(FAILED);
        }
    };
    let code = runtime.block_on(work);
    // A pending DNS lookup can block a thread for long; waiting for it gains nothing.
    runtime.shutdown_background();
    code
}

async fn carry_out(command: Command, config: Config, warnings: &[String]) -> ExitCode {
    match command {
        Command::Serve => serve::run(config, warnings).await,
        Command::Check => check::run(&config, warnings).await,
        Command::Migrate => migrate::run(&config).await,
        Command::Healthcheck => healthcheck::run(&config).await,
        Command::Backup { file } => unless_received(Box::pin(backup::run(&config, &file))).await,
        Command::Restore { file, replace } => {
            unless_received(Box::pin(restore::run(&config, &file, replace))).await
        }
        Command::User { command } => unless_received(user::run(&config, command)).await,
        Command::Keys { command } => keys::run(&config, command).await,
        Command::Mail { command } => mail::run(&config, warnings, command).await,
        Command::Doctor { json } => doctor::run(&config, warnings, json).await,
        Command::Proxy(arguments) => proxy::run(&config, &arguments),
        Command::Db { command } => unless_received(Box::pin(db_copy::run(&config, command))).await,
    }
}

fn network_warning(config: &Config) -> Option<String> {
    let kind = config.database.network_file_system()?;
    Some(format!(
        "{} is on a network file system ({kind}), where SQLite cannot rely on file locks: the database may get corrupted. Use a local \
         disk, or PostgreSQL.",
        config.database.describe()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn help_names_authflowctl_where_commands_are_about_the_service() {
        let mut command = of_service(Arguments::command());
        command.build();
        let help = command.render_long_help().to_string().replace('\n', " ");
        assert!(help.contains("Usage: sudo authflowctl [OPTIONS]"), "{help}");
        assert!(help.contains("Without a command, it prints this help"), "{help}");
        assert!(!help.contains("default command"), "{help}");
        let user = command.find_subcommand_mut("user").unwrap();
        let create = user.find_subcommand_mut("create").unwrap().render_long_help().to_string();
        assert!(create.contains("Usage: sudo authflowctl user create"), "{create}");
        assert!(create.contains("write sudo authflowctl in place of authflow"), "{create}");
    }
}
