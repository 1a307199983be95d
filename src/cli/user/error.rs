//! Why a `user` command failed.

use std::fmt::Display;

use crate::error::{Error, from_db_error};
use crate::services::administration::act::ActError;

#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// The command line is wrong.
    #[error("{0}")]
    Usage(String),
    /// The account does not exist, or its state does not allow the action.
    #[error("{0}")]
    Refused(String),
    /// Another error, such as one of the database.
    #[error(transparent)]
    Failed(#[from] Error),
}

from_db_error!(CommandError);

impl CommandError {
    pub fn usage(why: impl Display) -> Self {
        Self::Usage(why.to_string())
    }
}

impl From<ActError> for CommandError {
    fn from(error: ActError) -> Self {
        match error {
            ActError::Failed(error) => Self::Failed(error),
            refusal => Self::Refused(refusal.to_string()),
        }
    }
}
