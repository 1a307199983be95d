//! `authflow check`: what `serve` would meet, without changing anything.

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use super::FAILED;
use crate::config::Config;
use crate::db::{self, Place};

pub async fn run(config: &Config, warnings: &[String]) -> ExitCode {
    println!("configuration  good: {} at {}", config.site_name, config.public_url);
    for warning in warnings {
        println!("               note: {warning}");
    }
    let database = database(&config.database).await;
    let mail = folder(&config.mail_folder());
    let mut sound = true;
    for (part, finding) in [("database", database), ("mail", mail)] {
        match finding {
            Ok(text) => println!("{part:<14} good: {text}"),
            Err(text) => {
                sound = false;
                println!("{part:<14} BAD:  {text}");
            }
        }
    }
    if sound { ExitCode::SUCCESS } else { ExitCode::from(FAILED) }
}

async fn database(place: &Place) -> Result<String, String> {
    match place {
        Place::Sqlite(path) if !path.exists() => {
            let parent = path.parent().unwrap_or(Path::new("."));
            folder(parent).map(|_| format!("{} will be made at the first start", path.display()))
        }
        Place::Sqlite(path) => {
            db::look(place).await.map_err(|error| error.to_string())?;
            Ok(format!("{} is sound", path.display()))
        }
        Place::Postgres(_) => {
            db::look(place).await.map_err(|error| error.to_string())?;
            Ok("PostgreSQL answers".to_owned())
        }
    }
}

/// Whether files can be made in this folder, or in the nearest one above it that exists.
fn folder(path: &Path) -> Result<String, String> {
    let existing =
        path.ancestors().find(|it| it.exists() || it.as_os_str().is_empty()).unwrap_or(path);
    let existing = if existing.as_os_str().is_empty() { Path::new(".") } else { existing };
    let probe = existing.join(format!(".authflow-check-{}", std::process::id()));
    fs::write(&probe, "")
        .and_then(|()| fs::remove_file(&probe))
        .map_err(|error| format!("{} cannot be written to: {error}", existing.display()))?;
    Ok(format!("files in {}", path.display()))
}
