//! Opens a database on a PostgreSQL server.

use std::time::Duration;

use sqlx::pool::PoolOptions;
use sqlx::postgres::PgConnection;
use sqlx::{Connection, PgPool};
use tower_sessions_sqlx_store::PostgresStore;

use super::connect::{COMMAND, SERVER, connect, in_time};
use super::migrate::migrate;
use super::server::Server;
use crate::db::error::{Error, Result};
use crate::db::migration::{self, Schema};
use crate::db::pools::Db;
use crate::db::timeouts::ACQUIRE_TIMEOUT;

/// The connections of a server that has just stopped take a moment to disappear.
const LEAVE_TRIES: u32 = 8;
const LEAVE_PAUSE: Duration = Duration::from_millis(200);

/// Migrates the database, and opens it for a server.
pub async fn open(server: &Server) -> Result<Db> {
    let options = server.options(SERVER);
    // One connection before the pool: a pool that cannot connect only reports a timeout, not the reason.
    let mut first = connect(server, SERVER).await?;
    let schema = schema(&mut first).await?;
    let pool = PoolOptions::new()
        .max_connections(server.connections())
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .connect_lazy_with(options);
    if PostgresStore::new(pool.clone()).with_schema_name(&schema).is_err() {
        return Err(Error::UnusableSchema(schema));
    }
    let db = Db::Postgres { pool, schema };
    if migration::compare(&db).await? == Schema::Behind {
        migrate(&mut first, server, &db).await?;
    }
    first.close().await?;
    Ok(db)
}

/// Opens the database for a command.
pub async fn open_existing(server: &Server) -> Result<Db> {
    let mut first = connect(server, COMMAND).await?;
    let schema = schema(&mut first).await?;
    first.close().await?;
    Ok(Db::Postgres { pool: PgPool::connect_lazy_with(server.options(COMMAND)), schema })
}

/// Whether servers are connected, as far as the role may see.
pub async fn is_in_use(server: &Server) -> Result<bool> {
    let mut on = connect(server, COMMAND).await?;
    let servers = "SELECT COUNT(*) FROM pg_stat_activity
                   WHERE datname = current_database() AND application_name = $1";
    let mut found = 0;
    for _ in 0..LEAVE_TRIES {
        (found,) = sqlx::query_as::<_, (i64,)>(servers).bind(SERVER).fetch_one(&mut on).await?;
        if found == 0 {
            break;
        }
        tokio::time::sleep(LEAVE_PAUSE).await;
    }
    on.close().await?;
    Ok(found > 0)
}

/// Whether the role has the rights that a server needs: to create tables, or else to read and write those that exist.
pub async fn has_rights(pool: &PgPool, creates_tables: bool) -> Result<bool> {
    let sql = if creates_tables {
        "SELECT has_schema_privilege(current_schema(), 'CREATE')"
    } else {
        "SELECT has_table_privilege('users', 'SELECT') AND has_table_privilege('users', 'UPDATE')"
    };
    let (has_rights,): (bool,) = sqlx::query_as(sql).fetch_one(pool).await?;
    Ok(has_rights)
}

async fn schema(on: &mut PgConnection) -> Result<String> {
    let current = sqlx::query_as("SELECT current_schema()::text").fetch_one(on);
    let (schema,): (Option<String>,) = in_time(current).await?;
    schema.ok_or(Error::NoSchema)
}
