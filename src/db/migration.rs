//! The schema: one folder of migrations, valid on both databases and carried in the binary.

use std::collections::BTreeMap;

use sqlx::migrate::{Migrate, MigrateError, Migrator};

use super::{Db, query};
use crate::error::{Error, Result};

/// Without sqlx's own lock, which on PostgreSQL is a session-level advisory one: not every compatible server has those, and a
/// connection pooler loses them. Each database's module takes a lock of its own.
static MIGRATIONS: Migrator = Migrator { locking: false, ..sqlx::migrate!() };

/// How a database compares with this binary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Schema {
    Current,
    Behind,
}

/// Compares. A database that a later version has used is refused: nobody knows what its rows mean.
pub(super) async fn compare(db: &Db) -> Result<Schema> {
    let applied =
        query(db, "SELECT version, checksum FROM _sqlx_migrations WHERE success").all().await;
    let applied: BTreeMap<i64, Vec<u8>> = match applied {
        Ok(rows) => rows.into_iter().collect(),
        Err(error) if error.is_missing_table() => return Ok(Schema::Behind),
        Err(error) => return Err(error),
    };
    let known = latest();
    if let Some(found) = applied.keys().copied().max().filter(|found| *found > known) {
        return Err(Error::NewerSchema { found, known });
    }
    for migration in MIGRATIONS.iter() {
        match applied.get(&migration.version) {
            None => return Ok(Schema::Behind),
            Some(checksum) if *checksum != *migration.checksum => {
                return Err(MigrateError::VersionMismatch(migration.version).into());
            }
            Some(_) => {}
        }
    }
    Ok(Schema::Current)
}

/// Applies what is missing. The caller holds the lock.
pub(super) async fn apply(on: &mut impl Migrate) -> Result<()> {
    MIGRATIONS.run_direct(on).await?;
    Ok(())
}

/// Whether the database answers and has all migrations. A later version may have added some of its own while this one goes on
/// serving.
pub(super) async fn is_current(db: &Db) -> bool {
    let applied = query(db, "SELECT MAX(version) FROM _sqlx_migrations WHERE success");
    matches!(applied.one::<(Option<i64>,)>().await, Ok((Some(applied),)) if applied >= latest())
}

fn latest() -> i64 {
    MIGRATIONS.iter().map(|migration| migration.version).max().unwrap_or_default()
}
