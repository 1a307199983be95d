//! Email addresses and sign-in names that are not valid.

use crate::domain::account::email::InvalidEmail;
use crate::domain::sign_in::sign_in_name::InvalidSignInName;
use crate::i18n::message::{self, Message};
use crate::wording::characters::{character, printable};

impl From<InvalidEmail> for Message {
    fn from(why: InvalidEmail) -> Self {
        match why {
            InvalidEmail::Empty => message::email_missing(),
            InvalidEmail::TooLong => message::email_too_long(),
            InvalidEmail::Malformed => message::email_malformed(),
            InvalidEmail::Character(misfit) => {
                let character = character(misfit.character());
                match misfit.after() {
                    Some(before) => message::email_character(printable(before), character),
                    None => message::email_character_first(character),
                }
            }
            InvalidEmail::Unsupported(misfit) => {
                let character = character(misfit.character());
                match misfit.after() {
                    Some(before) => message::email_unsupported(printable(before), character),
                    None => message::email_unsupported_first(character),
                }
            }
        }
    }
}

impl From<InvalidSignInName> for Message {
    fn from(why: InvalidSignInName) -> Self {
        match why {
            InvalidSignInName::Empty => message::email_or_handle_missing(),
            InvalidSignInName::Malformed => message::email_or_handle_malformed(),
            InvalidSignInName::Address(why) => why.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::account::email::EmailAddress;

    fn said(typed: &str) -> String {
        Message::from(EmailAddress::parse(typed).unwrap_err()).english()
    }

    #[test]
    fn an_error_names_the_character() {
        for (typed, part) in [
            ("anna @example.org", "has a space after “anna”. "),
            ("anna\u{A0}@example.org", "has a no-break space (U+00A0) after “anna”. "),
            ("anna@exam ple.org", "has a space after “anna@exam”. "),
            ("anna@example\u{A0}.org", "has a no-break space (U+00A0) after “anna@example”. "),
            ("anna@example,org", "has a comma “,” after “anna@example”. "),
            ("anna@example.org.", "has a full stop “.” after “anna@example.org”. "),
            ("anna@example..org", "has a full stop “.” after “anna@example.”. "),
            ("anna@example.org;eve@example.org", "has a second at sign “@”"),
            ("<anna@example.org>", "has a bracket “<” at the beginning. "),
            ("anna@exam!ple.org", "has the character “!” after “anna@exam”. "),
            ("anna example.org", "has a space after “anna”. "),
            ("änna@example.org", "because it has the character “ä” (U+00E4) at the beginning. "),
            ("an\"na@example.org", "because it has a quotation mark “\"” after “an”. "),
            ("an٣na@example.org", "because it has the character “٣” (U+0663) after “an”. "),
            ("anna.@example.org", "has a full stop “.” after “anna”. "),
            ("anna@@example.org", "has a second at sign “@” after “anna”. "),
            ("an\tna@example.org", "has a tab after “an”. "),
            ("anna@example\u{2028}.org", "has a line break after “anna@example”. "),
        ] {
            let said = said(typed);
            assert!(said.contains(part), "{typed:?}: {said}");
        }
        let long = format!("{} @example.org", "a".repeat(60));
        let said = said(&long);
        assert!(said.contains(&format!("a space after “{}”", "a".repeat(20))), "{said}");
    }
}
