//! The kinds of sessions.

use serde::{Deserialize, Serialize};

/// What holds the refresh token of a session. The tokens of one kind are refused in the place of the other, so a token that leaks from a
/// program opens no page, and a browser's cookie is worth nothing to the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "TEXT", rename_all = "snake_case")]
pub enum SessionKind {
    /// A browser, in its cookie.
    Browser,
    /// A client of the API, which stores it itself.
    Program,
}

impl SessionKind {
    /// The other kind.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Browser => Self::Program,
            Self::Program => Self::Browser,
        }
    }
}
