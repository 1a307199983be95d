//! A finding as the command prints it: in English. The server's own findings come from the health check; others exist on the command line
//! alone.

use serde::Serialize;

use crate::clock::Clock;
use crate::i18n::localizer::Localizer;
use crate::i18n::message::Message;
use crate::installation::docs_page::DocsPage;
use crate::services::operations::finding::{Finding, Severity};

/// A checked part of the installation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartName {
    /// In the JSON output, where it is stable.
    pub json: &'static str,
    /// For people.
    pub heading: &'static str,
    /// The page of the documentation about it.
    pub help: DocsPage,
}

/// The result of one check. The names of the fields in the JSON output are stable.
#[derive(Clone, Debug, Serialize)]
pub struct Reported {
    pub part: String,
    #[serde(skip)]
    pub heading: String,
    #[serde(rename = "verdict")]
    pub severity: Severity,
    pub text: String,
    pub fix: Option<String>,
    /// The page of the documentation that helps, if something is to be fixed.
    pub help: Option<DocsPage>,
}

impl Reported {
    pub fn good(part: PartName, text: impl Into<String>) -> Self {
        Self {
            part: part.json.to_owned(),
            heading: part.heading.to_owned(),
            severity: Severity::Good,
            text: text.into(),
            fix: None,
            help: None,
        }
    }

    pub fn note(part: PartName, text: impl Into<String>, fix: impl Into<String>) -> Self {
        let help = Some(part.help);
        Self { severity: Severity::Note, fix: Some(fix.into()), help, ..Self::good(part, text) }
    }

    pub fn bad(part: PartName, text: impl Into<String>, fix: impl Into<String>) -> Self {
        let help = Some(part.help);
        Self { severity: Severity::Bad, fix: Some(fix.into()), help, ..Self::good(part, text) }
    }

    pub fn is_bad(&self) -> bool {
        self.severity == Severity::Bad
    }
}

impl From<Finding> for Reported {
    fn from(finding: Finding) -> Self {
        Self {
            part: finding.part.name().to_owned(),
            heading: in_english(&finding.part.heading()),
            severity: finding.severity,
            text: in_english(&finding.text),
            fix: finding.fix.as_ref().map(in_english),
            help: finding.fix.is_some().then(|| finding.part.help()),
        }
    }
}

/// The message in English, with times relative to now.
pub fn in_english(message: &Message) -> String {
    Localizer::english(Some(Clock::System.now())).say(message).plain()
}

/// The text as a sentence, with its full stop.
pub fn sentence(text: &str) -> String {
    if text.ends_with(['.', '!', '?']) { text.to_owned() } else { format!("{text}.") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::message;
    use crate::services::operations::finding::CheckedPart;

    #[test]
    fn the_json_output_is_english() {
        let text = message::health_key_signs("ES256", message::ago(Clock::System.now()), "k1");
        let finding = Finding::note(CheckedPart::SigningKey, text, message::health_key_old_fix());
        let json = serde_json::to_value(Reported::from(finding)).unwrap();
        assert_eq!(json["part"], "signing key");
        assert_eq!(json["verdict"], "note");
        let text = json["text"].as_str().unwrap();
        assert!(text.starts_with("k1 (ES256) signs tokens. It was created just now ("), "{text}");
        assert_eq!(json["fix"], "Create a new key from time to time: authflow keys rotate.");
        assert_eq!(json["help"], "docs/verify-tokens.md");
        assert!(json.get("heading").is_none());
    }
}
