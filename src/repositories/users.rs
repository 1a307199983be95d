//! The table `users`: accounts as a whole.

use crate::clock::Timestamp;
use crate::db::{Conn, Result, Tx, query};
use crate::domain::account::email::{EmailAddress, EmailKey};
use crate::domain::account::handle::Handle;
use crate::domain::account::preferences::Preferences;
use crate::domain::account::user::User;
use crate::domain::account::user_list::ListedUser;
use crate::domain::account::username::Username;
use crate::domain::id::{InvitationId, UserId};

/// The account or unconfirmed sign-up with this address.
pub async fn find_by_email(on: impl Into<Conn<'_>>, email: &EmailKey) -> Result<Option<User>> {
    query(
        on,
        "SELECT id, email, email_key, username, handle, credential_version, activated_at,
                email_verified_at, disabled_at, awaits_approval_since, last_sign_in_at, invitation_id
         FROM users WHERE email_key = $1",
    )
    .bind(email)
    .optional()
    .await
}

/// The account with this handle.
pub async fn find_by_handle(on: impl Into<Conn<'_>>, handle: &Handle) -> Result<Option<User>> {
    query(
        on,
        "SELECT id, email, email_key, username, handle, credential_version, activated_at,
                email_verified_at, disabled_at, awaits_approval_since, last_sign_in_at, invitation_id
         FROM users WHERE handle = $1",
    )
    .bind(handle)
    .optional()
    .await
}

/// The account with this ID.
pub async fn find(on: impl Into<Conn<'_>>, id: UserId) -> Result<Option<User>> {
    query(
        on,
        "SELECT id, email, email_key, username, handle, credential_version, activated_at,
                email_verified_at, disabled_at, awaits_approval_since, last_sign_in_at, invitation_id
         FROM users WHERE id = $1",
    )
    .bind(id)
    .optional()
    .await
}

/// The account with this ID. A deleted account is an error.
pub async fn get(on: impl Into<Conn<'_>>, id: UserId) -> Result<User> {
    query(
        on,
        "SELECT id, email, email_key, username, handle, credential_version, activated_at,
                email_verified_at, disabled_at, awaits_approval_since, last_sign_in_at, invitation_id
         FROM users WHERE id = $1",
    )
    .bind(id)
    .one()
    .await
}

/// The account with this ID, as lists show it.
pub async fn find_listed(on: impl Into<Conn<'_>>, id: UserId) -> Result<Option<ListedUser>> {
    query(
        on,
        "SELECT u.id, u.email, u.username, u.handle, u.name_key, u.created_at, u.activated_at, u.email_verified_at,
                u.awaits_approval_since, u.disabled_at, u.last_sign_in_at,
                EXISTS (SELECT 1 FROM totp t WHERE t.user_id = u.id) AS second_factor,
                (SELECT STRING_AGG(r.role, ',' ORDER BY r.role) FROM user_roles r WHERE r.user_id = u.id) AS roles
         FROM users u WHERE u.id = $1",
    )
    .bind(id)
    .optional()
    .await
}

/// A new account or sign-up.
#[derive(Clone, Debug)]
pub struct NewUser<'a> {
    /// The account's ID.
    pub id: UserId,
    /// The address as the user typed it.
    pub email: &'a EmailAddress,
    /// The display name.
    pub username: &'a Username,
    /// `None` for an unconfirmed sign-up.
    pub activated_at: Option<Timestamp>,
    /// When the address was confirmed.
    pub email_verified_at: Option<Timestamp>,
    /// The invitation that was used to sign up.
    pub invitation: Option<InvitationId>,
    /// The language of the page that it was created on, if any.
    pub language: Option<&'a str>,
}

/// Adds an account; `false` if its address is taken.
pub async fn put(tx: &mut Tx, user: &NewUser<'_>, now: Timestamp) -> Result<bool> {
    let added = query(
        tx,
        "INSERT INTO users (id, email, email_key, username, name_key, credential_version, created_at,
                            activated_at, email_verified_at, invitation_id, language)
         VALUES ($1, $2, $3, $4, $5, 0, $6, $7, $8, $9, $10)
         ON CONFLICT DO NOTHING",
    )
    .bind(user.id)
    .bind(user.email)
    .bind(user.email.key())
    .bind(user.username)
    .bind(user.username.key())
    .bind(now)
    .bind(user.activated_at)
    .bind(user.email_verified_at)
    .bind(user.invitation)
    .bind(user.language.map(ToOwned::to_owned))
    .execute()
    .await?;
    Ok(added == 1)
}

/// Disables an account, and invalidates every flow that began with its credentials; `false` if it is disabled or deleted.
pub async fn disable(tx: &mut Tx, id: UserId, now: Timestamp) -> Result<bool> {
    let disabled = query(
        tx,
        "UPDATE users SET disabled_at = $2, credential_version = credential_version + 1
         WHERE id = $1 AND disabled_at IS NULL",
    )
    .bind(id)
    .bind(now)
    .execute()
    .await?;
    Ok(disabled == 1)
}

/// Enables a disabled account; `false` if it is enabled or deleted.
pub async fn enable(tx: &mut Tx, id: UserId) -> Result<bool> {
    let enabled =
        query(tx, "UPDATE users SET disabled_at = NULL WHERE id = $1 AND disabled_at IS NOT NULL")
            .bind(id)
            .execute()
            .await?;
    Ok(enabled == 1)
}

/// Locks the row until the transaction ends; `false` if it is deleted.
pub async fn hold(tx: &mut Tx, id: UserId) -> Result<bool> {
    let held = query(tx, "UPDATE users SET credential_version = credential_version WHERE id = $1")
        .bind(id)
        .execute()
        .await?;
    Ok(held == 1)
}

/// Deletes an account with all data that belongs to it.
pub async fn delete(tx: &mut Tx, id: UserId) -> Result<()> {
    query(tx, "DELETE FROM users WHERE id = $1").bind(id).execute().await?;
    Ok(())
}

/// When an account was created and last used, for its owner.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Dates {
    /// When the account was created.
    pub created_at: Timestamp,
    /// The last sign-in.
    pub last_sign_in_at: Option<Timestamp>,
}

/// The account's dates. A deleted account is an error.
pub async fn dates(on: impl Into<Conn<'_>>, id: UserId) -> Result<Dates> {
    query(on, "SELECT created_at, last_sign_in_at FROM users WHERE id = $1").bind(id).one().await
}

/// Changes the display name; `false` if it is the same.
pub async fn set_username(tx: &mut Tx, id: UserId, username: &Username) -> Result<bool> {
    let changed =
        query(tx, "UPDATE users SET username = $2, name_key = $3 WHERE id = $1 AND username <> $2")
            .bind(id)
            .bind(username)
            .bind(username.key())
            .execute()
            .await?;
    Ok(changed == 1)
}

/// Sets the language and the time zone.
pub async fn set_preferences(tx: &mut Tx, id: UserId, preferences: &Preferences) -> Result<()> {
    query(tx, "UPDATE users SET language = $2, time_zone = $3 WHERE id = $1")
        .bind(id)
        .bind(preferences.language.as_deref())
        .bind(preferences.time_zone.as_deref())
        .execute()
        .await?;
    Ok(())
}
