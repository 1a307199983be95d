//! Display names: not unique, and not used for signing in.

use std::fmt;

use serde::Serialize;
use unicode_normalization::UnicodeNormalization;

use crate::domain::account::email::EmailAddress;

/// Maximum length in characters (code points).
pub const MAX_LENGTH: usize = 64;

/// A name of 1 to 64 characters in Unicode NFC, without control, line-breaking or direction-changing characters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, sqlx::Type)]
#[sqlx(transparent)]
pub struct Username(String);

/// Why a text is not a valid name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidUsername {
    /// Empty, or only whitespace.
    #[error("Enter the name you want to go by.")]
    Empty,
    /// More than 64 characters.
    #[error("This name is longer than 64 characters.")]
    TooLong,
    /// An invisible character, or one that reorders the text around it.
    #[error(
        "This name contains a character that cannot be shown. Remove it, or type the name anew."
    )]
    Unprintable,
}

impl Username {
    /// Parses a name as a user types it, without the whitespace around it.
    pub fn parse(text: &str) -> Result<Self, InvalidUsername> {
        let name: String = text.trim().nfc().collect();
        if name.is_empty() {
            Err(InvalidUsername::Empty)
        } else if name.chars().count() > MAX_LENGTH {
            Err(InvalidUsername::TooLong)
        } else if name.chars().any(is_unprintable) || name.chars().all(is_joiner) {
            Err(InvalidUsername::Unprintable)
        } else {
            Ok(Self(name))
        }
    }

    /// A name for a user of whom only the address is known: the part before the @.
    #[must_use]
    pub fn plain(email: &EmailAddress) -> Self {
        let local: String = email.local_part().chars().take(MAX_LENGTH).collect();
        Self::parse(&local).unwrap_or_else(|_| Self("New user".to_owned()))
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
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}'
            | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
            | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}')
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
        assert!(Username::parse(&"ä".repeat(64)).is_ok());
    }

    #[test]
    fn invisible_characters_are_refused() {
        assert_eq!(Username::parse("\t "), Err(InvalidUsername::Empty));
        assert_eq!(Username::parse(&"ä".repeat(65)), Err(InvalidUsername::TooLong));
        for name in
            ["a\u{1}b", "a\nb", "a\u{7f}", "a\u{202e}b", "a\u{200b}b", "\u{200d}", "a\u{2028}b"]
        {
            assert_eq!(Username::parse(name), Err(InvalidUsername::Unprintable), "{name:?}");
        }
    }

    proptest! {
        #[test]
        fn no_control_character_survives(text in any::<String>()) {
            if let Ok(name) = Username::parse(&text) {
                prop_assert!(!name.as_str().chars().any(char::is_control));
            }
        }
    }
}
