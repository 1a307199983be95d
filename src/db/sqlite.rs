//! SQLite: a file, one connection that writes, a pool that reads.

use std::fs::{DirBuilder, File, OpenOptions};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::SqlitePool;
use sqlx::pool::PoolOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};

use super::migration::{self, Schema};
use super::{ACQUIRE_TIMEOUT, Db};
use crate::error::{Error, Result};

/// How long to wait for another process's write lock.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
const READERS: u32 = 8;

pub(super) async fn open(path: &Path) -> Result<Db> {
    let folder = folder_of(path);
    let doing = format!("opening the folder {}", folder.display());
    DirBuilder::new().recursive(true).mode(0o700).create(&folder).map_err(Error::io(&doing))?;
    // Made here for its mode, which SQLite gives to the files beside it as well.
    let file = OpenOptions::new().append(true).create(true).mode(0o600).open(path);
    drop(file.map_err(Error::io(format!("opening {}", path.display())))?);
    let options = options(path);
    let writer = PoolOptions::new()
        .max_connections(1)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .connect_with(options.clone())
        .await?;

    // Locking the folder leaves no file behind.
    let lock = File::open(&folder).map_err(Error::io(&doing))?;
    let lock = tokio::task::spawn_blocking(move || lock.lock().map(|()| lock))
        .await
        .map_err(std::io::Error::other)
        .flatten()
        .map_err(Error::io("locking the data folder"))?;
    let alone = Db::Sqlite { readers: writer.clone(), writer: writer.clone() };
    if migration::compare(&alone).await? == Schema::Behind {
        migration::apply(&mut *writer.acquire().await?).await?;
    }
    drop(lock);

    let readers = PoolOptions::new()
        .max_connections(READERS)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .connect_with(options.create_if_missing(false).read_only(true))
        .await?;
    Ok(Db::Sqlite { readers, writer })
}

pub(super) async fn look(path: &Path) -> Result<Db> {
    let options =
        SqliteConnectOptions::new().filename(path).read_only(true).busy_timeout(BUSY_TIMEOUT);
    let readers = SqlitePool::connect_with(options).await?;
    let (verdict,): (String,) = sqlx::query_as("PRAGMA quick_check").fetch_one(&readers).await?;
    if verdict != "ok" {
        return Err(sqlx::Error::Protocol(verdict).into());
    }
    Ok(Db::Sqlite { writer: readers.clone(), readers })
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

fn folder_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}
