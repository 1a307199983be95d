//! The two databases behind one query type: only this file knows that there are two.
//!
//! `query(on, "… $1 …").bind(x).optional::<User>()`, where `on` is `&Db` (to read) or `&mut Tx`
//! (to read and write). The SQL is one text, valid on both.

use std::fs::{DirBuilder, OpenOptions};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use sqlx::migrate::Migrator;
use sqlx::pool::PoolOptions;
use sqlx::postgres::{PgArguments, PgConnectOptions, PgRow};
use sqlx::sqlite::{
    SqliteArguments, SqliteConnectOptions, SqliteJournalMode, SqliteRow, SqliteSynchronous,
};
use sqlx::{
    Encode, FromRow, PgConnection, PgPool, Postgres, Sqlite, SqliteConnection, SqlitePool,
    Transaction, Type,
};
use tower_sessions_sqlx_store::{PostgresStore, SqliteStore};

use crate::error::{Error, Result};
use crate::secret::Secret;

static MIGRATIONS: Migrator = sqlx::migrate!();

/// How long a request waits for a connection before it is told to come back.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);
/// How long SQLite waits for another process's write lock.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
const READERS: u32 = 8;

/// Where the data lies (`DATABASE_URL`).
#[derive(Clone, Debug)]
pub enum Place {
    /// A file.
    Sqlite(PathBuf),
    /// A server; the address may hold a password.
    Postgres(Secret<String>),
}

/// The open database. SQLite has one connection that writes and a pool that reads.
#[derive(Clone, Debug)]
pub enum Db {
    /// A file.
    Sqlite {
        /// Connections that cannot write.
        readers: SqlitePool,
        /// The one connection that writes.
        writer: SqlitePool,
    },
    /// A server.
    Postgres(PgPool),
}

/// A transaction. Whoever opened it commits it; dropped without a commit, it leaves nothing behind.
#[derive(Debug)]
pub enum Tx {
    /// Holds the write lock from its first moment (`BEGIN IMMEDIATE`).
    Sqlite(Transaction<'static, Sqlite>),
    /// At the default isolation level.
    Postgres(Transaction<'static, Postgres>),
}

impl Db {
    /// Opens the database, makes it if it is a file that is not there yet, and applies the
    /// migrations under a lock.
    pub async fn open(place: &Place) -> Result<Self> {
        match place {
            Place::Sqlite(path) => Self::open_sqlite(path.clone()).await,
            Place::Postgres(url) => {
                let options = PgConnectOptions::from_str(url.reveal())?;
                let pool = PoolOptions::new()
                    .max_connections(16)
                    .acquire_timeout(ACQUIRE_TIMEOUT)
                    .connect_with(options)
                    .await?;
                MIGRATIONS.run(&pool).await?;
                PostgresStore::new(pool.clone()).migrate().await?;
                Ok(Self::Postgres(pool))
            }
        }
    }

    async fn open_sqlite(path: PathBuf) -> Result<Self> {
        let folder = match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
            _ => PathBuf::from("."),
        };
        let doing = format!("opening the folder {}", folder.display());
        DirBuilder::new().recursive(true).mode(0o700).create(&folder).map_err(Error::io(&doing))?;
        // Made here for its mode, which SQLite gives to the files beside it as well.
        let file = OpenOptions::new().append(true).create(true).mode(0o600).open(&path);
        drop(file.map_err(Error::io(format!("opening {}", path.display())))?);
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(BUSY_TIMEOUT);
        let writer = PoolOptions::new()
            .max_connections(1)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .connect_with(options.clone())
            .await?;

        // sqlx takes no lock of its own for SQLite. Locking the folder leaves no file behind.
        let lock = std::fs::File::open(&folder).map_err(Error::io(&doing))?;
        let lock = tokio::task::spawn_blocking(move || lock.lock().map(|()| lock))
            .await
            .map_err(std::io::Error::other)
            .flatten()
            .map_err(Error::io("locking the data folder"))?;
        MIGRATIONS.run(&writer).await?;
        SqliteStore::new(writer.clone()).migrate().await?;
        drop(lock);

        let readers = PoolOptions::new()
            .max_connections(READERS)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .connect_with(options.create_if_missing(false).read_only(true))
            .await?;
        Ok(Self::Sqlite { readers, writer })
    }

    /// Opens a transaction for writing. Keep slow work (hashing, drawing, sending) outside.
    pub async fn begin(&self) -> Result<Tx> {
        Ok(match self {
            Self::Sqlite { writer, .. } => Tx::Sqlite(writer.begin_with("BEGIN IMMEDIATE").await?),
            Self::Postgres(pool) => Tx::Postgres(pool.begin().await?),
        })
    }

    /// Whether the database answers and has all migrations of this binary.
    pub async fn is_ready(&self) -> bool {
        let latest = MIGRATIONS.iter().map(|migration| migration.version).max();
        let applied = query(self, "SELECT MAX(version) FROM _sqlx_migrations WHERE success")
            .one::<(Option<i64>,)>()
            .await;
        matches!(applied, Ok((applied,)) if applied >= latest)
    }

    /// Closes all connections once what they are doing is done.
    pub async fn close(&self) {
        match self {
            Self::Sqlite { readers, writer } => {
                readers.close().await;
                writer.close().await;
            }
            Self::Postgres(pool) => pool.close().await,
        }
    }
}

/// Opens the database to look at it, if it answers and is whole; makes and changes nothing.
pub async fn look(place: &Place) -> Result<Db> {
    match place {
        Place::Sqlite(path) => {
            let options = SqliteConnectOptions::new()
                .filename(path)
                .read_only(true)
                .busy_timeout(BUSY_TIMEOUT);
            let readers = SqlitePool::connect_with(options).await?;
            let (verdict,): (String,) =
                sqlx::query_as("PRAGMA quick_check").fetch_one(&readers).await?;
            if verdict != "ok" {
                return Err(sqlx::Error::Protocol(verdict).into());
            }
            Ok(Db::Sqlite { writer: readers.clone(), readers })
        }
        Place::Postgres(url) => Ok(Db::Postgres(PgPool::connect(url.reveal()).await?)),
    }
}

impl Tx {
    /// Makes all of it count.
    pub async fn commit(self) -> Result<()> {
        match self {
            Self::Sqlite(tx) => tx.commit().await?,
            Self::Postgres(tx) => tx.commit().await?,
        }
        Ok(())
    }
}

/// What a query runs on.
#[derive(Debug)]
pub enum Conn<'c> {
    /// SQLite's readers.
    SqlitePool(&'c SqlitePool),
    /// SQLite's open transaction.
    SqliteTx(&'c mut SqliteConnection),
    /// PostgreSQL's pool.
    PostgresPool(&'c PgPool),
    /// PostgreSQL's open transaction.
    PostgresTx(&'c mut PgConnection),
}

impl<'c> From<&'c Db> for Conn<'c> {
    fn from(db: &'c Db) -> Self {
        match db {
            Db::Sqlite { readers, .. } => Self::SqlitePool(readers),
            Db::Postgres(pool) => Self::PostgresPool(pool),
        }
    }
}

impl<'c> From<&'c mut Tx> for Conn<'c> {
    fn from(tx: &'c mut Tx) -> Self {
        match tx {
            Tx::Sqlite(tx) => Self::SqliteTx(tx),
            Tx::Postgres(tx) => Self::PostgresTx(tx),
        }
    }
}

/// A type that a row of either database becomes.
pub trait Row: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin {}
impl<T> Row for T where T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin
{}

/// A type that either database takes as a value.
pub trait Bind<'q>:
    Encode<'q, Sqlite> + Type<Sqlite> + Encode<'q, Postgres> + Type<Postgres> + Send + 'q
{
}
impl<'q, T> Bind<'q> for T where
    T: Encode<'q, Sqlite> + Type<Sqlite> + Encode<'q, Postgres> + Type<Postgres> + Send + 'q
{
}

/// A statement with its values, not yet run.
#[expect(missing_debug_implementations, reason = "its values may be secrets")]
pub enum Query<'c, 'q> {
    /// On SQLite's readers.
    SqlitePool(&'c SqlitePool, sqlx::query::Query<'q, Sqlite, SqliteArguments<'q>>),
    /// In SQLite's transaction.
    SqliteTx(&'c mut SqliteConnection, sqlx::query::Query<'q, Sqlite, SqliteArguments<'q>>),
    /// On PostgreSQL's pool.
    PostgresPool(&'c PgPool, sqlx::query::Query<'q, Postgres, PgArguments>),
    /// In PostgreSQL's transaction.
    PostgresTx(&'c mut PgConnection, sqlx::query::Query<'q, Postgres, PgArguments>),
}

/// Starts a statement. The text is `'static`: SQL is never put together at run time.
pub fn query<'c, 'q>(on: impl Into<Conn<'c>>, sql: &'static str) -> Query<'c, 'q> {
    match on.into() {
        Conn::SqlitePool(pool) => Query::SqlitePool(pool, sqlx::query(sql)),
        Conn::SqliteTx(tx) => Query::SqliteTx(tx, sqlx::query(sql)),
        Conn::PostgresPool(pool) => Query::PostgresPool(pool, sqlx::query(sql)),
        Conn::PostgresTx(tx) => Query::PostgresTx(tx, sqlx::query(sql)),
    }
}

/// The same expression for each of the four.
macro_rules! each {
    ($query:expr, ($on:ident, $q:ident) => $body:expr) => {
        match $query {
            Query::SqlitePool($on, $q) => $body,
            Query::SqliteTx($on, $q) => $body,
            Query::PostgresPool($on, $q) => $body,
            Query::PostgresTx($on, $q) => $body,
        }
    };
}

impl<'q> Query<'_, 'q> {
    /// The value of the next `$n`.
    #[must_use]
    pub fn bind(self, value: impl Bind<'q>) -> Self {
        match self {
            Self::SqlitePool(on, q) => Self::SqlitePool(on, q.bind(value)),
            Self::SqliteTx(on, q) => Self::SqliteTx(on, q.bind(value)),
            Self::PostgresPool(on, q) => Self::PostgresPool(on, q.bind(value)),
            Self::PostgresTx(on, q) => Self::PostgresTx(on, q.bind(value)),
        }
    }

    /// Runs it; how many rows it changed.
    pub async fn execute(self) -> Result<u64> {
        Ok(each!(self, (on, q) => q.execute(on).await?.rows_affected()))
    }

    /// Runs it; exactly one row.
    pub async fn one<T: Row>(self) -> Result<T> {
        Ok(each!(self, (on, q) => T::from_row(&q.fetch_one(on).await?)?))
    }

    /// Runs it; one row or none.
    pub async fn optional<T: Row>(self) -> Result<Option<T>> {
        Ok(each!(self, (on, q) => {
            q.fetch_optional(on).await?.map(|row| T::from_row(&row)).transpose()?
        }))
    }

    /// Runs it; every row.
    pub async fn all<T: Row>(self) -> Result<Vec<T>> {
        Ok(each!(self, (on, q) => {
            let rows = q.fetch_all(on).await?;
            rows.iter().map(T::from_row).collect::<sqlx::Result<_>>()?
        }))
    }
}
