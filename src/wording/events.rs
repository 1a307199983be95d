//! Audit events in words, for the activity of an account and for the audit log.

use crate::domain::audit_detail::AuditDetail;
use crate::domain::audit_event::{Event, Outcome};
use crate::domain::stored::Stored;
use crate::i18n::message::{self, Argument, Message, ToArgument};

/// What happened.
#[must_use]
pub fn event(event: impl Into<Stored<Event>>, outcome: impl Into<Stored<Outcome>>) -> Message {
    let (event, outcome) = match (event.into(), outcome.into()) {
        (Stored::Known(event), Stored::Known(outcome)) => (event, outcome),
        (Stored::Unknown(event), Stored::Known(_)) => return message::event_unknown(event),
        (event, Stored::Unknown(outcome)) => {
            return message::event_unknown(format!("{} {outcome}", event.name()));
        }
    };
    match (event, outcome) {
        (Event::Registered, Outcome::Refused) => message::event_registered_refused(),
        (Event::SignedIn, Outcome::Refused) => message::event_signed_in_refused(),
        (Event::PasswordAccepted, Outcome::Refused) => message::event_password_accepted_refused(),
        (Event::CodeChecked, Outcome::Refused) => message::event_code_checked_refused(),
        (Event::PasswordResetRequested, Outcome::Refused) => {
            message::event_password_reset_requested_refused()
        }
        (Event::PasswordConfirmed, Outcome::Refused) => message::event_password_confirmed_refused(),
        (Event::ConfirmationCodeChecked, Outcome::Refused) => {
            message::event_confirmation_code_checked_refused()
        }
        (Event::PasswordChanged, Outcome::Refused) => message::event_password_changed_refused(),
        (Event::AccountDeleted, Outcome::Refused) => message::event_account_deleted_refused(),
        (event, _) => succeeded(event),
    }
}

/// What may have been wrong, if the words for the event do not say it.
#[must_use]
pub fn reasons(event: &Stored<Event>, outcome: &Stored<Outcome>) -> Option<Message> {
    let is_sign_in = *event == Event::SignedIn && *outcome == Outcome::Refused;
    is_sign_in.then(message::event_signed_in_refused_reasons)
}

/// An event in a list: with how often it happened within a minute, and its details.
#[must_use]
pub fn line(
    what: impl Into<Stored<Event>>,
    outcome: impl Into<Stored<Outcome>>,
    count: i64,
    stored: Option<&str>,
) -> Message {
    let what = what.into();
    let name = event(what.clone(), outcome);
    match stored {
        Some(stored) => message::event_line_detail(count, detail(what, stored), name),
        None => message::event_line(count, name),
    }
}

/// Further details of an event.
#[must_use]
pub fn detail(event: impl Into<Stored<Event>>, stored: &str) -> Argument {
    let Some(event) = event.into().known() else { return stored.to_argument() };
    let roles = |names: &str| match names {
        "" => message::audit_detail_no_roles().to_argument(),
        names => names.to_argument(),
    };
    let words = match AuditDetail::read(event, stored) {
        AuditDetail::Sessions(count) => message::audit_detail_sessions(count),
        AuditDetail::Accounts(count) => message::audit_detail_accounts(count),
        AuditDetail::Emails(count) => message::audit_detail_emails(count),
        AuditDetail::PasswordHashes(true) => message::audit_detail_with_hashes(),
        AuditDetail::PasswordHashes(false) => message::audit_detail_without_hashes(),
        AuditDetail::HandedOver => message::audit_detail_handed_over(),
        AuditDetail::Roles(names) => return roles(&names),
        AuditDetail::RolesChanged(now, former) => {
            message::audit_detail_roles_changed(roles(&former), roles(&now))
        }
        AuditDetail::Other(text) => return text.to_argument(),
    };
    words.to_argument()
}

/// The name of an event, whether or not it succeeded.
#[must_use]
pub fn name(event: Event) -> Message {
    match event {
        Event::PasswordAccepted => message::event_password_accepted_any(),
        Event::CodeChecked => message::event_code_checked_any(),
        Event::ConfirmationCodeChecked => message::event_confirmation_code_checked_any(),
        event => succeeded(event),
    }
}

fn succeeded(event: Event) -> Message {
    match event {
        Event::Registered => message::event_registered(),
        Event::FirstAdministratorCreated => message::event_first_administrator_created(),
        Event::EmailVerified => message::event_email_verified(),
        Event::SignUpDeclined => message::event_sign_up_declined(),
        Event::SignedIn => message::event_signed_in(),
        Event::PasswordAccepted => message::event_password_accepted(),
        Event::CodeChecked => message::event_code_checked(),
        Event::SignedOut => message::event_signed_out(),
        Event::PasswordResetRequested => message::event_password_reset_requested(),
        Event::PasswordReset => message::event_password_reset(),
        Event::FirstPasswordSet => message::event_first_password_set(),
        Event::PasswordConfirmed => message::event_password_confirmed(),
        Event::ConfirmationCodeSent => message::event_confirmation_code_sent(),
        Event::ConfirmationCodeChecked => message::event_confirmation_code_checked(),
        Event::PasswordChanged => message::event_password_changed(),
        Event::PasswordSet => message::event_password_set(),
        Event::UsernameChanged => message::event_username_changed(),
        Event::EmailChangeRequested => message::event_email_change_requested(),
        Event::EmailChangeWithdrawn => message::event_email_change_withdrawn(),
        Event::EmailChanged => message::event_email_changed(),
        Event::SecondFactorEnabled => message::event_second_factor_enabled(),
        Event::AuthenticatorReplaced => message::event_authenticator_replaced(),
        Event::SecondFactorDisabled => message::event_second_factor_disabled(),
        Event::RecoveryCodesRenewed => message::event_recovery_codes_renewed(),
        Event::RecoveryCodesRemoved => message::event_recovery_codes_removed(),
        Event::RecoveryCodeUsed => message::event_recovery_code_used(),
        Event::SessionEnded => message::event_session_ended(),
        Event::OtherSessionsEnded => message::event_other_sessions_ended(),
        Event::SessionsMadeRoom => message::event_sessions_made_room(),
        Event::AccountSecured => message::event_account_secured(),
        Event::DataExported => message::event_data_exported(),
        Event::AccountDeleted => message::event_account_deleted(),
        Event::UserCreated => message::event_user_created(),
        Event::UserImported => message::event_user_imported(),
        Event::UserDisabled => message::event_user_disabled(),
        Event::UserEnabled => message::event_user_enabled(),
        Event::RolesChanged => message::event_roles_changed(),
        Event::HandleChanged => message::event_handle_changed(),
        Event::SessionsEnded => message::event_sessions_ended(),
        Event::ResetLinkSent => message::event_reset_link_sent(),
        Event::ConfirmationResent => message::event_confirmation_resent(),
        Event::EmailVerifiedByAdministrator => message::event_email_verified_by_administrator(),
        Event::SecondFactorRemoved => message::event_second_factor_removed(),
        Event::UserDeleted => message::event_user_deleted(),
        Event::UsersImported => message::event_users_imported(),
        Event::UsersExported => message::event_users_exported(),
        Event::AuditExported => message::event_audit_exported(),
        Event::EmailsRetried => message::event_emails_retried(),
        Event::BackupMade => message::event_backup_made(),
        Event::InvitationCreated => message::event_invitation_created(),
        Event::InvitationRevoked => message::event_invitation_revoked(),
        Event::InvitationUsed => message::event_invitation_used(),
        Event::ApprovalRequested => message::event_approval_requested(),
        Event::SignUpAccepted => message::event_sign_up_accepted(),
        Event::SignUpRefused => message::event_sign_up_refused(),
        Event::KeyRotated => message::event_key_rotated(),
        Event::KeyRevoked => message::event_key_revoked(),
        Event::RefreshTokenReused => message::event_refresh_token_reused(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_tell_events_apart() {
        let names: BTreeSet<String> = Event::ALL.iter().map(|it| name(*it).english()).collect();
        assert_eq!(names.len(), Event::ALL.len(), "{names:#?}");
    }

    #[test]
    fn a_refusal_is_told_apart_from_a_success() {
        for (it, outcome, words) in [
            (Event::SignedOut, Outcome::Success, "Signed out"),
            (Event::CodeChecked, Outcome::Refused, "Wrong two-factor code"),
            (Event::PasswordConfirmed, Outcome::Success, "Password confirmed"),
            (Event::PasswordConfirmed, Outcome::Refused, "Wrong password when asked to confirm it"),
            // It is only ever recorded as refused.
            (Event::RefreshTokenReused, Outcome::Refused, "Copied session detected and ended"),
        ] {
            assert_eq!(event(it, outcome).english(), words);
        }
    }
}
