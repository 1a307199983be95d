//! The file of SQLite: locking it, checking whether it is in use or damaged, and merging its write-ahead log.

use std::fs::{DirBuilder, File, TryLockError};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use sqlx::sqlite::{SqliteConnectOptions, SqliteLockingMode};
use sqlx::{ConnectOptions, Connection, Executor};

use crate::db::error::{Error, Result};

/// How long to wait for another process's write lock.
pub const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// How long to wait for another process that opens or replaces the file. After an upgrade it may give handles to 100,000 accounts.
const LOCK_WAIT: Duration = Duration::from_mins(10);
/// After how long the wait is logged.
const LOG_AFTER: Duration = Duration::from_secs(15);

/// Keeps other authflow processes from opening or replacing the file until the returned lock is dropped. It locks the folder, so it
/// leaves no file behind.
pub async fn lock_folder(path: &Path) -> Result<File> {
    let folder = create_folder(path)?;
    let doing = format!("locking the folder {}", folder.display());
    let lock = File::open(&folder).map_err(Error::io(&doing))?;
    let begun = Instant::now();
    let mut is_logged = false;
    loop {
        match lock.try_lock() {
            Ok(()) => return Ok(lock),
            Err(TryLockError::WouldBlock) if begun.elapsed() < LOCK_WAIT => {
                if !is_logged && begun.elapsed() > LOG_AFTER {
                    tracing::info!(
                        "another process opens or replaces the database; waiting for it"
                    );
                    is_logged = true;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            Err(error) => return Err(Error::Io(doing, error.into())),
        }
    }
}

/// Creates the folder of the file, if it does not exist.
pub fn create_folder(path: &Path) -> Result<PathBuf> {
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    };
    let doing = format!("opening the folder {}", folder.display());
    DirBuilder::new().recursive(true).mode(0o700).create(&folder).map_err(Error::io(doing))?;
    Ok(folder)
}

/// The suffixes of the files that SQLite may create beside its database.
pub const LOGS: [&str; 3] = ["-wal", "-shm", "-journal"];

/// The path with `suffix` appended.
pub fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// Whether another process has the file open.
pub async fn is_in_use(path: &Path) -> Result<bool> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .locking_mode(SqliteLockingMode::Exclusive)
        .busy_timeout(Duration::from_millis(200));
    let alone = async {
        let mut on = options.connect().await?;
        on.execute("BEGIN EXCLUSIVE").await?;
        on.execute("ROLLBACK").await?;
        on.close().await
    };
    match alone.await.map_err(Error::from) {
        Ok(()) => Ok(false),
        // No process can work with a damaged file.
        Err(error) if error.is_damaged() => Ok(false),
        Err(error) if error.is_busy() => Ok(true),
        Err(error) => Err(error),
    }
}

/// Checks every page and every foreign key of an untrusted file.
pub async fn verify(path: &Path) -> Result<()> {
    let mut on = SqliteConnectOptions::new().filename(path).read_only(true).connect().await?;
    let (verdict,): (String,) =
        sqlx::query_as("PRAGMA integrity_check(1)").fetch_one(&mut on).await?;
    if verdict != "ok" {
        return Err(Error::Damaged(verdict));
    }
    let orphan = sqlx::query("PRAGMA foreign_key_check").fetch_optional(&mut on).await?;
    on.close().await?;
    match orphan {
        None => Ok(()),
        Some(_) => Err(Error::Damaged("a row refers to another row that does not exist".into())),
    }
}

/// Whether an untrusted file was created by our migrations.
pub async fn has_migrations(path: &Path) -> Result<bool> {
    let mut on = SqliteConnectOptions::new().filename(path).read_only(true).connect().await?;
    let applied: Result<(i64,)> =
        sqlx::query_as("SELECT COUNT(*) FROM _sqlx_migrations WHERE success")
            .fetch_one(&mut on)
            .await
            .map_err(Error::from);
    on.close().await?;
    match applied {
        Ok((count,)) => Ok(count > 0),
        Err(error) if error.is_missing_table() => Ok(false),
        Err(error) => Err(error),
    }
}

/// Merges the write-ahead log into the file, and deletes the log.
pub async fn merge_log(path: &Path) -> Result<()> {
    let mut on = SqliteConnectOptions::new().filename(path).connect().await?;
    let begun = Instant::now();
    let merged = loop {
        let mode: sqlx::Result<(String,)> =
            sqlx::query_as("PRAGMA journal_mode = DELETE").fetch_one(&mut on).await;
        match mode.map_err(Error::from) {
            Ok((mode,)) if mode == "delete" => break Ok(()),
            Ok((mode,)) => break Err(Error::Damaged(format!("its journal stays in mode {mode}"))),
            // Connections of a closed pool take a moment to close, and SQLite does not wait for them here.
            Err(error) if error.is_busy() && begun.elapsed() < BUSY_TIMEOUT => {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            Err(error) => break Err(error),
        }
    };
    on.close().await?;
    merged
}
