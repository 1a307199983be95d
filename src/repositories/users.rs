//! The table `users`.

use crate::clock::Timestamp;
use crate::db::{Conn, Result, Tx, query};
use crate::domain::account::email::{EmailAddress, EmailKey};
use crate::domain::account::user::User;
use crate::domain::account::user_list::ListedUser;
use crate::domain::account::username::Username;
use crate::domain::id::{InvitationId, UserId};

/// The account with this address, a pending sign-up included.
pub async fn find_by_email(on: impl Into<Conn<'_>>, email: &EmailKey) -> Result<Option<User>> {
    query(
        on,
        "SELECT id, email, email_key, username, password_hash, credential_version, activated_at,
                email_verified_at, disabled_at, awaits_approval_since, invitation_id
         FROM users WHERE email_key = $1",
    )
    .bind(email)
    .optional()
    .await
}

/// The account with this id.
pub async fn find(on: impl Into<Conn<'_>>, id: UserId) -> Result<Option<User>> {
    query(
        on,
        "SELECT id, email, email_key, username, password_hash, credential_version, activated_at,
                email_verified_at, disabled_at, awaits_approval_since, invitation_id
         FROM users WHERE id = $1",
    )
    .bind(id)
    .optional()
    .await
}

/// The account with this id, as lists show it.
pub async fn find_listed(on: impl Into<Conn<'_>>, id: UserId) -> Result<Option<ListedUser>> {
    query(
        on,
        "SELECT u.id, u.email, u.username, u.name_key, u.created_at, u.activated_at, u.email_verified_at,
                u.awaits_approval_since, u.disabled_at, u.last_sign_in_at,
                EXISTS (SELECT 1 FROM totp t WHERE t.user_id = u.id) AS second_factor,
                (SELECT STRING_AGG(r.role, ',' ORDER BY r.role) FROM user_roles r WHERE r.user_id = u.id) AS roles
         FROM users u WHERE u.id = $1",
    )
    .bind(id)
    .optional()
    .await
}

/// An account as it is taken away.
#[derive(sqlx::FromRow)]
#[expect(missing_debug_implementations, reason = "holds the password's hash")]
pub struct ExportedUser {
    /// Its id.
    pub id: UserId,
    /// Its address.
    pub email: EmailAddress,
    /// Its name.
    pub username: Username,
    /// PHC string.
    pub password_hash: String,
    /// When the address was confirmed.
    pub email_verified_at: Option<Timestamp>,
    /// The roles, sorted, separated by commas.
    pub roles: Option<String>,
}

/// The accounts after this id, in the order of their ids, at most `limit`; without sign-ups that wait for their mail.
pub async fn after(on: impl Into<Conn<'_>>, id: UserId, limit: i64) -> Result<Vec<ExportedUser>> {
    query(
        on,
        "SELECT u.id, u.email, u.username, u.password_hash, u.email_verified_at,
                (SELECT STRING_AGG(r.role, ',' ORDER BY r.role) FROM user_roles r WHERE r.user_id = u.id) AS roles
         FROM users u WHERE u.id > $1 AND u.activated_at IS NOT NULL ORDER BY u.id LIMIT $2",
    )
    .bind(id)
    .bind(limit)
    .all()
    .await
}

/// An account, as far as an import has to know it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct KnownUser {
    /// Its id.
    pub id: UserId,
    /// Its address, in the form that is compared.
    pub email_key: EmailKey,
    /// Empty while the sign-up waits for its mail.
    pub activated_at: Option<Timestamp>,
}

/// The accounts after this id, in the order of their ids, at most `limit`.
pub async fn known_after(
    on: impl Into<Conn<'_>>,
    id: UserId,
    limit: i64,
) -> Result<Vec<KnownUser>> {
    query(on, "SELECT id, email_key, activated_at FROM users WHERE id > $1 ORDER BY id LIMIT $2")
        .bind(id)
        .bind(limit)
        .all()
        .await
}

/// The beginning of an account's password hash.
#[derive(sqlx::FromRow)]
#[expect(missing_debug_implementations, reason = "holds the beginning of the password's hash")]
pub struct StoredHash {
    /// The account.
    pub id: UserId,
    /// Function and parameters, and some of the salt.
    pub hash_beginning: String,
}

/// The hashes of the accounts after this id, in the order of their ids, at most `limit`.
pub async fn hashes_after(
    on: impl Into<Conn<'_>>,
    id: UserId,
    limit: i64,
) -> Result<Vec<StoredHash>> {
    query(
        on,
        "SELECT id, SUBSTR(password_hash, 1, 64) AS hash_beginning FROM users
         WHERE id > $1 ORDER BY id LIMIT $2",
    )
    .bind(id)
    .bind(limit)
    .all()
    .await
}

/// What a new account begins with.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "holds the password's hash")]
pub struct NewUser<'a> {
    /// Its id.
    pub id: UserId,
    /// Its address.
    pub email: &'a EmailAddress,
    /// Its name.
    pub username: &'a Username,
    /// PHC string.
    pub password_hash: &'a str,
    /// Empty for a sign-up that waits for its mail.
    pub activated_at: Option<Timestamp>,
    /// When its owner proved to read the address's mail.
    pub email_verified_at: Option<Timestamp>,
    /// By which invitation somebody signed up.
    pub invitation: Option<InvitationId>,
}

/// Adds an account; `false` if the address has one already.
pub async fn put(tx: &mut Tx, user: &NewUser<'_>, now: Timestamp) -> Result<bool> {
    let added = query(
        tx,
        "INSERT INTO users (id, email, email_key, username, name_key, password_hash, credential_version, created_at,
                            activated_at, email_verified_at, invitation_id)
         VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $8, $9, $10)
         ON CONFLICT DO NOTHING",
    )
    .bind(user.id)
    .bind(user.email)
    .bind(user.email.key())
    .bind(user.username)
    .bind(user.username.key())
    .bind(user.password_hash)
    .bind(now)
    .bind(user.activated_at)
    .bind(user.email_verified_at)
    .bind(user.invitation)
    .execute()
    .await?;
    Ok(added == 1)
}

/// Gives a pending sign-up another name and password; `false` if it is none any more.
pub async fn set_sign_up(
    tx: &mut Tx,
    id: UserId,
    username: &Username,
    password_hash: &str,
    invitation: Option<InvitationId>,
) -> Result<bool> {
    let changed = query(
        tx,
        "UPDATE users SET username = $2, name_key = $4, password_hash = $3, invitation_id = $5,
                credential_version = credential_version + 1
         WHERE id = $1 AND activated_at IS NULL",
    )
    .bind(id)
    .bind(username)
    .bind(password_hash)
    .bind(username.key())
    .bind(invitation)
    .execute()
    .await?;
    Ok(changed == 1)
}

/// Removes a sign-up that still waits for its mail, and its links and mails with it.
pub async fn delete_pending(tx: &mut Tx, id: UserId) -> Result<bool> {
    let gone = query(tx, "DELETE FROM users WHERE id = $1 AND activated_at IS NULL")
        .bind(id)
        .execute()
        .await?;
    Ok(gone == 1)
}

/// Removes sign-ups made before `before` that nobody confirmed and no link can confirm any more, at most `limit`; how many that
/// were.
pub async fn delete_pending_older(
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

/// Notes that the owner reads the address's mail, and opens a pending account. `false` if the password has changed since
/// `credential_version` or the account is closed.
pub async fn verify_email(
    tx: &mut Tx,
    id: UserId,
    credential_version: i64,
    now: Timestamp,
) -> Result<bool> {
    let changed = query(
        tx,
        "UPDATE users SET email_verified_at = COALESCE(email_verified_at, $3), activated_at = COALESCE(activated_at, $3)
         WHERE id = $1 AND credential_version = $2 AND disabled_at IS NULL",
    )
    .bind(id)
    .bind(credential_version)
    .bind(now)
    .execute()
    .await?;
    Ok(changed == 1)
}

/// Notes a sign-in, and holds the row until the transaction ends. `false` if the password has changed since
/// `credential_version`, or the account is closed or waits to be accepted: what began with the old password does not finish.
pub async fn sign_in(
    tx: &mut Tx,
    id: UserId,
    credential_version: i64,
    now: Timestamp,
) -> Result<bool> {
    let changed = query(
        tx,
        "UPDATE users SET last_sign_in_at = $3
         WHERE id = $1 AND credential_version = $2 AND disabled_at IS NULL AND awaits_approval_since IS NULL",
    )
    .bind(id)
    .bind(credential_version)
    .bind(now)
    .execute()
    .await?;
    Ok(changed == 1)
}

/// Lets an account wait for an administrator to accept it.
pub async fn await_approval(tx: &mut Tx, id: UserId, now: Timestamp) -> Result<()> {
    query(tx, "UPDATE users SET awaits_approval_since = $2 WHERE id = $1")
        .bind(id)
        .bind(now)
        .execute()
        .await?;
    Ok(())
}

/// Accepts an account that waits; `false` if it does not, or is closed.
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

/// Removes an account that waits to be accepted; `false` if it does not.
pub async fn delete_waiting(tx: &mut Tx, id: UserId) -> Result<bool> {
    let gone = query(tx, "DELETE FROM users WHERE id = $1 AND awaits_approval_since IS NOT NULL")
        .bind(id)
        .execute()
        .await?;
    Ok(gone == 1)
}

/// Who waits to be accepted.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Waiting {
    /// Who has waited longest.
    pub email: EmailAddress,
    /// How many wait.
    pub count: i64,
}

/// Who waits to be accepted, if anybody does.
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

/// Replaces the hash by a stronger one of the same password.
pub async fn upgrade_hash(
    tx: &mut Tx,
    id: UserId,
    credential_version: i64,
    hash: &str,
) -> Result<()> {
    query(tx, "UPDATE users SET password_hash = $3 WHERE id = $1 AND credential_version = $2")
        .bind(id)
        .bind(credential_version)
        .bind(hash)
        .execute()
        .await?;
    Ok(())
}

/// Sets a new password through a link; `confirms`: the link also proves the address. A sign-up that waited for its mail may have been
/// a stranger's: it loses the name they chose. `false` if the account is closed or gone.
pub async fn reset_password(
    tx: &mut Tx,
    id: UserId,
    hash: &str,
    plain_name: &Username,
    confirms: bool,
    now: Timestamp,
) -> Result<bool> {
    let changed = query(
        tx,
        "UPDATE users SET password_hash = $2, credential_version = credential_version + 1,
                email_verified_at = COALESCE(email_verified_at, $6), activated_at = COALESCE(activated_at, $3),
                username = CASE WHEN activated_at IS NULL THEN $4 ELSE username END,
                name_key = CASE WHEN activated_at IS NULL THEN $5 ELSE name_key END
         WHERE id = $1 AND disabled_at IS NULL",
    )
    .bind(id)
    .bind(hash)
    .bind(now)
    .bind(plain_name)
    .bind(plain_name.key())
    .bind(confirms.then_some(now))
    .execute()
    .await?;
    Ok(changed == 1)
}

/// Sets a new password in the place of one that was known. `false` if the password or the second factor has changed since
/// `credential_version`, or the account is closed.
pub async fn set_password(
    tx: &mut Tx,
    id: UserId,
    credential_version: i64,
    hash: &str,
) -> Result<bool> {
    let changed = query(
        tx,
        "UPDATE users SET password_hash = $3, credential_version = credential_version + 1
         WHERE id = $1 AND credential_version = $2 AND disabled_at IS NULL",
    )
    .bind(id)
    .bind(credential_version)
    .bind(hash)
    .execute()
    .await?;
    Ok(changed == 1)
}

/// Ends what began under the credentials of today, and holds the row until the transaction ends. `false` as above.
pub async fn change_credentials(tx: &mut Tx, id: UserId, credential_version: i64) -> Result<bool> {
    let changed = query(
        tx,
        "UPDATE users SET credential_version = credential_version + 1
         WHERE id = $1 AND credential_version = $2 AND disabled_at IS NULL",
    )
    .bind(id)
    .bind(credential_version)
    .execute()
    .await?;
    Ok(changed == 1)
}

/// Takes the password away: nothing but a mailed link sets a new one. Its hash is kept, so that it does not become the new
/// one. `false` if the account is closed.
pub async fn lock(tx: &mut Tx, id: UserId) -> Result<bool> {
    let locked = query(
        tx,
        "UPDATE users SET credential_version = credential_version + 1,
                password_hash = CASE WHEN password_hash LIKE '!%' THEN password_hash ELSE '!' || password_hash END
         WHERE id = $1 AND disabled_at IS NULL",
    )
    .bind(id)
    .execute()
    .await?;
    Ok(locked == 1)
}

/// Moves the account to another address, whose mail its owner reads. `false` if it is not at `old` any more, or another
/// account is at the new one: the transaction is to be dropped then.
pub async fn set_email(
    tx: &mut Tx,
    id: UserId,
    old: &EmailKey,
    new: &EmailAddress,
    now: Timestamp,
) -> Result<bool> {
    let changed = query(
        tx,
        "UPDATE users SET email = $3, email_key = $4, email_verified_at = $5, credential_version = credential_version + 1
         WHERE id = $1 AND email_key = $2 AND disabled_at IS NULL
           AND NOT EXISTS (SELECT 1 FROM users other WHERE other.email_key = $4 AND other.id <> $1)",
    )
    .bind(id)
    .bind(old)
    .bind(new)
    .bind(new.key())
    .bind(now)
    .execute()
    .await;
    match changed {
        // Another visitor signed up with it in between.
        Err(error) if error.is_duplicate() => Ok(false),
        changed => Ok(changed? == 1),
    }
}

/// Closes an account, and ends what began under the credentials of today; `false` if it is closed or gone.
pub async fn disable(tx: &mut Tx, id: UserId, now: Timestamp) -> Result<bool> {
    let closed = query(
        tx,
        "UPDATE users SET disabled_at = $2, credential_version = credential_version + 1
         WHERE id = $1 AND disabled_at IS NULL",
    )
    .bind(id)
    .bind(now)
    .execute()
    .await?;
    Ok(closed == 1)
}

/// Opens a closed account; `false` if it is open or gone.
pub async fn enable(tx: &mut Tx, id: UserId) -> Result<bool> {
    let opened =
        query(tx, "UPDATE users SET disabled_at = NULL WHERE id = $1 AND disabled_at IS NOT NULL")
            .bind(id)
            .execute()
            .await?;
    Ok(opened == 1)
}

/// Holds the row until the transaction ends; `false` if it is gone.
pub async fn hold(tx: &mut Tx, id: UserId) -> Result<bool> {
    let held = query(tx, "UPDATE users SET credential_version = credential_version WHERE id = $1")
        .bind(id)
        .execute()
        .await?;
    Ok(held == 1)
}

/// Removes an account and all that hangs on it.
pub async fn delete(tx: &mut Tx, id: UserId) -> Result<()> {
    query(tx, "DELETE FROM users WHERE id = $1").bind(id).execute().await?;
    Ok(())
}

/// When the account was made and when it last signed in, for its owner to see.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Dates {
    /// When it was made.
    pub created_at: Timestamp,
    /// The last sign-in.
    pub last_sign_in_at: Option<Timestamp>,
}

/// The account's dates.
pub async fn dates(on: impl Into<Conn<'_>>, id: UserId) -> Result<Option<Dates>> {
    query(on, "SELECT created_at, last_sign_in_at FROM users WHERE id = $1")
        .bind(id)
        .optional()
        .await
}

/// Changes the display name.
pub async fn set_username(tx: &mut Tx, id: UserId, username: &Username) -> Result<()> {
    query(tx, "UPDATE users SET username = $2, name_key = $3 WHERE id = $1")
        .bind(id)
        .bind(username)
        .bind(username.key())
        .execute()
        .await?;
    Ok(())
}
