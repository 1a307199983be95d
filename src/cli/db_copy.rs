//! `authflow db copy --to URL`

use std::process::ExitCode;

use super::{FAILED, UNUSABLE, progress};
use crate::app::Secrets;
use crate::config::Config;
use crate::db::transfer::TransferError;
use crate::db::{Location, Server};
use crate::services::operations::transfer::{self, MoveError};

/// One copies, one checks whether a server is connected.
const CONNECTIONS: u32 = 2;

pub async fn run(config: &Config, to: &str, replace: bool) -> ExitCode {
    let Location::Sqlite(path) = &config.database else {
        eprintln!(
            "DATABASE_URL names PostgreSQL already. It must be the SQLite database that is to be copied."
        );
        return ExitCode::from(UNUSABLE);
    };
    if !(to.starts_with("postgres://") || to.starts_with("postgresql://")) {
        eprintln!("--to must be postgres://USER@HOST/DATABASE.");
        return ExitCode::from(UNUSABLE);
    }
    let server = match Server::read(to, CONNECTIONS, config.database_ca_file.as_deref()) {
        Ok(server) => server,
        Err(why) => {
            eprintln!("{}", why.sentence("--to"));
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
            for (table, rows) in &copied.tables {
                println!("{rows:>9}  {table}");
            }
            let outcome = if copied.was_there {
                "Nothing was copied, since the same data was there already"
            } else {
                "Everything was copied and compared"
            };
            println!("{outcome}: {database}.");
            println!(
                "Now set DATABASE_URL to it, and SECRET_KEY to the present key (the text in secret.key), so that users stay signed in."
            );
            println!(
                "{} is unchanged, and nothing uses it after that. Keep it until you are sure.",
                path.display()
            );
            ExitCode::SUCCESS
        }
        Err(error @ MoveError::Transfer(TransferError::Occupied)) => {
            eprintln!("Nothing was copied to {database}: {error}. To replace it, add --replace");
            ExitCode::from(FAILED)
        }
        Err(error) => {
            eprintln!("Nothing was copied from {} to {database}: {error}", path.display());
            ExitCode::from(FAILED)
        }
    }
}
