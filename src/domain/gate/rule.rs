//! Who may pass: the rule that stands in the proxy's configuration, beside the application that it protects.

use crate::domain::sign_in::session::Session;

/// A rule, from the query of the gate's address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rule {
    /// Any of these roles (`role=`, repeatable); empty: everybody who is signed in.
    pub roles: Vec<String>,
    /// Only with a second factor (`factor=2`).
    pub second_factor: bool,
    /// Whether the application gets an access token as well (`token=1`).
    pub access_token: bool,
}

/// How a session stands to a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// It may pass.
    Allowed,
    /// Its owner has none of the roles.
    RoleMissing,
    /// It was begun without a second factor.
    FactorMissing,
    /// The application would know its owner by an email address that no one has confirmed.
    EmailUnconfirmed,
}

impl Rule {
    /// Reads a rule. Anything that it does not know makes it fail: a slip in a rule must not open anything. The error names the
    /// slip.
    pub fn parse(query: &str) -> Result<Self, String> {
        let mut rule = Self::default();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            match (&*name, &*value) {
                ("role", name) if !name.trim().is_empty() => rule.roles.push(name.to_owned()),
                ("factor", "2") => rule.second_factor = true,
                ("token", "1") => rule.access_token = true,
                (name, value) => return Err(format!("{name}={value}")),
            }
        }
        Ok(rule)
    }

    /// Whether this session may pass. A role is asked for first: nobody sets up a second factor for what stays shut.
    #[must_use]
    pub fn judge(&self, session: &Session) -> Admission {
        let has = |role: &String| session.roles().any(|own| own == role);
        if !self.roles.is_empty() && !self.roles.iter().any(has) {
            Admission::RoleMissing
        } else if self.second_factor && !session.has_second_factor() {
            Admission::FactorMissing
        } else {
            Admission::Allowed
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn rules_are_read() {
        let rule = |roles: &[&str], second_factor, access_token| Rule {
            roles: roles.iter().map(|&role| role.to_owned()).collect(),
            second_factor,
            access_token,
        };
        for (query, expected) in [
            ("", rule(&[], false, false)),
            ("role=admin", rule(&["admin"], false, false)),
            ("role=admin&role=family&factor=2", rule(&["admin", "family"], true, false)),
            ("token=1&role=a%26b", rule(&["a&b"], false, true)),
        ] {
            assert_eq!(Rule::parse(query), Ok(expected), "{query}");
        }
    }

    #[test]
    fn a_slip_opens_nothing() {
        for query in [
            "roles=admin",
            "role=",
            "role",
            "role=%20",
            "factor=1",
            "factor=",
            "token=yes",
            "Role=x",
            "x",
        ] {
            assert!(Rule::parse(query).is_err(), "{query}");
        }
    }

    proptest! {
        #[test]
        fn every_part_of_a_query_counts(query in "(role|factor|token|x)?=?[a2]{0,2}(&(role|factor|y)=[a2]{0,2}){0,2}") {
            if let Ok(rule) = Rule::parse(&query) {
                let parts = query.split('&').filter(|part| !part.is_empty());
                for part in parts {
                    let role = part.strip_prefix("role=");
                    let is_kept = role.is_some_and(|role| rule.roles.iter().any(|own| own == role))
                        || (part == "factor=2" && rule.second_factor)
                        || (part == "token=1" && rule.access_token);
                    prop_assert!(is_kept, "{part}");
                }
            }
        }
    }
}
