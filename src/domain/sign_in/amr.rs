//! How the user of a session authenticated, under the names of RFC 8176.

use std::fmt;

use serde::{Serialize, Serializer};

/// An authentication method (RFC 8176, section 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Method {
    /// A password.
    Pwd = 1,
    /// A one-time password: a code of an authenticator app, or a recovery code.
    Otp = 2,
    /// More than one factor.
    Mfa = 4,
}

/// Every method with its registered name, in the order in which they are listed.
const METHODS: [(Method, &str); 3] =
    [(Method::Pwd, "pwd"), (Method::Otp, "otp"), (Method::Mfa, "mfa")];

/// The authentication methods of a session, a set. The database stores their names, separated by spaces; access tokens list them.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Amr(u8);

impl Amr {
    /// The set with these methods as well.
    #[must_use]
    pub fn with(self, methods: &[Method]) -> Self {
        Self(methods.iter().fold(self.0, |set, method| set | *method as u8))
    }

    /// The set without these methods.
    #[must_use]
    pub fn without(self, methods: &[Method]) -> Self {
        Self(methods.iter().fold(self.0, |set, method| set & !(*method as u8)))
    }

    /// Whether the method is one of them.
    #[must_use]
    pub fn has(self, method: Method) -> bool {
        self.0 & method as u8 != 0
    }

    /// The names of the methods.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        METHODS.into_iter().filter(move |(method, _)| self.has(*method)).map(|(_, name)| name)
    }
}

impl From<String> for Amr {
    /// Parses stored names. A name that a later version has added is ignored.
    fn from(stored: String) -> Self {
        let of = |name: &str| METHODS.into_iter().find(|(_, known)| *known == name);
        let methods: Vec<Method> =
            stored.split(' ').filter_map(of).map(|(method, _)| method).collect();
        Self::default().with(&methods)
    }
}

impl fmt::Display for Amr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.names().collect::<Vec<_>>().join(" "))
    }
}

impl fmt::Debug for Amr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Amr({self})")
    }
}

impl Serialize for Amr {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.names())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stored_text_and_the_claim_have_the_registered_names() {
        for (stored, methods, json) in [
            ("", &[][..], "[]"),
            ("pwd", &[Method::Pwd], r#"["pwd"]"#),
            ("pwd otp mfa", &[Method::Mfa, Method::Otp, Method::Pwd], r#"["pwd","otp","mfa"]"#),
        ] {
            let amr = Amr::default().with(methods);
            assert_eq!(Amr::from(stored.to_owned()), amr);
            assert_eq!(amr.to_string(), stored);
            assert_eq!(serde_json::to_string(&amr).unwrap(), json);
        }
        assert_eq!(Amr::from("pwd swk geo".to_owned()).to_string(), "pwd");
    }

    #[test]
    fn methods_are_added_and_removed() {
        let amr = Amr::default().with(&[Method::Pwd, Method::Otp, Method::Mfa]);
        assert!(amr.has(Method::Mfa));
        let amr = amr.without(&[Method::Otp, Method::Mfa]);
        assert!(amr.has(Method::Pwd) && !amr.has(Method::Mfa) && !amr.has(Method::Otp));
    }
}
