//! The schema: one folder of migrations, valid on both databases and embedded in the binary.

use std::collections::BTreeMap;

use sqlx::migrate::{Migrate, MigrateError, Migrator};

use super::error::{Error, Result};
use super::pools::Db;
use super::query::query;
use crate::transaction;

/// Does not use sqlx's own lock, which on PostgreSQL is a session-level advisory lock: not every compatible server has those, and
/// connection poolers lose them. `postgres` and `sqlite` each take their own lock.
static MIGRATIONS: Migrator = Migrator { locking: false, ..sqlx::migrate!() };

/// A migration whose text was changed after databases had been created with it: its version, and the checksum of the old text, which those
/// databases have stored. Both texts have the same effect. (CockroachDB cannot drop an index and create another one with the same name in
/// one transaction: cockroachdb/cockroach#98494.)
const REWRITTEN: (i64, [u8; 48]) = (
    2,
    [
        0x62, 0x2a, 0x65, 0x14, 0xf9, 0xc9, 0x04, 0xec, 0x2e, 0xf4, 0xd6, 0xf2, 0x1c, 0xab, 0x40,
        0x54, 0x4c, 0x1b, 0xd7, 0xe9, 0x41, 0x36, 0x5c, 0x8e, 0x0a, 0x57, 0x20, 0xb7, 0x70, 0x08,
        0x72, 0x91, 0x6a, 0x97, 0xfe, 0x13, 0x50, 0x8d, 0x44, 0x7c, 0x25, 0x6f, 0x50, 0xfe, 0x38,
        0xb2, 0x29, 0xc4,
    ],
);

/// How the schema of a database compares with that of this binary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Schema {
    Current,
    Behind,
}

/// Compares the schemas. A database that a newer version has used is refused, because this version cannot know what its rows mean.
pub(super) async fn compare(db: &Db) -> Result<Schema> {
    let applied =
        query(db, "SELECT version, checksum FROM _sqlx_migrations WHERE success").all().await;
    let applied: BTreeMap<i64, Vec<u8>> = match applied {
        Ok(rows) => rows.into_iter().collect(),
        Err(error) if error.is_missing_table() => {
            // Other programs may share a schema of PostgreSQL, but not a file of SQLite.
            let others = "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table'";
            if matches!(db, Db::Sqlite { .. }) && query(db, others).one::<(i64,)>().await?.0 > 0 {
                return Err(Error::ForeignFile);
            }
            return Ok(Schema::Behind);
        }
        Err(error) => return Err(error),
    };
    let known = latest();
    if let Some(found) = applied.keys().copied().max().filter(|found| *found > known) {
        return Err(Error::NewerSchema { found, known });
    }
    for migration in MIGRATIONS.iter() {
        match applied.get(&migration.version) {
            None => return Ok(Schema::Behind),
            Some(checksum)
                if (migration.version, checksum.as_slice()) == (REWRITTEN.0, &REWRITTEN.1) => {}
            Some(checksum) if *checksum != *migration.checksum => {
                return Err(MigrateError::VersionMismatch(migration.version).into());
            }
            Some(_) => {}
        }
    }
    Ok(Schema::Current)
}

/// Applies the pending migrations. The caller holds the lock.
pub(super) async fn apply(db: &Db, on: &mut impl Migrate) -> Result<()> {
    let rewritten = MIGRATIONS.iter().find(|migration| migration.version == REWRITTEN.0);
    if let Some(migration) = rewritten {
        let renamed = transaction!(db, |tx| -> Result<_> {
            query(
                tx,
                "UPDATE _sqlx_migrations SET checksum = $1 WHERE version = $2 AND checksum = $3",
            )
            .bind(migration.checksum.to_vec())
            .bind(REWRITTEN.0)
            .bind(REWRITTEN.1.to_vec())
            .execute()
            .await
        });
        if let Err(error) = renamed
            && !error.is_missing_table()
        {
            return Err(error);
        }
    }
    MIGRATIONS.run_direct(on).await?;
    Ok(())
}

/// Whether the database responds and has all migrations. A newer version may have added more while this one is still running.
pub(super) async fn is_current(db: &Db) -> bool {
    let applied = query(db, "SELECT MAX(version) FROM _sqlx_migrations WHERE success");
    matches!(applied.one::<(Option<i64>,)>().await, Ok((Some(applied),)) if applied >= latest())
}

fn latest() -> i64 {
    MIGRATIONS.iter().map(|migration| migration.version).max().unwrap_or_default()
}
