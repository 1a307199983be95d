//! The events that the audit log records (ASVS 16.3).

use serde::{Deserialize, Serialize, Serializer};
use uuid::Uuid;

use crate::clock::Timestamp;
use crate::domain::account::email::EmailAddress;
use crate::domain::id::UserId;
use crate::domain::paging::TimeCursor;
use crate::domain::stored::Stored;

/// Defines the events, each with its name in the database and in exports.
macro_rules! events {
    ($($(#[$doc:meta])* $event:ident = $name:literal,)*) => {
        /// A security-relevant event.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type)]
        #[sqlx(type_name = "TEXT")]
        pub enum Event {
            $($(#[$doc])* #[sqlx(rename = $name)] #[serde(rename = $name)] $event,)*
        }

        impl Event {
            /// Every event.
            pub const ALL: &[Self] = &[$(Self::$event,)*];

            /// The name in the database.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$event => $name,)* }
            }
        }

        impl From<Event> for &'static str {
            fn from(event: Event) -> Self {
                event.name()
            }
        }
    };
}

events! {
    /// A visitor signed up.
    Registered = "registered",
    /// The first administrator was created with the link that the server printed.
    FirstAdministratorCreated = "first_administrator_created",
    /// The address of a sign-up was confirmed.
    EmailVerified = "email_verified",
    /// The owner of an address said that the sign-up was not theirs.
    SignUpDeclined = "sign_up_declined",
    /// A sign-in with a password, and with a code if 2FA is on.
    SignedIn = "signed_in",
    /// The password was right at a sign-in that also requires a two-factor code. Refused: it requires 2FA, which is not set up.
    PasswordAccepted = "password_accepted",
    /// A two-factor code was checked.
    CodeChecked = "code_checked",
    /// A user signed out.
    SignedOut = "signed_out",
    /// A reset link was requested.
    PasswordResetRequested = "password_reset_requested",
    /// A new password was set through a reset link.
    PasswordReset = "password_reset",
    /// The first password of an account that was created or imported without one was set through a link.
    FirstPasswordSet = "first_password_set",
    /// The password was entered again before a sensitive action.
    PasswordConfirmed = "password_confirmed",
    /// A code was emailed to a signed-in user without a password.
    ConfirmationCodeSent = "confirmation_code_sent",
    /// The emailed code was entered before a sensitive action.
    ConfirmationCodeChecked = "confirmation_code_checked",
    /// The password was changed by a user who knew the former one.
    PasswordChanged = "password_changed",
    /// A signed-in user set the password of their account, which had none.
    PasswordSet = "password_set",
    /// The display name was changed.
    UsernameChanged = "username_changed",
    /// An email change was requested.
    EmailChangeRequested = "email_change_requested",
    /// A pending email change was withdrawn.
    EmailChangeWithdrawn = "email_change_withdrawn",
    /// The new address was confirmed.
    EmailChanged = "email_changed",
    /// 2FA was enabled.
    SecondFactorEnabled = "second_factor_enabled",
    /// The authenticator app was replaced by another one.
    AuthenticatorReplaced = "authenticator_replaced",
    /// 2FA was disabled.
    SecondFactorDisabled = "second_factor_disabled",
    /// New recovery codes were generated.
    RecoveryCodesRenewed = "recovery_codes_renewed",
    /// The recovery codes were removed by 'this was not me'.
    RecoveryCodesRemoved = "recovery_codes_removed",
    /// A recovery code was used.
    RecoveryCodeUsed = "recovery_code_used",
    /// A session was ended from another one.
    SessionEnded = "session_ended",
    /// All other sessions were ended from one session.
    OtherSessionsEnded = "other_sessions_ended",
    /// The account had too many sessions of a kind, so those used longest ago were ended. The detail says how many.
    SessionsMadeRoom = "sessions_made_room",
    /// A reader of the account's emails said 'this was not me'.
    AccountSecured = "account_secured",
    /// The user's personal data was downloaded.
    DataExported = "data_exported",
    /// The account was deleted by its owner.
    AccountDeleted = "account_deleted",
    /// A copied refresh token was used, and the session was ended.
    RefreshTokenReused = "refresh_token_reused",
    /// The account was created by an administrator.
    UserCreated = "user_created",
    /// The account was imported.
    UserImported = "user_imported",
    /// A list of accounts was imported. The detail says how many.
    UsersImported = "users_imported",
    /// The accounts were exported from the command line.
    UsersExported = "users_exported",
    /// The account was disabled.
    UserDisabled = "user_disabled",
    /// The account was enabled.
    UserEnabled = "user_enabled",
    /// The account's roles were changed.
    RolesChanged = "roles_changed",
    /// An administrator changed the account's handle.
    HandleChanged = "handle_changed",
    /// An administrator ended all sessions of the account.
    SessionsEnded = "sessions_ended",
    /// An administrator sent or created a reset link.
    ResetLinkSent = "reset_link_sent",
    /// An administrator sent the confirmation email again.
    ConfirmationResent = "confirmation_resent",
    /// An administrator confirmed the account's address.
    EmailVerifiedByAdministrator = "email_verified_by_administrator",
    /// An administrator removed 2FA.
    SecondFactorRemoved = "second_factor_removed",
    /// An administrator deleted the account.
    UserDeleted = "user_deleted",
    /// An invitation was created.
    InvitationCreated = "invitation_created",
    /// An invitation was revoked.
    InvitationRevoked = "invitation_revoked",
    /// A visitor signed up with an invitation.
    InvitationUsed = "invitation_used",
    /// A sign-up started to wait for approval by an administrator.
    ApprovalRequested = "approval_requested",
    /// An administrator accepted a sign-up.
    SignUpAccepted = "sign_up_accepted",
    /// An administrator refused a sign-up, which deleted the account.
    SignUpRefused = "sign_up_refused",
    /// A new signing key was created.
    KeyRotated = "key_rotated",
    /// A leaked signing key was revoked.
    KeyRevoked = "key_revoked",
    /// A backup was made with `authflow backup`.
    BackupMade = "backup_made",
    /// An administrator had failed emails sent again. The detail says how many.
    EmailsRetried = "emails_retried",
    /// An administrator exported the audit log.
    AuditExported = "audit_exported",
}

impl Event {
    /// The event with this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|event| event.name() == name)
    }

    /// Whether only administrators can cause it.
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
                | Self::HandleChanged
                | Self::SessionsEnded
                | Self::ResetLinkSent
                | Self::ConfirmationResent
                | Self::EmailVerifiedByAdministrator
                | Self::SecondFactorRemoved
                | Self::UserDeleted
                | Self::SignUpAccepted
                | Self::SignUpRefused
                | Self::AuditExported
                | Self::EmailsRetried
                | Self::BackupMade
                | Self::KeyRotated
                | Self::KeyRevoked
                | Self::InvitationCreated
                | Self::InvitationRevoked
        )
    }
}

/// Whether an action succeeded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type)]
#[sqlx(type_name = "TEXT", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It succeeded.
    Success,
    /// It was refused: wrong credentials.
    Refused,
}

impl Outcome {
    /// The name in the database.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Refused => "refused",
        }
    }

    /// The outcome with this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [Self::Success, Self::Refused].into_iter().find(|outcome| outcome.name() == name)
    }
}

impl From<Outcome> for &'static str {
    fn from(outcome: Outcome) -> Self {
        outcome.name()
    }
}

/// An entry of the log as shown to the account's owner.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct AuditEntry {
    /// Later entries sort after earlier ones.
    pub id: Uuid,
    /// When it happened.
    pub at: Timestamp,
    /// What happened.
    pub event: Stored<Event>,
    /// Whether it succeeded or was refused.
    pub outcome: Stored<Outcome>,
    /// Who did it, if known.
    pub actor_id: Option<UserId>,
    /// The client's address.
    pub address: String,
    /// The client's user agent.
    pub user_agent: String,
    /// Further details, if any.
    pub detail: Option<String>,
    /// How many refused attempts of one network within a minute are merged into this entry.
    pub count: i64,
}

impl AuditEntry {
    /// Whether another user acted on this one: an administrator, in the pages or on the command line.
    #[must_use]
    pub fn is_by_another(&self, user: UserId) -> bool {
        self.actor_id.is_some_and(|actor| actor != user)
            || self.event.known().is_some_and(Event::is_administration)
    }
}

/// An entry of the log as shown to administrators and exported.
#[derive(Clone, Debug, Serialize, sqlx::FromRow)]
pub struct FullEntry {
    /// Later entries sort after earlier ones.
    pub id: Uuid,
    /// When it happened.
    #[serde(serialize_with = "rfc3339")]
    pub at: Timestamp,
    /// What happened.
    pub event: Stored<Event>,
    /// Whether it succeeded or was refused.
    pub outcome: Stored<Outcome>,
    /// Who did it, if known.
    pub actor_id: Option<UserId>,
    /// Their current address, if the account still exists.
    pub actor: Option<EmailAddress>,
    /// The account that was acted on.
    pub subject_id: Option<UserId>,
    /// Its current address, if the account still exists.
    pub subject: Option<EmailAddress>,
    /// Further details, if any.
    pub detail: Option<String>,
    /// The client's address.
    pub address: String,
    /// The client's user agent.
    pub user_agent: String,
    /// Links the entry to lines of the server's log.
    pub request_id: String,
    /// How many refused attempts of one network within a minute are merged into this entry, which describes the first.
    pub count: i64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn rfc3339<S: Serializer>(at: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&at.to_rfc3339())
}

impl FullEntry {
    /// Its position in the log.
    #[must_use]
    pub fn place(&self) -> TimeCursor {
        TimeCursor { at: self.at, id: self.id }
    }
}

/// The entries to list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Only actions by this user or on their account.
    pub person: Option<UserId>,
    /// Only this event.
    pub event: Option<Event>,
    /// Only this outcome.
    pub outcome: Option<Outcome>,
    /// Only since this time.
    pub from: Option<Timestamp>,
    /// Only before this time.
    pub until: Option<Timestamp>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_event_has_the_same_name_everywhere() {
        for event in Event::ALL {
            assert_eq!(Event::named(event.name()), Some(*event));
            assert_eq!(serde_json::to_value(event).unwrap(), event.name());
            assert!(event.name().chars().all(|c| c.is_ascii_lowercase() || c == '_'), "{event:?}");
        }
        assert_eq!(Event::named("x"), None);
    }
}
