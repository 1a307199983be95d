//! Two-factor codes as users type them.

use crate::domain::sign_in::proof::Credential;
use crate::domain::two_factor::recovery_code::RecoveryCode;
use crate::domain::typed_text;
use crate::secret::Secret;

/// A well-formed code.
#[derive(Clone, Debug)]
pub enum Code {
    /// Six digits of an authenticator app.
    Totp(Secret<String>),
    /// A recovery code.
    Recovery(RecoveryCode),
}

/// Why a text is not a well-formed code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvalidCode {
    /// Empty text.
    Empty,
    /// Neither six digits nor a recovery code.
    Malformed,
}

impl Code {
    /// Parses a code as users type and paste it, for example `123 456` or `１２３４５６`.
    pub fn parse(text: &str) -> Result<Self, InvalidCode> {
        // One digit more than a code has is enough to detect that the text is too long.
        let digits = typed_text::code_characters(text).take(7).collect();
        let digits: Secret<String> = Secret::new(digits);
        if digits.reveal().is_empty() {
            return Err(InvalidCode::Empty);
        }
        if digits.reveal().len() == 6 && digits.reveal().bytes().all(|it| it.is_ascii_digit()) {
            return Ok(Self::Totp(digits));
        }
        RecoveryCode::parse(text).map(Self::Recovery).ok_or(InvalidCode::Malformed)
    }

    /// The credential that it is.
    #[must_use]
    pub fn credential(&self) -> Credential {
        match self {
            Self::Totp(_) => Credential::AppCode,
            Self::Recovery(_) => Credential::RecoveryCode,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The full-width form of an ASCII character.
    fn wide(c: char) -> char {
        char::from_u32(u32::from(c) + 0xFEE0).unwrap()
    }

    #[test]
    fn six_digits_and_recovery_codes_are_distinguished() {
        for text in [
            "123456",
            " 123 456 ",
            "123-456",
            "\t1 2 3 4 5 6",
            "１２３４５６",
            "\u{202A}۱۲۳\u{A0}٤٥٦\u{200B}",
        ] {
            let Ok(Code::Totp(digits)) = Code::parse(text) else { panic!("{text}") };
            assert_eq!(digits.reveal(), "123456");
        }
        let code = RecoveryCode::random();
        let Ok(Code::Recovery(read)) = Code::parse(&code.reveal()) else { panic!("{code:?}") };
        assert_eq!(read.hash(), code.hash());
        let wide: String =
            code.reveal().chars().map(|c| if c == '-' { '‑' } else { wide(c) }).collect();
        let Ok(Code::Recovery(read)) = Code::parse(&format!("\u{FEFF}{wide}")) else {
            panic!("{wide}")
        };
        assert_eq!(read.hash(), code.hash());
        for empty in [" - ", "\u{200B}\u{A0}"] {
            assert_eq!(Code::parse(empty).unwrap_err(), InvalidCode::Empty);
        }
        for text in ["12345", "1234567", "12345a", "12345½", "abcdef", &"1".repeat(100_000)] {
            assert_eq!(Code::parse(text).unwrap_err(), InvalidCode::Malformed, "{text:.20}");
        }
    }
}
