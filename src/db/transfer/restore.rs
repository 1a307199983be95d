//! `authflow restore`

use std::fs;
use std::path::{Path, PathBuf};

use super::copy::{self, Copied, ExistingData, Progress};
use super::error::{Result, TransferError};
use super::migrated_copy::open_copy;
use super::partial_file::{PartialFile, must_exist};
use super::to_postgres::into_postgres;
use crate::db::error::Error;
use crate::db::location::Location;
use crate::db::pools::Db;
use crate::db::sqlite::file::{self, LOGS, with_suffix};

/// A verified and migrated backup that can be restored. It is a copy: the operator's file is not changed.
#[derive(Debug)]
pub struct Backup {
    db: Db,
    partial: PartialFile,
}

/// What a restore did.
#[derive(Clone, Debug)]
pub struct Restored {
    /// What the database holds now.
    pub copied: Copied,
    /// Where the previous SQLite file was moved to.
    pub former: Option<PathBuf>,
}

impl Backup {
    /// Opens a copy of the backup, beside the SQLite file that it will replace, or in `data_dir`.
    pub async fn open(path: &Path, target: &Location, data_dir: &Path) -> Result<Self> {
        must_exist(path)?;
        let beside = match target {
            Location::Sqlite(path) => path.clone(),
            Location::Postgres(_) => data_dir.join("restore.db"),
        };
        file::create_folder(&beside)?;
        let partial = PartialFile::beside(&beside)?;
        let not_a_backup =
            |why: String| TransferError::NotABackup { file: path.display().to_string(), why };
        let db = open_copy(path, &partial).await.map_err(|error| match error {
            Error::Damaged(_) | Error::ForeignFile | Error::Query(_) | Error::Migration(_) => {
                not_a_backup(error.to_string())
            }
            error => error.into(),
        })?;
        let counted = copy::count(&db).await?;
        if counted.rows("users") == 0 && counted.rows("signing_keys") == 0 {
            return Err(not_a_backup("it holds no data".to_owned()));
        }
        Ok(Self { db, partial })
    }

    /// The opened backup, for reading.
    #[must_use]
    pub fn db(&self) -> &Db {
        &self.db
    }

    /// Writes its data to `target`. Existing data is refused or replaced. A replaced SQLite file is kept beside the new one; replaced rows
    /// in PostgreSQL are deleted.
    pub async fn restore(
        self,
        target: &Location,
        existing: ExistingData,
        progress: Progress<'_>,
    ) -> Result<Restored> {
        match target {
            Location::Postgres(_) => {
                let copied = into_postgres(&self.db, target, existing, progress).await?;
                self.db.close().await;
                Ok(Restored { copied, former: None })
            }
            Location::Sqlite(path) => {
                let copied = copy::count(&self.db).await?;
                self.db.close().await;
                file::merge_log(self.partial.path()).await?;
                let former = swap(self.partial, path, existing, &copied).await?;
                Ok(Restored { copied, former })
            }
        }
    }
}

/// Gives the file its name. Until the last step the existing file is untouched; from then on the new one is complete. Meanwhile, a lock
/// keeps other authflow processes from opening a database in this folder.
async fn swap(
    partial: PartialFile,
    path: &Path,
    existing: ExistingData,
    expected: &Copied,
) -> Result<Option<PathBuf>> {
    let _alone = file::lock_folder(path).await?;
    let exists = path.exists();
    if exists {
        if file::is_in_use(path).await? {
            return Err(TransferError::InUse(path.display().to_string()));
        }
        if existing == ExistingData::Refuse {
            return Err(TransferError::Occupied);
        }
        // A damaged file is kept unchanged, with its log.
        match file::merge_log(path).await {
            Err(error) if !error.is_damaged() => return Err(error.into()),
            _ => {}
        }
    }
    let former = free_name(path);
    let moving = format!("moving {} aside", path.display());
    // SQLite would replay a leftover log into the new file.
    for suffix in LOGS {
        let log = with_suffix(path, suffix);
        if log.exists() {
            fs::rename(&log, with_suffix(&former, suffix)).map_err(Error::io(&moving))?;
        }
    }
    if exists && fs::hard_link(path, &former).is_err() {
        fs::rename(path, &former).map_err(Error::io(&moving))?; // a file system without links
    }
    partial.keep_owner(if exists { Some(&former) } else { path.parent() });
    if let Err(error) = partial.replace(path) {
        if exists && !path.exists() {
            fs::rename(&former, path).map_err(Error::io(&moving))?;
        }
        return Err(error.into());
    }
    let restored = Db::open_existing(&Location::Sqlite(path.to_owned())).await?;
    let found = copy::count(&restored).await?;
    restored.close().await;
    if found == *expected {
        Ok(exists.then_some(former))
    } else {
        let text = format!("{} does not hold what the backup holds", path.display());
        Err(TransferError::Incomplete(text))
    }
}

/// A name for the existing file that no other file or log has.
fn free_name(path: &Path) -> PathBuf {
    let name = |n: u32| with_suffix(path, &format!(".before-restore-{n}"));
    let is_free = |path: &PathBuf| {
        !path.exists() && LOGS.iter().all(|suffix| !with_suffix(path, suffix).exists())
    };
    (1..=u32::MAX).map(name).find(is_free).unwrap_or_else(|| name(0))
}
