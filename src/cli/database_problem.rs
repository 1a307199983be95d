//! Explains to the operator why the database cannot be used.

use std::process::ExitCode;

use super::failure::failed;
use crate::config::Config;
use crate::db::transfer::TransferError;
use crate::db::{self, Location};
use crate::error::Error;
use crate::installation::docs_page::DocsPage;
use crate::services::operations::transfer::MoveError;

/// Prints why the database cannot be used, and fails.
pub fn report(config: &Config, error: &Error) -> ExitCode {
    failed(explain(config, error), help(&config.database))
}

/// The page about this kind of database.
pub fn help(database: &Location) -> DocsPage {
    match database {
        Location::Sqlite(_) => DocsPage::Database,
        Location::Postgres(_) => DocsPage::PostgreSql,
    }
}

/// The setting with its place, the database without its password, the reason and the fix, as sentences.
pub fn explain(config: &Config, error: &Error) -> String {
    let (setting, database) = (&config.database_setting, config.database.describe());
    match error {
        Error::Db(error) => sentences(setting, &database, error),
        error => format!("{database}: {error}"),
    }
}

/// Why a database was not moved, and the fix. The caller names the databases.
pub fn why_not_moved(error: &MoveError) -> String {
    match error {
        MoveError::Transfer(TransferError::Db(error)) => with_advice(error),
        error => error.to_string(),
    }
}

/// What [`explain`] says of a database error. `setting`: the name of the setting that names the database.
pub fn sentences(setting: &str, database: &str, error: &db::Error) -> String {
    match error {
        db::Error::Insecure(why) => format!("{why}. {setting} names this server: {database}."),
        error => format!("{setting}: {database} cannot be used: {}", with_advice(error)),
    }
}

fn with_advice(error: &db::Error) -> String {
    let advice = error.advice().map(|advice| format!(" {advice}.")).unwrap_or_default();
    format!("{}.{advice}", error.reason())
}
