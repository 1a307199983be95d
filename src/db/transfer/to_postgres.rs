//! `authflow db copy`, and the restore of a backup to PostgreSQL.

use std::path::Path;

use super::copy::{Copied, ExistingData, Progress, copy};
use super::error::{Result, TransferError};
use super::migrated_copy::open_copy;
use super::partial_file::PartialFile;
use crate::db::error::Error;
use crate::db::location::Location;
use crate::db::open::is_in_use;
use crate::db::pools::Db;

/// An open SQLite database that is to be copied to PostgreSQL.
#[derive(Debug)]
pub struct SqliteSource {
    db: Db,
    /// The file of `db`, if it is a copy. It is deleted with this.
    _copy: Option<PartialFile>,
}

impl SqliteSource {
    /// Opens the database, if no other process uses it. If migrations are pending, it opens a migrated copy, which is beside the file until
    /// this is dropped.
    pub async fn open(path: &Path) -> Result<Self> {
        let location = Location::Sqlite(path.to_owned());
        if location.is_missing() {
            return Err(Error::Missing.into());
        }
        must_be_free(&location).await?;
        let db = Db::open_existing(&location).await?;
        match db.must_be_current().await {
            Ok(()) => Ok(Self { db, _copy: None }),
            Err(Error::Outdated) => {
                db.close().await;
                let copy = PartialFile::beside(path)?;
                Ok(Self { db: open_copy(path, &copy).await?, _copy: Some(copy) })
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The open database, for reading.
    #[must_use]
    pub fn db(&self) -> &Db {
        &self.db
    }

    /// Copies all data. If interrupted, nothing is written; running it again after success does nothing.
    pub async fn copy_to(
        self,
        location: &Location,
        existing: ExistingData,
        progress: Progress<'_>,
    ) -> Result<Copied> {
        let copied = into_postgres(&self.db, location, existing, progress).await;
        self.db.close().await;
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
