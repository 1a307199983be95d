//! Deletes unconfirmed sign-ups, so that they do not reserve an address.

use crate::db::Tx;
use crate::domain::account::email::EmailKey;
use crate::domain::id::UserId;
use crate::error::Result;
use crate::repositories::{sign_ups, users};
use crate::services::email::queue;

/// Deletes the unconfirmed sign-up with this address, if there is one.
pub async fn forget(tx: &mut Tx, email: &EmailKey) -> Result<()> {
    match users::find_by_email(&mut *tx, email).await? {
        Some(known) if known.is_pending() => delete(tx, known.id).await,
        _ => Ok(()),
    }
}

/// Deletes an unconfirmed sign-up. Its emails go first, because the worker locks rows in that order.
pub async fn delete(tx: &mut Tx, user: UserId) -> Result<()> {
    queue::delete_of(tx, user).await?;
    sign_ups::delete(tx, user).await?;
    Ok(())
}
