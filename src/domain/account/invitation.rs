//! Invitations: links for one sign-up each, created by administrators.

use std::collections::BTreeSet;
use std::time::Duration;

use serde::Deserialize;

use crate::clock::Timestamp;
use crate::domain::account::email::EmailAddress;
use crate::domain::account::role::Role;
use crate::domain::id::{InvitationId, UserId};
use crate::domain::stored::Stored;

/// The lifetimes to choose from, in days.
pub const DAYS: [u32; 4] = [1, 7, 30, 90];

/// The lifetime if none is chosen, in days.
pub const DEFAULT_DAYS: u32 = 7;

/// Parses one of [`DAYS`]; `None` for any other text.
#[must_use]
pub fn lasting(days: &str) -> Option<Duration> {
    let days = DAYS.into_iter().find(|it| it.to_string() == days)?;
    Some(Duration::from_hours(24 * u64::from(days)))
}

/// An invitation, without its secret.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Invitation {
    /// The link is computed from this ID.
    pub id: InvitationId,
    /// The only address that may use it. `None`: anyone with the link.
    pub email: Option<EmailAddress>,
    /// The roles of the new account, separated by commas.
    pub roles: String,
    /// The code of the language of its email and its sign-up; `None` in those of an earlier version.
    pub language: Option<String>,
    /// When it was created.
    pub created_at: Timestamp,
    /// The administrator who created it; `None` if it was created on the command line.
    pub created_by: Option<UserId>,
    /// When it expires.
    pub expires_at: Timestamp,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// The reason, if it was revoked automatically.
    pub revoked_because: Option<Stored<Because>>,
    /// Whether its creator may still invite users. The command line always may.
    pub maker_may: bool,
    /// When an account was created with it.
    pub used_at: Option<Timestamp>,
    /// The account that was created with it.
    pub used_by: Option<UserId>,
}

/// An invitation in the list, with the address of its creator.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ListedInvitation {
    /// The invitation.
    #[sqlx(flatten)]
    pub invitation: Invitation,
    /// The current address of its creator. `None` if the account was deleted, or for the command line.
    pub maker: Option<EmailAddress>,
}

/// Why the invitations of an administrator were revoked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "TEXT", rename_all = "snake_case")]
pub enum Because {
    /// They are no longer an administrator.
    Demoted,
    /// Their account was disabled.
    Disabled,
    /// Their account was deleted.
    Deleted,
    /// They said 'this was not me': an intruder may have created the invitation.
    NotMe,
}

/// The state of an invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvitationStanding {
    /// It can be used.
    Open,
    /// An account was created with it.
    Used,
    /// It was revoked, or its creator may no longer invite users.
    Revoked,
    /// It has expired.
    Expired,
}

impl Invitation {
    /// Its state at this time.
    #[must_use]
    pub fn standing(&self, now: Timestamp) -> InvitationStanding {
        if self.used_at.is_some() {
            InvitationStanding::Used
        } else if self.revoked_at.is_some() || !self.maker_may {
            InvitationStanding::Revoked
        } else if self.expires_at <= now {
            InvitationStanding::Expired
        } else {
            InvitationStanding::Open
        }
    }

    /// Whether a sign-up that was started with it can still be confirmed. Its expiry does not matter: the visitor signed up in time.
    #[must_use]
    pub fn can_be_confirmed(&self) -> bool {
        self.used_at.is_none() && self.revoked_at.is_none() && self.maker_may
    }

    /// The roles of the new account.
    #[must_use]
    pub fn roles(&self) -> BTreeSet<Role> {
        self.roles.split(',').filter_map(|role| Role::parse(role).ok()).collect()
    }

    /// Whether this address may use it.
    #[must_use]
    pub fn is_for(&self, email: &EmailAddress) -> bool {
        self.email.as_ref().is_none_or(|bound| bound.key() == email.key())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn invitation() -> Invitation {
        Invitation {
            id: InvitationId::new(Timestamp(1_000)),
            email: None,
            roles: "family,staff".into(),
            language: None,
            created_at: Timestamp(1_000),
            created_by: None,
            expires_at: Timestamp(2_000),
            revoked_at: None,
            revoked_because: None,
            maker_may: true,
            used_at: None,
            used_by: None,
        }
    }

    #[test]
    fn an_invitation_is_open_until_it_is_used_revoked_or_expired() {
        let at = Some(Timestamp(1_500));
        let (open, used) = (invitation(), Invitation { used_at: at, ..invitation() });
        let revoked = Invitation { revoked_at: at, ..invitation() };
        let orphaned = Invitation { maker_may: false, ..invitation() };
        assert_eq!(open.standing(Timestamp(1_999)), InvitationStanding::Open);
        assert_eq!(open.standing(Timestamp(2_000)), InvitationStanding::Expired);
        assert_eq!(used.standing(Timestamp(9_000)), InvitationStanding::Used);
        assert_eq!(revoked.standing(Timestamp(1_600)), InvitationStanding::Revoked);
        assert_eq!(orphaned.standing(Timestamp(1_600)), InvitationStanding::Revoked);
        assert!(open.can_be_confirmed());
        assert!(![&used, &revoked, &orphaned].iter().any(|it| it.can_be_confirmed()));
        assert_eq!(open.roles().len(), 2);
        assert!(Invitation { roles: String::new(), ..invitation() }.roles().is_empty());
    }

    #[test]
    fn an_invitation_matches_its_address_in_any_spelling() {
        let email = |text| EmailAddress::parse(text).unwrap();
        let bound = Invitation { email: Some(email("Ada@example.org")), ..invitation() };
        assert!(
            bound.is_for(&email("ada@EXAMPLE.org")) && !bound.is_for(&email("eve@example.org"))
        );
        assert!(invitation().is_for(&email("eve@example.org")));
        assert_eq!(lasting("30"), Some(Duration::from_hours(720)));
        assert_eq!((lasting("0"), lasting("3650"), lasting("x")), (None, None, None));
    }
}
