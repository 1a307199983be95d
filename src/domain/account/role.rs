//! Roles: names for what a user may do, here and behind the gate.

use std::collections::BTreeSet;
use std::fmt;

use serde::Serialize;

use crate::domain::typed_text;

/// The role that opens `/admin`.
pub const ADMIN: &str = "admin";

/// Maximum length in characters.
pub const MAX_LENGTH: usize = 64;

/// The name of a role: 1 to 64 ASCII letters, digits and `. _ : / @ + -`. Roles are sent in headers and in lists separated by commas,
/// so they contain neither spaces nor commas.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, sqlx::Type)]
#[sqlx(transparent)]
pub struct Role(String);

/// Why a text is not a valid role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InvalidRole {
    /// More than 64 characters.
    TooLong,
    /// Empty, or with a character that is not allowed.
    Character(String),
    /// It differs from [`ADMIN`] only in case.
    LooksLikeAdmin(String),
}

impl Role {
    /// Parses one role as administrators type and paste it: without invisible characters.
    pub fn parse(text: &str) -> Result<Self, InvalidRole> {
        let name = typed_text::visible(text);
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "._:/@+-".contains(c);
        if name.chars().count() > MAX_LENGTH {
            Err(InvalidRole::TooLong)
        } else if name.is_empty() || !name.chars().all(is_plain) {
            Err(InvalidRole::Character(name))
        } else if name != ADMIN && name.eq_ignore_ascii_case(ADMIN) {
            Err(InvalidRole::LooksLikeAdmin(name))
        } else {
            Ok(Self(name))
        }
    }

    /// Parses any number of roles, separated by commas. Spaces and line breaks also separate them, because no role contains any.
    pub fn parse_list(text: &str) -> Result<BTreeSet<Self>, InvalidRole> {
        let names = text.split(|c: char| c == ',' || c.is_whitespace());
        names.filter(|name| !typed_text::visible(name).is_empty()).map(Self::parse).collect()
    }

    /// The role of administrators.
    #[must_use]
    pub fn admin() -> Self {
        Self(ADMIN.to_owned())
    }

    /// Whether this is the role of administrators.
    #[must_use]
    pub fn is_admin(&self) -> bool {
        self.0 == ADMIN
    }

    /// The role as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The roles separated by `, `.
#[must_use]
pub fn join(roles: &BTreeSet<Role>) -> String {
    roles.iter().map(Role::as_str).collect::<Vec<_>>().join(", ")
}

/// The names in the list of an access rule or option, separated by commas alone. A rule must not open an app to more roles than its author
/// meant, so a space (which may be a badly encoded `+`) separates nothing here.
#[must_use]
pub fn names(list: &str) -> Vec<&str> {
    list.split(',').map(str::trim).filter(|name| !name.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn roles_with_separators_or_invisible_characters_are_refused() {
        for name in ["admin", "family", "app:read", "a.b_c-d", "ops@home", "x/y", "a+b", "7"] {
            assert_eq!(Role::parse(name).unwrap().as_str(), name);
        }
        for name in ["", " ", "a,b", "a b", "ä", "a\nb", "a;b", "a\"b", "\u{430}dmin"] {
            assert!(matches!(Role::parse(name), Err(InvalidRole::Character(_))), "{name:?}");
        }
        assert_eq!(Role::parse(&"a".repeat(65)), Err(InvalidRole::TooLong));
        assert_eq!(Role::parse("Admin"), Err(InvalidRole::LooksLikeAdmin("Admin".into())));
    }

    #[test]
    fn a_list_contains_each_role_once() {
        let roles = Role::parse_list(" family, admin,,family staff\n").unwrap();
        assert_eq!(join(&roles), "admin, family, staff");
        for empty in ["", " ,\u{FEFF}", "\u{200B}"] {
            assert!(Role::parse_list(empty).unwrap().is_empty(), "{empty:?}");
        }
        let pasted = Role::parse_list("\u{FEFF}fam\u{AD}ily\u{A0}staff\u{200B}").unwrap();
        assert_eq!(join(&pasted), "family, staff");
        assert!(Role::parse_list("family, ADMIN").is_err());
    }

    proptest! {
        #[test]
        fn joined_roles_can_be_parsed_again(names in prop::collection::btree_set("[a-z0-9._:/@+-]{1,64}", 0..6)) {
            let roles: BTreeSet<Role> = names.iter().map(|name| Role::parse(name).unwrap()).collect();
            prop_assert_eq!(Role::parse_list(&join(&roles)).unwrap(), roles);
        }
    }
}
