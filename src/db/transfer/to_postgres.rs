//! `authflow db copy`, and the restore of a backup to PostgreSQL.

use std::path::Path;

use super::copy::{Copied, ExistingData, Progress, copy};
use super::error::{Result, TransferError};
use crate::db::error::Error;
use crate::db::location::Location;
use crate::db::open::is_in_use;
use crate::db::pools::Db;

/// An open SQLite database that is to be copied to PostgreSQL.
#[derive(Debug)]
pub struct SqliteSource(Db);

impl SqliteSource {
    /// Opens the database, if no other process uses it and no migration is pending.
    pub async fn open(path: &Path) -> Result<Self> {
        let location = Location::Sqlite(path.to_owned());
        if location.is_missing() {
            return Err(Error::Missing.into());
        }
        must_be_free(&location).await?;
        let db = Db::open_existing(&location).await?;
        db.must_be_current().await?;
        Ok(Self(db))
    }

    /// The open database, for reading.
    #[must_use]
    pub fn db(&self) -> &Db {
        &self.0
    }

    /// Copies all data. If interrupted, nothing is written; running it again after success does nothing.
    pub async fn copy_to(
        self,
        location: &Location,
        existing: ExistingData,
        progress: Progress<'_>,
    ) -> Result<Copied> {
        let copied = into_postgres(&self.0, location, existing, progress).await;
        self.0.close().await;
        copied
    }
}

/// Migrates a database that no server uses, and copies all data into it.
pub async fn into_postgres(
    from: &Db,
    location: &Location,
    existing: ExistingData,
    progress: Progress<'_>,
) -> Result<Copied> {
    must_be_free(location).await?;
    Db::open(location).await?.close().await; // migrates it
    let to = Db::open_existing(location).await?;
    let copied = copy(from, &to, existing, progress).await;
    to.close().await;
    copied
}

async fn must_be_free(location: &Location) -> Result<()> {
    if is_in_use(location).await? {
        return Err(TransferError::InUse(location.describe()));
    }
    Ok(())
}
