//! What a visitor signs in with beside the password: an email address or a handle.

use crate::domain::account::email::{EmailAddress, EmailKey, InvalidEmail};
use crate::domain::account::handle::Handle;
use crate::domain::typed_text;

/// The name of an account at the sign-in. It may not exist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignInName {
    /// An email address.
    Address(EmailAddress),
    /// A handle.
    Handle(Handle),
}

/// Why a text names no account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InvalidSignInName {
    /// Empty, or only whitespace and invisible characters.
    Empty,
    /// It has an at sign, but is not a valid address.
    Address(InvalidEmail),
    /// It has no at sign, and is not a valid handle.
    Malformed,
}

impl SignInName {
    /// Parses an address or a handle as people type and paste it. A text with an at sign is an address.
    pub fn parse(text: &str) -> Result<Self, InvalidSignInName> {
        if typed_text::visible(text).is_empty() {
            return Err(InvalidSignInName::Empty);
        }
        if text.chars().any(|c| typed_text::narrow(c) == '@') {
            let address = EmailAddress::parse(text).map_err(InvalidSignInName::Address)?;
            return Ok(Self::Address(address));
        }
        Handle::parse(text).map(Self::Handle).map_err(|_| InvalidSignInName::Malformed)
    }

    /// The key under which attempts with this name are counted. An address and a handle are counted apart, even those of one account:
    /// otherwise attempts with one would show in the limits of the other, and so tell that both belong together.
    #[must_use]
    pub fn key(&self) -> EmailKey {
        match self {
            Self::Address(email) => email.key(),
            Self::Handle(handle) => EmailKey::of_handle(handle),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_at_sign_makes_it_an_address() {
        let name = |text: &str| SignInName::parse(text);
        let (ada, address) = (Handle::parse("ada").unwrap(), "ada@example.org");
        let email = EmailAddress::parse(address).unwrap();
        for text in ["ada", " Ada\u{200b}", "ａｄａ"] {
            assert_eq!(name(text), Ok(SignInName::Handle(ada.clone())), "{text:?}");
        }
        for text in [address, "ada＠example.org "] {
            assert_eq!(name(text), Ok(SignInName::Address(email.clone())), "{text:?}");
        }
        for (text, error) in [
            ("", InvalidSignInName::Empty),
            ("\u{feff} ", InvalidSignInName::Empty),
            ("ada@", InvalidSignInName::Address(InvalidEmail::Malformed)),
            ("Ada Lovelace", InvalidSignInName::Malformed),
            ("a", InvalidSignInName::Malformed),
        ] {
            assert_eq!(name(text), Err(error), "{text:?}");
        }
        assert_ne!(name("ada").unwrap().key(), name(address).unwrap().key());
    }
}
