//! Findings of `authflow doctor`.

use serde::{Deserialize, Serialize};

/// How serious a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// No problem.
    Good,
    /// Worth knowing.
    Note,
    /// Something does not work, or is not secure.
    Bad,
}

/// The result of one check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The checked part of the installation.
    pub part: String,
    /// Called `verdict` in the JSON output, whose field names are stable.
    #[serde(rename = "verdict")]
    pub severity: Severity,
    /// What was found.
    pub text: String,
    /// How to fix it.
    pub fix: Option<String>,
}

impl Finding {
    /// A check that found no problem.
    #[must_use]
    pub fn good(part: &str, text: impl Into<String>) -> Self {
        Self { part: part.into(), severity: Severity::Good, text: text.into(), fix: None }
    }

    /// Worth knowing, with a suggestion.
    #[must_use]
    pub fn note(part: &str, text: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { severity: Severity::Note, fix: Some(fix.into()), ..Self::good(part, text) }
    }

    /// A problem, and how to fix it.
    #[must_use]
    pub fn bad(part: &str, text: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { severity: Severity::Bad, fix: Some(fix.into()), ..Self::good(part, text) }
    }

    /// Whether this is a problem.
    #[must_use]
    pub fn is_bad(&self) -> bool {
        self.severity == Severity::Bad
    }

    /// The severity in one word.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self.severity {
            Severity::Good => "good",
            Severity::Note => "note",
            Severity::Bad => "BAD",
        }
    }
}
