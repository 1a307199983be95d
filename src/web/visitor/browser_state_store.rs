//! Where browser states are stored: tower-sessions' own table, on our connection pools.

use async_trait::async_trait;
use tower_sessions::SessionStore;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store;
use tower_sessions_sqlx_store::{PostgresStore, SqliteStore};

use crate::db::{self, ANSWER_TIMEOUT, Db};

/// The stores of tower-sessions on our connection pools. SQLite reads through the readers and writes through the single writer.
#[derive(Clone, Debug)]
pub(super) enum Store {
    Sqlite { read: SqliteStore, write: SqliteStore },
    Postgres(PostgresStore),
}

impl Store {
    pub fn new(db: &Db) -> Self {
        match db {
            Db::Sqlite { readers, writer } => Self::Sqlite {
                read: SqliteStore::new(readers.clone()),
                write: SqliteStore::new(writer.clone()),
            },
            Db::Postgres { pool, schema } => {
                let store = PostgresStore::new(pool.clone()).with_table_name("tower_sessions");
                Self::Postgres(
                    store
                        .and_then(|it| it.with_schema_name(schema))
                        .expect("a schema name that was checked when the database was opened"),
                )
            }
        }
    }
}

/// Applies the timeout of our own statements to those of the stores.
async fn in_time<T>(
    answer: impl Future<Output = session_store::Result<T>>,
) -> session_store::Result<T> {
    let timed_out = |_| session_store::Error::Backend(db::Error::TimedOut.to_string());
    tokio::time::timeout(ANSWER_TIMEOUT, answer).await.map_err(timed_out)?
}

#[async_trait]
impl SessionStore for Store {
    /// Saves without checking whether the id is taken, because random 128-bit ids do not collide. The stores check it in a transaction,
    /// which SQLite may end on its own (see `db::transaction`).
    async fn create(&self, record: &mut Record) -> session_store::Result<()> {
        self.save(record).await
    }

    async fn save(&self, record: &Record) -> session_store::Result<()> {
        match self {
            Self::Sqlite { write, .. } => in_time(write.save(record)).await,
            Self::Postgres(store) => in_time(store.save(record)).await,
        }
    }

    async fn load(&self, id: &Id) -> session_store::Result<Option<Record>> {
        match self {
            Self::Sqlite { read, .. } => in_time(read.load(id)).await,
            Self::Postgres(store) => in_time(store.load(id)).await,
        }
    }

    async fn delete(&self, id: &Id) -> session_store::Result<()> {
        match self {
            Self::Sqlite { write, .. } => in_time(write.delete(id)).await,
            Self::Postgres(store) => in_time(store.delete(id)).await,
        }
    }
}
