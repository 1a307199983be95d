//! Passwords, and the rules for new ones.

use unicode_normalization::UnicodeNormalization;
use zxcvbn::feedback::{Suggestion, Warning};
use zxcvbn::{Score, zxcvbn};

use crate::secret::{self, Secret};

/// Maximum length in characters (code points).
pub const MAX_LENGTH: usize = 256;

/// How many characters of a password are scored. The time grows much faster than the length: 72 characters that stand for letters
/// ("4@8({[<") take 0.5 seconds, 32 take less than 0.1.
const SCORED_LENGTH: usize = 32;

/// A password in Unicode NFC, otherwise exactly as typed: never trimmed or truncated (ASVS 6.2.8).
#[derive(Clone, Debug)]
pub struct Password {
    text: Secret<String>,
    strength: Option<Strength>,
}

/// How hard a new password is to guess.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strength {
    /// Hard: a zxcvbn score of 3.
    Strong,
    /// Very hard: a score of 4.
    VeryStrong,
}

/// What a check says about a new password. Its strength is unknown if only its length was checked.
pub type PasswordVerdict = Result<Option<Strength>, InvalidPassword>;

/// Why a text is refused as a password.
#[derive(Clone, Debug, PartialEq)]
pub enum InvalidPassword {
    /// Empty text.
    Empty,
    /// More than [`MAX_LENGTH`] characters.
    TooLong,
    /// Fewer characters than `PASSWORD_MIN_LENGTH`.
    TooShort(usize),
    /// The password that was removed by 'this was not me'.
    Lost,
    /// The current password, when another one is asked for.
    Same,
    /// Too easy to guess.
    Weak {
        /// What is wrong with it, if zxcvbn knows.
        warning: Option<Warning>,
        /// How to choose a better one. It may be empty.
        advice: Vec<Suggestion>,
    },
}

impl Password {
    /// Parses a password as typed, to check it against a hash.
    pub fn parse(text: &str) -> Result<Self, InvalidPassword> {
        // Texts that are much too long are refused before the cost of normalization.
        if text.is_empty() {
            return Err(InvalidPassword::Empty);
        }
        if text.chars().count() > 3 * MAX_LENGTH {
            return Err(InvalidPassword::TooLong);
        }
        let text: String = text.nfc().collect();
        if text.chars().count() > MAX_LENGTH {
            return Err(InvalidPassword::TooLong);
        }
        Ok(Self { text: Secret::new(text), strength: None })
    }

    /// Parses a new password and checks its length, which costs nothing.
    pub fn check_length(text: &str, min_length: usize) -> Result<Self, InvalidPassword> {
        let password = Self::parse(text)?;
        if password.bare().chars().count() < min_length {
            return Err(InvalidPassword::TooShort(min_length));
        }
        Ok(password)
    }

    /// Checks a new password. There are no composition rules (ASVS 6.2.5), but it must be long enough and hard to guess: a zxcvbn score of
    /// 3 or 4. Words in `context` (the user's name and address, the site's name) and common passwords on zxcvbn's list count as easy to
    /// guess (ASVS 6.2.4, 6.2.11).
    pub fn choose(
        text: &str,
        min_length: usize,
        context: &[&str],
    ) -> Result<Self, InvalidPassword> {
        let password = Self::check_length(text, min_length)?;
        let scored: String = password.bare().chars().take(SCORED_LENGTH).collect();
        let words: Vec<&str> = context
            .iter()
            .flat_map(|text| std::iter::once(*text).chain(text.split(['@', '.', ' ', '-', '_'])))
            .filter(|word| word.chars().count() > 2)
            .collect();
        let entropy = zxcvbn(&scored, &words);
        if entropy.score() < Score::Three {
            let feedback = entropy.feedback();
            return Err(InvalidPassword::Weak {
                warning: feedback.and_then(zxcvbn::feedback::Feedback::warning),
                advice: feedback.map(|it| it.suggestions().to_vec()).unwrap_or_default(),
            });
        }
        let strength = match entropy.score() {
            Score::Four => Strength::VeryStrong,
            _ => Strength::Strong,
        };
        Ok(Self { strength: Some(strength), ..password })
    }

    /// How hard it is to guess, if it was chosen just now.
    #[must_use]
    pub fn strength(&self) -> Option<Strength> {
        self.strength
    }

    /// Whether both are the same, compared in constant time.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        secret::is_same(self.bare().as_bytes(), other.bare().as_bytes())
    }

    /// The text, for hashing.
    #[must_use]
    pub fn bare(&self) -> &str {
        self.text.reveal()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choose(text: &str) -> Result<Password, InvalidPassword> {
        Password::choose(text, 8, &["Ada Lovelace", "ada.lovelace@analytical.example", "authflow"])
    }

    #[test]
    fn long_and_unusual_passwords_of_any_kind_are_accepted() {
        for text in [
            "correct horse battery staple",
            "  leading and trailing spaces  ",
            "7302951846 2094",
            "🦊🐢🎻🧭 🪁🥨🪴 🧩🛶",
            "пароль длинный и странный",
        ] {
            let password = choose(text).unwrap_or_else(|error| panic!("{text:?}: {error:?}"));
            assert_eq!(password.bare(), text);
        }
        let strength = |text| choose(text).unwrap().strength();
        assert_eq!(strength("correct horse battery staple"), Some(Strength::VeryStrong));
        assert_eq!(strength("kettle blue"), Some(Strength::Strong));
        assert_eq!(Password::parse("correct horse battery staple").unwrap().strength(), None);
        let longest: String = ('a'..='z').cycle().step_by(7).take(MAX_LENGTH).collect();
        assert!(choose(&longest).is_ok());
    }

    #[test]
    fn lengths_count_characters_not_bytes() {
        assert_eq!(choose("k7#pQ2x").unwrap_err(), InvalidPassword::TooShort(8));
        // Eight characters are long enough, but always too easy to guess; nine can be hard enough.
        assert!(matches!(choose("k7#pQ2xé").unwrap_err(), InvalidPassword::Weak { .. }));
        assert!(choose("k7#pQ2xé!").is_ok());
        assert_eq!(choose(&"🦊".repeat(257)).unwrap_err(), InvalidPassword::TooLong);
        assert_eq!(choose(&"x".repeat(10_000)).unwrap_err(), InvalidPassword::TooLong);
        assert_eq!(choose("").unwrap_err(), InvalidPassword::Empty);
    }

    #[test]
    fn both_unicode_forms_of_a_text_are_the_same_password() {
        let composed = Password::parse("Ångström und Brücke").unwrap();
        let decomposed = Password::parse("A\u{30a}ngstro\u{308}m und Bru\u{308}cke").unwrap();
        assert_eq!(composed.bare(), decomposed.bare());
    }

    #[test]
    fn common_passwords_are_refused_with_a_reason() {
        for text in [
            "password",
            "12345678",
            "qwertyuiop",
            "iloveyou",
            "sunshine",
            "football1",
            "trustno1",
            "password1",
            "baseball",
            "superman",
            "letmein1",
            "P@ssw0rd",
            "11111111",
        ] {
            let Err(InvalidPassword::Weak { warning, .. }) = choose(text) else {
                panic!("{text} was accepted")
            };
            assert!(warning.is_some(), "{text}");
        }
    }

    #[test]
    fn passwords_made_of_account_data_are_refused() {
        for text in [
            "Ada Lovelace",
            "lovelace1815",
            "ada.lovelace@analytical.example",
            "authflow123",
            "analytical1",
        ] {
            let chosen = choose(text);
            assert!(matches!(chosen, Err(InvalidPassword::Weak { .. })), "{text} was accepted");
        }
    }

    #[test]
    fn passwords_cannot_be_printed() {
        assert!(!format!("{:?}", choose("correct horse battery staple")).contains("horse"));
    }
}
