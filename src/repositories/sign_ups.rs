//! The table `users`: sign-ups that are unconfirmed or awaiting approval by an administrator.

use std::fmt;

use crate::clock::{DRIFT, Timestamp};
use crate::db::{Conn, Result, Tx, query};
use crate::domain::account::email::EmailAddress;
use crate::domain::account::username::Username;
use crate::domain::id::{InvitationId, UserId};

/// Changes name, invitation and language of an unconfirmed sign-up; `false` if it is confirmed or deleted.
pub async fn correct(
    tx: &mut Tx,
    id: UserId,
    username: &Username,
    invitation: Option<InvitationId>,
    language: Option<&str>,
) -> Result<bool> {
    let changed = query(
        tx,
        "UPDATE users SET username = $2, name_key = $3, invitation_id = $4, language = $5,
                credential_version = credential_version + 1
         WHERE id = $1 AND activated_at IS NULL",
    )
    .bind(id)
    .bind(username)
    .bind(username.key())
    .bind(invitation)
    .bind(language.map(ToOwned::to_owned))
    .execute()
    .await?;
    Ok(changed == 1)
}

/// Deletes an unconfirmed sign-up with its links and emails; `false` if it is confirmed or deleted.
pub async fn delete(tx: &mut Tx, id: UserId) -> Result<bool> {
    let deleted = query(tx, "DELETE FROM users WHERE id = $1 AND activated_at IS NULL")
        .bind(id)
        .execute()
        .await?;
    Ok(deleted == 1)
}

/// Deletes sign-ups from before `before` that no link can confirm any longer, at most `limit`. Returns how many.
pub async fn delete_older(
    tx: &mut Tx,
    before: Timestamp,
    now: Timestamp,
    limit: i64,
) -> Result<u64> {
    query(
        tx,
        "DELETE FROM users WHERE activated_at IS NULL
           AND id IN (SELECT u.id FROM users u
                      WHERE u.activated_at IS NULL AND u.created_at < $1
                        AND NOT EXISTS (SELECT 1 FROM one_time_tokens t
                                        WHERE t.user_id = u.id AND t.spent_at IS NULL AND t.expires_at > $2)
                      ORDER BY u.created_at LIMIT $3)",
    )
    .bind(before)
    .bind(now)
    .bind(limit)
    .execute()
    .await
}

/// Makes an account wait for approval by an administrator.
pub async fn await_approval(tx: &mut Tx, id: UserId, now: Timestamp) -> Result<()> {
    query(tx, "UPDATE users SET awaits_approval_since = $2 WHERE id = $1")
        .bind(id)
        .bind(now)
        .execute()
        .await?;
    Ok(())
}

/// Accepts a waiting account; `false` if it does not wait or is disabled.
pub async fn accept(tx: &mut Tx, id: UserId) -> Result<bool> {
    let accepted = query(
        tx,
        "UPDATE users SET awaits_approval_since = NULL
         WHERE id = $1 AND awaits_approval_since IS NOT NULL AND disabled_at IS NULL",
    )
    .bind(id)
    .execute()
    .await?;
    Ok(accepted == 1)
}

/// Deletes a waiting account; `false` if it does not wait.
pub async fn delete_waiting(tx: &mut Tx, id: UserId) -> Result<bool> {
    let deleted =
        query(tx, "DELETE FROM users WHERE id = $1 AND awaits_approval_since IS NOT NULL")
            .bind(id)
            .execute()
            .await?;
    Ok(deleted == 1)
}

/// The accounts that are awaiting approval by an administrator.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Waiting {
    /// The address of the account that has waited longest.
    pub email: EmailAddress,
    /// How many wait.
    pub count: i64,
}

impl fmt::Display for Waiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.count, self.email)
    }
}

impl Waiting {
    /// Reads the text that [`Display`](fmt::Display) writes.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let (count, email) = text.split_once(' ')?;
        Some(Self { email: EmailAddress::parse(email).ok()?, count: count.parse().ok()? })
    }
}

/// The accounts that are awaiting approval by an administrator; `None` if there are none.
pub async fn waiting(on: impl Into<Conn<'_>>) -> Result<Option<Waiting>> {
    query(
        on,
        "SELECT email, COUNT(*) OVER () AS count FROM users
         WHERE awaits_approval_since IS NOT NULL AND disabled_at IS NULL
         ORDER BY awaits_approval_since, id LIMIT 1",
    )
    .optional()
    .await
}

/// Treats sign-ups that were created in the future as created now. Returns how many.
pub async fn correct_times(tx: &mut Tx, now: Timestamp) -> Result<u64> {
    query(tx, "UPDATE users SET created_at = $1 WHERE activated_at IS NULL AND created_at > $2")
        .bind(now)
        .bind(now.after(DRIFT))
        .execute()
        .await
}
