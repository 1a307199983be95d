//! `authflow check`: the configuration, the database and email delivery, checked without changing anything.

use std::process::ExitCode;

use super::database_problem::{explain, help};
use super::exit_code::FAILED;
use super::failure;
use crate::app::Secrets;
use crate::config::Config;
use crate::db::Db;
use crate::error::Error;
use crate::installation::docs_page::DocsPage;
use crate::key_ring;

pub async fn run(config: &Config, warnings: &[String]) -> ExitCode {
    println!("configuration  good: {} at {}", config.site_name, config.public_url);
    for warning in warnings {
        println!("               note: {warning}");
    }
    let database = database(config).await;
    let mail = mail(config).await;
    let mut sound = true;
    let database_help = help(&config.database);
    for (part, finding, help) in
        [("database", database, database_help), ("mail", mail, DocsPage::Email)]
    {
        match finding {
            Ok(text) => println!("{part:<14} good: {text}"),
            Err(text) => {
                sound = false;
                println!("{part:<14} BAD:  {text}\n{:14} {}", "", failure::help(help));
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
    let name = config.database.describe();
    if let Err(error) = config.database.check_writable() {
        return Err(explain(config, &error.into()));
    }
    if config.database.is_missing() {
        return Ok(format!("{name} will be created at the first start"));
    }
    let sound = async {
        let db = Db::open_existing(&config.database).await?;
        let is_current = db.check().await?;
        if is_current {
            key_ring::check(&db, &Secrets::derive(&config.master_key).signing_keys).await?;
        }
        db.close().await;
        Ok::<_, Error>(is_current)
    };
    match sound.await {
        Ok(true) => Ok(format!("{name} is sound, up to date, and opens with this secret")),
        Ok(false) => Ok(format!("{name} is sound. The next start creates or migrates its tables")),
        Err(error) => Err(explain(config, &error)),
    }
}
