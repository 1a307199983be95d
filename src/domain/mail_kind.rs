//! The mails this server sends.

use crate::domain::one_time_token::Purpose;

/// What a mail is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "TEXT", rename_all = "snake_case")]
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
    /// An old copy of a session's refresh token was used; the session has ended.
    SessionCopied,
}

impl MailKind {
    /// What the link in the mail is good for, if it carries a one-time token.
    #[must_use]
    pub fn purpose(self) -> Option<Purpose> {
        match self {
            Self::VerifyEmail => Some(Purpose::VerifyEmail),
            Self::ResetPassword => Some(Purpose::ResetPassword),
            Self::AlreadyRegistered
            | Self::Welcome
            | Self::PasswordChanged
            | Self::SessionCopied => None,
        }
    }
}
