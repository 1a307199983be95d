//! The findings of the health check. They are in no language yet: a page shows them in the reader's, `authflow doctor` in English.

use serde::{Deserialize, Serialize};

use crate::i18n::message::{self, Message};

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

impl Severity {
    /// The severity in one English word, for the command line.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Note => "note",
            Self::Bad => "BAD",
        }
    }
}

/// A part of the installation that a server checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckedPart {
    /// Where the data is stored.
    Database,
    /// Whether emails are sent.
    Emails,
    /// The server's clock.
    Clock,
    /// The keys that sign tokens.
    SigningKey,
    /// Whether administrators use two-factor authentication.
    Administrators,
    /// The guarded apps, and who can open them.
    Gate,
    /// HTTP or HTTPS, and what the proxy says about it.
    Scheme,
    /// The host name of the request.
    Host,
    /// The address that counts as the client's.
    ClientAddress,
    /// The cookies that came back.
    Cookies,
}

impl CheckedPart {
    /// Its name in the JSON output of `authflow doctor`, which is stable.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Database => "database",
            Self::Emails => "mails",
            Self::Clock => "clock",
            Self::SigningKey => "signing key",
            Self::Administrators => "administrators",
            Self::Gate => "gate",
            Self::Scheme => "scheme",
            Self::Host => "host",
            Self::ClientAddress => "client address",
            Self::Cookies => "cookies",
        }
    }

    /// Its name for people.
    #[must_use]
    pub fn heading(self) -> Message {
        match self {
            Self::Database => message::health_part_database(),
            Self::Emails => message::health_part_emails(),
            Self::Clock => message::health_part_clock(),
            Self::SigningKey => message::health_part_signing_key(),
            Self::Administrators => message::health_part_administrators(),
            Self::Gate => message::health_part_gate(),
            Self::Scheme => message::health_part_scheme(),
            Self::Host => message::health_part_host(),
            Self::ClientAddress => message::health_part_client_address(),
            Self::Cookies => message::health_part_cookies(),
        }
    }
}

/// The result of one check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// What was checked.
    pub part: CheckedPart,
    /// How serious it is.
    pub severity: Severity,
    /// What was found.
    pub text: Message,
    /// How to fix it.
    pub fix: Option<Message>,
}

impl Finding {
    /// A check that found no problem.
    #[must_use]
    pub fn good(part: CheckedPart, text: Message) -> Self {
        Self { part, severity: Severity::Good, text, fix: None }
    }

    /// Worth knowing, with a suggestion.
    #[must_use]
    pub fn note(part: CheckedPart, text: Message, fix: Message) -> Self {
        Self { part, severity: Severity::Note, text, fix: Some(fix) }
    }

    /// A problem, and how to fix it.
    #[must_use]
    pub fn bad(part: CheckedPart, text: Message, fix: Message) -> Self {
        Self { part, severity: Severity::Bad, text, fix: Some(fix) }
    }
}
