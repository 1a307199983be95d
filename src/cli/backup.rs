//! `authflow backup FILE`

use std::path::Path;
use std::process::ExitCode;

use super::database_problem::{explain, help};
use super::failure::failed;
use super::progress;
use crate::clock::Clock;
use crate::config::Config;
use crate::db::transfer::TransferError;
use crate::file_access;
use crate::installation::docs_page::DocsPage;
use crate::services::operations::transfer;

pub async fn run(config: &Config, file: &Path) -> ExitCode {
    let folder = file.parent().filter(|it| !it.as_os_str().is_empty());
    if let Err(why) = file_access::check_named_folder(folder.unwrap_or(Path::new("."))) {
        return failed(
            format!(
                "No backup was written: {why}. Name a folder that this user can write to, then copy the file."
            ),
            DocsPage::Backup,
        );
    }
    let bar = progress::bar("copying", "rows");
    let show = |done, total| progress::show(&bar, done, total);
    let outcome = transfer::back_up(&config.database, file, &Clock::System, &show).await;
    bar.finish_and_clear();
    match outcome {
        Ok(copied) => {
            println!(
                "{}: {}. The backup was read back and verified.",
                file.display(),
                progress::summary(&copied)
            );
            println!(
                "It does not contain the secret: keep SECRET_KEY (or the file secret.key) too, in another place."
            );
            ExitCode::SUCCESS
        }
        Err(TransferError::Db(error)) => {
            let why = explain(config, &error.into());
            failed(format!("No backup was written. {why}"), help(&config.database))
        }
        Err(error) => {
            let database = config.database.describe();
            failed(format!("No backup of {database} was written: {error}"), DocsPage::Backup)
        }
    }
}
