//! Handles: the short unique names that apps know accounts by (`preferred_username` of OpenID Connect).

use std::fmt;

use serde::Serialize;
use unicode_normalization::UnicodeNormalization;

use crate::domain::typed_text;

/// Maximum length in characters. Unix allows no longer names (`useradd(8)`).
pub const MAX_LENGTH: usize = 32;
/// Minimum length in characters.
pub const MIN_LENGTH: usize = 2;

/// The start of the handle of an address with at most one letter or digit before the @. Reserved, so that it gets a number.
const FALLBACK: &str = "user";

/// Names that Unix, mail servers (RFC 2142) or apps treat specially. No one gets them by signing up with a suitable address.
const RESERVED: &[&str] = &[
    "abuse",
    "adm",
    "admin",
    "administration",
    "administrator",
    "administrators",
    "admins",
    "all",
    "anonymous",
    "api",
    "auth",
    "authflow",
    "backup",
    "bin",
    "bot",
    "daemon",
    "everyone",
    "ftp",
    "games",
    "git",
    "guest",
    "help",
    "hostmaster",
    "http",
    "info",
    "irc",
    "list",
    "log",
    "login",
    "lp",
    "mail",
    "mailer-daemon",
    "man",
    "marketing",
    "me",
    "moderator",
    "news",
    "no-reply",
    "nobody",
    "noc",
    "nogroup",
    "none",
    "noreply",
    "null",
    "operator",
    "owner",
    "postgres",
    "postmaster",
    "proxy",
    "public",
    "root",
    "sales",
    "security",
    "self",
    "service",
    "shutdown",
    "staff",
    "sudo",
    "superadmin",
    "superuser",
    "support",
    "sync",
    "sys",
    "sysadmin",
    "system",
    "toor",
    "undefined",
    "usenet",
    "user",
    "users",
    "uucp",
    "webmaster",
    "wheel",
    "www",
    "www-data",
];

/// 2 to 32 of `a-z`, `0-9` and `. _ -`, with a letter or digit first.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, sqlx::Type)]
#[sqlx(transparent)]
pub struct Handle(String);

/// Why a text is not a valid handle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InvalidHandle {
    /// Empty, or only whitespace and invisible characters.
    Empty,
    /// Fewer than 2 or more than 32 characters.
    Length,
    /// A character that no handle has.
    Character(char),
    /// A full stop, underscore or hyphen at the beginning.
    Start,
}

impl Handle {
    /// Parses a handle as people type and paste it: without invisible characters, in lower case.
    pub fn parse(text: &str) -> Result<Self, InvalidHandle> {
        let text: String = text.chars().map(typed_text::narrow).collect();
        let handle = typed_text::visible(&text).to_lowercase();
        if handle.is_empty() {
            return Err(InvalidHandle::Empty);
        }
        if let Some(c) = handle.chars().find(|c| !is_allowed(*c)) {
            return Err(InvalidHandle::Character(c));
        }
        if !(MIN_LENGTH..=MAX_LENGTH).contains(&handle.len()) {
            return Err(InvalidHandle::Length);
        }
        if handle.starts_with(is_mark) {
            return Err(InvalidHandle::Start);
        }
        Ok(Self(handle))
    }

    /// The handle for a new account whose address has this before the @, unless the handle is reserved or belongs to another account. The
    /// `+tag` and characters that handles do not have are left out, and letters lose their accents. `x` becomes `user-x`, and a text
    /// without letters and digits becomes `user`, which is reserved.
    #[must_use]
    pub fn of_local_part(local: &str) -> Self {
        let untagged = local.split('+').next().unwrap_or_default();
        let letters = untagged.nfkd().flat_map(char::to_lowercase);
        let folded: String = letters.flat_map(fold).filter(|c| is_allowed(*c)).collect();
        let plain = cut(folded.trim_start_matches(is_mark), MAX_LENGTH);
        match plain.len() {
            0 => Self(FALLBACK.to_owned()),
            1 => Self(format!("{FALLBACK}-{plain}")),
            _ => Self(plain.to_owned()),
        }
    }

    /// The handle itself for 1, and otherwise the handle with this number: `ada-2`. Long handles are cut to make room.
    #[must_use]
    pub fn numbered(&self, number: u32) -> Self {
        if number < 2 {
            return self.clone();
        }
        let suffix = format!("-{number}");
        Self(format!("{}{suffix}", cut(&self.0, MAX_LENGTH - suffix.len())))
    }

    /// Whether no account gets it on its own. An administrator can still give it to one.
    #[must_use]
    pub fn is_reserved(&self) -> bool {
        RESERVED.contains(&self.as_str())
    }

    /// The handle as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn is_allowed(c: char) -> bool {
    c.is_ascii_lowercase() || c.is_ascii_digit() || is_mark(c)
}

fn is_mark(c: char) -> bool {
    matches!(c, '.' | '_' | '-')
}

/// The first characters of an ASCII text, at most `length`, without marks at the end.
fn cut(text: &str, length: usize) -> &str {
    text[..text.len().min(length)].trim_end_matches(is_mark)
}

/// The ASCII letters for a letter that Unicode does not decompose.
fn fold(c: char) -> impl Iterator<Item = char> {
    let letters = match c {
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'ø' => "o",
        'đ' | 'ð' => "d",
        'ł' => "l",
        'ħ' => "h",
        'ı' => "i",
        'þ' => "th",
        _ => "",
    };
    letters.chars().chain(Some(c))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_new_handle_is_the_local_part_as_far_as_handles_allow() {
        for (local, handle) in [
            ("ada", "ada"),
            ("Ada.Lovelace", "ada.lovelace"),
            ("ada+shop", "ada"),
            ("o'brien", "obrien"),
            ("_ada_", "ada"),
            ("josé", "jose"),
            ("Straße", "strasse"),
            ("ØRSTED", "orsted"),
            ("łukasz", "lukasz"),
            ("小龍", "user"),
            ("+tag", "user"),
            ("!", "user"),
            ("x", "user-x"),
            ("x-", "user-x"),
            ("7", "user-7"),
            ("admin", "admin"),
            ("a.very.long.local.part.of.an.address", "a.very.long.local.part.of.an.add"),
            ("a.very.long.local.part.of.mine.-.address", "a.very.long.local.part.of.mine"),
        ] {
            assert_eq!(Handle::of_local_part(local).as_str(), handle, "{local}");
        }
    }

    #[test]
    fn handles_are_read_as_people_type_them() {
        for (text, handle) in [
            (" Ada ", "ada"),
            ("\u{feff}ada.l_2-x\u{200b}", "ada.l_2-x"),
            ("ａｄａ", "ada"),
            ("42", "42"),
            ("admin", "admin"),
        ] {
            assert_eq!(Handle::parse(text).unwrap().as_str(), handle, "{text:?}");
        }
        for (text, error) in [
            ("", InvalidHandle::Empty),
            (" \u{200b}", InvalidHandle::Empty),
            ("a", InvalidHandle::Length),
            (&"a".repeat(33), InvalidHandle::Length),
            ("-ada", InvalidHandle::Start),
            (".ada", InvalidHandle::Start),
            ("a b", InvalidHandle::Character(' ')),
            ("zoë", InvalidHandle::Character('ë')),
            ("ada@x", InvalidHandle::Character('@')),
        ] {
            assert_eq!(Handle::parse(text), Err(error), "{text:?}");
        }
    }

    #[test]
    fn numbers_fit_into_the_longest_handle() {
        let handle = |text: &str| Handle::parse(text).unwrap();
        for (text, number, numbered) in [
            ("ada", 1, "ada"),
            ("ada", 2, "ada-2"),
            ("ada-2", 3, "ada-2-3"),
            ("a.very.long.local.part.of.an.add", 12, "a.very.long.local.part.of.an-12"),
        ] {
            assert_eq!(handle(text).numbered(number), handle(numbered), "{text}");
        }
    }

    #[test]
    fn names_with_a_meaning_are_reserved() {
        for name in RESERVED {
            assert!(Handle::parse(name).unwrap().is_reserved(), "{name}");
            assert!(!Handle::parse(name).unwrap().numbered(2).is_reserved(), "{name}");
        }
        assert!(RESERVED.is_sorted());
        assert!(!Handle::parse("ada").unwrap().is_reserved());
    }

    proptest! {
        #[test]
        fn every_address_gets_valid_handles(local in any::<String>(), number in any::<u32>()) {
            let handle = Handle::of_local_part(&local);
            prop_assert_eq!(Handle::parse(handle.as_str()), Ok(handle.clone()));
            let numbered = handle.numbered(number);
            prop_assert_eq!(Handle::parse(numbered.as_str()), Ok(numbered));
        }
    }
}
