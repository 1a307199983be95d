//! `authflow check`: what `serve` would meet, without changing anything.

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use super::FAILED;
use crate::app::Secrets;
use crate::config::Config;
use crate::db::{Db, Place};
use crate::error::Error;
use crate::folder::check_writable;
use crate::key_ring;

pub async fn run(config: &Config, warnings: &[String]) -> ExitCode {
    println!("configuration  good: {} at {}", config.site_name, config.public_url);
    for warning in warnings {
        println!("               note: {warning}");
    }
    let database = database(config).await;
    let mail = mail(config).await;
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

pub async fn mail(config: &Config) -> Result<String, String> {
    let way = config.mail.describe();
    match config.mail.check().await {
        Ok(found) => Ok(format!("{way}; {found}; the sender is {}", config.mail_from)),
        Err(error) => Err(format!("{way}: {error}")),
    }
}

pub async fn database(config: &Config) -> Result<String, String> {
    let name = match &config.database {
        Place::Sqlite(path) if !path.exists() => {
            let parent = path.parent().unwrap_or(Path::new("."));
            return check_writable(parent)
                .map(|()| format!("{} will be made at the first start", path.display()));
        }
        Place::Sqlite(path) => {
            if let Err(error) = fs::OpenOptions::new().append(true).open(path) {
                return Err(format!("{} cannot be written to: {error}", path.display()));
            }
            path.display().to_string()
        }
        postgres @ Place::Postgres(_) => postgres.describe(),
    };
    let sound = async {
        let db = Db::look(&config.database).await?;
        let is_current = db.check().await?;
        if is_current {
            key_ring::check(&db, &Secrets::derive(&config.master_key).signing_keys).await?;
        }
        db.close().await;
        Ok::<_, Error>(is_current)
    };
    match sound.await {
        Ok(true) => Ok(format!("{name} is sound, up to date, and opens with this secret")),
        Ok(false) => {
            Ok(format!("{name} is sound and will be brought up to date at the next start"))
        }
        Err(error) => Err(format!("{name}: {error}")),
    }
}
