//! What emails are about and what became of them, in lists for administrators.

use crate::domain::email::mail_kind::MailKind;
use crate::domain::email::mail_state::MailState;
use crate::domain::stored::Stored;
use crate::i18n::message::{self, Message};

impl From<Stored<MailKind>> for Message {
    fn from(kind: Stored<MailKind>) -> Self {
        match kind {
            Stored::Known(kind) => kind.into(),
            Stored::Unknown(name) => message::mail_kind_unknown(name),
        }
    }
}

impl From<Stored<MailState>> for Message {
    fn from(state: Stored<MailState>) -> Self {
        match state {
            Stored::Known(state) => state.into(),
            Stored::Unknown(name) => message::mail_state_unknown(name),
        }
    }
}

impl From<MailKind> for Message {
    fn from(kind: MailKind) -> Self {
        match kind {
            MailKind::VerifyEmail => message::mail_kind_verify_email(),
            MailKind::VerifyAccountEmail => message::mail_kind_verify_account_email(),
            MailKind::AlreadyRegistered => message::mail_kind_already_registered(),
            MailKind::Welcome => message::mail_kind_welcome(),
            MailKind::ResetPassword => message::mail_kind_reset_password(),
            MailKind::ConfirmationCode => message::mail_kind_confirmation_code(),
            MailKind::PasswordChanged => message::mail_kind_password_changed(),
            MailKind::PasswordSet => message::mail_kind_password_set(),
            MailKind::ConfirmEmail => message::mail_kind_confirm_email(),
            MailKind::EmailTaken => message::mail_kind_email_taken(),
            MailKind::EmailChangeRequested => message::mail_kind_email_change_requested(),
            MailKind::EmailChanged => message::mail_kind_email_changed(),
            MailKind::AddressReserved => message::mail_kind_address_reserved(),
            MailKind::CalledBack => message::mail_kind_called_back(),
            MailKind::NewSignIn => message::mail_kind_new_sign_in(),
            MailKind::SecondFactorOn => message::mail_kind_second_factor_on(),
            MailKind::AuthenticatorReplaced => message::mail_kind_authenticator_replaced(),
            MailKind::SecondFactorOff => message::mail_kind_second_factor_off(),
            MailKind::SecondFactorRemoved => message::mail_kind_second_factor_removed(),
            MailKind::RecoveryCodesRenewed => message::mail_kind_recovery_codes_renewed(),
            MailKind::RecoveryCodeUsed => message::mail_kind_recovery_code_used(),
            MailKind::CodesRefused => message::mail_kind_codes_refused(),
            MailKind::PasswordsRefused => message::mail_kind_passwords_refused(),
            MailKind::SessionCopied => message::mail_kind_session_copied(),
            MailKind::AccountSecured => message::mail_kind_account_secured(),
            MailKind::AccountDeleted => message::mail_kind_account_deleted(),
            MailKind::AccountDeletedByAdministrator => {
                message::mail_kind_account_deleted_by_administrator()
            }
            MailKind::Invitation => message::mail_kind_invitation(),
            MailKind::InvitationLost => message::mail_kind_invitation_lost(),
            MailKind::SignUpWaits => message::mail_kind_sign_up_waits(),
            MailKind::SignUpAccepted => message::mail_kind_sign_up_accepted(),
            MailKind::SignUpRefused => message::mail_kind_sign_up_refused(),
        }
    }
}

impl From<MailState> for Message {
    fn from(state: MailState) -> Self {
        match state {
            MailState::Waiting => message::mail_state_waiting(),
            MailState::Sent => message::mail_state_sent(),
            MailState::Failed => message::mail_state_failed(),
            MailState::Cancelled => message::mail_state_cancelled(),
        }
    }
}
