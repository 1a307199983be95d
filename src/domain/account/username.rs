//! Display names: not unique, and not used for signing in.

use std::fmt;

use serde::Serialize;
use unicode_normalization::UnicodeNormalization;

use crate::domain::account::email::EmailAddress;
use crate::domain::typed_text;

/// Maximum length in characters (code points).
pub const MAX_LENGTH: usize = 64;

/// A name of 1 to 64 characters in Unicode NFC, without control, line-breaking or direction-changing characters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, sqlx::Type)]
#[sqlx(transparent)]
pub struct Username(String);

/// Why a text is not a valid name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InvalidUsername {
    /// Empty, or only whitespace.
    Empty,
    /// More than 64 characters.
    TooLong,
    /// An invisible character, or one that reorders the text around it.
    Unprintable(char),
}

impl Username {
    /// Parses a name as a user types and pastes it, without the whitespace and the invisible characters around it. Joiners at the end
    /// belong to the name: some scripts and emoji need them there.
    pub fn parse(text: &str) -> Result<Self, InvalidUsername> {
        let is_outside = |c: char| c.is_whitespace() || is_stray(c);
        let name: String = text.trim_matches(is_outside).nfc().collect();
        if typed_text::visible(&name).is_empty() {
            return Err(InvalidUsername::Empty);
        }
        if name.chars().count() > MAX_LENGTH {
            return Err(InvalidUsername::TooLong);
        }
        match name.chars().find(|c| is_unprintable(*c)) {
            Some(c) => Err(InvalidUsername::Unprintable(c)),
            None => Ok(Self(name)),
        }
    }

    /// A name for a user of whom only the address is known: the part before the @.
    #[must_use]
    pub fn plain(email: &EmailAddress) -> Self {
        // 1 to 64 printable ASCII characters.
        Self(email.local_part().to_owned())
    }

    /// The name for searching and sorting.
    #[must_use]
    pub fn key(&self) -> String {
        self.0.to_lowercase()
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Username {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Control characters, line and paragraph separators, and invisible formatting characters that can disguise a name. Joiners are allowed:
/// Persian, Indic scripts and emoji need them.
fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{e0000}'..='\u{e007f}')
        || is_stray(c)
}

/// Invisible formatting characters that programs leave around a text, such as a byte-order mark.
fn is_stray(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}'
        | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff0}'..='\u{fffb}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_of_all_scripts_are_kept() {
        for name in ["Ada Lovelace", "Åsa", "李小龍", "می‌خواهم", "👩‍💻", "{{7*7}}", "<b>"]
        {
            assert_eq!(Username::parse(&format!(" {name} ")).unwrap().as_str(), name);
        }
        assert_eq!(Username::parse("A\u{30a}sa").unwrap().as_str(), "Åsa", "composed");
        assert_eq!(Username::parse("അവന്\u{200d}").unwrap().as_str(), "അവന്\u{200d}");
        let pasted = "\u{feff}\u{202a} Ada Lovelace\u{202c}\u{200b}\u{a0}";
        assert_eq!(Username::parse(pasted).unwrap().as_str(), "Ada Lovelace");
        assert!(Username::parse(&"ä".repeat(64)).is_ok());
    }

    #[test]
    fn invisible_characters_are_refused() {
        for empty in ["\t ", "\u{feff}", "\u{200d}", "\u{3164}"] {
            assert_eq!(Username::parse(empty), Err(InvalidUsername::Empty), "{empty:?}");
        }
        assert_eq!(Username::parse(&"ä".repeat(65)), Err(InvalidUsername::TooLong));
        for name in ["a\u{1}b", "a\nb", "a\u{7f}", "a\u{202e}b", "a\u{200b}b", "a\u{2028}b"] {
            let error = Username::parse(name).unwrap_err();
            assert!(matches!(error, InvalidUsername::Unprintable(_)), "{name:?}: {error:?}");
        }
    }

    proptest! {
        #[test]
        fn every_address_has_a_name(text in "\\PC{1,64}@example\\.org") {
            if let Ok(email) = EmailAddress::parse(&text) {
                let name = Username::plain(&email);
                prop_assert_eq!(Username::parse(name.as_str()), Ok(name));
            }
        }

        #[test]
        fn no_control_character_survives(text in any::<String>()) {
            if let Ok(name) = Username::parse(&text) {
                prop_assert!(!name.as_str().chars().any(char::is_control));
            }
        }
    }
}
