//! Opens the database for commands that must not create or migrate one.

use crate::config::Config;
use crate::db::Db;
use crate::error::{Error, Result};

/// Fails if there is no database or if it needs a migration.
pub async fn open(config: &Config) -> Result<Db> {
    if config.database.is_missing() {
        let missing = std::io::Error::from(std::io::ErrorKind::NotFound);
        let hint = "there is no database; run this in the server's folder, or set DATA_DIR";
        return Err(Error::Io(hint.into(), missing));
    }
    let db = Db::open_existing(&config.database).await?;
    db.must_be_current().await?;
    Ok(db)
}
