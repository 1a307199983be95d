//! Access rules, which the proxy's configuration sets for each app.

use crate::domain::gate::public_path::PublicPath;
use crate::domain::sign_in::session::Session;

/// A rule, from the query of the gate's URL.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rule {
    /// Any of these roles (`role=`, repeatable). Empty: every signed-in user.
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
    /// The session was started without 2FA.
    FactorMissing,
    /// The app identifies users by email address, and this one is not confirmed.
    EmailUnconfirmed,
}

impl Rule {
    /// Parses a rule. Unknown parameters are an error, so that a typo in a rule does not open an app. The error names the parameter.
    pub fn parse(query: &str) -> Result<Self, String> {
        let mut rule = Self::default();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            match (&*name, &*value) {
                ("role", name) if !name.trim().is_empty() => rule.roles.push(name.to_owned()),
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
