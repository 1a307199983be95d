//! `authflow restore FILE`

use std::path::Path;
use std::process::ExitCode;

use super::database_problem::why_not_moved;
use super::failure::failed;
use super::progress;
use crate::app::Secrets;
use crate::config::Config;
use crate::db::transfer::TransferError;
use crate::installation::docs_page::DocsPage;
use crate::services::operations::transfer::{self, MoveError};

pub async fn run(config: &Config, file: &Path, replace: bool) -> ExitCode {
    let bar = progress::bar("copying", "rows");
    let show = |done, total| progress::show(&bar, done, total);
    let secrets = Secrets::derive(&config.master_key);
    let outcome = transfer::restore(
        file,
        &config.database,
        &config.data_dir,
        &secrets.signing_keys,
        progress::existing(replace),
        &show,
    )
    .await;
    bar.finish_and_clear();
    let database = config.database.describe();
    match outcome {
        Ok(restored) => {
            println!("{database}: {} restored.", progress::summary(&restored.copied));
            if let Some(former) = restored.former {
                println!("The previous database is in {}.", former.display());
            }
            ExitCode::SUCCESS
        }
        Err(error @ MoveError::Transfer(TransferError::Occupied)) => {
            let why = format!(
                "Nothing was restored to {database}: {error}. To replace it, use --replace."
            );
            failed(why, DocsPage::Backup)
        }
        Err(error) => {
            let why = why_not_moved(&error);
            failed(format!("Nothing was restored to {database}: {why}"), DocsPage::Backup)
        }
    }
}
