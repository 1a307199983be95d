//! Email addresses.

use std::fmt;
use std::str::FromStr;

use lettre::Address;
use serde::Serialize;

use super::email_domain::{LONGEST_LABEL, fault_of_domain, is_dot, is_of_domain, is_punctuation};
use crate::domain::account::handle::Handle;
use crate::domain::typed_text;

/// A deliverable email address: without invisible characters, with its domain in lower case and IDNA-encoded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, sqlx::Type)]
#[sqlx(transparent)]
pub struct EmailAddress(String);

/// An address in lower case, for comparison. Unique among accounts.
#[derive(Clone, Debug, PartialEq, Eq, Hash, sqlx::Type)]
#[sqlx(transparent)]
pub struct EmailKey(String);

/// Why a text is not a valid address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InvalidEmail {
    /// Empty, or only whitespace and invisible characters.
    Empty,
    /// More than 254 characters, 64 before the @ (RFC 5321, section 4.5.3.1), or 63 between two dots (RFC 1035, section 2.3.4).
    TooLong,
    /// A character before the @ that not every mail server accepts.
    Unsupported(Misfit),
    /// A character that does not belong where it is.
    Character(Misfit),
    /// Without an @, or without a part before or after it.
    Malformed,
}

/// A character that an address cannot have, and what it stands after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misfit {
    character: char,
    after: String,
}

/// How much of the text before a [`Misfit`] a message repeats, in characters.
const REPEATED: usize = 20;

impl Misfit {
    /// The character at this byte of the text.
    fn at(text: &str, at: usize) -> Option<Self> {
        let (before, rest) = text.split_at_checked(at)?;
        let start = before.char_indices().rev().nth(REPEATED - 1).map_or(0, |(at, _)| at);
        Some(Self { character: rest.chars().next()?, after: before[start..].to_owned() })
    }

    /// The character.
    #[must_use]
    pub fn character(&self) -> char {
        self.character
    }

    /// The end of the text before it. `None`: it is at the beginning.
    #[must_use]
    pub fn after(&self) -> Option<&str> {
        Some(&*self.after).filter(|it| !it.is_empty())
    }
}

impl EmailAddress {
    /// Parses an address as users type and paste it: without the whitespace around it and without invisible characters; full-width
    /// forms are read as ASCII. The domain is mapped as in browsers (UTS 46), which reads the ideographic full stop as a dot.
    pub fn parse(text: &str) -> Result<Self, InvalidEmail> {
        let text: String = text.chars().map(typed_text::narrow).collect();
        // The domain may need joiners, so it keeps them until IDNA has decided.
        let text: String = text
            .chars()
            .filter(|c| typed_text::is_joiner(*c) || !typed_text::is_invisible(*c))
            .collect();
        let seen = typed_text::visible(&text);
        if seen.is_empty() {
            return Err(InvalidEmail::Empty);
        }
        // Checked before IDNA, which processes every character.
        if seen.chars().count() > 254 {
            return Err(InvalidEmail::TooLong);
        }
        let (local, domain) = seen.rsplit_once('@').ok_or_else(|| without_at(&seen))?;
        check_local(&seen, local)?;
        let joined = text.trim().rsplit_once('@').map_or(domain, |(_, domain)| domain);
        let address = format!("{local}@{}", to_ascii(&seen, domain, joined)?);
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
    /// The key of limits for a handle that was entered in place of an address. No address has it, since a handle has no @.
    #[must_use]
    pub fn of_handle(handle: &Handle) -> Self {
        Self(handle.as_str().to_owned())
    }

    /// Whether it was made by [`EmailKey::of_handle`], so that no email can be sent to it.
    #[must_use]
    pub fn is_of_handle(&self) -> bool {
        !self.0.contains('@')
    }

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

/// Whether every mail server accepts the character before the @: no quoting, no comments, nothing that needs SMTPUTF8.
fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || "!#$%&'*+/=?^_`{|}~-.".contains(c)
}

/// The error for a text without @: the first character that no address has, or else the missing @.
fn without_at(text: &str) -> InvalidEmail {
    let at = text.find(|c: char| !is_plain(c) && !is_of_domain(c));
    let misfit = at.and_then(|at| Misfit::at(text, at));
    misfit.map_or(InvalidEmail::Malformed, InvalidEmail::Character)
}

fn check_local(text: &str, local: &str) -> Result<(), InvalidEmail> {
    if local.is_empty() {
        return Err(InvalidEmail::Malformed);
    }
    if local.chars().count() > 64 {
        return Err(InvalidEmail::TooLong);
    }
    if let Some(at) = local.find(|c| !is_plain(c)) {
        let misfit = Misfit::at(text, at).ok_or(InvalidEmail::Malformed)?;
        let c = misfit.character;
        let is_slip = c.is_whitespace() || c.is_control() || "@<>(),;:".contains(c);
        return Err(if is_slip {
            InvalidEmail::Character(misfit)
        } else {
            InvalidEmail::Unsupported(misfit)
        });
    }
    // A full stop stands between two other characters.
    let dot = if local.starts_with('.') {
        Some(0)
    } else {
        local.find("..").map(|at| at + 1).or(local.strip_suffix('.').map(str::len))
    };
    match dot.and_then(|at| Misfit::at(text, at)) {
        Some(misfit) => Err(InvalidEmail::Character(misfit)),
        None => Ok(()),
    }
}

/// The domain in ASCII. `joined` is the same domain with its joiners, which some scripts need (RFC 5892, appendix A); elsewhere they are
/// dropped. Address literals (`[127.0.0.1]`) are refused because they reach hosts, not people.
fn to_ascii(text: &str, domain: &str, joined: &str) -> Result<String, InvalidEmail> {
    let start = text.len() - domain.len();
    let misfit = |at: usize| Misfit::at(text, start + at).map(InvalidEmail::Character);
    let strict = |domain: &str| idna::domain_to_ascii_strict(domain);
    if let Some(error) = domain.find(is_punctuation).and_then(misfit) {
        return Err(error);
    }
    if domain.split(is_dot).any(|label| label.is_ascii() && label.len() > LONGEST_LABEL) {
        return Err(InvalidEmail::TooLong);
    }
    strict(joined)
        .or_else(|_| strict(domain))
        .map_err(|_| fault_of_domain(domain).and_then(misfit).unwrap_or(InvalidEmail::Malformed))
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
    fn addresses_are_read_as_keyboards_and_programs_give_them() {
        for typed in [
            "\u{FEFF}ada@example.org",
            "\u{202A}ada@example.org\u{202C}",
            "\u{200B} ada@example.org\u{A0}\u{200B}",
            "a\u{AD}da@exam\u{200B}ple.org",
            "ada\u{200D}@\u{2060}example\u{200C}.org",
            "ada@example.or\u{200D}g",
            "ada＠example．org",
            "ａｄａ@ｅｘａｍｐｌｅ.org",
            "ada@example。org",
            "ada@EXAMPLE｡org",
            "\u{3000}ada@example.org",
        ] {
            let email = EmailAddress::parse(typed);
            assert_eq!(
                email.as_ref().map(EmailAddress::as_str),
                Ok("ada@example.org"),
                "{typed:?}"
            );
        }
        let persian = EmailAddress::parse("ada@نامه\u{200C}ای.example").unwrap();
        assert_eq!(persian.as_str(), "ada@xn--mgba3gch31f060k.example", "this joiner counts");
    }

    #[test]
    fn invalid_addresses_are_refused() {
        for empty in ["", " \n", "\u{FEFF}\u{200B}"] {
            assert_eq!(EmailAddress::parse(empty), Err(InvalidEmail::Empty));
        }
        let long = format!("{}@example.org", "a".repeat(300));
        assert_eq!(EmailAddress::parse(&long), Err(InvalidEmail::TooLong));
        for text in ["ada", "@example.org", "ada@"] {
            assert_eq!(EmailAddress::parse(text), Err(InvalidEmail::Malformed), "{text:?}");
        }
        for text in [
            "ada@-example.org",
            "ada@exam’ple.org",
            "ada@example.org”",
            "ada@@example.org",
            "a da@example.org",
            "ada@exa mple.org",
            "ada@example..org",
            "ada@example.org.",
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
            let error = EmailAddress::parse(text).unwrap_err();
            assert!(matches!(error, InvalidEmail::Character(_)), "{text:?}: {error:?}");
        }
    }

    #[test]
    fn addresses_that_not_every_server_accepts_have_their_own_error() {
        for text in ["\"ada\"@example.org", "ädä@example.org", "аda@example.org"] {
            let error = EmailAddress::parse(text).unwrap_err();
            assert!(matches!(error, InvalidEmail::Unsupported(_)), "{text:?}: {error:?}");
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
