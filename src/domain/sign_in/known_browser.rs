//! Whether a browser is known to an account.

use crate::domain::account::user::User;
use crate::domain::sign_in::device::Device;

/// Whether this browser has signed in to the account with its current credentials.
#[must_use]
pub fn is_known(user: &User, device: Option<&Device>) -> bool {
    device.is_some_and(|device| device.knows(user.id, user.credential_version))
}
