//! Users.

use crate::clock::Timestamp;
use crate::domain::account::email::{EmailAddress, EmailKey};
use crate::domain::account::username::Username;
use crate::domain::id::{InvitationId, UserId};

/// A person's account.
#[derive(Clone, sqlx::FromRow)]
#[expect(missing_debug_implementations, reason = "holds the password's hash")]
pub struct User {
    /// Names the account for ever.
    pub id: UserId,
    /// Where mails go.
    pub email: EmailAddress,
    /// The address in the form that is compared.
    pub email_key: EmailKey,
    /// The name the person goes by.
    pub username: Username,
    /// PHC string; behind a `!` while no password opens the account, until its owner sets a new one by mail.
    pub password_hash: String,
    /// Counts changes of password, second factor and address: what began before one does not finish after it.
    pub credential_version: i64,
    /// Empty while the sign-up waits for its mail: nothing hangs on the account yet.
    pub activated_at: Option<Timestamp>,
    /// When the owner proved to read the address's mail.
    pub email_verified_at: Option<Timestamp>,
    /// When an administrator closed the account.
    pub disabled_at: Option<Timestamp>,
    /// Since when the account waits for an administrator to accept it.
    pub awaits_approval_since: Option<Timestamp>,
    /// By which invitation they signed up.
    pub invitation_id: Option<InvitationId>,
}

impl User {
    /// The password's hash, if any password opens the account.
    #[must_use]
    pub fn hash(&self) -> Option<&str> {
        Some(self.password_hash.as_str()).filter(|hash| !hash.starts_with('!'))
    }

    /// The hash of a password that was taken away; none where there never was one.
    #[must_use]
    pub fn lost_hash(&self) -> Option<&str> {
        self.password_hash.strip_prefix('!').filter(|hash| !hash.is_empty())
    }

    /// Whether this is only a sign-up, whose mail nobody has answered yet.
    #[must_use]
    pub fn is_pending(&self) -> bool {
        self.activated_at.is_none()
    }

    /// Whether someone could sign in to it: it is open, and has a password or had one.
    #[must_use]
    pub fn has_been_used(&self) -> bool {
        !self.is_pending() && self.password_hash != "!"
    }

    /// Whether an administrator has still to accept it: it can have no session until then.
    #[must_use]
    pub fn awaits_approval(&self) -> bool {
        self.awaits_approval_since.is_some()
    }

    /// Whether the right password opens the account.
    #[must_use]
    pub fn may_sign_in(&self, verification_required: bool) -> bool {
        self.disabled_at.is_none()
            && !self.is_pending()
            && (self.email_verified_at.is_some() || !verification_required)
    }
}
