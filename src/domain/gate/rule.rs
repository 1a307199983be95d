//! Access rules, which the proxy's configuration sets for each app.

use crate::domain::account::role;
use crate::domain::gate::public_path::PublicPath;
use crate::domain::query;
use crate::domain::sign_in::session::Session;

/// A rule, from the query of the gate's URL.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rule {
    /// Any of these roles (`role=`, separated by commas and repeatable). Empty: every signed-in user.
    pub roles: Vec<String>,
    /// Whether 2FA is required (`factor=2`).
    pub second_factor: bool,
    /// Whether the app also gets an access token (`token=1`).
    pub access_token: bool,
    /// Paths that need no sign-in (`public=`, repeatable).
    pub public: Vec<PublicPath>,
}

/// A rule's decision about a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// Access is allowed.
    Allowed,
    /// Its owner has none of the roles.
    RoleMissing,
    /// The session was started without 2FA, which the rule or `SECOND_FACTOR` demands.
    FactorMissing,
    /// The app identifies users by email address, and this one is not confirmed.
    EmailUnconfirmed,
}

impl Rule {
    /// Parses a rule. Unknown parameters and text that is not valid are an error, so that a typo in a rule does not open an app.
    /// The error names the parameter.
    pub fn parse(query: &str) -> Result<Self, String> {
        if !query::is_readable(query) {
            return Err(query.to_owned());
        }
        let mut rule = Self::default();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            match (&*name, &*value) {
                ("role", names) if !role::names(names).is_empty() => {
                    rule.roles.extend(role::names(names).into_iter().map(ToOwned::to_owned));
                }
                ("factor", "2") => rule.second_factor = true,
                ("token", "1") => rule.access_token = true,
                ("public", path) => match PublicPath::parse(path) {
                    Ok(path) => rule.public.push(path),
                    Err(_) => return Err(format!("public={path}")),
                },
                (name, value) => return Err(format!("{name}={value}")),
            }
        }
        Ok(rule)
    }

    /// Whether this path of a request, as the client sent it, needs no sign-in.
    #[must_use]
    pub fn opens(&self, path: &str) -> bool {
        self.public.iter().any(|public| public.contains(path))
    }

    /// Decides whether a session has access. The role is checked first, so that users don't enable 2FA for an app that they can't use.
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
    fn rules_are_parsed() {
        let rule = |roles: &[&str], second_factor, access_token| Rule {
            roles: roles.iter().map(|&role| role.to_owned()).collect(),
            second_factor,
            access_token,
            public: Vec::new(),
        };
        for (query, expected) in [
            ("", rule(&[], false, false)),
            ("role=admin", rule(&["admin"], false, false)),
            ("role=admin&role=family&factor=2", rule(&["admin", "family"], true, false)),
            ("token=1&role=a%26b", rule(&["a&b"], false, true)),
            ("role=admin,family", rule(&["admin", "family"], false, false)),
            (
                "role=admin%2C%20family&role=staff,",
                rule(&["admin", "family", "staff"], false, false),
            ),
            ("role=a+b", rule(&["a b"], false, false)),
        ] {
            assert_eq!(Rule::parse(query), Ok(expected), "{query}");
        }
        let rule = Rule::parse("public=%2Fhooks&role=admin&public=/share/*").unwrap();
        assert!(rule.opens("/hooks/x") && rule.opens("/share") && !rule.opens("/"));
    }

    #[test]
    fn an_unknown_parameter_is_an_error() {
        for query in [
            "roles=admin",
            "role=",
            "role",
            "role=%20",
            "role=,",
            "factor=1",
            "factor=",
            "token=yes",
            "public",
            "public=",
            "public=/",
            "public=hooks",
            "public=/.authflow",
            "Role=x",
            "x",
            "role=%00",
            "role=a%00",
            "role=%ff",
            "factor=2&role=%C3",
        ] {
            assert!(Rule::parse(query).is_err(), "{query}");
        }
    }

    proptest! {
        #[test]
        fn every_part_of_a_query_is_kept_or_refused(query in "(role|factor|token|x)?=?[a2]{0,2}(&(role|factor|y)=[a2]{0,2}){0,2}") {
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
