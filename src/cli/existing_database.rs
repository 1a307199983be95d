//! Opens the database for commands that must not create or migrate one.

use crate::config::Config;
use crate::db::Db;
use crate::error::Result;

/// Fails if there is no database or if it needs a migration.
pub async fn open(config: &Config) -> Result<Db> {
    let db = Db::open_existing(&config.database).await?;
    db.must_be_current().await?;
    Ok(db)
}
