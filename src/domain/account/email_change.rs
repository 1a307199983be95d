//! Changes of an account's address.

use crate::clock::Timestamp;
use crate::domain::account::email::{EmailAddress, EmailKey};

/// A change that waits for its confirmation, or that the former address can still undo.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct EmailChange {
    /// The address before the change.
    pub old_email: EmailAddress,
    /// The same in the form that is compared.
    pub old_email_key: EmailKey,
    /// The address after the change.
    pub new_email: EmailAddress,
    /// The same in the form that is compared.
    pub new_email_key: EmailKey,
    /// A request waits for its confirmation for a limited time.
    pub requested_at: Timestamp,
}
