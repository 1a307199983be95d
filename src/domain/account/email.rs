//! Email addresses.

use std::fmt;
use std::str::FromStr;

use lettre::Address;
use serde::Serialize;

/// A deliverable email address: trimmed, with its domain in lower case and IDNA-encoded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, sqlx::Type)]
#[sqlx(transparent)]
pub struct EmailAddress(String);

/// An address in lower case, for comparison. Unique among accounts.
#[derive(Clone, Debug, PartialEq, Eq, Hash, sqlx::Type)]
#[sqlx(transparent)]
pub struct EmailKey(String);

/// Why a text is not a valid address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidEmail {
    /// Empty, or only whitespace.
    #[error("Enter your email address.")]
    Empty,
    /// More than 254 characters, or 64 before the @ (RFC 5321, section 4.5.3.1).
    #[error(
        "This email address is too long: 64 characters before the @ and 254 in all are the most."
    )]
    TooLong,
    /// Quoted, or with characters that not every mail server accepts.
    #[error(
        "We cannot send mail to this address. Use one with plain letters (a to z), digits and signs such as . _ + - before the @."
    )]
    Unsupported,
    /// Any other error.
    #[error("Enter an email address in the form name@example.org.")]
    Malformed,
}

impl EmailAddress {
    /// Parses an address as a user types it, without the whitespace around it.
    pub fn parse(text: &str) -> Result<Self, InvalidEmail> {
        let text = text.trim();
        if text.is_empty() {
            return Err(InvalidEmail::Empty);
        }
        // Checked before IDNA, which processes every character.
        if text.chars().count() > 254 {
            return Err(InvalidEmail::TooLong);
        }
        let (local, domain) = text.rsplit_once('@').ok_or(InvalidEmail::Malformed)?;
        // Before the @, only what every mail server accepts: no quoting, no comments, no characters that need SMTPUTF8. Address literals
        // ([127.0.0.1]) are refused because they reach hosts, not people.
        let plain = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+/=?^_`{|}~-.".contains(c);
        let dots = local.starts_with('.') || local.ends_with('.') || local.contains("..");
        if local.is_empty() || dots {
            return Err(InvalidEmail::Malformed);
        }
        if local.chars().count() > 64 {
            return Err(InvalidEmail::TooLong);
        }
        if !local.chars().all(plain) {
            let is_slip = local
                .chars()
                .any(|c| c.is_whitespace() || c.is_control() || "@<>(),;:".contains(c));
            return Err(if is_slip { InvalidEmail::Malformed } else { InvalidEmail::Unsupported });
        }
        let domain = idna::domain_to_ascii_strict(domain).map_err(|_| InvalidEmail::Malformed)?;
        if domain.is_empty() || domain.ends_with('.') {
            return Err(InvalidEmail::Malformed);
        }
        let address = format!("{local}@{domain}");
        if address.len() > 254 {
            return Err(InvalidEmail::TooLong);
        }
        // The mail library must be able to send to it.
        Address::from_str(&address).map_err(|_| InvalidEmail::Malformed)?;
        Ok(Self(address))
    }

    /// The address as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part before the @.
    #[must_use]
    pub fn local_part(&self) -> &str {
        self.0.rsplit_once('@').map_or(self.as_str(), |(local, _)| local)
    }

    /// The address for comparison.
    #[must_use]
    pub fn key(&self) -> EmailKey {
        EmailKey(self.0.to_ascii_lowercase())
    }
}

impl EmailKey {
    /// The key as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The address without its `+tag`, which is probably the same mailbox. Only for rate limits on emails: accounts are told apart by the
    /// whole address.
    #[must_use]
    pub fn mailbox(&self) -> String {
        let Some((local, domain)) = self.0.rsplit_once('@') else { return self.0.clone() };
        match local.find('+') {
            Some(at) if at > 0 => format!("{}@{domain}", &local[..at]),
            _ => self.0.clone(),
        }
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn addresses_are_normalised() {
        for (typed, kept, key) in [
            ("ada@example.org", "ada@example.org", "ada@example.org"),
            ("  Ada@Example.ORG\t", "Ada@example.org", "ada@example.org"),
            ("ada@BÜCHER.example", "ada@xn--bcher-kva.example", "ada@xn--bcher-kva.example"),
            ("a+tag@example.org", "a+tag@example.org", "a+tag@example.org"),
            ("o'neil@example.org", "o'neil@example.org", "o'neil@example.org"),
            ("root@localhost", "root@localhost", "root@localhost"),
        ] {
            let email = EmailAddress::parse(typed).unwrap();
            assert_eq!((email.as_str(), email.key().as_str()), (kept, key));
        }
    }

    #[test]
    fn addresses_with_different_tags_share_a_mailbox() {
        for (typed, mailbox) in [
            ("Ada+list@example.org", "ada@example.org"),
            ("ada+a+b@example.org", "ada@example.org"),
            ("ada+@example.org", "ada@example.org"),
            ("ada@example.org", "ada@example.org"),
            ("+ada@example.org", "+ada@example.org"),
            ("+@example.org", "+@example.org"),
        ] {
            assert_eq!(EmailAddress::parse(typed).unwrap().key().mailbox(), mailbox);
        }
    }

    #[test]
    fn invalid_addresses_are_refused() {
        assert_eq!(EmailAddress::parse(" \n"), Err(InvalidEmail::Empty));
        let long = format!("{}@example.org", "a".repeat(300));
        assert_eq!(EmailAddress::parse(&long), Err(InvalidEmail::TooLong));
        for text in [
            "ada",
            "@example.org",
            "ada@",
            "ada@@example.org",
            "a da@example.org",
            "ada@exa mple.org",
            "ada@example..org",
            "ada@example.org.",
            "ada@-example.org",
            "ada@[127.0.0.1]",
            "ada(comment)@example.org",
            ".ada@example.org",
            "ada.@example.org",
            "a..da@example.org",
            "ada\0@example.org",
            "ada\r\nBcc: eve@example.org",
            "ada@example.org\r\nBcc: eve@example.org",
            "ada@example.org,eve@example.org",
            "<ada@example.org>",
        ] {
            assert_eq!(EmailAddress::parse(text), Err(InvalidEmail::Malformed), "{text:?}");
        }
    }

    #[test]
    fn addresses_that_not_every_server_accepts_have_their_own_error() {
        for text in ["\"ada\"@example.org", "ädä@example.org", "аda@example.org"] {
            assert_eq!(EmailAddress::parse(text), Err(InvalidEmail::Unsupported), "{text:?}");
        }
        let local = "a".repeat(65);
        assert_eq!(
            EmailAddress::parse(&format!("{local}@example.org")),
            Err(InvalidEmail::TooLong)
        );
        assert!(EmailAddress::parse(&format!("{}@example.org", &local[1..])).is_ok());
    }

    proptest! {
        #[test]
        fn a_parsed_address_is_printable_ascii_and_parses_again(text in "\\PC{0,40}@\\PC{0,40}") {
            if let Ok(email) = EmailAddress::parse(&text) {
                prop_assert!(email.as_str().chars().all(|c| c.is_ascii_graphic()));
                prop_assert_eq!(EmailAddress::parse(email.as_str()), Ok(email));
            }
        }
    }
}
