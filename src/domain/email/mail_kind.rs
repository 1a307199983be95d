//! The kinds of email this server sends, and their properties in one table.

use serde::{Deserialize, Serialize};

use crate::domain::email::one_time_token::Purpose;

/// The properties of every email of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// Where its link leads.
    pub link: Destination,
    /// The condition for sending it. The worker checks this just before it renders the email, which may be a day after the request.
    pub wanted: Wanted,
    /// How it counts against `EMAILS_PER_MINUTE`.
    pub budget: Budget,
}

/// Where the link of an email leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Destination {
    /// The email has no link.
    None,
    /// To the start page.
    Site,
    /// To the page that sends reset links.
    ForgotPassword,
    /// To the administrators' list of sign-ups that wait for approval.
    WaitingSignUps,
    /// To the sign-up page, with the invitation's token.
    Invitation,
    /// To the page of this purpose, with a one-time token made from the email's id.
    OneTime(Purpose),
}

/// The condition under which an email that is waiting in the outbox is still sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// While its account exists.
    WhileAccountExists,
    /// While its account is enabled.
    WhileEnabled,
    /// While its account is enabled and its address unconfirmed.
    WhileUnconfirmed,
    /// While its account is enabled and no longer a pending sign-up.
    WhileActivated,
    /// While its account is enabled and the code in it can be used.
    WhileCodeWorks,
    /// While the invitation in its `detail` can be used.
    WhileInvitationOpen,
    /// While it goes to an administrator and at least one sign-up waits for approval.
    WhileSignUpsWait,
    /// After its account was deleted. Its row is the last trace of that account, so the row is deleted as soon as the email is sent or has
    /// failed.
    AfterDeletion,
}

/// How an email counts against `EMAILS_PER_MINUTE`, the limit on emails that strangers can trigger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Budget {
    /// Not counted, and sent at once. Another limit applies to it, or an administrator triggers it.
    Exempt,
    /// Counted. Networks take turns: it queues behind the emails that its own network has triggered.
    OfNetwork,
    /// Not counted while an account triggers no more of them than a person would; beyond that, counted as `OfAccount`. An intruder in an
    /// account can trigger any number of these.
    OfOwner,
    /// Counted. It warns an owner of an intruder, so it goes first in its round. It queues behind the other warnings to its account.
    OfAccount,
}

/// Generates the enum, the list of all kinds with their names in the database, and the lookup of their properties from the table. A row
/// that lacks a property does not compile.
macro_rules! mail_kinds {
    ($($(#[$doc:meta])* $kind:ident = $name:literal { $($facts:tt)* })*) => {
        /// What an email is about.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type)]
        #[sqlx(type_name = "TEXT")]
        pub enum MailKind {
            $($(#[$doc])* #[sqlx(rename = $name)] #[serde(rename = $name)] $kind,)*
        }

        impl MailKind {
            /// Every kind.
            pub const ALL: &[Self] = &[$(Self::$kind),*];

            /// The names of all kinds in the database, each between commas. An email of another kind waits for an instance of a later
            /// version, which can render it.
            pub const NAMES: &str = concat!(",", $($name, ",",)*);

            /// The properties of this kind.
            #[must_use]
            pub const fn facts(self) -> &'static Facts {
                match self {
                    $(Self::$kind => &Facts { $($facts)* },)*
                }
            }
        }
    };
}

mail_kinds! {
    /// A sign-up used this address: its owner confirms it.
    VerifyEmail = "verify_email" {
        link: Destination::OneTime(Purpose::VerifyEmail),
        wanted: Wanted::WhileUnconfirmed,
        budget: Budget::OfNetwork,
    }
    /// The same for the address of an account, which was ready before its address was confirmed.
    VerifyAccountEmail = "verify_account_email" {
        link: Destination::OneTime(Purpose::VerifyEmail),
        wanted: Wanted::WhileUnconfirmed,
        budget: Budget::OfNetwork,
    }
    /// A sign-up used this address, which has an account already.
    AlreadyRegistered = "already_registered" {
        link: Destination::ForgotPassword,
        wanted: Wanted::WhileEnabled,
        budget: Budget::OfNetwork,
    }
    /// The address is confirmed and the account is ready.
    Welcome = "welcome" {
        link: Destination::Site,
        wanted: Wanted::WhileAccountExists,
        budget: Budget::OfNetwork,
    }
    /// A reset link. Each account gets at most one every ten minutes, which is a budget of its own.
    ResetPassword = "reset_password" {
        link: Destination::OneTime(Purpose::ResetPassword),
        wanted: Wanted::WhileEnabled,
        budget: Budget::Exempt,
    }
    /// A code with which a signed-in user without a password confirms who they are. The user is waiting for it, so it is sent at once;
    /// each account gets at most five an hour.
    ConfirmationCode = "confirmation_code" {
        link: Destination::OneTime(Purpose::NotMe),
        wanted: Wanted::WhileCodeWorks,
        budget: Budget::Exempt,
    }
    /// The password was changed.
    PasswordChanged = "password_changed" {
        link: Destination::OneTime(Purpose::NotMe),
        wanted: Wanted::WhileAccountExists,
        budget: Budget::OfOwner,
    }
    /// An account without a password got one.
    PasswordSet = "password_set" {
        link: Destination::OneTime(Purpose::NotMe),
        wanted: Wanted::WhileAccountExists,
        budget: Budget::OfOwner,
    }
    /// To the new address of an account: its owner confirms it.
    ConfirmEmail = "confirm_email" {
        link: Destination::OneTime(Purpose::ConfirmEmail),
        wanted: Wanted::WhileEnabled,
        budget: Budget::OfNetwork,
    }
    /// To an address that the owner of another account wants to change to.
    EmailTaken = "email_taken" {
        link: Destination::Site,
        wanted: Wanted::WhileEnabled,
        budget: Budget::OfNetwork,
    }
    /// To the old address: a change was requested.
    EmailChangeRequested = "email_change_requested" {
        link: Destination::OneTime(Purpose::NotMe),
        wanted: Wanted::WhileAccountExists,
        budget: Budget::OfOwner,
    }
    /// To the old address: the change was made.
    EmailChanged = "email_changed" {
        link: Destination::OneTime(Purpose::NotMe),
        wanted: Wanted::WhileAccountExists,
        budget: Budget::Exempt,
    }
    /// To the former address of an account: a sign-up or another account wants to use it.
    AddressReserved = "address_reserved" {
        link: Destination::OneTime(Purpose::NotMe),
        wanted: Wanted::WhileAccountExists,
        budget: Budget::OfNetwork,
    }
    /// To the address that lost an account, because the former address undid the change.
    CalledBack = "called_back" {
        link: Destination::None,
        wanted: Wanted::WhileAccountExists,
        budget: Budget::Exempt,
    }
    /// A sign-in from a browser that the account did not know.
    NewSignIn = "new_sign_in" {
        link: Destination::OneTime(Purpose::NotMe),
        wanted: Wanted::WhileAccountExists,
        budget: Budget::OfOwner,
    }
    /// Two-factor authentication was turned on.
    SecondFactorOn = "second_factor_on" {
        link: Destination::OneTime(Purpose::NotMe),
        wanted: Wanted::WhileAccountExists,
        budget: Budget::OfOwner,
    }
    /// The authenticator app was replaced by another one.
    AuthenticatorReplaced = "authenticator_replaced" {
        link: Destination::OneTime(Purpose::NotMe),
        wanted: Wanted::WhileAccountExists,
        budget: Budget::OfOwner,
    }
    /// Two-factor authentication was turned off.
    SecondFactorOff = "second_factor_off" {
        link: Destination::OneTime(Purpose::NotMe),
        wanted: Wanted::WhileAccountExists,
        budget: Budget::OfOwner,
    }
    /// An administrator removed the second factor; `detail` says why.
    SecondFactorRemoved = "second_factor_removed" {
        link: Destination::OneTime(Purpose::NotMe),
        wanted: Wanted::WhileAccountExists,
        budget: Budget::Exempt,
    }
    /// New recovery codes were generated.
    RecoveryCodesRenewed = "recovery_codes_renewed" {
        link: Destination::OneTime(Purpose::NotMe),
        wanted: Wanted::WhileAccountExists,
        budget: Budget::OfOwner,
    }
    /// A recovery code was used; `detail` is how many are left.
    RecoveryCodeUsed = "recovery_code_used" {
        link: Destination::OneTime(Purpose::NotMe),
        wanted: Wanted::WhileAccountExists,
        budget: Budget::OfOwner,
    }
    /// Wrong codes were entered after the right password, or behind a link in an email.
    CodesRefused = "codes_refused" {
        link: Destination::OneTime(Purpose::NotMe),
        wanted: Wanted::WhileAccountExists,
        budget: Budget::Exempt,
    }
    /// Strangers tried many wrong passwords.
    PasswordsRefused = "passwords_refused" {
        link: Destination::ForgotPassword,
        wanted: Wanted::WhileActivated,
        budget: Budget::OfAccount,
    }
    /// An old copy of a session's refresh token was used; the session has ended.
    SessionCopied = "session_copied" {
        link: Destination::OneTime(Purpose::NotMe),
        wanted: Wanted::WhileAccountExists,
        budget: Budget::OfOwner,
    }
    /// The owner said 'this was not me': a reset link, because the password was removed.
    AccountSecured = "account_secured" {
        link: Destination::OneTime(Purpose::ResetPassword),
        wanted: Wanted::WhileEnabled,
        budget: Budget::Exempt,
    }
    /// The owner deleted the account.
    AccountDeleted = "account_deleted" {
        link: Destination::None,
        wanted: Wanted::AfterDeletion,
        budget: Budget::Exempt,
    }
    /// An administrator deleted the account.
    AccountDeletedByAdministrator = "account_deleted_by_administrator" {
        link: Destination::None,
        wanted: Wanted::AfterDeletion,
        budget: Budget::Exempt,
    }
    /// An administrator invites a person to sign up; `detail` is the invitation's id.
    Invitation = "invitation" {
        link: Destination::Invitation,
        wanted: Wanted::WhileInvitationOpen,
        budget: Budget::Exempt,
    }
    /// The right password for a sign-up whose invitation was used by someone else or revoked. In place of a link that would not work.
    InvitationLost = "invitation_lost" {
        link: Destination::None,
        wanted: Wanted::WhileUnconfirmed,
        budget: Budget::OfNetwork,
    }
    /// To administrators: sign-ups wait for approval.
    SignUpWaits = "sign_up_waits" {
        link: Destination::WaitingSignUps,
        wanted: Wanted::WhileSignUpsWait,
        budget: Budget::Exempt,
    }
    /// An administrator accepted the sign-up.
    SignUpAccepted = "sign_up_accepted" {
        link: Destination::Site,
        wanted: Wanted::WhileAccountExists,
        budget: Budget::Exempt,
    }
    /// An administrator refused the sign-up, which deleted it.
    SignUpRefused = "sign_up_refused" {
        link: Destination::None,
        wanted: Wanted::AfterDeletion,
        budget: Budget::Exempt,
    }
}
