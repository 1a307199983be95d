//! Who must have a second factor.

use crate::domain::account::role::ADMIN;

/// Who must have a second factor (`SECOND_FACTOR`). Where it is demanded, a session without one opens nothing but the way to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecondFactorPolicy {
    /// No one. Users may set one up.
    Optional,
    /// Administrators.
    Admins,
    /// Every user.
    Everyone,
}

impl SecondFactorPolicy {
    /// Whether a user with these roles must have a second factor.
    pub fn demands<'a>(self, roles: impl IntoIterator<Item = &'a str>) -> bool {
        match self {
            Self::Optional => false,
            Self::Admins => roles.into_iter().any(|role| role == ADMIN),
            Self::Everyone => true,
        }
    }

    /// Whether the session of a user with these roles is complete. `has_second_factor`: its user has passed the second factor.
    pub fn is_met<'a>(
        self,
        roles: impl IntoIterator<Item = &'a str>,
        has_second_factor: bool,
    ) -> bool {
        has_second_factor || !self.demands(roles)
    }
}

#[cfg(test)]
mod tests {
    use super::SecondFactorPolicy::{Admins, Everyone, Optional};

    #[test]
    fn a_session_needs_the_second_factor_that_its_owner_must_have() {
        let (user, other, admin) = (&[][..], &["family", "Admin"][..], &["admin", "family"][..]);
        for (policy, roles, is_demanded) in [
            (Optional, user, false),
            (Optional, other, false),
            (Optional, admin, false),
            (Admins, user, false),
            (Admins, other, false),
            (Admins, admin, true),
            (Everyone, user, true),
            (Everyone, other, true),
            (Everyone, admin, true),
        ] {
            let roles = || roles.iter().copied();
            assert_eq!(policy.demands(roles()), is_demanded, "{policy:?}");
            assert_eq!(policy.is_met(roles(), false), !is_demanded, "{policy:?}");
            assert!(policy.is_met(roles(), true), "{policy:?}");
        }
    }
}
