//! `authflow migrate`

use std::process::ExitCode;

use super::database_problem::report;
use crate::config::Config;
use crate::db::Db;

pub async fn run(config: &Config) -> ExitCode {
    match Db::open(&config.database).await {
        Ok(db) => {
            db.close().await;
            println!("The database is up to date.");
            ExitCode::SUCCESS
        }
        Err(error) => report(config, &error.into()),
    }
}
