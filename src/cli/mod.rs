//! The command line: one file per command, over the same services as the pages.

#![expect(clippy::doc_markdown, reason = "doc comments are the help texts of a terminal")]

mod backup;
mod check;
mod database_problem;
mod db_copy;
mod demo;
mod doctor;
mod existing_database;
mod exit_code;
mod healthcheck;
mod keys;
mod listen_problem;
mod log;
mod mail;
mod migrate;
mod progress;
mod proxy;
mod restore;
mod running;
mod serve;
mod stop_signal;
mod user;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use self::db_copy::DbCommand;
use self::demo::DemoArguments;
use self::exit_code::{FAILED, UNUSABLE};
use self::keys::KeysCommand;
use self::mail::MailCommand;
use self::proxy::ProxyArguments;
use self::stop_signal::unless_received;
use self::user::UserCommand;
use crate::config::{Config, Loaded, SecretFile};

/// Single sign-on for your self-hosted apps.
///
/// Without a command, authflow serves. Settings are environment variables, lines in a .env file, or files that variables with the ending
/// _FILE name; none is required. The README lists them.
#[derive(Debug, Parser)]
#[command(
    version,
    after_help = "Exit codes: 0 success, 1 failure, 2 usage or configuration error."
)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the pages and deliver emails (the default command).
    Serve,
    /// Try authflow with sample users and a sample app behind the gate; keeps nothing.
    ///
    /// Prints the addresses and the passwords of the sample users. The data is in a temporary folder, which is deleted when the demo
    /// stops. The environment and .env have no effect, except for RUST_LOG and LOG_FORMAT in the environment.
    #[command(after_help = "Example: authflow demo --port 5100")]
    Demo(DemoArguments),
    /// Check the configuration, the database and email delivery; change nothing.
    Check,
    /// Apply pending database migrations and exit. `serve` does the same when it starts.
    Migrate,
    /// Ask the running server whether it is ready; for containers and monitoring.
    Healthcheck,
    /// Back up the database to a file while the server runs.
    ///
    /// The file is a SQLite database, even if the data is in PostgreSQL. It does not contain the secret: keep SECRET_KEY (or
    /// DATA_DIR/secret.key) too, in another place.
    #[command(after_help = "Example: authflow backup /backups/authflow-$(date +%F).db")]
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
    User {
        #[command(subcommand)]
        command: UserCommand,
    },
    /// Manage the keys that sign access tokens.
    Keys {
        #[command(subcommand)]
        command: KeysCommand,
    },
    /// Test email delivery, list emails, retry failed ones.
    Mail {
        #[command(subcommand)]
        command: MailCommand,
    },
    /// Diagnose the whole installation and suggest fixes.
    ///
    /// Checks the database, email, clocks and keys, then opens the sign-in page and every guarded app at its public address. Changes
    /// nothing. Administrators find the same checks at /admin/doctor.
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
        after_help = "Example: authflow proxy nginx --app https://app.example.org --upstream 127.0.0.1:8080 --role family"
    )]
    Proxy(ProxyArguments),
    /// Move the database.
    Db {
        #[command(subcommand)]
        command: DbCommand,
    },
}

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
            Self::User { .. } | Self::Keys { .. } => "warn",
            _ => "info",
        }
    }
}

/// Parses the command line and runs the command.
#[must_use]
pub fn run() -> ExitCode {
    let command = Arguments::parse().command.unwrap_or(Command::Serve);
    if let Command::Demo(arguments) = &command {
        return in_runtime(demo::run(arguments)); // has a configuration of its own
    }
    let Loaded { config, mut warnings } = match Config::load(command.secret_file()) {
        Ok(loaded) => loaded,
        Err(problems) => {
            eprint!("{problems}");
            return ExitCode::from(UNUSABLE);
        }
    };
    warnings.extend(network_warning(&config));
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
        Command::Demo(_) => unreachable!("it runs without this configuration"),
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
