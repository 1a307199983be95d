//! PostgreSQL, and servers that speak its language: no extensions, no superuser, no advisory locks.

use std::time::{Duration, Instant};

use sqlx::pool::PoolOptions;
use sqlx::postgres::PgConnection;
use sqlx::{Connection, Executor, PgPool};
use tokio::time::timeout;
use tower_sessions_sqlx_store::PostgresStore;

use super::migration::{self, Schema};
use super::{ACQUIRE_TIMEOUT, Db, Server};
use crate::error::{Error, Result};

const LOCK_RETRY: Duration = Duration::from_millis(200);
/// How often to look whether a server is still there.
const LEAVE_TRIES: u32 = 8;
/// How often the log says that it is another instance's turn.
const SAY_EVERY: Duration = Duration::from_secs(15);

/// What our connections call themselves, so that operators and the commands that need to be alone find them.
const SERVER: &str = "authflow";
const COMMAND: &str = "authflow command";

/// The limits that the server itself keeps, in milliseconds: as our own, and what an instance that vanished has locked is free
/// again soon.
const LIMITS: &str = "SET statement_timeout = 15000; SET lock_timeout = 5000; \
                      SET idle_in_transaction_session_timeout = 30000";

pub(super) async fn open(server: &Server) -> Result<Db> {
    let options = server.options(SERVER);
    // By itself first: a pool that finds nobody only says that time is up.
    let mut first = connect(server, SERVER).await?;
    let schema = schema(&mut first).await?;
    let pool = PoolOptions::new()
        .max_connections(server.connections())
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .after_connect(|connection: &mut PgConnection, _| {
            Box::pin(async move { connection.execute(LIMITS).await.map(drop) })
        })
        .connect_lazy_with(options);
    if PostgresStore::new(pool.clone()).with_schema_name(&schema).is_err() {
        return Err(Error::SchemaName(schema));
    }
    let db = Db::Postgres { pool, schema };
    if migration::compare(&db).await? == Schema::Behind {
        migrate(&mut first, server, &db).await?;
    }
    first.close().await?;
    Ok(db)
}

/// Opens it for a command: without the limits that requests have.
pub(super) async fn look(server: &Server) -> Result<Db> {
    let mut first = connect(server, COMMAND).await?;
    let schema = schema(&mut first).await?;
    first.close().await?;
    Ok(Db::Postgres { pool: PgPool::connect_lazy_with(server.options(COMMAND)), schema })
}

/// Whether servers are connected, as far as the role may see.
pub(super) async fn is_in_use(server: &Server) -> Result<bool> {
    let mut on = connect(server, COMMAND).await?;
    let servers = "SELECT COUNT(*) FROM pg_stat_activity
                   WHERE datname = current_database() AND application_name = $1";
    let mut found = 0;
    for _ in 0..LEAVE_TRIES {
        (found,) = sqlx::query_as::<_, (i64,)>(servers).bind(SERVER).fetch_one(&mut on).await?;
        if found == 0 {
            break;
        }
        tokio::time::sleep(LOCK_RETRY).await; // one that has just been stopped takes a moment to be gone
    }
    on.close().await?;
    Ok(found > 0)
}

/// Whether the role may do what a server does: make tables if `makes_tables`, read and write them otherwise.
pub(super) async fn may_work(pool: &PgPool, makes_tables: bool) -> Result<bool> {
    let sql = if makes_tables {
        "SELECT has_schema_privilege(current_schema(), 'CREATE')"
    } else {
        "SELECT has_table_privilege('users', 'SELECT') AND has_table_privilege('users', 'UPDATE')"
    };
    let (may,): (bool,) = sqlx::query_as(sql).fetch_one(pool).await?;
    Ok(may)
}

/// Connects as `name`; the password goes only to a server that is as secure as was asked for.
async fn connect(server: &Server, name: &str) -> Result<PgConnection> {
    let options = server.options(name);
    let Ok(connected) = timeout(ACQUIRE_TIMEOUT, PgConnection::connect_with(&options)).await else {
        return Err(Error::DbSilent);
    };
    connected.map_err(|error| match server.refusal(&error) {
        Some(why) => Error::Insecure(why),
        None => error.into(),
    })
}

async fn schema(on: &mut PgConnection) -> Result<String> {
    let current = sqlx::query_as("SELECT current_schema()::text").fetch_one(on);
    let (schema,): (Option<String>,) = in_time(current).await?;
    schema.ok_or(Error::NoSchema)
}

async fn in_time<T>(answer: impl Future<Output = sqlx::Result<T>>) -> Result<T> {
    match timeout(ACQUIRE_TIMEOUT, answer).await {
        Ok(answer) => Ok(answer?),
        Err(_) => Err(Error::DbSilent),
    }
}

/// Brings the database up to date while no other instance does. The lock is a row held by a transaction of its own: it is free
/// again as soon as its holder is gone.
async fn migrate(lock: &mut PgConnection, server: &Server, db: &Db) -> Result<()> {
    // Where the holder's whole machine is gone, the server finds out within a minute. Some servers do not know these.
    let keepalives = "SET tcp_keepalives_idle = 20; SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 4";
    let _ = in_time(lock.execute(keepalives)).await;
    make_lock(lock).await?;
    let mut said: Option<Instant> = None;
    loop {
        in_time(lock.execute("BEGIN")).await?;
        let row = "SELECT id FROM migration_lock WHERE id = 1 FOR UPDATE NOWAIT";
        match in_time(lock.execute(row)).await {
            Ok(_) => break,
            Err(error) if error.is_locked() || error.is_conflict() => {
                if said.is_none_or(|said| said.elapsed() > SAY_EVERY) {
                    tracing::info!(
                        "another instance is bringing the database up to date; waiting for it"
                    );
                    said = Some(Instant::now());
                }
                in_time(lock.execute("ROLLBACK")).await?;
                tokio::time::sleep(LOCK_RETRY).await;
            }
            Err(error) => return Err(error),
        }
    }
    // Somebody else may have done it meanwhile.
    if migration::compare(db).await? == Schema::Behind {
        let mut connection = connect(server, SERVER).await?;
        migration::apply(db, &mut connection).await?;
        connection.close().await?;
    }
    in_time(lock.execute("ROLLBACK")).await?;
    Ok(())
}

/// Makes the table with the row. Of several that make it at once, some are told that it exists in spite of `IF NOT EXISTS`.
async fn make_lock(on: &mut PgConnection) -> Result<()> {
    const TRIES: u32 = 50;
    for _ in 0..TRIES {
        let made = async {
            on.execute("CREATE TABLE IF NOT EXISTS migration_lock (id BIGINT PRIMARY KEY)").await?;
            on.execute("INSERT INTO migration_lock (id) VALUES (1) ON CONFLICT DO NOTHING").await
        };
        match in_time(made).await {
            Err(error) if error.is_conflict() || error.is_already_there() => {
                tokio::time::sleep(LOCK_RETRY / 10).await;
            }
            made => return made.map(drop),
        }
    }
    Err(Error::DbSilent)
}
