//! The command line: one file per command, over the same services as the pages.

mod check;
mod healthcheck;
mod migrate;
mod serve;

use std::io::IsTerminal;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use tracing_subscriber::EnvFilter;

use crate::config::{Config, Loaded, LogFormat, SecretFile};

/// A login for everything you host yourself.
///
/// Without a command it serves. Everything is set by environment variables or a .env file; nothing has to be. The README
/// has the table of variables.
#[derive(Debug, Parser)]
#[command(
    version,
    after_help = "Exit codes: 0 all is well, 1 something failed, 2 the command or the configuration is wrong."
)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Clone, Copy, Debug, Subcommand)]
enum Command {
    /// Serve the pages and deliver mails (what happens without a command).
    Serve,
    /// Check the configuration, the database and the way mails leave; change nothing.
    Check,
    /// Bring the database up to date and stop. `serve` does the same when it starts.
    Migrate,
    /// Ask the running server whether it is ready; for containers and monitoring.
    Healthcheck,
}

/// What the process ends with.
const FAILED: u8 = 1;
const UNUSABLE: u8 = 2;

/// Parses the command line and carries it out.
#[must_use]
pub fn run() -> ExitCode {
    let command = Arguments::parse().command.unwrap_or(Command::Serve);
    let secret_file = if matches!(command, Command::Serve | Command::Migrate) {
        SecretFile::Create
    } else {
        SecretFile::Look
    };
    let Loaded { config, warnings } = match Config::load(secret_file) {
        Ok(loaded) => loaded,
        Err(problems) => {
            eprint!("{problems}");
            return ExitCode::from(UNUSABLE);
        }
    };
    start_log(config.log_format);
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("The program's threads cannot be started: {error}");
            return ExitCode::from(FAILED);
        }
    };
    runtime.block_on(async {
        match command {
            Command::Serve => serve::run(config, &warnings).await,
            Command::Check => check::run(&config, &warnings).await,
            Command::Migrate => migrate::run(&config).await,
            Command::Healthcheck => healthcheck::run(&config).await,
        }
    })
}

/// The log goes to standard error. `RUST_LOG` says how much of it.
fn start_log(format: LogFormat) {
    // tower-sessions calls a browser state that has expired suspicious; it is not.
    let usual = || EnvFilter::new("info,tower_sessions_core=off");
    let wanted = std::env::var("RUST_LOG").unwrap_or_default();
    let filter = if wanted.trim().is_empty() {
        usual()
    } else {
        EnvFilter::try_new(&wanted).unwrap_or_else(|error| {
            eprintln!("RUST_LOG cannot be read and has no effect: {error}");
            usual()
        })
    };
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_target(false)
        .with_ansi(std::io::stderr().is_terminal());
    match format {
        LogFormat::Text => log.init(),
        LogFormat::Json => log.json().flatten_event(true).init(),
    }
}
