//! Further details of an audit event: as the log stores and exports them, which is the same in every language.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt::{self, Display, Formatter};

use crate::domain::account::role::{self, Role};
use crate::domain::audit_event::Event;

const NO_ROLES: &str = "no roles";
const BEFORE: &str = "; before: ";
const HANDED_OVER: &str = "handed over by a person";
const WITH_HASHES: &str = "with password hashes";
const WITHOUT_HASHES: &str = "without password hashes";

/// Further details of an event. Its [`Display`] is what the log stores, and [`AuditDetail::read`] reads that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuditDetail<'a> {
    /// How many sessions were ended.
    Sessions(u64),
    /// How many accounts were imported.
    Accounts(u64),
    /// How many emails were retried.
    Emails(u64),
    /// Whether an export of accounts has the hashes of their passwords.
    PasswordHashes(bool),
    /// The link was not emailed.
    HandedOver,
    /// The roles, separated by commas. May be empty.
    Roles(Cow<'a, str>),
    /// The roles now and before, separated by commas. Each may be empty.
    RolesChanged(Cow<'a, str>, Cow<'a, str>),
    /// Text that is the same in every language, such as a reason or an ID.
    Other(&'a str),
}

impl<'a> AuditDetail<'a> {
    /// The roles of a new account or invitation.
    #[must_use]
    pub fn roles(roles: &BTreeSet<Role>) -> AuditDetail<'static> {
        AuditDetail::Roles(role::join(roles).into())
    }

    /// The roles of an account that got others.
    #[must_use]
    pub fn roles_changed(roles: &BTreeSet<Role>, before: &BTreeSet<Role>) -> AuditDetail<'static> {
        AuditDetail::RolesChanged(role::join(roles).into(), role::join(before).into())
    }

    /// Reads a stored detail. One that this version would write differently is [`AuditDetail::Other`].
    #[must_use]
    pub fn read(event: Event, stored: &'a str) -> Self {
        let count = || stored.parse().ok();
        let known = match event {
            Event::SessionsEnded | Event::SessionsMadeRoom => count().map(Self::Sessions),
            Event::UsersImported => count().map(Self::Accounts),
            Event::EmailsRetried => count().map(Self::Emails),
            Event::UsersExported if stored == WITH_HASHES => Some(Self::PasswordHashes(true)),
            Event::UsersExported if stored == WITHOUT_HASHES => Some(Self::PasswordHashes(false)),
            Event::ResetLinkSent if stored == HANDED_OVER => Some(Self::HandedOver),
            Event::UserCreated | Event::InvitationCreated => Some(Self::Roles(read_roles(stored))),
            Event::RolesChanged => stored
                .split_once(BEFORE)
                .map(|(now, before)| Self::RolesChanged(read_roles(now), read_roles(before))),
            _ => None,
        };
        known.unwrap_or(Self::Other(stored))
    }
}

fn read_roles(stored: &str) -> Cow<'_, str> {
    if stored == NO_ROLES { "" } else { stored }.into()
}

impl Display for AuditDetail<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        fn or_none(roles: &str) -> &str {
            if roles.is_empty() { NO_ROLES } else { roles }
        }
        match self {
            Self::Sessions(count) | Self::Accounts(count) | Self::Emails(count) => count.fmt(f),
            Self::PasswordHashes(true) => f.write_str(WITH_HASHES),
            Self::PasswordHashes(false) => f.write_str(WITHOUT_HASHES),
            Self::HandedOver => f.write_str(HANDED_OVER),
            Self::Roles(roles) => f.write_str(or_none(roles)),
            Self::RolesChanged(now, before) => {
                write!(f, "{}{BEFORE}{}", or_none(now), or_none(before))
            }
            Self::Other(text) => f.write_str(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stored_is_read_back() {
        let (none, two) = (BTreeSet::new(), Role::parse_list("admin, family").unwrap());
        for (event, detail, stored) in [
            (Event::SessionsEnded, AuditDetail::Sessions(3), "3"),
            (Event::SessionsMadeRoom, AuditDetail::Sessions(1), "1"),
            (Event::UsersImported, AuditDetail::Accounts(0), "0"),
            (Event::EmailsRetried, AuditDetail::Emails(12), "12"),
            (Event::UsersExported, AuditDetail::PasswordHashes(true), "with password hashes"),
            (Event::UsersExported, AuditDetail::PasswordHashes(false), "without password hashes"),
            (Event::ResetLinkSent, AuditDetail::HandedOver, "handed over by a person"),
            (Event::UserCreated, AuditDetail::roles(&none), "no roles"),
            (Event::InvitationCreated, AuditDetail::roles(&two), "admin, family"),
            (
                Event::RolesChanged,
                AuditDetail::roles_changed(&none, &two),
                "no roles; before: admin, family",
            ),
            (Event::SecondFactorRemoved, AuditDetail::Other("3 phones"), "3 phones"),
        ] {
            assert_eq!(detail.to_string(), stored);
            assert_eq!(AuditDetail::read(event, stored), detail);
        }
    }

    #[test]
    fn what_another_version_stored_stays_as_it_is() {
        for (event, stored) in [
            (Event::SessionsMadeRoom, "3 sessions"),
            (Event::UsersImported, "-1"),
            (Event::UsersExported, "everything"),
            (Event::ResetLinkSent, ""),
            (Event::RolesChanged, "admin"),
        ] {
            assert_eq!(AuditDetail::read(event, stored), AuditDetail::Other(stored));
        }
    }
}
