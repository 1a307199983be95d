//! What an examination of the installation finds.

use serde::{Deserialize, Serialize};

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// As it should be.
    Good,
    /// Worth knowing.
    Note,
    /// Something does not work, or not safely.
    Bad,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// What was looked at.
    pub part: String,
    /// How it is.
    #[serde(rename = "verdict")]
    pub severity: Severity,
    /// What was found.
    pub text: String,
    /// What to do about it.
    pub mend: Option<String>,
}

impl Finding {
    /// As it should be.
    #[must_use]
    pub fn good(part: &str, text: impl Into<String>) -> Self {
        Self { part: part.into(), severity: Severity::Good, text: text.into(), mend: None }
    }

    /// Worth knowing, and what could be done about it.
    #[must_use]
    pub fn note(part: &str, text: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { severity: Severity::Note, mend: Some(mend.into()), ..Self::good(part, text) }
    }

    /// Wrong, and what mends it.
    #[must_use]
    pub fn bad(part: &str, text: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { severity: Severity::Bad, mend: Some(mend.into()), ..Self::good(part, text) }
    }

    /// Whether something has to be done.
    #[must_use]
    pub fn is_bad(&self) -> bool {
        self.severity == Severity::Bad
    }

    /// The verdict in a word.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self.severity {
            Severity::Good => "good",
            Severity::Note => "note",
            Severity::Bad => "BAD",
        }
    }
}
