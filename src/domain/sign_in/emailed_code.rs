//! The code that is emailed to a signed-in user without a password, to confirm who they are.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::domain::id::MailId;
use crate::domain::typed_text;
use crate::secret::{self, MacKey, Secret};

/// How long a code works after it was asked for.
pub const LASTS: Duration = Duration::from_mins(10);

/// How many codes may be entered for one email.
pub const TRIES: i64 = 5;

/// Decimal digits of a code.
const DIGITS: usize = 8;

/// How many codes there are.
const CODES: u128 = 100_000_000;

/// Eight digits. They are computed from the ID of their email, so that they are stored nowhere.
#[derive(Clone, Debug)]
pub struct EmailedCode(Secret<String>);

/// Why a text is not a well-formed code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvalidEmailedCode {
    /// Empty text.
    Empty,
    /// Anything but eight digits.
    Malformed,
}

impl EmailedCode {
    /// The code of an email: the same each time the email is rendered. 128 bits of the MAC make every code equally likely, to within
    /// one part in 2^100.
    #[must_use]
    pub fn of_mail(key: &MacKey, mail: MailId) -> Self {
        let tag = key.tag(mail.0.as_bytes());
        let (number, _) = tag.split_first_chunk().expect("a tag has 32 bytes");
        let number = u128::from_be_bytes(*number) % CODES;
        Self(Secret::new(format!("{number:0DIGITS$}")))
    }

    /// Parses a code as users type and paste it, for example `1234 5678` or `12345678`.
    pub fn parse(text: &str) -> Result<Self, InvalidEmailedCode> {
        // One character more than a code has is enough to detect that the text is too long.
        let digits = typed_text::code_characters(text).take(DIGITS + 1).collect();
        let digits: Secret<String> = Secret::new(digits);
        let text = digits.reveal();
        if text.is_empty() {
            return Err(InvalidEmailedCode::Empty);
        }
        let is_code = text.len() == DIGITS && text.bytes().all(|it| it.is_ascii_digit());
        if is_code { Ok(Self(digits)) } else { Err(InvalidEmailedCode::Malformed) }
    }

    /// Whether both are the same code, compared in constant time.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        secret::is_same(self.0.reveal().as_bytes(), other.0.reveal().as_bytes())
    }

    /// The code as the email shows it: two groups of four digits.
    #[must_use]
    pub fn reveal(&self) -> String {
        let (first, second) = self.0.reveal().split_at(DIGITS / 2);
        format!("{first} {second}")
    }
}

/// The tries at a code. The code itself is not stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct CodeStanding {
    /// When it was asked for.
    pub created_at: Timestamp,
    /// How many codes were entered.
    pub tries: i64,
    /// When it was used.
    pub spent_at: Option<Timestamp>,
}

impl CodeStanding {
    /// Whether the right code would still be accepted.
    #[must_use]
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.spent_at.is_none() && self.tries < TRIES && self.created_at.is_within(LASTS, now)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::secret::MasterKey;

    fn key(byte: u8) -> MacKey {
        MasterKey::new(vec![byte; 32]).mac_key(&[], "emailed code")
    }

    #[test]
    fn a_code_has_eight_digits_and_depends_on_its_email_and_the_key() {
        let (mail, other) = (MailId::new(Timestamp(1)), MailId::new(Timestamp(1)));
        let code = EmailedCode::of_mail(&key(1), mail);
        assert!(code.is(&EmailedCode::of_mail(&key(1), mail)));
        assert!(!code.is(&EmailedCode::of_mail(&key(1), other)));
        assert!(!code.is(&EmailedCode::of_mail(&key(2), mail)));
        let shown = code.reveal();
        assert_eq!(shown.len(), 9);
        assert!(EmailedCode::parse(&shown).unwrap().is(&code));
        assert_eq!(format!("{code:?}"), "EmailedCode(…)");
    }

    #[test]
    fn all_digits_are_equally_likely_at_every_place() {
        let mut counts = [[0; 10]; DIGITS];
        let mut seen = BTreeSet::new();
        for _ in 0..10_000 {
            let code = EmailedCode::of_mail(&key(1), MailId::new(Timestamp(1)));
            for (place, digit) in code.0.reveal().bytes().enumerate() {
                counts[place][usize::from(digit - b'0')] += 1;
            }
            seen.insert(code.reveal());
        }
        // 1,000 are expected. The limits are ten standard deviations away.
        let all = counts.as_flattened();
        assert!(all.iter().all(|count| (700..1_300).contains(count)), "{counts:?}");
        assert!(seen.len() > 9_980, "{}", seen.len());
    }

    #[test]
    fn codes_are_parsed_as_users_type_them() {
        let code = EmailedCode::parse("01234567").unwrap();
        for text in
            ["0123 4567", " 01 23 45 67\n", "0123-4567", "０１２３４５６７", "٠١٢٣\u{A0}٤٥٦٧"]
        {
            assert!(EmailedCode::parse(text).unwrap().is(&code), "{text}");
        }
        for empty in ["", " - \u{200B}"] {
            assert_eq!(EmailedCode::parse(empty).unwrap_err(), InvalidEmailedCode::Empty);
        }
        for text in ["0123456", "012345678", "0123456a", "0123456½", &"1".repeat(100_000)] {
            let why = EmailedCode::parse(text).unwrap_err();
            assert_eq!(why, InvalidEmailedCode::Malformed, "{text:.20}");
        }
    }

    #[test]
    fn a_code_works_for_ten_minutes_five_tries_and_once() {
        let now = Timestamp(1_000);
        let fresh = CodeStanding { created_at: now, tries: 0, spent_at: None };
        for (standing, is_open) in [
            (fresh, true),
            (CodeStanding { created_at: Timestamp(401), ..fresh }, true),
            (CodeStanding { created_at: Timestamp(400), ..fresh }, false),
            (CodeStanding { created_at: Timestamp(1_030), ..fresh }, true),
            (CodeStanding { created_at: Timestamp(1_031), ..fresh }, false),
            (CodeStanding { tries: 4, ..fresh }, true),
            (CodeStanding { tries: 5, ..fresh }, false),
            (CodeStanding { spent_at: Some(now), ..fresh }, false),
        ] {
            assert_eq!(standing.is_open(now), is_open, "{standing:?}");
        }
    }
}
