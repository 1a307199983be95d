//! SQLite: a file, one connection that writes, a pool that reads.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use sqlx::pool::PoolOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteLockingMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, Executor, SqlitePool};

use super::migration::{self, Schema};
use super::{ACQUIRE_TIMEOUT, Db};
use crate::error::{Error, Result};

/// How long to wait for another process's write lock.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
const READERS: u32 = 8;
/// How long to wait for another process that opens or replaces the file.
const LOCK_WAIT: Duration = Duration::from_mins(1);

pub(super) async fn open(path: &Path) -> Result<Db> {
    let lock = lock_folder(path).await?;
    // Made here for its mode, which SQLite gives to the files beside it as well.
    let file = OpenOptions::new().append(true).create(true).mode(0o600).open(path);
    drop(file.map_err(Error::io(format!("opening {}", path.display())))?);
    let options = options(path);
    // Kept open, so that whoever wants to put another file in its place sees that it is in use.
    let writer = PoolOptions::new()
        .min_connections(1)
        .max_connections(1)
        .idle_timeout(None)
        .max_lifetime(None)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .connect_with(options.clone())
        .await?;
    let alone = Db::Sqlite { readers: writer.clone(), writer: writer.clone() };
    if migration::compare(&alone).await? == Schema::Behind {
        let mut connection = options.connect().await?;
        migration::apply(&alone, &mut connection).await?;
        connection.close().await?;
    }
    drop(lock);

    let readers = PoolOptions::new()
        .max_connections(READERS)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .connect_with(options.create_if_missing(false).read_only(true))
        .await?;
    Ok(Db::Sqlite { readers, writer })
}

/// Keeps other processes from opening or replacing the file until it is dropped. The lock is on the folder and leaves nothing behind.
pub async fn lock_folder(path: &Path) -> Result<File> {
    let folder = make_folder(path)?;
    let doing = format!("locking the folder {}", folder.display());
    let lock = File::open(&folder).map_err(Error::io(&doing))?;
    let begun = Instant::now();
    loop {
        match lock.try_lock() {
            Ok(()) => return Ok(lock),
            Err(TryLockError::WouldBlock) if begun.elapsed() < LOCK_WAIT => {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            Err(error) => return Err(Error::Io(doing, error.into())),
        }
    }
}

pub(super) async fn look(path: &Path) -> Result<Db> {
    let options =
        SqliteConnectOptions::new().filename(path).read_only(true).busy_timeout(BUSY_TIMEOUT);
    let readers = SqlitePool::connect_with(options).await?;
    let (verdict,): (String,) = sqlx::query_as("PRAGMA quick_check").fetch_one(&readers).await?;
    if verdict != "ok" {
        return Err(Error::Corrupt(verdict));
    }
    Ok(Db::Sqlite { writer: readers.clone(), readers })
}

/// Reads every page and every reference of a file that may be anything.
pub async fn verify(path: &Path) -> Result<()> {
    let mut on = SqliteConnectOptions::new().filename(path).read_only(true).connect().await?;
    let (verdict,): (String,) =
        sqlx::query_as("PRAGMA integrity_check(1)").fetch_one(&mut on).await?;
    if verdict != "ok" {
        return Err(Error::Corrupt(verdict));
    }
    let astray = sqlx::query("PRAGMA foreign_key_check").fetch_optional(&mut on).await?;
    on.close().await?;
    match astray {
        None => Ok(()),
        Some(_) => Err(Error::Corrupt("a row refers to one that is not there".into())),
    }
}

/// Whether our migrations have been at work in a file that may be anything.
pub async fn has_migrations(path: &Path) -> Result<bool> {
    let mut on = SqliteConnectOptions::new().filename(path).read_only(true).connect().await?;
    let applied: std::result::Result<(i64,), Error> =
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

/// Makes one file of it that lacks nothing: what is still in the log beside it is moved in.
pub async fn seal(path: &Path) -> Result<()> {
    let mut on = SqliteConnectOptions::new().filename(path).connect().await?;
    let begun = Instant::now();
    let sealed = loop {
        let mode: sqlx::Result<(String,)> =
            sqlx::query_as("PRAGMA journal_mode = DELETE").fetch_one(&mut on).await;
        match mode.map_err(Error::from) {
            Ok((mode,)) if mode == "delete" => break Ok(()),
            Ok((mode,)) => break Err(Error::Corrupt(format!("its journal stays in mode {mode}"))),
            // Connections of a pool that has been closed take a moment to go; SQLite does not wait for them here.
            Err(error) if error.is_busy() && begun.elapsed() < BUSY_TIMEOUT => {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            Err(error) => break Err(error),
        }
    };
    on.close().await?;
    sealed
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
        // Nobody can be at work in what is damaged.
        Err(error) if error.is_damaged() => Ok(false),
        Err(error) if error.is_busy() => Ok(true),
        Err(error) => Err(error),
    }
}

/// What every connection begins with: a commit is on the disk before it is answered (`synchronous=FULL`), and nobody waits for
/// readers (WAL).
fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(BUSY_TIMEOUT)
}

/// The folder of the file, made if it is not there.
pub fn make_folder(path: &Path) -> Result<PathBuf> {
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    };
    let doing = format!("opening the folder {}", folder.display());
    DirBuilder::new().recursive(true).mode(0o700).create(&folder).map_err(Error::io(doing))?;
    Ok(folder)
}
