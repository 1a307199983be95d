//! A migrated copy of a SQLite file, for a backup or a database of an earlier version.

use std::path::Path;

use super::partial_file::{PartialFile, duplicate};
use crate::db::error::{Error, Result};
use crate::db::location::Location;
use crate::db::pools::Db;
use crate::db::sqlite::file::{self, with_suffix};

/// Copies the file, because the migrations must not change the operator's file, and opens the copy. Refuses a file that is damaged or belongs to
/// another program.
pub async fn open_copy(path: &Path, partial: &PartialFile) -> Result<Db> {
    duplicate(path, partial.path())?;
    // If a database was copied while it was in use, some of its data is in a log beside it.
    let log = with_suffix(path, "-wal");
    if log.exists() {
        duplicate(&log, &with_suffix(partial.path(), "-wal"))?;
    }
    file::verify(partial.path()).await?;
    // SQLite takes an empty file for a database, but authflow did not write it.
    if !file::has_migrations(partial.path()).await? {
        return Err(Error::ForeignFile);
    }
    Db::open(&Location::Sqlite(partial.path().to_owned())).await
}
