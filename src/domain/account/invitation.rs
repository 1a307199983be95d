//! Invitations: a link by which an administrator lets one person sign up.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::clock::Timestamp;
use crate::domain::account::email::EmailAddress;
use crate::domain::account::role::Role;
use crate::domain::id::{InvitationId, UserId};

/// How long an invitation may last, in days; the first is the default.
pub const DAYS: [u32; 4] = [7, 1, 30, 90];

/// How long so many days are; nothing if nobody may choose that.
#[must_use]
pub fn lasting(days: &str) -> Option<Duration> {
    let days = DAYS.into_iter().find(|it| it.to_string() == days)?;
    Some(Duration::from_hours(24 * u64::from(days)))
}

/// An invitation.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Invitation {
    /// Names it.
    pub id: InvitationId,
    /// Whom it is for; empty: whoever holds the link.
    pub email: Option<EmailAddress>,
    /// What the account gets, with commas between them.
    pub roles: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// Who made it.
    pub created_by: Option<UserId>,
    /// Until when somebody may sign up by it.
    pub expires_at: Timestamp,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// Why, if no administrator decided it.
    pub revoked_because: Option<Because>,
    /// Whether whoever made it could make it today. The command line always can.
    pub maker_may: bool,
    /// When an account came of it.
    pub used_at: Option<Timestamp>,
    /// Which.
    pub used_by: Option<UserId>,
}

/// What revokes the invitations of an administrator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "TEXT", rename_all = "snake_case")]
pub enum Because {
    /// They are no longer an administrator.
    Demoted,
    /// Their account was disabled.
    Disabled,
    /// Their account was deleted.
    Deleted,
    /// They said 'this was not me': someone else may have made it.
    NotMe,
}

/// What an invitation is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvitationStanding {
    /// Somebody may sign up by it.
    Open,
    /// An account came of it.
    Used,
    /// It was revoked, or whoever made it can no longer make it.
    Revoked,
    /// Its time is over.
    Expired,
}

impl Invitation {
    /// What it is good for.
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

    /// What the account gets.
    #[must_use]
    pub fn roles(&self) -> BTreeSet<Role> {
        self.roles.split(',').filter_map(|role| Role::parse(role).ok()).collect()
    }

    /// Whether somebody with this address may use it.
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
    fn an_invitation_is_open_until_something_ends_it() {
        let at = Some(Timestamp(1_500));
        let (open, used) = (invitation(), Invitation { used_at: at, ..invitation() });
        let revoked = Invitation { revoked_at: at, ..invitation() };
        let orphaned = Invitation { maker_may: false, ..invitation() };
        assert_eq!(open.standing(Timestamp(1_999)), InvitationStanding::Open);
        assert_eq!(open.standing(Timestamp(2_000)), InvitationStanding::Expired);
        assert_eq!(used.standing(Timestamp(9_000)), InvitationStanding::Used);
        assert_eq!(revoked.standing(Timestamp(1_600)), InvitationStanding::Revoked);
        assert_eq!(orphaned.standing(Timestamp(1_600)), InvitationStanding::Revoked);
        assert_eq!(open.roles().len(), 2);
        assert!(Invitation { roles: String::new(), ..invitation() }.roles().is_empty());
    }

    #[test]
    fn it_is_for_its_address_however_that_is_written() {
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
