//! Migrates a PostgreSQL database that several instances may open at once.

use std::time::{Duration, Instant};

use sqlx::postgres::PgConnection;
use sqlx::{Connection, Executor};

use super::connect::{SERVER, connect, in_time};
use super::server::Server;
use crate::db::error::{Error, Result};
use crate::db::migration::{self, Schema};
use crate::db::pools::Db;

const LOCK_RETRY: Duration = Duration::from_millis(200);
/// How often to log that another instance holds the lock.
const LOG_EVERY: Duration = Duration::from_secs(15);

/// With these, the server notices within a minute that the machine of the lock's holder has disappeared, and keeps the lock as long as the
/// work takes.
const BEGIN_WITH_KEEPALIVES: &str = "BEGIN; SET LOCAL idle_in_transaction_session_timeout = 0; \
                                     SET LOCAL tcp_keepalives_idle = 20; \
                                     SET LOCAL tcp_keepalives_interval = 10; SET LOCAL tcp_keepalives_count = 4";

/// Migrates the database while no other instance does.
pub async fn migrate(lock: &mut PgConnection, server: &Server, db: &Db) -> Result<()> {
    take(lock).await?;
    // Another instance may have migrated it in the meantime.
    if migration::compare(db).await? == Schema::Behind {
        let mut connection = connect(server, SERVER).await?;
        migration::apply(db, &mut connection).await?;
        connection.close().await?;
    }
    in_time(lock.execute("ROLLBACK")).await?;
    Ok(())
}

/// Does `work` while no other instance migrates the database or does such work.
pub async fn locked<T>(server: &Server, work: impl Future<Output = Result<T>>) -> Result<T> {
    let mut lock = connect(server, SERVER).await?;
    take(&mut lock).await?;
    let done = work.await;
    // Released even if this fails.
    let _ = lock.close().await;
    done
}

/// Waits for the lock, and takes it. It is a row lock, held by a separate transaction on the connection `lock`. It is released as soon as
/// its holder disconnects.
async fn take(lock: &mut PgConnection) -> Result<()> {
    // Some servers do not know these settings.
    let has_keepalives = in_time(lock.execute(BEGIN_WITH_KEEPALIVES)).await.is_ok();
    in_time(lock.execute("ROLLBACK")).await?;
    let begin = if has_keepalives { BEGIN_WITH_KEEPALIVES } else { "BEGIN" };
    let mut logged: Option<Instant> = None;
    loop {
        in_time(lock.execute(begin)).await?;
        let row = "SELECT id FROM migration_lock WHERE id = 1 FOR UPDATE NOWAIT";
        match in_time(lock.execute(row)).await {
            Ok(found) if found.rows_affected() > 0 => return Ok(()),
            // Created only if need be, since the role may not be allowed to create tables.
            Ok(_) => {
                in_time(lock.execute("ROLLBACK")).await?;
                create_lock(lock).await?;
            }
            Err(error) if error.is_missing_table() => {
                in_time(lock.execute("ROLLBACK")).await?;
                create_lock(lock).await?;
            }
            Err(error) if error.is_locked() || error.is_conflict() => {
                if logged.is_none_or(|logged| logged.elapsed() > LOG_EVERY) {
                    tracing::info!("another instance is migrating the database; waiting for it");
                    logged = Some(Instant::now());
                }
                in_time(lock.execute("ROLLBACK")).await?;
                tokio::time::sleep(LOCK_RETRY).await;
            }
            Err(error) => return Err(error),
        }
    }
}

/// Creates the table with the row. If several instances do so at once, some get the error that it exists, despite `IF NOT EXISTS`.
async fn create_lock(on: &mut PgConnection) -> Result<()> {
    const TRIES: u32 = 50;
    for _ in 0..TRIES {
        let created = async {
            on.execute("CREATE TABLE IF NOT EXISTS migration_lock (id BIGINT PRIMARY KEY)").await?;
            on.execute("INSERT INTO migration_lock (id) VALUES (1) ON CONFLICT DO NOTHING").await
        };
        match in_time(created).await {
            Err(error) if error.is_conflict() || error.already_exists() => {
                tokio::time::sleep(LOCK_RETRY / 10).await;
            }
            created => return created.map(drop),
        }
    }
    Err(Error::TimedOut)
}
