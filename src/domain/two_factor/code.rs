//! Two-factor codes as users type them.

use crate::domain::two_factor::recovery_code::RecoveryCode;
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidCode {
    /// Empty text.
    #[error("Enter the code.")]
    Empty,
    /// Neither six digits nor a recovery code.
    #[error("Enter the six digits that your app shows, or one of your recovery codes.")]
    Malformed,
}

impl Code {
    /// Parses a code as users type it, for example `123 456`.
    pub fn parse(text: &str) -> Result<Self, InvalidCode> {
        let digits = text.chars().filter(|c| !c.is_whitespace() && *c != '-');
        // One digit more than a code has is enough to detect that the text is too long.
        let digits = Secret::new(digits.take(7).collect::<String>());
        if digits.reveal().is_empty() {
            return Err(InvalidCode::Empty);
        }
        if digits.reveal().len() == 6 && digits.reveal().bytes().all(|it| it.is_ascii_digit()) {
            return Ok(Self::Totp(digits));
        }
        RecoveryCode::parse(text).map(Self::Recovery).ok_or(InvalidCode::Malformed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn six_digits_and_recovery_codes_are_distinguished() {
        for text in ["123456", " 123 456 ", "123-456", "\t1 2 3 4 5 6"] {
            let Ok(Code::Totp(digits)) = Code::parse(text) else { panic!("{text}") };
            assert_eq!(digits.reveal(), "123456");
        }
        let code = RecoveryCode::random();
        let Ok(Code::Recovery(read)) = Code::parse(&code.reveal()) else { panic!("{code:?}") };
        assert_eq!(read.hash(), code.hash());
        assert_eq!(Code::parse(" - ").unwrap_err(), InvalidCode::Empty);
        for text in ["12345", "1234567", "12345a", "１２３４５６", "abcdef", &"1".repeat(100_000)]
        {
            assert_eq!(Code::parse(text).unwrap_err(), InvalidCode::Malformed, "{text:.20}");
        }
    }
}
