//! Checks the database and the settings that the server stores in it.

use super::reported::{PartName, Reported, sentence};
use crate::cli::{check, database_problem};
use crate::clock::Clock;
use crate::config::Config;
use crate::db::Db;
use crate::error::Result;
use crate::installation::docs_page::DocsPage;
use crate::services::operations::doctor;
use crate::services::operations::finding::{CheckedPart, Finding, Severity};

const PART: PartName = PartName { json: "database", heading: "Database", help: DocsPage::Database };

pub async fn examine(config: &Config) -> Vec<Reported> {
    let database = match check::database(config).await {
        Ok(text) => Reported::good(PART, sentence(&text)),
        Err(why) => {
            let part = PartName { help: database_problem::help(&config.database), ..PART };
            let fix = "Fix this first: everything that depends on the database was skipped.";
            return vec![Reported::bad(part, sentence(&why), fix)];
        }
    };
    if config.database.is_missing() {
        return vec![database, doctor::place(config).into()];
    }
    let examined = async {
        let db = Db::open_existing(&config.database).await?;
        db.must_be_current().await?;
        let found = doctor::examine(config, &db, Clock::System.now()).await;
        db.close().await;
        found
    };
    let examined: Result<Vec<Finding>> = examined.await;
    // The first finding already names the database, so a second good one would be a repetition.
    let is_news = |it: &Finding| it.part != CheckedPart::Database || it.severity != Severity::Good;
    let rest: Vec<Reported> = match examined {
        Ok(found) => found.into_iter().filter(is_news).map(Reported::from).collect(),
        Err(error) => {
            let fix = "Start the server, which migrates the database.";
            vec![Reported::note(PART, sentence(&error.to_string()), fix)]
        }
    };
    [database].into_iter().chain(rest).collect()
}
