//! Restores a backup, and copies SQLite to PostgreSQL. Both require the `SECRET_KEY` with which the data was written.

use std::path::Path;

use crate::db::Location;
use crate::db::transfer::{
    Backup, Copied, ExistingData, Progress, Restored, SqliteSource, TransferError,
};
use crate::error::{Error, from_db_error};
use crate::key_ring;
use crate::secret::SealKey;

/// Why nothing was restored or copied. The existing data is unchanged.
#[derive(Debug, thiserror::Error)]
pub enum MoveError {
    /// The backup or one of the databases cannot be used.
    #[error(transparent)]
    Transfer(#[from] TransferError),
    /// The stored keys cannot be read, or `SECRET_KEY` does not open them.
    #[error(transparent)]
    Failed(#[from] Error),
}

from_db_error!(MoveError);

/// Restores a backup to `target`. The backup is checked, migrated and opened with `seal` before `target` is changed.
pub async fn restore(
    file: &Path,
    target: &Location,
    data_dir: &Path,
    seal: &SealKey,
    existing: ExistingData,
    progress: Progress<'_>,
) -> Result<Restored, MoveError> {
    let backup = Backup::open(file, target, data_dir).await?;
    key_ring::check(backup.db(), seal).await?;
    Ok(backup.restore(target, existing, progress).await?)
}

/// Copies a SQLite database to PostgreSQL. No server may run during the copy. Users stay signed in if `SECRET_KEY` stays the same.
pub async fn copy_to_postgres(
    path: &Path,
    target: &Location,
    seal: &SealKey,
    existing: ExistingData,
    progress: Progress<'_>,
) -> Result<Copied, MoveError> {
    let source = SqliteSource::open(path).await?;
    key_ring::check(source.db(), seal).await?;
    Ok(source.copy_to(target, existing, progress).await?)
}
