//! `authflow db copy`

use std::path::Path;
use std::process::ExitCode;

use clap::Subcommand;

use super::database_problem::why_not_moved;
use super::exit_code::UNUSABLE;
use super::failure::{self, failed};
use super::progress;
use crate::app::Secrets;
use crate::config::Config;
use crate::db::transfer::{Copied, TransferError};
use crate::db::{Location, Server};
use crate::installation::docs_page::DocsPage;
use crate::services::operations::transfer::{self, MoveError};

/// One connection for the copy, one for the comparison.
const CONNECTIONS: u32 = 2;

#[derive(Debug, Subcommand)]
pub enum DbCommand {
    /// Copy the SQLite database to PostgreSQL; stop the server first.
    ///
    /// The copy is one transaction, compared row by row before it is committed: if interrupted, nothing is written. Running it again
    /// after success does nothing. A server on another machine must prove its identity, as for DATABASE_URL (DATABASE_CA_FILE,
    /// sslmode). The SQLite file is not changed; if an earlier version
    /// wrote it, a migrated copy beside it is used, which is then deleted. Users stay signed in if SECRET_KEY stays the same.
    #[command(
        after_help = "Example: PGPASSWORD=… authflow db copy --to postgres://authflow@db.example.org/authflow\n\n\
                      Other users of this machine can see a password in the URL, but not PGPASSWORD."
    )]
    Copy {
        /// The target: postgres://USER@HOST/DATABASE.
        #[arg(long, value_name = "URL")]
        to: String,
        /// Delete existing data in the target first, in the same transaction.
        #[arg(long)]
        replace: bool,
    },
}

pub async fn run(config: &Config, command: DbCommand) -> ExitCode {
    let DbCommand::Copy { to, replace } = command;
    let Location::Sqlite(path) = &config.database else {
        eprintln!(
            "DATABASE_URL already names PostgreSQL; it must name the SQLite database to copy."
        );
        return ExitCode::from(UNUSABLE);
    };
    let server = match target(config, &to) {
        Ok(server) => server,
        Err(why) => {
            eprintln!("{why}\n{}", failure::help(DocsPage::PostgreSql));
            return ExitCode::from(UNUSABLE);
        }
    };
    for note in server.notes() {
        eprintln!("--to {note}.");
    }
    let target = Location::Postgres(Box::new(server));
    let bar = progress::bar("copying", "rows");
    let show = |done, total| progress::show(&bar, done, total);
    let secrets = Secrets::derive(&config.master_key);
    let existing = progress::existing(replace);
    let outcome =
        transfer::copy_to_postgres(path, &target, &secrets.signing_keys, existing, &show).await;
    bar.finish_and_clear();
    let database = target.describe();
    match outcome {
        Ok(copied) => {
            print(&copied, path, &database, config.secret_file.as_deref());
            ExitCode::SUCCESS
        }
        Err(error @ MoveError::Transfer(TransferError::Occupied)) => {
            let why =
                format!("Nothing was copied to {database}: {error}. To replace it, use --replace.");
            failed(why, DocsPage::PostgreSql)
        }
        Err(error) => {
            let why = why_not_moved(&error);
            let why = format!("Nothing was copied from {} to {database}: {why}", path.display());
            failed(why, DocsPage::PostgreSql)
        }
    }
}

/// Parses `--to`. `Err`: the problem, as a sentence.
fn target(config: &Config, to: &str) -> Result<Server, String> {
    if !(to.starts_with("postgres://") || to.starts_with("postgresql://")) {
        return Err("--to must be postgres://USER@HOST/DATABASE.".into());
    }
    Server::read(to, CONNECTIONS, config.database_ca_file.as_deref())
        .map_err(|why| why.sentence("--to"))
}

fn print(copied: &Copied, from: &Path, to: &str, secret_file: Option<&Path>) {
    for (table, rows) in &copied.tables {
        println!("{rows:>9}  {table}");
    }
    if copied.was_there {
        println!("{to} already has the same data.");
    } else {
        println!("{to} now has the same data.");
    }
    if let Some(file) = secret_file {
        println!(
            "Set DATABASE_URL to it, and SECRET_KEY_FILE to {}, so that users stay signed in.",
            file.display()
        );
    } else {
        println!("Set DATABASE_URL to it. Keep the secret as it is, so that users stay signed in.");
    }
    println!(
        "{} is unchanged and no longer used. Keep it until you are sure that you don't need it.",
        from.display()
    );
}
