//! Database errors, and the meaning of the error codes of SQLite and PostgreSQL.

use std::io;

use sqlx::error::DatabaseError;
use sqlx::migrate::MigrateError;

use crate::installation::authflow;

/// The result of everything in [`db`](crate::db) and in `repositories`.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a database operation failed. Never contains the values of a statement.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A statement failed, or its connection did.
    #[error("database: {0}")]
    Query(#[source] sqlx::Error),
    /// The pool had no connection in time.
    #[error("database: no connection in time. It does not respond, or all connections are in use")]
    NoConnection,
    /// A statement of the transaction failed, and the code ignored that.
    #[error("database: a statement of this transaction failed, so it was rolled back")]
    RolledBack,
    /// A statement or transaction timed out.
    #[error("database: it did not answer in time")]
    TimedOut,
    /// The connection to PostgreSQL could not be made as secure as `sslmode` demands.
    #[error("{0}")]
    Insecure(String),
    /// A migration could not be applied.
    #[error("migration: {0}")]
    Migration(#[from] MigrateError),
    /// The role lacks rights in PostgreSQL.
    #[error(
        "the role may not {} in it. GRANT it that right, or make it the owner of the database",
        if *creates_tables { "create tables" } else { "read and write the tables" }
    )]
    MissingRights {
        /// Whether the missing right is to create tables; otherwise, to use existing ones.
        creates_tables: bool,
    },
    /// The SQLite file belongs to another program.
    #[error("it is not an authflow database: it contains other tables")]
    ForeignFile,
    /// The SQLite file is damaged.
    #[error("the file is damaged: {0}")]
    Damaged(String),
    /// The schema is older than the one of this binary.
    #[error(
        "the database is not up to date: it has no tables yet, or those of an earlier version. Start the server once, or \
         run {} migrate",
        authflow()
    )]
    Outdated,
    /// The schema is newer than the one of this binary.
    #[error(
        "the database is at schema {found} and this version of authflow knows up to {known}: it was used by a newer version. \
         Start that one, or restore a backup from before"
    )]
    NewerSchema {
        /// The highest version in the database.
        found: i64,
        /// The highest version in the binary.
        known: i64,
    },
    /// PostgreSQL's `search_path` names no schema that exists.
    #[error(
        "the database has no schema for the tables. Create one for the role (CREATE SCHEMA), or set its search_path"
    )]
    NoSchema,
    /// The store of browser states cannot use a schema of that name.
    #[error(
        "the schema {0:?} cannot be used. Give the role one whose name has only letters, digits and underscores (search_path)"
    )]
    UnusableSchema(String),
    /// This process may not write the files of SQLite: which ones, whose they are, and what to do.
    #[error("{0}")]
    NoAccess(String),
    /// There is no database yet.
    #[error("there is no database")]
    Missing,
    /// An operation on a file or folder of SQLite: what was being done, and why it failed.
    #[error("{0}: {1}")]
    Io(String, #[source] io::Error),
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::PoolTimedOut => Self::NoConnection,
            sqlx::Error::Protocol(why) if why.starts_with(CLOSED_BEFORE_TLS) => {
                let why = "the server closed the connection when it was asked for TLS";
                Self::Query(sqlx::Error::Io(io::Error::new(io::ErrorKind::UnexpectedEof, why)))
            }
            error => Self::Query(error),
        }
    }
}

/// What sqlx 0.8 reports when the server closes the connection instead of answering: its buffer still contains a zero. Load balancers
/// without a backend do that.
const CLOSED_BEFORE_TLS: &str = "unexpected response from SSLRequest: 0x00";

impl Error {
    /// For `map_err` on file operations: adds what was being done.
    pub fn io(doing: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        move |error| Self::Io(doing.into(), error)
    }

    /// Whether a retry is likely to succeed soon.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Query(error)
            | Self::Migration(
                MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _),
            ) => is_unavailable(error),
            Self::TimedOut | Self::NoConnection => true,
            _ => false,
        }
    }

    /// Whether the transaction failed only because it conflicted with another one.
    #[must_use]
    pub fn is_conflict(&self) -> bool {
        self.has_state(&["40001", "40P01"]) // serialization_failure, deadlock_detected
    }

    /// Whether another transaction holds the lock on a row or table.
    #[must_use]
    pub fn is_locked(&self) -> bool {
        self.has_state(&["55P03"]) // lock_not_available
    }

    /// Whether another connection holds SQLite's lock (`SQLITE_BUSY`, `SQLITE_LOCKED`).
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.sqlite_code().is_some_and(|code| matches!(code, 5 | 6))
    }

    /// Whether SQLite cannot read its file (`SQLITE_CORRUPT`, `SQLITE_NOTADB`).
    #[must_use]
    pub fn is_damaged(&self) -> bool {
        matches!(self, Self::Damaged(_))
            || self.sqlite_code().is_some_and(|code| matches!(code, 11 | 26))
    }

    /// Whether SQLite may not read or write its files (`SQLITE_PERM`, `SQLITE_READONLY`, `SQLITE_CANTOPEN`).
    #[must_use]
    pub fn is_inaccessible(&self) -> bool {
        self.sqlite_code().is_some_and(|code| matches!(code, 3 | 8 | 14))
    }

    /// Whether a row violates a unique key.
    #[must_use]
    pub fn is_duplicate(&self) -> bool {
        self.reported().is_some_and(DatabaseError::is_unique_violation)
    }

    /// Whether PostgreSQL cannot create an object because it already exists.
    #[must_use]
    pub fn already_exists(&self) -> bool {
        // unique_violation, duplicate_object, duplicate_table
        self.has_state(&["23505", "42710", "42P07"])
    }

    /// Whether the statement names a table that does not exist.
    #[must_use]
    pub fn is_missing_table(&self) -> bool {
        let sqlite = |error: &dyn DatabaseError| {
            error.code().is_some_and(|code| code == "1")
                && error.message().starts_with("no such table")
        };
        self.has_state(&["42P01"]) || self.reported().is_some_and(sqlite)
    }

    /// The message alone, for a sentence that already names the database.
    #[must_use]
    pub fn reason(&self) -> String {
        match self {
            Self::Query(sqlx::Error::Database(error)) => error.message().to_owned(),
            Self::Query(sqlx::Error::Io(error)) => error.to_string(),
            Self::NoConnection | Self::TimedOut => "it did not answer in time".to_owned(),
            error => error.to_string(),
        }
    }

    /// The error that the database itself reported.
    pub(super) fn reported(&self) -> Option<&dyn DatabaseError> {
        match self {
            Self::Query(error)
            | Self::Migration(
                MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _),
            ) => error.as_database_error(),
            _ => None,
        }
    }

    /// SQLite's primary result code.
    fn sqlite_code(&self) -> Option<u32> {
        let code = self.reported().and_then(DatabaseError::code).filter(|code| code.len() < 5)?;
        code.parse::<u32>().ok().map(|code| code & 0xff)
    }

    /// Whether PostgreSQL reported one of these SQLSTATEs (appendix A of its manual).
    fn has_state(&self, states: &[&str]) -> bool {
        let code = self.reported().and_then(DatabaseError::code);
        code.is_some_and(|code| states.contains(&code.as_ref()))
    }
}

fn is_unavailable(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::WorkerCrashed => true,
        // SQLite's primary codes: busy, locked, read-only, I/O error, full, cannot open.
        // PostgreSQL's classes: connection, read-only (a standby), authentication, no such database, transaction rollback, resources, lock
        // (lock not available, connections not allowed), operator intervention.
        sqlx::Error::Database(error) => error.code().is_some_and(|code| match code.len() {
            5 => ["08", "25006", "28", "3D", "40", "53", "55", "57"]
                .iter()
                .any(|class| code.starts_with(class)),
            _ => code
                .parse::<u32>()
                .is_ok_and(|code| matches!(code & 0xff, 5 | 6 | 8 | 10 | 13 | 14)),
        }),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_closed_before_tls_is_a_temporary_error() {
        let error = |why: &str| Error::from(sqlx::Error::Protocol(why.to_owned()));
        let closed = error("unexpected response from SSLRequest: 0x00 (sqlx_postgres::tls:95)");
        assert!(closed.is_passing() && closed.to_string().contains("closed the connection"));
        let other = error("unexpected response from SSLRequest: 0x48 (sqlx_postgres::tls:95)");
        assert!(!other.is_passing() && other.to_string().contains("0x48"));
    }
}
