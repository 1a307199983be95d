//! Changes of an account's email address.

use crate::clock::Timestamp;
use crate::domain::account::email::{EmailAddress, EmailKey};

/// A change that is pending, or that the former address can still undo.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct EmailChange {
    /// The address before the change.
    pub old_email: EmailAddress,
    /// The old address for comparison.
    pub old_email_key: EmailKey,
    /// The address after the change.
    pub new_email: EmailAddress,
    /// The new address for comparison.
    pub new_email_key: EmailKey,
    /// When the change was requested. A pending change expires.
    pub requested_at: Timestamp,
}
