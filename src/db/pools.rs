//! The connections to the database.

use std::time::{Duration, Instant};

use sqlx::{Database, PgPool, Pool, SqlitePool};

use super::timeouts::ACQUIRE_TIMEOUT;

/// The open database. Cheap to clone.
#[derive(Clone, Debug)]
pub enum Db {
    /// SQLite has one connection that writes and a pool that reads.
    Sqlite {
        /// Connections that cannot write.
        readers: SqlitePool,
        /// The one connection that writes.
        writer: SqlitePool,
    },
    /// PostgreSQL.
    Postgres {
        /// Its connections.
        pool: PgPool,
        /// The schema that unqualified names refer to.
        schema: String,
    },
}

impl Db {
    /// Whether several servers may use this database at once, as they may with PostgreSQL.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        matches!(self, Self::Postgres { .. })
    }

    /// Waits for running statements, then closes all connections.
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

/// Repeats until no connection is left: when sqlx 0.8 closes a pool, it misses connections that are just being returned to it.
async fn close<D: Database>(pool: &Pool<D>) {
    let begun = Instant::now();
    pool.close().await;
    while pool.size() > 0 && begun.elapsed() < ACQUIRE_TIMEOUT {
        tokio::time::sleep(Duration::from_millis(2)).await;
        pool.close().await;
    }
}
