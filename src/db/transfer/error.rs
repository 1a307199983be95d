//! Errors of backup, restore and copy. The target is then unchanged.

use crate::db::error::Error;

/// Why a backup, a restore or a copy failed.
#[derive(Debug, thiserror::Error)]
pub enum TransferError {
    /// One of the two databases failed.
    #[error(transparent)]
    Db(#[from] Error),
    /// The file for the backup already exists.
    #[error("{0} already exists")]
    FileExists(String),
    /// A server or another program uses the database.
    #[error("{0} is in use: stop every authflow that runs on it first")]
    InUse(String),
    /// The target holds data, and the operator did not ask to replace it.
    #[error("there is data already")]
    Occupied,
    /// The file to restore is damaged, empty or belongs to another program.
    #[error("{file} cannot be used as a backup: {why}")]
    NotABackup {
        /// The name of the file.
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
