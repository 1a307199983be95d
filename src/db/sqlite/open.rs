//! Opens the file of SQLite.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use sqlx::pool::PoolOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, SqlitePool};

use super::file::{self, BUSY_TIMEOUT};
use crate::db::error::{Error, Result};
use crate::db::migration::{self, Schema};
use crate::db::pools::Db;
use crate::db::timeouts::ACQUIRE_TIMEOUT;

const READERS: u32 = 8;

/// Creates the file if it does not exist, and migrates it.
pub async fn open(path: &Path) -> Result<Db> {
    let lock = file::lock_folder(path).await?;
    // Created here to set its mode, which SQLite also gives to the files beside it.
    let file = OpenOptions::new().append(true).create(true).mode(0o600).open(path);
    drop(file.map_err(Error::io(format!("opening {}", path.display())))?);
    let options = options(path);
    // Stays open while the server runs, so that a command that replaces the file detects that it is in use.
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

/// Opens the file read-only, if it is not damaged.
pub async fn open_existing(path: &Path) -> Result<Db> {
    if !path.exists() {
        return Err(Error::Missing);
    }
    let options =
        SqliteConnectOptions::new().filename(path).read_only(true).busy_timeout(BUSY_TIMEOUT);
    let readers = SqlitePool::connect_with(options).await?;
    let (verdict,): (String,) = sqlx::query_as("PRAGMA quick_check").fetch_one(&readers).await?;
    if verdict != "ok" {
        return Err(Error::Damaged(verdict));
    }
    Ok(Db::Sqlite { writer: readers.clone(), readers })
}

/// A commit is on the disk before it is acknowledged (`synchronous=FULL`), and writers do not wait for readers (WAL).
fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(BUSY_TIMEOUT)
}
