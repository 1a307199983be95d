//! Passwords as they are stored. An account may have none.

use crate::clock::Timestamp;
use crate::domain::account::user::User;

/// The password of an account, which may have been removed.
#[derive(Clone, sqlx::FromRow)]
#[expect(missing_debug_implementations, reason = "holds the password's hash")]
pub struct StoredPassword {
    /// PHC string.
    pub hash: String,
    /// When it was chosen or imported. For passwords from before this was stored, see `migrations/0014_passwords.sql`.
    pub set_at: Timestamp,
    /// When 'this was not me' removed it.
    pub revoked_at: Option<Timestamp>,
}

impl StoredPassword {
    /// The hash that a sign-in is checked against, unless the password was removed.
    #[must_use]
    pub fn usable_hash(&self) -> Option<&str> {
        self.revoked_at.is_none().then_some(self.hash.as_str())
    }

    /// The hash of a removed password, which is not accepted as the new one.
    #[must_use]
    pub fn revoked_hash(&self) -> Option<&str> {
        self.revoked_at.is_some().then_some(self.hash.as_str())
    }
}

/// An account or unconfirmed sign-up, and its password.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "holds the password's hash")]
pub struct PasswordOwner {
    /// The account.
    pub user: User,
    /// `None` if it never had a password.
    pub password: Option<StoredPassword>,
}

impl PasswordOwner {
    /// The hash that a sign-in is checked against, if the account has a usable password.
    #[must_use]
    pub fn usable_hash(&self) -> Option<&str> {
        self.password.as_ref().and_then(StoredPassword::usable_hash)
    }

    /// Whether the account was created or imported without a password, and its owner has neither chosen one nor signed in otherwise.
    #[must_use]
    pub fn awaits_first_password(&self) -> bool {
        self.password.is_none() && self.user.last_sign_in_at.is_none()
    }

    /// Whether its owner could have signed in: it is activated, and has or had a password or another way to sign in.
    #[must_use]
    pub fn has_been_used(&self) -> bool {
        !self.user.is_pending() && !self.awaits_first_password()
    }
}
