//! The two databases behind one query type: only this folder knows that there are two.
//!
//! `query(on, "… $1 …").bind(x).optional::<User>()`, where `on` is `&Db` (to read) or `&mut Tx`
//! (to read and write, inside [`transaction!`]). The SQL is one text, valid on both.

pub mod copy;
mod lent;
mod migration;
mod mount;
mod postgres;
mod query;
mod server;
pub mod sqlite;
mod transaction;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use sqlx::{Database, PgPool, Pool, SqlitePool};

pub use self::mount::network_file_system;
pub use self::query::{Bind, Conn, Query, Row, query};
pub use self::server::{Server, ServerError};
pub use self::transaction::{Attempt, Tries, Tx, TxState};
use crate::error::{Error, Result};

/// How long a request waits for a connection before it is told to come back.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);
/// How long one statement outside a transaction, or one transaction, may take: a server that has fallen silent holds nobody for longer.
pub const ANSWER_TIMEOUT: Duration = Duration::from_secs(15);

/// Where the data lies (`DATABASE_URL`).
#[derive(Clone, Debug)]
pub enum Place {
    /// A file.
    Sqlite(PathBuf),
    /// A server.
    Postgres(Box<Server>),
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
    Postgres {
        /// Its connections.
        pool: PgPool,
        /// The schema that unqualified names mean there.
        schema: String,
    },
}

impl Place {
    /// Where that is, for people: never the password.
    #[must_use]
    pub fn describe(&self) -> String {
        match self {
            Self::Sqlite(path) => path.display().to_string(),
            Self::Postgres(server) => server.describe(),
        }
    }
}

/// Whether somebody else is at work in it: a server, or whoever has the file open.
pub async fn is_in_use(place: &Place) -> Result<bool> {
    match place {
        Place::Sqlite(path) => sqlite::is_in_use(path).await,
        Place::Postgres(server) => postgres::is_in_use(server).await,
    }
}

impl Db {
    /// Opens the database, makes it if it is a file that is not there yet, and brings it up to date under a lock.
    pub async fn open(place: &Place) -> Result<Self> {
        match place {
            Place::Sqlite(path) => Box::pin(sqlite::open(path)).await,
            Place::Postgres(server) => Box::pin(postgres::open(server)).await,
        }
    }

    /// Opens the database to look at it, if it answers and is whole; makes and changes nothing.
    pub async fn look(place: &Place) -> Result<Self> {
        match place {
            Place::Sqlite(path) => sqlite::look(path).await,
            Place::Postgres(server) => postgres::look(server).await,
        }
    }

    /// What keeps a server from starting on it, as far as can be seen without changing anything; `true` if it is up to date.
    pub async fn check(&self) -> Result<bool> {
        let is_current = migration::compare(self).await? == migration::Schema::Current;
        if let Self::Postgres { pool, .. } = self
            && !postgres::may_work(pool, !is_current).await?
        {
            return Err(Error::NoRights { makes_tables: !is_current });
        }
        Ok(is_current)
    }

    /// Refuses a database that has not all migrations of this binary, or more.
    pub async fn must_be_current(&self) -> Result<()> {
        match migration::compare(self).await? {
            migration::Schema::Current => Ok(()),
            migration::Schema::Behind => Err(Error::Outdated),
        }
    }

    /// Whether the database answers and has all migrations of this binary.
    pub async fn is_ready(&self) -> bool {
        migration::is_current(self).await
    }

    /// Closes all connections once what they are doing is done.
    pub async fn close(&self) {
        match self {
            Self::Sqlite { readers, writer } => {
                close(readers).await;
                close(writer).await;
            }
            Self::Postgres { pool, .. } => close(pool).await,
        }
    }
}

/// Until none is left: sqlx 0.8 forgets connections that are on their way back when it closes their pool.
async fn close<D: Database>(pool: &Pool<D>) {
    let begun = Instant::now();
    pool.close().await;
    while pool.size() > 0 && begun.elapsed() < ACQUIRE_TIMEOUT {
        tokio::time::sleep(Duration::from_millis(2)).await;
        pool.close().await;
    }
}
