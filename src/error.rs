//! What nobody can mend by typing again: one kind of error for all of it.
//!
//! What a person *can* mend is a refusal, named by the enum of its use case in `services`.

use std::io;
use std::time::Duration;

use sqlx::error::DatabaseError;
use sqlx::migrate::MigrateError;

use crate::mail::DeliveryError;

/// Short for results that fail with [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A part that failed. Never carries what a person typed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database did not answer, or not as expected.
    #[error("database: {0}")]
    Db(#[source] sqlx::Error),
    /// No connection was free, or none could be made.
    #[error("database: no connection in time: it does not answer, or all connections are taken")]
    NoConnection,
    /// A statement of a transaction had failed, and the rest went on as if it had not.
    #[error("database: the transaction was given up")]
    GivenUp,
    /// The database did not answer in time.
    #[error("database: it did not answer in time")]
    DbSilent,
    /// The database server could not be reached as securely as was asked for.
    #[error("{0}")]
    Insecure(String),
    /// A migration could not be applied.
    #[error("migration: {0}")]
    Migration(#[from] MigrateError),
    /// Nobody answered at the start.
    #[error("{place} could not be used for {} s: {why}", waited.as_secs())]
    NoDatabase {
        /// Where it should be.
        place: String,
        /// How long that was tried.
        waited: Duration,
        /// What it said the last time.
        why: Box<Self>,
    },
    /// The role's rights.
    #[error(
        "the role may not {} in it; GRANT it that, or make it the owner of the database",
        if *makes_tables { "make tables" } else { "read and write the tables" }
    )]
    NoRights {
        /// Whether it is about making tables.
        makes_tables: bool,
    },
    /// A SQLite file that holds something else.
    #[error("it is no database of authflow: it holds other tables")]
    Foreign,
    /// Something that was to be restored.
    #[error("{file} is no backup of authflow that can be used: {why}")]
    NoBackup {
        /// Its name.
        file: String,
        /// What is wrong with it.
        why: String,
    },
    /// SQLite's file is damaged.
    #[error("the file is damaged: {0}")]
    Corrupt(String),
    /// Somebody has to stop first.
    #[error("{0} is in use: stop every authflow that runs on it first")]
    InUse(String),
    /// A file that would be written over.
    #[error("{0} exists already")]
    Exists(String),
    /// The schema is older than this binary's.
    #[error("the database is not up to date; run `authflow migrate` first")]
    Outdated,
    /// A copy did not come out right; the target is as it was.
    #[error("{0}")]
    Copy(String),
    /// The target of a copy is in use.
    #[error("there is data already")]
    Occupied,
    /// PostgreSQL's `search_path` leads nowhere.
    #[error(
        "the database has no schema to put tables in: give the role one (CREATE SCHEMA), or set its search_path"
    )]
    NoSchema,
    /// Browser states could not be kept in a schema of that name.
    #[error(
        "the schema {0:?} cannot be used: give the role one of letters, digits and underscores (search_path)"
    )]
    SchemaName(String),
    /// The database was brought up to date by a later version of the program.
    #[error(
        "the database is at schema {found} and this version of authflow knows up to {known}: it was used by a newer version. \
         Start that one, or restore a backup from before"
    )]
    NewerSchema {
        /// The highest number in the database.
        found: i64,
        /// The highest number in the program.
        known: i64,
    },
    /// The store of browser states failed.
    #[error("browser state: {0}")]
    BrowserState(#[from] tower_sessions::session::Error),
    /// A document could not be written as JSON.
    #[error("json: {0}")]
    Json(#[from] serde_json::Error),
    /// A page or mail could not be drawn.
    #[error("template: {0}")]
    Template(#[from] askama::Error),
    /// A mail could not be put together or handed over.
    #[error("mail: {0}")]
    Mail(#[from] DeliveryError),
    /// More passwords wait to be hashed than `HASH_QUEUE` allows.
    #[error("the queue of the hashing pool is full")]
    HashQueueFull,
    /// A hash in the database is none, or hashing failed.
    #[error("password hash: {0}")]
    Hash(String),
    /// Signing keys or secrets of authenticator apps were sealed under another `SECRET_KEY`, or their row was altered.
    #[error(
        "the keys in the database cannot be opened with this SECRET_KEY; \
         put the former key back (DATA_DIR/secret.key or the variable SECRET_KEY)"
    )]
    WrongSecretKey,
    /// None of the stored keys signs: the table was changed by hand, or the clock was set back.
    #[error("no stored key signs access tokens at this time")]
    NoSigningKey,
    /// Signing keys or tokens.
    #[error("access token: {0}")]
    AccessToken(#[from] jsonwebtoken::errors::Error),
    /// A file or socket.
    #[error("{0}: {1}")]
    Io(String, #[source] std::io::Error),
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::PoolTimedOut => Self::NoConnection,
            sqlx::Error::Protocol(why) if why.starts_with(CLOSED_BEFORE_TLS) => {
                let why = "the server closed the connection when it was asked for TLS";
                Self::Db(sqlx::Error::Io(io::Error::new(io::ErrorKind::UnexpectedEof, why)))
            }
            error => Self::Db(error),
        }
    }
}

/// What sqlx 0.8 says when a server closes the connection instead of an answer, as balancers do that have no server behind them: the
/// byte of the answer is as it was before.
const CLOSED_BEFORE_TLS: &str = "unexpected response from SSLRequest: 0x00";

impl Error {
    /// For `map_err` on input and output: says what was being done.
    pub fn io(doing: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        move |error| Self::Io(doing.into(), error)
    }

    /// Whether the same request may well succeed in a moment (503 with `Retry-After`, and not 500).
    #[must_use]
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Db(error)
            | Self::Migration(
                MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _),
            ) => database_is_unavailable(error),
            Self::DbSilent
            | Self::NoConnection
            | Self::BrowserState(tower_sessions::session::Error::Store(_))
            | Self::HashQueueFull => true,
            _ => false,
        }
    }

    /// Whether a transaction failed only because another was in its way.
    #[must_use]
    pub fn is_conflict(&self) -> bool {
        self.has_state(&["40001", "40P01"]) // serialization_failure, deadlock_detected
    }

    /// Whether a row or table is in somebody else's hands.
    #[must_use]
    pub fn is_locked(&self) -> bool {
        self.has_state(&["55P03"]) // lock_not_available
    }

    /// Whether another connection has SQLite's lock (`SQLITE_BUSY`, `SQLITE_LOCKED`).
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.sqlite_code().is_some_and(|code| matches!(code, 5 | 6))
    }

    /// Whether SQLite cannot read its file (`SQLITE_CORRUPT`, `SQLITE_NOTADB`).
    #[must_use]
    pub fn is_damaged(&self) -> bool {
        matches!(self, Self::Corrupt(_))
            || self.sqlite_code().is_some_and(|code| matches!(code, 11 | 26))
    }

    /// SQLite's primary code.
    fn sqlite_code(&self) -> Option<u32> {
        let code = self.database().and_then(DatabaseError::code).filter(|code| code.len() < 5)?;
        code.parse::<u32>().ok().map(|code| code & 0xff)
    }

    /// Whether something cannot be made because it exists.
    #[must_use]
    pub fn is_already_there(&self) -> bool {
        // unique_violation, duplicate_object, duplicate_table
        self.has_state(&["23505", "42710", "42P07"])
    }

    /// Whether a table is asked for that is not there.
    #[must_use]
    pub fn is_missing_table(&self) -> bool {
        let sqlite = |error: &dyn DatabaseError| {
            error.code().is_some_and(|code| code == "1")
                && error.message().starts_with("no such table")
        };
        self.has_state(&["42P01"]) || self.database().is_some_and(sqlite)
    }

    fn database(&self) -> Option<&dyn DatabaseError> {
        match self {
            Self::Db(error) => error.as_database_error(),
            _ => None,
        }
    }

    /// Whether PostgreSQL gave one of these reasons (appendix A of its manual).
    fn has_state(&self, states: &[&str]) -> bool {
        let code = self.database().and_then(DatabaseError::code);
        code.is_some_and(|code| states.contains(&code.as_ref()))
    }
}

fn database_is_unavailable(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::WorkerCrashed => true,
        // SQLite's primary codes: busy, locked, read-only, I/O error, full, cannot open.
        // PostgreSQL's classes: connection, read-only (a standby), sign-in, no such database, transaction rollback, resources, lock
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
    fn a_connection_that_is_closed_instead_of_an_answer_is_passing() {
        let error = |why: &str| Error::from(sqlx::Error::Protocol(why.to_owned()));
        let closed = error("unexpected response from SSLRequest: 0x00 (sqlx_postgres::tls:95)");
        assert!(closed.is_passing() && closed.to_string().contains("closed the connection"));
        let other = error("unexpected response from SSLRequest: 0x48 (sqlx_postgres::tls:95)");
        assert!(!other.is_passing() && other.to_string().contains("0x48"));
    }
}
