//! `authflow backup FILE`

use std::path::Path;
use std::process::ExitCode;

use super::{FAILED, progress};
use crate::config::Config;
use crate::db::transfer;

pub async fn run(config: &Config, file: &Path) -> ExitCode {
    let bar = progress::bar("copying", "rows");
    let show = |done, total| progress::show(&bar, done, total);
    let outcome = transfer::back_up(&config.database, file, &show).await;
    bar.finish_and_clear();
    match outcome {
        Ok(copied) => {
            println!("{}: {}; read back and verified.", file.display(), progress::summary(&copied));
            println!(
                "It does not contain the secret. Keep SECRET_KEY (or the file secret.key) as well, in another place."
            );
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("Could not back up {}: {error}", config.database.describe());
            ExitCode::from(FAILED)
        }
    }
}
