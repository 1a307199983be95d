//! The findings of the health check. They are in no language yet: a page shows them in the reader's, `authflow doctor` in English.

use serde::{Deserialize, Serialize};

use crate::i18n::message::{self, Message};
use crate::installation::docs_page::DocsPage;

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

impl CheckedPart {
    /// The page of the documentation about it.
    #[must_use]
    pub fn help(self) -> DocsPage {
        match self {
            Self::Database => DocsPage::Database,
            Self::Emails => DocsPage::Email,
            Self::Administrators => DocsPage::Security,
            Self::SigningKey => DocsPage::VerifyTokens,
            Self::Gate => DocsPage::Gate,
            Self::ClientAddress => DocsPage::ClientAddress,
            Self::Clock | Self::Scheme | Self::Host | Self::Cookies => DocsPage::Troubleshooting,
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

/// What several findings come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The most serious severity among them.
    pub severity: Severity,
    /// How many problems and warnings there are.
    pub text: Message,
}

impl Verdict {
    /// What these findings come to.
    #[must_use]
    pub fn of(findings: &[Finding]) -> Self {
        let count = |severity| findings.iter().filter(|it| it.severity == severity).count();
        let (severity, text) = match (count(Severity::Bad), count(Severity::Note)) {
            (0, 0) => (Severity::Good, message::health_verdict_good()),
            (0, warnings) => (Severity::Note, message::health_verdict_warnings(warnings)),
            (problems, 0) => (Severity::Bad, message::health_verdict_problems(problems)),
            (problems, warnings) => {
                (Severity::Bad, message::health_verdict_both(problems, warnings))
            }
        };
        Self { severity, text }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verdict_counts_problems_and_warnings() {
        let text = message::health_emails;
        let good = Finding::good(CheckedPart::Emails, text());
        let note = Finding::note(CheckedPart::Emails, text(), text());
        let bad = Finding::bad(CheckedPart::Emails, text(), text());
        for (findings, severity, said) in [
            (vec![], Severity::Good, "The health check found no problems."),
            (
                vec![good.clone(), good.clone()],
                Severity::Good,
                "The health check found no problems.",
            ),
            (vec![good.clone(), note.clone()], Severity::Note, "The health check found 1 warning."),
            (
                vec![note.clone(), note.clone()],
                Severity::Note,
                "The health check found 2 warnings.",
            ),
            (vec![good, bad.clone()], Severity::Bad, "The health check found 1 problem."),
            (
                vec![bad.clone(), note.clone(), bad.clone()],
                Severity::Bad,
                "The health check found 2 problems and 1 warning.",
            ),
            (
                vec![bad, note.clone(), note],
                Severity::Bad,
                "The health check found 1 problem and 2 warnings.",
            ),
        ] {
            let verdict = Verdict::of(&findings);
            assert_eq!((verdict.severity, verdict.text.english()), (severity, said.to_owned()));
        }
    }
}
