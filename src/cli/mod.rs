//! The command line: one file per command, over the same services as the pages.

#![expect(clippy::doc_markdown, reason = "the help is for terminals")]

mod backup;
mod check;
mod db_copy;
mod doctor;
mod healthcheck;
mod keys;
mod mail;
mod migrate;
mod progress;
mod proxy;
mod restore;
mod serve;
mod user;
mod user_import;

use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Parser, Subcommand};
use tracing_subscriber::EnvFilter;
use uuid::Uuid;

use self::proxy::ProxyArguments;
use self::user::UserCommand;
use crate::config::{Config, Loaded, LogFormat, SecretFile};
use crate::db::{Place, network_file_system};
use crate::domain::email::mail_state::MailState;

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

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the pages and deliver mails (what happens without a command).
    Serve,
    /// Check the configuration, the database and the way mails leave; change nothing.
    Check,
    /// Bring the database up to date and stop. `serve` does the same when it starts.
    Migrate,
    /// Ask the running server whether it is ready; for containers and monitoring.
    Healthcheck,
    /// Write everything into one file, while the server runs.
    ///
    /// The file is a SQLite database, also when the data lies in PostgreSQL. It does not hold the secret: keep SECRET_KEY (or
    /// DATA_DIR/secret.key) as well, in another place.
    #[command(after_help = "Example: authflow backup /backups/authflow-$(date +%F).db")]
    Backup {
        /// Where to; must not exist.
        file: PathBuf,
    },
    /// Put a backup where DATABASE_URL says; stop the server first.
    ///
    /// The file is checked, brought up to date and opened with the secret of today before anything is changed.
    #[command(after_help = "Example: authflow restore --replace /backups/authflow-2026-11-23.db")]
    Restore {
        /// What `authflow backup` wrote.
        file: PathBuf,
        /// Take the place of what is there. SQLite's file is kept beside it; what PostgreSQL holds is removed.
        #[arg(long)]
        replace: bool,
    },
    /// The accounts, also while the server runs.
    User {
        #[command(subcommand)]
        command: UserCommand,
    },
    /// The keys that sign access tokens.
    Keys {
        #[command(subcommand)]
        command: KeysCommand,
    },
    /// The mails: whether they leave, and what became of them.
    Mail {
        #[command(subcommand)]
        command: MailCommand,
    },
    /// Find out what is wrong with the installation, and how to mend it.
    ///
    /// Looks at database, mail, clocks and keys, then opens the login and every guarded application by their public addresses and
    /// sees what arrives. Changes nothing. Administrators find the same at /admin/doctor.
    Doctor {
        /// For programs.
        #[arg(long)]
        json: bool,
    },
    /// Print the configuration of a reverse proxy for this installation.
    ///
    /// With --app: a site that guards an application by this login. Without: the login's own site. What the command says on standard
    /// error stands in the configuration as well.
    #[command(
        after_help = "Example: authflow proxy nginx --app https://app.example.org --upstream 127.0.0.1:8080 --role family"
    )]
    Proxy(ProxyArguments),
    /// The database as a whole.
    Db {
        #[command(subcommand)]
        command: DbCommand,
    },
}

#[derive(Debug, Subcommand)]
enum KeysCommand {
    /// List the keys, the newest first: which one signs, and until when others verify.
    #[command(after_help = "Example: authflow keys list --json")]
    List {
        /// For programs.
        #[arg(long)]
        json: bool,
    },
    /// Make a new key, while the servers run.
    ///
    /// It is published at once and signs ten minutes later, when everybody who keeps the public keys has looked again. The one before it
    /// verifies until its last token has ended. Nobody is signed out.
    #[command(after_help = "Example: authflow keys rotate")]
    Rotate {
        /// For programs.
        #[arg(long)]
        json: bool,
    },
    /// Revoke a leaked key, while the servers run.
    ///
    /// Every token that it signed is refused: by this installation within a minute, by services that verify tokens themselves once they
    /// fetch the public keys again. If the key is in use, another one signs at once. Sessions go on: browsers and programs get new
    /// access tokens.
    #[command(after_help = "Example: authflow keys revoke 019ab2c4-5d6e-7f80-9a1b-2c3d4e5f6070")]
    Revoke {
        /// The key's ID, as `authflow keys list` shows it.
        id: Uuid,
        /// For programs.
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Subcommand)]
enum MailCommand {
    /// Send one mail at once, and print what the other side said.
    #[command(after_help = "Example: authflow mail test --to you@example.org")]
    Test {
        /// Where to.
        #[arg(long, value_name = "ADDRESS")]
        to: String,
    },
    /// List mails, the latest first: where they went, what became of them, and why some did not leave.
    #[command(after_help = "Example: authflow mail list --state failed")]
    List {
        /// Only those in this state.
        #[arg(long, value_parser = state())]
        state: Option<MailState>,
        /// How many at most.
        #[arg(long, default_value_t = 50)]
        limit: u32,
        /// For programs.
        #[arg(long)]
        json: bool,
    },
    /// Try mails again that were given up: for another day.
    #[command(after_help = "Example: authflow mail retry --all")]
    Retry {
        /// One of them, as `mail list` names it.
        #[arg(required_unless_present = "all")]
        id: Option<Uuid>,
        /// All of them.
        #[arg(long, conflicts_with = "id")]
        all: bool,
    },
}

/// A parser that also names them all in the help.
fn state() -> impl TypedValueParser<Value = MailState> {
    let names = PossibleValuesParser::new(MailState::ALL.map(MailState::name));
    names.try_map(|name| MailState::named(&name).ok_or("is no state of a mail"))
}

#[derive(Debug, Subcommand)]
enum DbCommand {
    /// Copy the SQLite database of today to PostgreSQL; stop the server first.
    ///
    /// All of it or nothing, compared row by row before it counts. A server on another machine must prove who it is, as for DATABASE_URL
    /// (DATABASE_CA_FILE, sslmode). The SQLite file stays as it is, and the command can be repeated. People
    /// stay signed in if SECRET_KEY stays the same.
    #[command(
        after_help = "Example: PGPASSWORD=… authflow db copy --to postgres://authflow@db.example.org/authflow\n\n\
                      A password in the address can be seen by other users of this machine; PGPASSWORD cannot."
    )]
    Copy {
        /// Where to: postgres://USER@HOST/DATABASE.
        #[arg(long, value_name = "URL")]
        to: String,
        /// Remove what is there first, in the same transaction.
        #[arg(long)]
        replace: bool,
    },
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
    let Loaded { config, mut warnings } = match Config::load(secret_file) {
        Ok(loaded) => loaded,
        Err(problems) => {
            eprint!("{problems}");
            return ExitCode::from(UNUSABLE);
        }
    };
    if let Place::Sqlite(path) = &config.database
        && let Some(kind) = network_file_system(path)
    {
        warnings.push(format!(
            "{} lies on a network file system ({kind}), where SQLite cannot rely on locks: people's data may be damaged. Use a local \
             disk, or PostgreSQL.",
            path.display()
        ));
    }
    // Beside what a command prints, only trouble.
    let is_brief = matches!(command, Command::User { .. } | Command::Keys { .. });
    start_log(config.log_format, if is_brief { "warn" } else { "info" });
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("The program's threads cannot be started: {error}");
            return ExitCode::from(FAILED);
        }
    };
    let code = runtime.block_on(async {
        match command {
            Command::Serve => serve::run(config, &warnings).await,
            Command::Check => check::run(&config, &warnings).await,
            Command::Migrate => migrate::run(&config).await,
            Command::Doctor { json } => doctor::run(&config, &warnings, json).await,
            Command::Proxy(arguments) => proxy::run(&config, &arguments),
            Command::Healthcheck => healthcheck::run(&config).await,
            Command::Backup { file } => {
                unless_interrupted(Box::pin(backup::run(&config, &file))).await
            }
            Command::Restore { file, replace } => {
                unless_interrupted(Box::pin(restore::run(&config, &file, replace))).await
            }
            Command::Keys { command: KeysCommand::List { json } } => {
                keys::list(&config, json).await
            }
            Command::Keys { command: KeysCommand::Rotate { json } } => {
                keys::rotate(&config, json).await
            }
            Command::Keys { command: KeysCommand::Revoke { id, json } } => {
                keys::revoke(&config, id, json).await
            }
            Command::User { command } => unless_interrupted(user::run(&config, command)).await,
            Command::Mail { command: MailCommand::Test { to } } => {
                mail::test(&config, &warnings, &to).await
            }
            Command::Mail { command: MailCommand::List { state, limit, json } } => {
                mail::list(&config, state, limit, json).await
            }
            Command::Mail { command: MailCommand::Retry { id, .. } } => {
                mail::retry(&config, id).await
            }
            Command::Db { command: DbCommand::Copy { to, replace } } => {
                unless_interrupted(Box::pin(db_copy::run(&config, &to, replace))).await
            }
        }
    });
    // A name server that does not answer holds a thread for long; nothing is lost with it.
    runtime.shutdown_background();
    code
}

/// Breaks long work off at Ctrl-C or SIGTERM: what it had begun is tidied up.
async fn unless_interrupted(work: impl Future<Output = ExitCode>) -> ExitCode {
    let told = async {
        match serve::stop_signal() {
            Ok(stop) => serve::told(stop).await,
            Err(_) => std::future::pending().await, // the process ends as it always did
        }
    };
    tokio::select! {
        code = work => code,
        () = told => {
            eprintln!("Interrupted.");
            ExitCode::from(FAILED)
        }
    }
}

/// The log goes to standard error: from `level` on, unless `RUST_LOG` says how much of it.
fn start_log(format: LogFormat, level: &str) {
    // tower-sessions calls a browser state that has expired suspicious; it is not. PostgreSQL has notices for every IF EXISTS. What is
    // wrong with a certificate is told where it is asked for.
    let usual = || {
        let others = "sqlx=warn,tower_sessions_core=off,rustls_platform_verifier=off";
        EnvFilter::new(format!("{level},{others}"))
    };
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
