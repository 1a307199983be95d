//! Opens the database, and compares its schema with that of this binary.

use super::error::{Error, Result};
use super::location::Location;
use super::migration::{self, Schema};
use super::pools::Db;
use super::{postgres, sqlite};

impl Db {
    /// Opens the database and migrates it under a lock. A SQLite file that does not exist is created.
    pub async fn open(location: &Location) -> Result<Self> {
        match location {
            Location::Sqlite(path) => {
                location.check_writable()?;
                Box::pin(sqlite::open::open(path)).await
            }
            Location::Postgres(server) => Box::pin(postgres::open::open(server)).await,
        }
    }

    /// Opens an existing database without migrating it. Damaged files are refused.
    pub async fn open_existing(location: &Location) -> Result<Self> {
        match location {
            Location::Sqlite(path) => match sqlite::open::open_existing(path).await {
                Err(error) if error.is_inaccessible() => {
                    location.check_writable()?;
                    Err(error)
                }
                opened => opened,
            },
            Location::Postgres(server) => postgres::open::open_existing(server).await,
        }
    }

    /// Fails if a server could not start with this database, as far as that can be checked without changing it. `true`: no migration is
    /// pending.
    pub async fn check(&self) -> Result<bool> {
        let is_current = migration::compare(self).await? == Schema::Current;
        if let Self::Postgres { pool, .. } = self
            && !postgres::open::has_rights(pool, !is_current).await?
        {
            return Err(Error::MissingRights { creates_tables: !is_current });
        }
        Ok(is_current)
    }

    /// Refuses a database with pending migrations, or with migrations of a newer version.
    pub async fn must_be_current(&self) -> Result<()> {
        match migration::compare(self).await? {
            Schema::Current => Ok(()),
            Schema::Behind => Err(Error::Outdated),
        }
    }

    /// Whether the database responds and has all migrations of this binary.
    pub async fn is_ready(&self) -> bool {
        migration::is_current(self).await
    }
}

/// Does `work` under the lock that [`Db::open`] takes to migrate this database, so that one instance does it and the others wait.
pub async fn under_migration_lock<T>(
    location: &Location,
    work: impl Future<Output = Result<T>>,
) -> Result<T> {
    match location {
        Location::Sqlite(path) => {
            let _lock = sqlite::file::lock_folder(path).await?;
            work.await
        }
        Location::Postgres(server) => postgres::migrate::locked(server, work).await,
    }
}

/// Whether another process uses the database: a server, or for SQLite any program that has the file open.
pub async fn is_in_use(location: &Location) -> Result<bool> {
    match location {
        Location::Sqlite(path) => sqlite::file::is_in_use(path).await,
        Location::Postgres(server) => postgres::open::is_in_use(server).await,
    }
}
