//! What the audit log records (ASVS 16.3).

use std::fmt;

use serde::{Serialize, Serializer};
use uuid::Uuid;

use crate::clock::Timestamp;
use crate::domain::account::email::EmailAddress;
use crate::domain::id::UserId;

/// The events, each with the name that it has in the database and in exports.
macro_rules! events {
    ($($(#[$doc:meta])* $event:ident = $name:literal,)*) => {
        /// A security-relevant act.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, sqlx::Type)]
        #[sqlx(type_name = "TEXT")]
        pub enum Event {
            $($(#[$doc])* #[sqlx(rename = $name)] #[serde(rename = $name)] $event,)*
        }

        impl Event {
            /// Every one.
            pub const ALL: &[Self] = &[$(Self::$event,)*];

            /// As it stands in the database.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$event => $name,)* }
            }
        }
    };
}

events! {
    /// Somebody signed up.
    Registered = "registered",
    /// The address of a sign-up was confirmed.
    EmailVerified = "email_verified",
    /// The owner of an address said that the sign-up was not theirs.
    SignUpDeclined = "sign_up_declined",
    /// A sign-in with a password, and with the second factor where there is one.
    SignedIn = "signed_in",
    /// The right password at a sign-in; the second factor was asked for.
    PasswordAccepted = "password_accepted",
    /// A code of the second factor was tried, wherever one is asked for.
    CodeChecked = "code_checked",
    /// A sign-out.
    SignedOut = "signed_out",
    /// A link for a new password was asked for.
    PasswordResetRequested = "password_reset_requested",
    /// A new password was set through a mailed link.
    PasswordReset = "password_reset",
    /// The password was asked for again before something sensitive.
    PasswordConfirmed = "password_confirmed",
    /// The password was changed by whoever knew the one before.
    PasswordChanged = "password_changed",
    /// The display name was changed.
    UsernameChanged = "username_changed",
    /// A change of address was asked for.
    EmailChangeRequested = "email_change_requested",
    /// A change of address that waited was called off.
    EmailChangeWithdrawn = "email_change_withdrawn",
    /// The new address was confirmed.
    EmailChanged = "email_changed",
    /// The second factor was switched on.
    SecondFactorEnabled = "second_factor_enabled",
    /// The second factor was switched off.
    SecondFactorDisabled = "second_factor_disabled",
    /// New recovery codes were made.
    RecoveryCodesRenewed = "recovery_codes_renewed",
    /// The recovery codes were taken away: 'this was not me'.
    RecoveryCodesRemoved = "recovery_codes_removed",
    /// A recovery code was used.
    RecoveryCodeUsed = "recovery_code_used",
    /// A session was ended from another.
    SessionEnded = "session_ended",
    /// All sessions but one were ended from that one.
    OtherSessionsEnded = "other_sessions_ended",
    /// Somebody who reads the account's mail said 'this was not me'.
    AccountSecured = "account_secured",
    /// What is kept about the person was downloaded.
    DataExported = "data_exported",
    /// The account was deleted by its owner.
    AccountDeleted = "account_deleted",
    /// A copied refresh token was used; the session was ended.
    RefreshTokenReused = "refresh_token_reused",
    /// The account was made from the command line.
    UserCreated = "user_created",
    /// The account came with an import.
    UserImported = "user_imported",
    /// A list of accounts was imported; a number says how many.
    UsersImported = "users_imported",
    /// The accounts were exported from the command line.
    UsersExported = "users_exported",
    /// The account was closed.
    UserDisabled = "user_disabled",
    /// The account was opened again.
    UserEnabled = "user_enabled",
    /// The account got other roles.
    RolesChanged = "roles_changed",
    /// An administrator ended all sessions of the account.
    SessionsEnded = "sessions_ended",
    /// An administrator sent a link for a new password, or made one.
    ResetLinkSent = "reset_link_sent",
    /// An administrator had the mail that confirms the address sent again.
    ConfirmationResent = "confirmation_resent",
    /// An administrator vouched for the account's address.
    EmailVerifiedByAdministrator = "email_verified_by_administrator",
    /// An administrator took the second factor away.
    SecondFactorRemoved = "second_factor_removed",
    /// An administrator deleted the account.
    UserDeleted = "user_deleted",
    /// Somebody was invited.
    InvitationCreated = "invitation_created",
    /// An invitation was revoked.
    InvitationRevoked = "invitation_revoked",
    /// Somebody signed up by an invitation.
    InvitationUsed = "invitation_used",
    /// A sign-up began to wait for an administrator.
    ApprovalRequested = "approval_requested",
    /// An administrator accepted a sign-up.
    SignUpAccepted = "sign_up_accepted",
    /// An administrator refused a sign-up; the account is gone.
    SignUpRefused = "sign_up_refused",
    /// A new key signs access tokens from now on.
    KeyRotated = "key_rotated",
    /// A signing key was revoked because it had leaked.
    KeyRevoked = "key_revoked",
    /// An administrator took the audit log away as a file.
    AuditExported = "audit_exported",
}

impl Event {
    /// The one of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|event| event.name() == name)
    }

    /// The name as administrators read it: `Password reset requested`.
    #[must_use]
    pub fn label(self) -> String {
        let mut label = self.name().replace('_', " ");
        label[..1].make_ascii_uppercase();
        label
    }

    /// Whether only administrators do it.
    #[must_use]
    pub fn is_administration(self) -> bool {
        matches!(
            self,
            Self::UserCreated
                | Self::UserImported
                | Self::UsersImported
                | Self::UsersExported
                | Self::UserDisabled
                | Self::UserEnabled
                | Self::RolesChanged
                | Self::SessionsEnded
                | Self::ResetLinkSent
                | Self::ConfirmationResent
                | Self::EmailVerifiedByAdministrator
                | Self::SecondFactorRemoved
                | Self::UserDeleted
                | Self::SignUpAccepted
                | Self::SignUpRefused
                | Self::AuditExported
                | Self::KeyRotated
                | Self::KeyRevoked
                | Self::InvitationCreated
                | Self::InvitationRevoked
        )
    }
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

impl Outcome {
    /// As it stands in the database.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Refused => "refused",
        }
    }

    /// The one of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [Self::Success, Self::Refused].into_iter().find(|outcome| outcome.name() == name)
    }
}

/// An entry of the log, as its owner reads it.
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
    /// Who did it, if that is known.
    pub actor_id: Option<UserId>,
    /// From where.
    pub address: String,
    /// With what.
    pub user_agent: String,
    /// What it was about, if the event does not say it all.
    pub detail: Option<String>,
    /// How often: refused acts of one network within a minute are one entry.
    pub count: i64,
}

impl AuditEntry {
    /// Whether somebody else did it to this user: an administrator, or whoever has a shell on the server.
    #[must_use]
    pub fn is_by_another(&self, user: UserId) -> bool {
        self.actor_id.is_some_and(|actor| actor != user) || self.event.is_administration()
    }
}

/// An entry of the log, all of it, as administrators read it and take it away.
#[derive(Clone, Debug, Serialize, sqlx::FromRow)]
pub struct FullEntry {
    /// Names the entry; later ones sort after it.
    pub id: Uuid,
    /// When it happened.
    #[serde(serialize_with = "rfc3339")]
    pub at: Timestamp,
    /// What happened.
    pub event: Event,
    /// How it went.
    pub outcome: Outcome,
    /// Who did it, if that is known.
    pub actor_id: Option<UserId>,
    /// Their address of today, if they still have an account.
    pub actor: Option<EmailAddress>,
    /// To whose account.
    pub subject_id: Option<UserId>,
    /// Their address of today, if they still have an account.
    pub subject: Option<EmailAddress>,
    /// What it was about, if the event does not say it all.
    pub detail: Option<String>,
    /// From where.
    pub address: String,
    /// With what.
    pub user_agent: String,
    /// Ties it to the lines of the server's log.
    pub request_id: String,
    /// How often: refused acts of one network within a minute are one entry, which speaks of the first of them.
    pub count: i64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn rfc3339<S: Serializer>(at: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&at.to_rfc3339())
}

/// A place in the log: that of an entry, or any other moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AuditCursor {
    /// When.
    pub at: Timestamp,
    /// Which of the same moment.
    pub id: Uuid,
}

impl AuditCursor {
    /// Before everything that happens from this moment on.
    #[must_use]
    pub fn at(at: Timestamp) -> Self {
        Self { at, id: Uuid::nil() }
    }

    /// Reads a place out of an address.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (at, id) = text.split_once('.')?;
        Some(Self { at: Timestamp(at.parse().ok()?), id: Uuid::parse_str(id).ok()? })
    }
}

impl fmt::Display for AuditCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.at.0, self.id)
    }
}

impl FullEntry {
    /// Where it stands.
    #[must_use]
    pub fn place(&self) -> AuditCursor {
        AuditCursor { at: self.at, id: self.id }
    }
}

/// What the log is narrowed to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Who did it or to whom it was done.
    pub person: Option<UserId>,
    /// What happened.
    pub event: Option<Event>,
    /// How it went.
    pub outcome: Option<Outcome>,
    /// From this moment on.
    pub from: Option<Timestamp>,
    /// Before this moment.
    pub until: Option<Timestamp>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_event_has_one_name_everywhere() {
        for event in Event::ALL {
            assert_eq!(Event::named(event.name()), Some(*event));
            assert_eq!(serde_json::to_value(event).unwrap(), event.name());
            assert!(event.name().chars().all(|c| c.is_ascii_lowercase() || c == '_'), "{event:?}");
        }
        assert_eq!(Event::SignedIn.label(), "Signed in");
        assert_eq!(Event::named("x"), None);
        let place = AuditCursor { at: Timestamp(-7), id: Uuid::max() };
        assert_eq!(AuditCursor::parse(&place.to_string()), Some(place));
        assert_eq!(AuditCursor::parse("7"), None);
    }
}
