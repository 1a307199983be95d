//! Errors that no user can fix, as one type: `?` converts into it, and handlers turn it into one error page.
//!
//! | error | where it belongs |
//! |---|---|
//! | a user can fix it (a wrong code, a name that is taken) | in the enum of its use case in `services`, which also has `Failed(Error)` |
//! | the database failed | in [`db::Error`], which is all that `repositories` can return |
//! | a backup, a restore or a copy was refused | in [`TransferError`](crate::db::transfer::TransferError) |
//! | a mail server refused an email | in [`DeliveryError`], which tells the outbox whether to try again |
//! | a text is not a valid value | in an error beside the type in `domain` |
//! | the configuration is wrong | in [`Problems`](crate::config::Problems), all at once |
//! | any other part failed | here |

use crate::db;
use crate::mail::DeliveryError;

/// A result whose error is [`Error`] by default.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An internal error. Never contains user input.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database failed.
    #[error(transparent)]
    Db(#[from] db::Error),
    /// The store of browser states failed.
    #[error("browser state: {0}")]
    BrowserState(#[from] tower_sessions::session::Error),
    /// A document could not be written as JSON.
    #[error("json: {0}")]
    Json(#[from] serde_json::Error),
    /// A page or email could not be rendered.
    #[error("template: {0}")]
    Template(#[from] askama::Error),
    /// An email could not be composed or delivered.
    #[error("mail: {0}")]
    Mail(#[from] DeliveryError),
    /// More passwords wait to be hashed than `HASH_QUEUE` allows.
    #[error("the queue of the hashing pool is full")]
    HashQueueFull,
    /// A stored password hash is invalid, or hashing failed.
    #[error("password hash: {0}")]
    Hash(String),
    /// Signing keys or secrets of authenticator apps were sealed under another `SECRET_KEY`, or their row was altered.
    #[error(
        "the keys in the database cannot be opened with this SECRET_KEY; \
         put the former key back (DATA_DIR/secret.key or the variable SECRET_KEY)"
    )]
    WrongSecretKey,
    /// No stored key may sign now: the table was altered, or the clock was set back.
    #[error("no stored key signs access tokens at this time")]
    NoSigningKey,
    /// A signing key could not be used, or an access token could not be signed or verified.
    #[error("access token: {0}")]
    AccessToken(#[from] jsonwebtoken::errors::Error),
    /// The account was deleted while the request was being served.
    #[error("the account was deleted a moment ago")]
    AccountGone,
    /// An app identifies its users by handle (`GATE_REMOTE_USER`), and this account has none. Every account in use has one.
    #[error("the account has no handle, by which apps would identify its owner")]
    HandleMissing,
    /// Another request with the same form was accepted. Its response replaces the one of this request.
    #[error("the form was sent twice")]
    SubmittedTwice,
    /// An operation on a file or socket: what was being done, and why it failed.
    #[error("{0}: {1}")]
    Io(String, #[source] std::io::Error),
}

impl Error {
    /// For `map_err` on I/O: adds what was being done.
    pub fn io(doing: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        move |error| Self::Io(doing.into(), error)
    }

    /// Whether a retry is likely to succeed soon (503 with `Retry-After` instead of 500).
    #[must_use]
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Db(error) => error.is_passing(),
            Self::BrowserState(tower_sessions::session::Error::Store(_))
            | Self::HashQueueFull
            | Self::SubmittedTwice => true,
            _ => false,
        }
    }
}

/// Lets `?` turn a [`db::Error`] into the variant `Failed` of a use case's errors, as `#[from] Error` does for an [`Error`].
macro_rules! from_db_error {
    ($error:ty) => {
        impl From<$crate::db::Error> for $error {
            fn from(error: $crate::db::Error) -> Self {
                Self::Failed(error.into())
            }
        }
    };
}
pub(crate) use from_db_error;
