//! The mails this server sends.

use serde::Serialize;

use crate::domain::email::one_time_token::Purpose;

/// What a mail is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, sqlx::Type)]
#[sqlx(type_name = "TEXT", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum MailKind {
    /// Somebody signed up with this address: confirm it.
    VerifyEmail,
    /// Somebody signed up with this address, which has an account already.
    AlreadyRegistered,
    /// The address is confirmed, the account is ready.
    Welcome,
    /// Somebody asked for a new password.
    ResetPassword,
    /// The password was changed.
    PasswordChanged,
    /// To the new address of an account: confirm it.
    ConfirmEmail,
    /// To an address that somebody wanted to move their account to, but that has one already.
    EmailTaken,
    /// To the old address: a change was asked for.
    EmailChangeRequested,
    /// To the old address: the change was made.
    EmailChanged,
    /// To an address that an account was moved away from: somebody wants to use it.
    AddressReserved,
    /// To the address that an account was called back from.
    CalledBack,
    /// A sign-in from a browser that the account did not know.
    NewSignIn,
    /// The second factor was switched on.
    SecondFactorOn,
    /// The second factor was switched off.
    SecondFactorOff,
    /// New recovery codes were made.
    RecoveryCodesRenewed,
    /// A recovery code was used.
    RecoveryCodeUsed,
    /// Wrong codes were given after the right password, or with a mailed link.
    CodesRefused,
    /// Strangers try passwords.
    PasswordsRefused,
    /// An old copy of a session's refresh token was used; the session has ended.
    SessionCopied,
    /// Somebody who reads the account's mail said 'this was not me': the way back in.
    AccountSecured,
    /// The account is gone.
    AccountDeleted,
    /// The same by an administrator.
    AccountDeletedByAdministrator,
    /// An administrator invites somebody to sign up; `detail` is the invitation's id.
    Invitation,
    /// To administrators: sign-ups wait for them.
    SignUpWaits,
    /// An administrator accepted the sign-up.
    SignUpAccepted,
    /// An administrator refused the sign-up.
    SignUpRefused,
    /// An administrator took the second factor away, and says why.
    SecondFactorRemoved,
}

/// How an email takes part in the budget of what strangers can cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Budget {
    /// Not at all: it is sent at once.
    Exempt,
    /// It takes turns with what others in its network cause.
    OfNetwork,
    /// Not at all, as long as an account causes no more of them than a person would; then as below.
    OfOwner,
    /// It tells an owner of an intruder: it goes first in its round, and takes turns with others to the same account.
    OfAccount,
}

impl MailKind {
    /// What the link in the mail is good for, if it carries a one-time token.
    #[must_use]
    pub fn purpose(self) -> Option<Purpose> {
        match self {
            Self::VerifyEmail => Some(Purpose::VerifyEmail),
            Self::ResetPassword | Self::AccountSecured => Some(Purpose::ResetPassword),
            Self::ConfirmEmail => Some(Purpose::ConfirmEmail),
            Self::PasswordChanged
            | Self::EmailChangeRequested
            | Self::EmailChanged
            | Self::AddressReserved
            | Self::NewSignIn
            | Self::SecondFactorOn
            | Self::SecondFactorOff
            | Self::SecondFactorRemoved
            | Self::RecoveryCodesRenewed
            | Self::RecoveryCodeUsed
            | Self::CodesRefused
            | Self::SessionCopied => Some(Purpose::NotMe),
            Self::AlreadyRegistered
            | Self::Welcome
            | Self::EmailTaken
            | Self::CalledBack
            | Self::PasswordsRefused
            | Self::AccountDeleted
            | Self::AccountDeletedByAdministrator
            | Self::Invitation
            | Self::SignUpWaits
            | Self::SignUpAccepted
            | Self::SignUpRefused => None,
        }
    }

    /// How it takes part in the budget of emails that strangers can cause (`EMAILS_PER_MINUTE`).
    #[must_use]
    pub fn budget(self) -> Budget {
        match self {
            Self::VerifyEmail
            | Self::AlreadyRegistered
            | Self::Welcome
            | Self::ConfirmEmail
            | Self::EmailTaken
            | Self::AddressReserved => Budget::OfNetwork,
            Self::PasswordsRefused => Budget::OfAccount,
            // Whoever is in an account can cause any number of these.
            Self::NewSignIn
            | Self::PasswordChanged
            | Self::EmailChangeRequested
            | Self::SecondFactorOn
            | Self::SecondFactorOff
            | Self::RecoveryCodesRenewed
            | Self::RecoveryCodeUsed
            | Self::SessionCopied => Budget::OfOwner,
            // Reset links have a budget of their own, one an account every ten minutes. The rest is bounded by what causes it, or comes
            // from administrators; what tells an owner of a change is not to wait.
            Self::ResetPassword
            | Self::AccountSecured
            | Self::EmailChanged
            | Self::CalledBack
            | Self::SecondFactorRemoved
            | Self::CodesRefused
            | Self::AccountDeleted
            | Self::AccountDeletedByAdministrator
            | Self::Invitation
            | Self::SignUpWaits
            | Self::SignUpAccepted
            | Self::SignUpRefused => Budget::Exempt,
        }
    }

    /// What it is about, for administrators.
    #[must_use]
    pub fn in_words(self) -> &'static str {
        match self {
            Self::VerifyEmail => "Confirm the address of a sign-up",
            Self::AlreadyRegistered => "Somebody signed up with an address that has an account",
            Self::Welcome => "The account is ready",
            Self::ResetPassword => "Link for a new password",
            Self::PasswordChanged => "Password changed",
            Self::ConfirmEmail => "Confirm the new address",
            Self::EmailTaken => "The wanted address has an account",
            Self::EmailChangeRequested => "Change of address asked for",
            Self::EmailChanged => "Address changed",
            Self::AddressReserved => "Somebody wants to use a former address",
            Self::CalledBack => "The account was called back",
            Self::NewSignIn => "Sign-in from a new browser",
            Self::SecondFactorOn => "Two-factor sign-in on",
            Self::SecondFactorOff => "Two-factor sign-in off",
            Self::Invitation => "Invitation to sign up",
            Self::SignUpWaits => "Sign-ups wait for an administrator",
            Self::SignUpAccepted => "Sign-up accepted",
            Self::SignUpRefused => "Sign-up refused",
            Self::SecondFactorRemoved => "Two-factor sign-in taken off by an administrator",
            Self::RecoveryCodesRenewed => "New recovery codes",
            Self::RecoveryCodeUsed => "Recovery code used",
            Self::CodesRefused => "Wrong codes",
            Self::PasswordsRefused => "Many wrong passwords",
            Self::SessionCopied => "A session was copied",
            Self::AccountSecured => "The way back in after ‘this was not me’",
            Self::AccountDeleted => "Account deleted",
            Self::AccountDeletedByAdministrator => "Account deleted by an administrator",
        }
    }
}
