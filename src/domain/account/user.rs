//! Accounts.

use crate::clock::Timestamp;
use crate::domain::account::email::{EmailAddress, EmailKey};
use crate::domain::account::handle::Handle;
use crate::domain::account::username::Username;
use crate::domain::id::{InvitationId, UserId};

/// An account or an unconfirmed sign-up.
#[derive(Clone, Debug, sqlx::FromRow)]
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
    /// The last sign-in.
    pub last_sign_in_at: Option<Timestamp>,
    /// The invitation that was used to sign up.
    pub invitation_id: Option<InvitationId>,
}

impl User {
    /// Whether this is an unconfirmed sign-up.
    #[must_use]
    pub fn is_pending(&self) -> bool {
        self.activated_at.is_none()
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
