//! What nobody can mend by typing again: one kind of error for all of it.
//!
//! What a person *can* mend is a refusal, named by the enum of its use case in `services`.

use crate::mail::DeliveryError;

/// Short for results that fail with [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A part that failed. Never carries what a person typed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database did not answer, or not as expected.
    #[error("database: {0}")]
    Db(#[from] sqlx::Error),
    /// A migration could not be applied.
    #[error("migration: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
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
    /// Signing keys or tokens.
    #[error("access token: {0}")]
    AccessToken(#[from] jsonwebtoken::errors::Error),
    /// A file or socket.
    #[error("{0}: {1}")]
    Io(String, #[source] std::io::Error),
}

impl Error {
    /// For `map_err` on input and output: says what was being done.
    pub fn io(doing: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        move |error| Self::Io(doing.into(), error)
    }

    /// Whether the same request may well succeed in a moment (503 with `Retry-After`, and not 500).
    #[must_use]
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Db(error) => database_is_unavailable(error),
            Self::BrowserState(tower_sessions::session::Error::Store(_)) | Self::HashQueueFull => {
                true
            }
            _ => false,
        }
    }
}

fn database_is_unavailable(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::Io(_)
        | sqlx::Error::WorkerCrashed => true,
        // SQLite's primary codes: busy, locked, read-only, I/O error, full, cannot open.
        // PostgreSQL's classes: connection, transaction rollback, resources, operator intervention.
        sqlx::Error::Database(error) => error.code().is_some_and(|code| {
            let sqlite = code
                .parse::<u32>()
                .is_ok_and(|code| code < 10_000 && matches!(code & 0xff, 5 | 6 | 8 | 10 | 13 | 14));
            let postgres = code.len() == 5
                && ["08", "40", "53", "57"].iter().any(|class| code.starts_with(class));
            sqlite || postgres
        }),
        _ => false,
    }
}
