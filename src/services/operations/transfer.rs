//! Makes and restores a backup, and copies SQLite to PostgreSQL. Restoring and copying require the `SECRET_KEY` with which the data was
//! written.

use std::path::Path;

use crate::clock::Clock;
use crate::db::transfer::{
    self, Backup, Copied, ExistingData, Progress, Restored, SqliteSource, TransferError,
};
use crate::db::{Db, Location};
use crate::domain::audit_event::Event;
use crate::domain::source::Source;
use crate::error::{Error, Result, from_db_error};
use crate::key_ring;
use crate::secret::SealKey;
use crate::services::audit::{self, Actor};
use crate::transaction;

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

/// Writes a backup to a new file, and records it in the audit log. A backup that cannot be recorded is kept.
pub async fn back_up(
    from: &Location,
    file: &Path,
    clock: &Clock,
    progress: Progress<'_>,
) -> Result<Copied, TransferError> {
    let copied = transfer::back_up(from, file, progress).await?;
    if let Err(error) = record_backup(from, clock).await {
        tracing::warn!(%error, "could not record the backup in the audit log");
    }
    Ok(copied)
}

async fn record_backup(from: &Location, clock: &Clock) -> Result<()> {
    let db = Db::open(from).await?; // to write; its schema is current, or the backup would have failed
    let source = Source::command_line();
    let actor = Actor { id: None, source: &source };
    let recorded = transaction!(db, |tx| -> Result<_> {
        audit::put_quietly(tx, &actor.act(Event::BackupMade, None, None), clock.now()).await
    });
    db.close().await;
    recorded
}

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
