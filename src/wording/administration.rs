//! Why an action of an administrator was refused, and what is wrong with roles, handles and reasons.

use crate::domain::account::handle::{self, InvalidHandle};
use crate::domain::account::invitation::Because;
use crate::domain::account::role::{self, InvalidRole};
use crate::domain::account::user_list::UserStanding;
use crate::domain::paging::{MOST_COUNTED, Total};
use crate::i18n::message::{self, Message};
use crate::services::administration::act::Unfit;
use crate::services::administration::user_security::{InvalidReason, LONGEST_REASON};
use crate::wording::characters::printable;

/// How many users there are.
#[must_use]
pub fn counted_users(total: Total) -> Message {
    match total {
        Total::Exactly(count) => message::users_count(count),
        Total::Many => message::users_count_many(MOST_COUNTED),
    }
}

impl From<Unfit> for Message {
    fn from(why: Unfit) -> Self {
        match why {
            Unfit::OwnAccount => message::refused_own_account(),
            Unfit::OwnRole => message::refused_own_role(),
            Unfit::LastAdministrator => message::refused_last_administrator(),
            Unfit::CannotActivate => message::refused_cannot_activate(),
            Unfit::InvitationLost => message::refused_invitation_lost(),
            Unfit::Disabled => message::refused_disabled(),
            Unfit::AlreadyDisabled => message::refused_already_disabled(),
            Unfit::AlreadyEnabled => message::refused_already_enabled(),
            Unfit::NotWaiting => message::refused_not_waiting(),
            Unfit::NoHandleYet => message::refused_no_handle(),
            Unfit::AlreadyConfirmed => message::refused_already_confirmed(),
            Unfit::Changed => message::refused_changed(),
            Unfit::SecondFactorOff => message::refused_two_factor_off(),
            Unfit::AddressTaken => message::refused_address_taken(),
            Unfit::AddressReserved => message::refused_address_reserved(),
            Unfit::RegistrationClosed => message::refused_registration_closed(),
            Unfit::InvitationOver => message::refused_invitation_over(),
        }
    }
}

impl From<InvalidRole> for Message {
    fn from(why: InvalidRole) -> Self {
        match why {
            InvalidRole::TooLong => message::role_too_long(role::MAX_LENGTH),
            InvalidRole::Character(name) => message::role_invalid(printable(&name)),
            InvalidRole::LooksLikeAdmin(name) => message::role_like_admin(name),
        }
    }
}

impl From<InvalidHandle> for Message {
    fn from(why: InvalidHandle) -> Self {
        match why {
            InvalidHandle::Empty => message::handle_missing(),
            InvalidHandle::Length => message::handle_length(handle::MAX_LENGTH, handle::MIN_LENGTH),
            InvalidHandle::Character(c) if c.is_whitespace() => message::handle_space(),
            InvalidHandle::Character(c) if c.is_control() => {
                message::handle_character(format!("U+{:04X}", u32::from(c)))
            }
            InvalidHandle::Character(c) => message::handle_character(c.to_string()),
            InvalidHandle::Start => message::handle_start(),
        }
    }
}

impl From<InvalidReason> for Message {
    fn from(why: InvalidReason) -> Self {
        match why {
            InvalidReason::Missing => message::user_reason_missing(),
            InvalidReason::TooLong => message::user_reason_too_long(LONGEST_REASON),
            InvalidReason::Unprintable => message::user_reason_character(),
        }
    }
}

impl From<UserStanding> for Message {
    fn from(standing: UserStanding) -> Self {
        match standing {
            UserStanding::Active => message::users_status_active(),
            UserStanding::Waiting => message::users_status_waiting(),
            UserStanding::Unverified => message::users_status_unverified(),
            UserStanding::Disabled => message::users_status_disabled(),
        }
    }
}

impl From<Because> for Message {
    fn from(because: Because) -> Self {
        match because {
            Because::Demoted => message::invitation_revoked_demoted(),
            Because::Disabled => message::invitation_revoked_disabled(),
            Because::Deleted => message::invitation_revoked_deleted(),
            Because::NotMe => message::invitation_revoked_not_me(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::account::handle::Handle;
    use crate::domain::account::role::Role;

    #[test]
    fn wrong_handles_and_roles_are_explained() {
        for (text, said) in [
            ("", "Enter a handle."),
            ("a", "2 to 32 characters"),
            ("a b", "cannot contain spaces"),
            ("zoë", "cannot contain “ë”"),
            (
                "ada@x",
                "A handle cannot contain “@”. Use letters from a to z, digits, dots, underscores and hyphens.",
            ),
            ("a\u{7}b", "cannot contain “U+0007”"),
            ("-ada", "begins with a letter"),
        ] {
            let why = Message::from(Handle::parse(text).unwrap_err()).english();
            assert!(why.contains(said), "{text:?}: {why}");
        }
        for (text, said) in [
            ("a;b", "“a;b” is not a valid role"),
            ("a\u{1b}b", "“a\u{FFFD}b” is not a valid role"),
            ("Admin", "“Admin” looks like the role “admin”"),
            (&"a".repeat(65), "at most 64 characters"),
        ] {
            let why = Message::from(Role::parse(text).unwrap_err()).english();
            assert!(why.contains(said), "{text:?}: {why}");
        }
    }
}
