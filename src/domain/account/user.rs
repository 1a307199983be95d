//! Accounts.

use crate::clock::Timestamp;
use crate::domain::account::email::{EmailAddress, EmailKey};
use crate::domain::account::handle::Handle;
use crate::domain::account::username::Username;
use crate::domain::id::{InvitationId, UserId};

/// An account or an unconfirmed sign-up.
#[derive(Clone, sqlx::FromRow)]
#[expect(missing_debug_implementations, reason = "holds the password's hash")]
pub struct User {
    /// Never changes.
    pub id: UserId,
    /// Where emails go.
    pub email: EmailAddress,
    /// The address for comparison.
    pub email_key: EmailKey,
    /// The display name.
    pub username: Username,
    /// The name that apps know the account by. `None` for a sign-up that is unconfirmed or awaiting approval.
    pub handle: Option<Handle>,
    /// PHC string. A leading `!` locks it: no password is accepted until the owner sets a new one through a reset link.
    pub password_hash: String,
    /// Counts changes of password, 2FA and address. A sign-in or form that began before a change does not complete after it.
    pub credential_version: i64,
    /// `None` for an unconfirmed sign-up, which owns nothing yet.
    pub activated_at: Option<Timestamp>,
    /// When the owner confirmed the address.
    pub email_verified_at: Option<Timestamp>,
    /// When an administrator disabled the account.
    pub disabled_at: Option<Timestamp>,
    /// Since when the account has been awaiting approval by an administrator.
    pub awaits_approval_since: Option<Timestamp>,
    /// The invitation that was used to sign up.
    pub invitation_id: Option<InvitationId>,
}

impl User {
    /// The password's hash, if the account has a usable password.
    #[must_use]
    pub fn hash(&self) -> Option<&str> {
        Some(self.password_hash.as_str()).filter(|hash| !hash.starts_with('!'))
    }

    /// The hash of a removed password; `None` if there never was one.
    #[must_use]
    pub fn lost_hash(&self) -> Option<&str> {
        self.password_hash.strip_prefix('!').filter(|hash| !hash.is_empty())
    }

    /// Whether the account was created or imported without a password, and its owner has not chosen one yet.
    #[must_use]
    pub fn awaits_first_password(&self) -> bool {
        self.password_hash == "!"
    }

    /// Whether this is an unconfirmed sign-up.
    #[must_use]
    pub fn is_pending(&self) -> bool {
        self.activated_at.is_none()
    }

    /// Whether its owner could have signed in: it is activated and has or had a password.
    #[must_use]
    pub fn has_been_used(&self) -> bool {
        !self.is_pending() && !self.awaits_first_password()
    }

    /// Whether an administrator has to accept it first. Until then it has no sessions.
    #[must_use]
    pub fn awaits_approval(&self) -> bool {
        self.awaits_approval_since.is_some()
    }

    /// Whether its owner may sign in with the right password.
    #[must_use]
    pub fn may_sign_in(&self, verification_required: bool) -> bool {
        self.disabled_at.is_none()
            && !self.is_pending()
            && (self.email_verified_at.is_some() || !verification_required)
    }
}
