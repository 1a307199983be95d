//! `authflow backup FILE`

use std::path::Path;
use std::process::ExitCode;

use super::{FAILED, progress};
use crate::config::Config;
use crate::services::operations::transfer;

pub async fn run(config: &Config, file: &Path) -> ExitCode {
    let bar = progress::bar("copying", "rows");
    let show = |done, total| progress::show(&bar, done, total);
    let outcome = transfer::back_up(&config.database, file, &show).await;
    bar.finish_and_clear();
    match outcome {
        Ok(copied) => {
            println!("{}: {}; read back and sound.", file.display(), progress::summary(&copied));
            println!(
                "The secret is not in it: keep SECRET_KEY (or the file secret.key) as well, in another place."
            );
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("There is no backup of {}: {error}", config.database.describe());
            ExitCode::from(FAILED)
        }
    }
}
