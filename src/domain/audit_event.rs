//! What the audit log records (ASVS 16.3).

/// A security-relevant act.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "TEXT", rename_all = "snake_case")]
pub enum Event {
    /// Somebody signed up.
    Registered,
    /// The address of a sign-up was confirmed.
    EmailVerified,
    /// The owner of an address said that the sign-up was not theirs.
    SignUpDeclined,
    /// A sign-in with a password.
    SignedIn,
    /// A sign-out.
    SignedOut,
    /// A link for a new password was asked for.
    PasswordResetRequested,
    /// A new password was set through a mailed link.
    PasswordReset,
    /// The display name was changed.
    UsernameChanged,
    /// A copied refresh token was used; the session was ended.
    RefreshTokenReused,
}

/// How it went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "TEXT", rename_all = "snake_case")]
pub enum Outcome {
    /// It was done.
    Success,
    /// It was refused: wrong credentials.
    Refused,
}
