//! Why data could not be carried elsewhere. The target is then as it was before.

use crate::db::error::Error;

/// Why a backup, a restore or a copy did not happen.
#[derive(Debug, thiserror::Error)]
pub enum TransferError {
    /// One of the two databases failed.
    #[error(transparent)]
    Db(#[from] Error),
    /// The file of a backup would replace another one.
    #[error("{0} exists already")]
    FileExists(String),
    /// A server or another program uses the database.
    #[error("{0} is in use: stop every authflow that runs on it first")]
    InUse(String),
    /// The target holds data, and nothing said to replace it.
    #[error("there is data already")]
    Occupied,
    /// What was to be restored is damaged, empty or another program's.
    #[error("{file} cannot be used as a backup: {why}")]
    NotABackup {
        /// Its name.
        file: String,
        /// What is wrong with it.
        why: String,
    },
    /// The source has tables or columns that cannot be copied.
    #[error("{0}")]
    UnknownSchema(String),
    /// The target does not hold what was read from the source.
    #[error("{0}")]
    Incomplete(String),
}

impl From<sqlx::Error> for TransferError {
    fn from(error: sqlx::Error) -> Self {
        Self::Db(error.into())
    }
}

/// The result of a transfer or a part of it.
pub type Result<T, E = TransferError> = std::result::Result<T, E>;
