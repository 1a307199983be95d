//! Checks the database and the settings that the server stores in it.

use crate::cli::check;
use crate::clock::Clock;
use crate::config::Config;
use crate::db::Db;
use crate::domain::finding::Finding;
use crate::error::Result;
use crate::services::operations::doctor;

pub async fn examine(config: &Config) -> Vec<Finding> {
    let database = match check::database(config).await {
        Ok(text) => Finding::good("database", text),
        Err(why) => {
            return vec![Finding::bad(
                "database",
                why,
                "fix this first: everything that depends on the database was skipped",
            )];
        }
    };
    if config.database.is_missing() {
        return vec![database, doctor::place(config)];
    }
    let examined = async {
        let db = Db::open_existing(&config.database).await?;
        db.must_be_current().await?;
        let found = doctor::examine(config, &db, Clock::System.now()).await;
        db.close().await;
        found
    };
    let examined: Result<Vec<Finding>> = examined.await;
    let rest = examined.unwrap_or_else(|error| {
        vec![Finding::note(
            "database",
            error.to_string(),
            "start the server, which migrates the database",
        )]
    });
    // The first finding already names the database, so a second good one would be a repetition.
    let rest = rest.into_iter().filter(|it| it.part != database.part || it.word() != "good");
    [database.clone()].into_iter().chain(rest).collect()
}
