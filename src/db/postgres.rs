//! PostgreSQL, and servers that speak its language: no extensions, no superuser, no advisory locks.

use std::str::FromStr;
use std::time::Duration;

use sqlx::pool::PoolOptions;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{Connection, Executor, PgPool};

use super::migration::{self, Schema};
use super::{ACQUIRE_TIMEOUT, Db};
use crate::error::{Error, Result};
use crate::secret::Secret;

/// How long a connection may take to answer before it goes back to the pool; one that is slower is closed.
const PING_TIMEOUT: Duration = Duration::from_secs(5);
const LOCK_RETRY: Duration = Duration::from_millis(200);

/// The limits that the server itself keeps, in milliseconds: as our own, and what an instance that vanished has locked is free
/// again soon.
const LIMITS: &str = "SET statement_timeout = 15000; SET lock_timeout = 5000; \
                      SET idle_in_transaction_session_timeout = 30000";

pub(super) async fn open(url: &Secret<String>, connections: u32) -> Result<Db> {
    let options = options(url)?;
    // By itself first: a pool that finds nobody only says that time is up.
    let mut first = connect(&options).await?;
    let schema = schema(&mut first).await?;
    let pool = PoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .after_connect(|connection: &mut PgConnection, _| {
            Box::pin(async move { connection.execute(LIMITS).await.map(drop) })
        })
        // A server that has fallen silent must not keep the connections that requests have given up.
        .after_release(|connection: &mut PgConnection, _| {
            Box::pin(async move {
                let ping = tokio::time::timeout(PING_TIMEOUT, connection.ping()).await;
                ping.unwrap_or(Err(sqlx::Error::PoolTimedOut)).map(|()| true)
            })
        })
        .connect_lazy_with(options.clone());
    let db = Db::Postgres { pool, schema };
    if migration::compare(&db).await? == Schema::Behind {
        migrate(&mut first, &options, &db).await?;
    }
    first.close().await?;
    Ok(db)
}

pub(super) async fn look(url: &Secret<String>) -> Result<Db> {
    let options = options(url)?;
    let mut first = connect(&options).await?;
    let schema = schema(&mut first).await?;
    first.close().await?;
    Ok(Db::Postgres { pool: PgPool::connect_lazy_with(options), schema })
}

/// What is at the other end, for people: never the password.
pub(super) fn describe(url: &Secret<String>) -> String {
    let Ok(options) = options(url) else { return "PostgreSQL".to_owned() };
    let host = match options.get_socket() {
        Some(socket) => socket.display().to_string(),
        None => format!("{}:{}", options.get_host(), options.get_port()),
    };
    let database = options.get_database().unwrap_or(options.get_username());
    format!("PostgreSQL at {host}, database {database}")
}

fn options(url: &Secret<String>) -> Result<PgConnectOptions> {
    let options = PgConnectOptions::from_str(url.reveal())?;
    Ok(match options.get_application_name() {
        Some(_) => options,
        None => options.application_name("authflow"),
    })
}

async fn connect(options: &PgConnectOptions) -> Result<PgConnection> {
    let connecting = PgConnection::connect_with(options);
    match tokio::time::timeout(ACQUIRE_TIMEOUT, connecting).await {
        Ok(connection) => Ok(connection?),
        Err(_) => Err(Error::DbSilent),
    }
}

async fn schema(on: &mut PgConnection) -> Result<String> {
    let (schema,): (Option<String>,) =
        sqlx::query_as("SELECT current_schema()::text").fetch_one(on).await?;
    schema.ok_or(Error::NoSchema)
}

/// Brings the database up to date while no other instance does. The lock is a row held by a transaction of its own: it is free
/// again as soon as its holder is gone, however that happens.
async fn migrate(lock: &mut PgConnection, options: &PgConnectOptions, db: &Db) -> Result<()> {
    make_lock(lock).await?;
    let mut held = lock.begin().await?;
    let mut is_told = false;
    loop {
        let row = sqlx::query("SELECT id FROM migration_lock WHERE id = 1 FOR UPDATE NOWAIT");
        match row.execute(&mut *held).await.map_err(Error::from) {
            Ok(_) => break,
            Err(error) if error.is_locked() || error.is_conflict() => {
                if !is_told {
                    tracing::info!("another instance is bringing the database up to date");
                    is_told = true;
                }
                held.rollback().await?;
                tokio::time::sleep(LOCK_RETRY).await;
                held = lock.begin().await?;
            }
            Err(error) => return Err(error),
        }
    }
    // Somebody else may have done it meanwhile.
    if migration::compare(db).await? == Schema::Behind {
        let mut connection = connect(options).await?;
        migration::apply(db, &mut connection).await?;
        connection.close().await?;
    }
    held.rollback().await?;
    Ok(())
}

/// Makes the table with the row. Of several that make it at once, some are told that it exists in spite of `IF NOT EXISTS`.
async fn make_lock(on: &mut PgConnection) -> Result<()> {
    let mut tries = 0;
    loop {
        let made = async {
            on.execute("CREATE TABLE IF NOT EXISTS migration_lock (id BIGINT PRIMARY KEY)").await?;
            on.execute("INSERT INTO migration_lock (id) VALUES (1) ON CONFLICT DO NOTHING").await
        };
        match made.await {
            Ok(_) => return Ok(()),
            Err(error) if tries >= 50 => return Err(error.into()),
            Err(error) => {
                let error = Error::from(error);
                if !(error.is_conflict() || error.is_already_there()) {
                    return Err(error);
                }
            }
        }
        tries += 1;
        tokio::time::sleep(LOCK_RETRY / 10).await;
    }
}
