//! Changes of address.

use crate::clock::Timestamp;
use crate::domain::account::email::{EmailAddress, EmailKey};

/// A change that waits for its mail, or that can still be undone from the address before.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct EmailChange {
    /// The address until then.
    pub old_email: EmailAddress,
    /// The same in the form that is compared.
    pub old_email_key: EmailKey,
    /// The address from then on.
    pub new_email: EmailAddress,
    /// The same in the form that is compared.
    pub new_email_key: EmailKey,
    /// When it was asked for.
    pub requested_at: Timestamp,
}
