//! What the audit log records (ASVS 16.3).

use serde::Serialize;
use uuid::Uuid;

use crate::clock::Timestamp;

/// A security-relevant act.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, sqlx::Type)]
#[sqlx(type_name = "TEXT", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// Somebody signed up.
    Registered,
    /// The address of a sign-up was confirmed.
    EmailVerified,
    /// The owner of an address said that the sign-up was not theirs.
    SignUpDeclined,
    /// A sign-in with a password, and with the second factor where there is one.
    SignedIn,
    /// The right password at a sign-in; the second factor was asked for.
    PasswordAccepted,
    /// A code of the second factor was tried, wherever one is asked for.
    CodeChecked,
    /// A sign-out.
    SignedOut,
    /// A link for a new password was asked for.
    PasswordResetRequested,
    /// A new password was set through a mailed link.
    PasswordReset,
    /// The password was asked for again before something sensitive.
    PasswordConfirmed,
    /// The password was changed by whoever knew the one before.
    PasswordChanged,
    /// The display name was changed.
    UsernameChanged,
    /// A change of address was asked for.
    EmailChangeRequested,
    /// A change of address that waited was called off.
    EmailChangeWithdrawn,
    /// The new address was confirmed.
    EmailChanged,
    /// The second factor was switched on.
    SecondFactorEnabled,
    /// The second factor was switched off.
    SecondFactorDisabled,
    /// New recovery codes were made.
    RecoveryCodesRenewed,
    /// The recovery codes were taken away: 'this was not me'.
    RecoveryCodesRemoved,
    /// A recovery code was used.
    RecoveryCodeUsed,
    /// A session was ended from another.
    SessionEnded,
    /// All sessions but one were ended from that one.
    OtherSessionsEnded,
    /// Somebody who reads the account's mail said 'this was not me'.
    AccountSecured,
    /// What is kept about the person was downloaded.
    DataExported,
    /// The account was deleted by its owner.
    AccountDeleted,
    /// A copied refresh token was used; the session was ended.
    RefreshTokenReused,
}

/// How it went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, sqlx::Type)]
#[sqlx(type_name = "TEXT", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was done.
    Success,
    /// It was refused: wrong credentials.
    Refused,
}

/// An entry of the log.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct AuditEntry {
    /// Names the entry; later ones sort after it.
    pub id: Uuid,
    /// When it happened.
    pub at: Timestamp,
    /// What happened.
    pub event: Event,
    /// How it went.
    pub outcome: Outcome,
    /// From where.
    pub address: String,
    /// With what.
    pub user_agent: String,
}
