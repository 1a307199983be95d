//! The table `users`: addresses, and the version that counts the changes of credentials.

use crate::clock::Timestamp;
use crate::db::{Conn, Result, Tx, query};
use crate::domain::account::email::{EmailAddress, EmailKey};
use crate::domain::account::username::Username;
use crate::domain::id::UserId;
use crate::domain::sign_in::demand::HeldCredentials;

/// The credentials of an account. A deleted account is an error.
pub async fn held(on: impl Into<Conn<'_>>, id: UserId) -> Result<HeldCredentials> {
    query(
        on,
        "SELECT EXISTS (SELECT 1 FROM passwords p WHERE p.user_id = u.id AND p.revoked_at IS NULL) AS password,
                EXISTS (SELECT 1 FROM totp t WHERE t.user_id = u.id) AS second_factor
         FROM users u WHERE u.id = $1",
    )
    .bind(id)
    .one()
    .await
}

/// Confirms the address, and activates a pending sign-up. `false` if the password has changed since `credential_version` or the
/// account is disabled.
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

/// Records a sign-in, and locks the row until the transaction ends. `false` if the password has changed since
/// `credential_version`, the account is disabled or waits for approval: the sign-in must not complete.
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

/// Prepares an account for a new password that is set through a link. `confirms`: the link also confirms the address. An unconfirmed
/// sign-up may have been a stranger's, so its name is replaced. `false` if the account is disabled or deleted.
pub async fn begin_again(
    tx: &mut Tx,
    id: UserId,
    plain_name: &Username,
    confirms: bool,
    now: Timestamp,
) -> Result<bool> {
    let changed = query(
        tx,
        "UPDATE users SET credential_version = credential_version + 1,
                email_verified_at = COALESCE(email_verified_at, $5), activated_at = COALESCE(activated_at, $2),
                username = CASE WHEN activated_at IS NULL THEN $3 ELSE username END,
                name_key = CASE WHEN activated_at IS NULL THEN $4 ELSE name_key END
         WHERE id = $1 AND disabled_at IS NULL",
    )
    .bind(id)
    .bind(now)
    .bind(plain_name)
    .bind(plain_name.key())
    .bind(confirms.then_some(now))
    .execute()
    .await?;
    Ok(changed == 1)
}

/// Invalidates every flow that began with the current credentials, and locks the row until the transaction ends. `false` if they have
/// changed since `credential_version`, or the account is disabled.
pub async fn invalidate(tx: &mut Tx, id: UserId, credential_version: i64) -> Result<bool> {
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

/// Like [`invalidate`], whatever the version. `false` if the account is disabled.
pub async fn invalidate_all(tx: &mut Tx, id: UserId) -> Result<bool> {
    let changed = query(
        tx,
        "UPDATE users SET credential_version = credential_version + 1 WHERE id = $1 AND disabled_at IS NULL",
    )
    .bind(id)
    .execute()
    .await?;
    Ok(changed == 1)
}

/// Changes the account's address to another, confirmed one. `false` if the address is no longer `old`, or the new one is taken. The caller
/// then has to roll back the transaction.
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
        // A visitor signed up with the new address at the same time.
        Err(error) if error.is_duplicate() => Ok(false),
        changed => Ok(changed? == 1),
    }
}
