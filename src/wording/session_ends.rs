//! Why a session ended.

use crate::domain::sign_in::session::EndReason;
use crate::i18n::message::{self, Message};

/// What the user is told at the next visit. `None`: the user ended the session in this browser.
#[must_use]
pub fn why_ended(reason: EndReason) -> Option<Message> {
    Some(match reason {
        EndReason::Copied => message::session_copied(),
        EndReason::PasswordReset => message::session_ended_password_reset(),
        EndReason::PasswordChanged => message::session_ended_password_changed(),
        EndReason::EmailChanged => message::session_ended_email_changed(),
        EndReason::SecondFactorChanged => message::session_ended_second_factor_changed(),
        EndReason::Revoked => message::session_ended_from_another(),
        EndReason::Secured => message::session_ended_secured(),
        EndReason::MadeRoom => message::session_ended_made_room(),
        EndReason::EndedByAdministrator => message::session_ended_by_administrator(),
        EndReason::AccountDisabled => message::session_ended_account_disabled(),
        EndReason::SignedOut | EndReason::Replaced => return None,
    })
}
