//! Which letter each kind of email is.

use crate::domain::email::mail_kind::MailKind;
use crate::mail::letters::letter::{Content, Letter};
use crate::mail::letters::{account, address, password, sign_up, two_factor};

/// The letter of an email.
#[must_use]
pub fn letter(kind: MailKind, content: &Content<'_>) -> Letter {
    let write = match kind {
        MailKind::VerifyEmail => sign_up::verify_email,
        MailKind::VerifyAccountEmail => sign_up::verify_account_email,
        MailKind::AlreadyRegistered => sign_up::already_registered,
        MailKind::Welcome => sign_up::welcome,
        MailKind::Invitation => sign_up::invitation,
        MailKind::InvitationLost => sign_up::invitation_lost,
        MailKind::SignUpWaits => sign_up::waits,
        MailKind::SignUpAccepted => sign_up::accepted,
        MailKind::SignUpRefused => sign_up::refused,
        MailKind::ResetPassword => password::reset,
        MailKind::ConfirmationCode => password::confirmation_code,
        MailKind::PasswordChanged => password::changed,
        MailKind::PasswordSet => password::set,
        MailKind::PasswordsRefused => password::refused,
        MailKind::AccountSecured => password::secured,
        MailKind::ConfirmEmail => address::confirm,
        MailKind::EmailTaken => address::taken,
        MailKind::EmailChangeRequested => address::change_requested,
        MailKind::EmailChanged => address::changed,
        MailKind::AddressReserved => address::reserved,
        MailKind::CalledBack => address::called_back,
        MailKind::SecondFactorOn => two_factor::turned_on,
        MailKind::AuthenticatorReplaced => two_factor::app_replaced,
        MailKind::SecondFactorOff => two_factor::turned_off,
        MailKind::SecondFactorRemoved => two_factor::removed,
        MailKind::RecoveryCodesRenewed => two_factor::codes_renewed,
        MailKind::RecoveryCodeUsed => two_factor::code_used,
        MailKind::CodesRefused => two_factor::codes_refused,
        MailKind::NewSignIn => account::new_sign_in,
        MailKind::SessionCopied => account::session_copied,
        MailKind::AccountDeleted => account::deleted,
        MailKind::AccountDeletedByAdministrator => account::deleted_by_administrator,
    };
    write(content)
}

/// The test email.
#[must_use]
pub fn test(content: &Content<'_>) -> Letter {
    account::test(content)
}
