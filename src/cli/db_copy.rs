//! `authflow db copy --to URL`

use std::process::ExitCode;

use super::{FAILED, UNUSABLE, progress};
use crate::app::Secrets;
use crate::config::Config;
use crate::db::{Place, Server};
use crate::error::Error;
use crate::services::operations::transfer;

/// One copies, one looks.
const CONNECTIONS: u32 = 2;

pub async fn run(config: &Config, to: &str, replace: bool) -> ExitCode {
    let Place::Sqlite(path) = &config.database else {
        eprintln!(
            "DATABASE_URL names PostgreSQL already; it must be the SQLite database that is to be copied."
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
    let target = Place::Postgres(Box::new(server));
    let bar = progress::bar("copying", "rows");
    let show = |done, total| progress::show(&bar, done, total);
    let secrets = Secrets::derive(&config.master_key);
    let outcome =
        transfer::move_to(path, &target, &secrets.signing_keys, progress::occupied(replace), &show)
            .await;
    bar.finish_and_clear();
    let place = target.describe();
    match outcome {
        Ok(copied) => {
            for (table, rows) in &copied.tables {
                println!("{rows:>9}  {table}");
            }
            let was_there = if copied.was_there {
                "was there already, and is the same"
            } else {
                "is there, and is the same"
            };
            println!("All of it {was_there}: {place}.");
            println!(
                "Now set DATABASE_URL to it, and SECRET_KEY to the one of today (the text in secret.key), so that people stay signed in."
            );
            println!(
                "{} is as it was. Nothing reads it any more; keep it until you are sure.",
                path.display()
            );
            ExitCode::SUCCESS
        }
        Err(error @ Error::Occupied) => {
            eprintln!("Nothing was copied: {place}: {error}. To remove what is there: --replace");
            ExitCode::from(FAILED)
        }
        Err(error) => {
            eprintln!("Nothing was copied from {} to {place}: {error}", path.display());
            ExitCode::from(FAILED)
        }
    }
}
