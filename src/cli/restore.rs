//! `authflow restore FILE`

use std::path::Path;
use std::process::ExitCode;

use super::exit_code::FAILED;
use super::progress;
use crate::app::Secrets;
use crate::config::Config;
use crate::error::Error;
use crate::services::operations::transfer;

pub async fn run(config: &Config, file: &Path, replace: bool) -> ExitCode {
    let bar = progress::bar("copying", "rows");
    let show = |done, total| progress::show(&bar, done, total);
    let secrets = Secrets::derive(&config.master_key);
    let outcome = transfer::restore(
        file,
        &config.database,
        &config.data_dir,
        &secrets.signing_keys,
        progress::occupied(replace),
        &show,
    )
    .await;
    bar.finish_and_clear();
    let place = config.database.describe();
    match outcome {
        Ok(restored) => {
            println!("{place}: {} restored.", progress::summary(&restored.copied));
            if let Some(former) = restored.former {
                println!("The previous database is in {}.", former.display());
            }
            ExitCode::SUCCESS
        }
        Err(error @ Error::Occupied) => {
            eprintln!("Nothing was restored: {place}: {error}. To replace it, use --replace.");
            ExitCode::from(FAILED)
        }
        Err(error) => {
            eprintln!("Nothing was restored to {place}: {error}");
            ExitCode::from(FAILED)
        }
    }
}
