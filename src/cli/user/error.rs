//! Why a `user` command failed.

use crate::error::{Error, from_db_error};
use crate::i18n::message::Message;
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
    /// An argument is wrong, and why.
    pub fn usage(why: impl Into<Message>) -> Self {
        Self::Usage(why.into().english())
    }
}

impl From<ActError> for CommandError {
    fn from(error: ActError) -> Self {
        match error {
            ActError::Unknown => Self::Refused("There is no such account.".to_owned()),
            ActError::Unfit(why) => Self::Refused(Message::from(why).english()),
            ActError::Failed(error) => Self::Failed(error),
        }
    }
}
