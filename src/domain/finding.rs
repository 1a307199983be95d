//! What an examination of the installation finds.

use serde::{Deserialize, Serialize};

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
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
    pub verdict: Verdict,
    /// What was found.
    pub text: String,
    /// What to do about it.
    pub mend: Option<String>,
}

impl Finding {
    /// As it should be.
    #[must_use]
    pub fn good(part: &str, text: impl Into<String>) -> Self {
        Self { part: part.into(), verdict: Verdict::Good, text: text.into(), mend: None }
    }

    /// Worth knowing, and what could be done about it.
    #[must_use]
    pub fn note(part: &str, text: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { verdict: Verdict::Note, mend: Some(mend.into()), ..Self::good(part, text) }
    }

    /// Wrong, and what mends it.
    #[must_use]
    pub fn bad(part: &str, text: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { verdict: Verdict::Bad, mend: Some(mend.into()), ..Self::good(part, text) }
    }

    /// Whether something has to be done.
    #[must_use]
    pub fn is_bad(&self) -> bool {
        self.verdict == Verdict::Bad
    }

    /// The verdict in a word.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self.verdict {
            Verdict::Good => "good",
            Verdict::Note => "note",
            Verdict::Bad => "BAD",
        }
    }
}
