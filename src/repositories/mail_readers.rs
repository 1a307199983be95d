//! The table `users`: how a person reads the emails that are queued for them.

use crate::db::{Result, Tx, query};
use crate::domain::account::email::EmailKey;
use crate::domain::id::UserId;

/// The language and the time zone of an email, and the names in it. Each is NULL if it has none.
#[derive(Clone, Debug, Default, sqlx::FromRow)]
pub struct MailReader {
    /// The code of the language.
    pub language: Option<String>,
    /// The name of the time zone.
    pub time_zone: Option<String>,
    /// The display name. Only the confirmed address of an account is greeted by it, because anyone can enter a name together with the
    /// address of a stranger.
    pub greeted: Option<String>,
    /// The display name of the administrator who invites the reader, if the email is an invitation.
    #[sqlx(default)]
    pub inviter: Option<String>,
}

/// The owner of an account, as the reader of an email to this address.
pub async fn of_account(
    tx: &mut Tx,
    id: UserId,
    address: Option<&EmailKey>,
) -> Result<Option<MailReader>> {
    query(
        tx,
        "SELECT language, time_zone,
                CASE WHEN email_key = $2 AND email_verified_at IS NOT NULL THEN username END AS greeted
         FROM users WHERE id = $1",
    )
    .bind(id)
    .bind(address.cloned())
    .optional()
    .await
}

/// The owner of the account with this address.
pub async fn of_address(tx: &mut Tx, address: &EmailKey) -> Result<Option<MailReader>> {
    query(
        tx,
        "SELECT language, time_zone, CASE WHEN email_verified_at IS NOT NULL THEN username END AS greeted
         FROM users WHERE email_key = $1",
    )
    .bind(address)
    .optional()
    .await
}
