//! What a rule of a proxy requires of the visitors of an app, as administrators see it.

use crate::clock::Timestamp;
use crate::domain::gate::rule::Rule;

/// The longest list of roles that is kept, in bytes. A proxy's configuration has a few.
const LONGEST: usize = 1_000;

/// The roles and the second factor of a rule.
#[derive(Clone, Debug, PartialEq, Eq, Hash, sqlx::FromRow)]
pub struct Requirement {
    /// Any of these roles, sorted, separated by commas. Empty: every signed-in user.
    pub roles: String,
    /// Whether two-factor authentication is required.
    pub second_factor: bool,
}

/// A requirement of an app's rule, and when the proxy last asked with it.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct AskedRequirement {
    /// The app's origin.
    pub origin: String,
    /// What the rule requires.
    #[sqlx(flatten)]
    pub requirement: Requirement,
    /// When the proxy last asked, or up to an hour before that: it is written once an hour.
    pub last_asked_at: Timestamp,
}

impl Requirement {
    /// What this rule requires. `None` if it has more roles than anyone would write.
    #[must_use]
    pub fn of(rule: &Rule) -> Option<Self> {
        let mut roles: Vec<&str> = rule.roles.iter().map(String::as_str).collect();
        roles.sort_unstable();
        roles.dedup();
        let roles = roles.join(",");
        (roles.len() <= LONGEST).then_some(Self { roles, second_factor: rule.second_factor })
    }

    /// The roles, one by one.
    pub fn roles(&self) -> impl Iterator<Item = &str> {
        self.roles.split(',').filter(|role| !role.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_that_require_the_same_are_one_requirement() {
        let of = |query: &str| Requirement::of(&Rule::parse(query).unwrap());
        let family = of("role=staff,family").unwrap();
        assert_eq!(family.roles().collect::<Vec<_>>(), ["family", "staff"]);
        assert_eq!(
            of("role=family&role=staff&role=family&token=1&public=/x").as_ref(),
            Some(&family)
        );
        assert_ne!(of("role=family,staff&factor=2").as_ref(), Some(&family));
        assert_eq!(of("").unwrap().roles().count(), 0);
        assert_eq!(of(&format!("role={}", "x".repeat(1_001))), None);
    }
}
