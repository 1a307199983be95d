//! One-time links: finds the account of a token, spends a token, and revokes all links of an account.

use crate::app::App;
use crate::clock::Timestamp;
use crate::db::{Conn, Tx};
use crate::domain::account::email::EmailKey;
use crate::domain::account::user::User;
use crate::domain::email::one_time_token::{Grant, OneTimeToken, Purpose};
use crate::error::Result;
use crate::repositories::one_time_tokens::Spent;
use crate::repositories::{email_changes, emailed_codes, invitations, one_time_tokens, users};
use crate::services::email::queue;
use crate::services::throttle::{self, Subject};
use crate::transaction;

/// The account of a link, if the link works and the account is enabled and still has the address that the link was sent to. Changes
/// nothing, so email scanners may open links.
pub async fn owner(app: &App, token: &OneTimeToken, purpose: Purpose) -> Result<Option<User>> {
    let Some(grant) = grant(app, token, purpose).await? else { return Ok(None) };
    let user = users::find(&app.db, grant.user_id).await?;
    Ok(user.filter(|user| user.email_key == grant.email_key && user.disabled_at.is_none()))
}

/// Whether a link is unused and has not expired. Changes nothing.
pub async fn is_live(app: &App, token: &OneTimeToken, purpose: Purpose) -> Result<bool> {
    Ok(grant(app, token, purpose).await?.is_some())
}

/// What a link grants, if it is unused and has not expired. A link that was created before the clock was set back is treated as created
/// now. Otherwise it would live until the clock catches up.
pub async fn grant(app: &App, token: &OneTimeToken, purpose: Purpose) -> Result<Option<Grant>> {
    let now = app.clock.now();
    let found = one_time_tokens::find(&app.db, token, purpose, now).await?;
    let created_at = match found {
        Some(_) => one_time_tokens::created_at(&app.db, token).await?,
        None => None,
    };
    if !created_at.is_some_and(|at| at.is_ahead_of(now)) {
        return Ok(found);
    }
    transaction!(app.db, |tx| -> Result<_> {
        one_time_tokens::correct_times(tx, token, now).await?;
        Ok(one_time_tokens::find(tx, token, purpose, now).await?)
    })
}

/// Whether a sign-up can no longer be confirmed by any link, because its invitation was used by someone else or revoked.
pub async fn invitation_is_lost(on: impl Into<Conn<'_>>, user: &User) -> Result<bool> {
    let Some(id) = user.invitation_id.filter(|_| user.is_pending()) else { return Ok(false) };
    let invitation = invitations::find(on, id).await?;
    Ok(!invitation.is_some_and(|it| it.can_be_confirmed()))
}

/// Spends the link and every other link of the account, including those in queued emails. `false`: a concurrent request has spent it.
/// Then roll back the transaction.
///
/// 'This was not me' links still work: a thief who takes over an account must not be able to revoke them.
pub async fn spend(
    app: &App,
    tx: &mut Tx,
    token: &OneTimeToken,
    purpose: Purpose,
    user: &User,
    now: Timestamp,
) -> Result<bool> {
    let spent = spend_all(app, tx, user, now).await?;
    if purpose != Purpose::ConfirmEmail {
        email_changes::delete_pending(tx, user.id).await?;
    }
    Ok(is_among(&spent, token, purpose, now))
}

/// Spends a 'this was not me' link, the others sent to the same address, and every link of another purpose. 'This was not me' links sent
/// to other addresses still work.
pub async fn spend_not_me(
    app: &App,
    tx: &mut Tx,
    token: &OneTimeToken,
    email: &EmailKey,
    user: &User,
    now: Timestamp,
) -> Result<bool> {
    revoke_all(app, tx, user, now).await?;
    let spent = one_time_tokens::spend_not_me(tx, user.id, email, now).await?;
    Ok(is_among(&spent, token, Purpose::NotMe, now))
}

/// Revokes every link of the account except 'this was not me', and every emailed code. A waiting email that only a later version knows is left to
/// it: the version that adds a link has to check at its use what has changed since. Call this when the password, the address or 2FA changes.
pub async fn revoke_all(app: &App, tx: &mut Tx, user: &User, now: Timestamp) -> Result<()> {
    spend_all(app, tx, user, now).await?;
    Ok(email_changes::delete_pending(tx, user.id).await?)
}

async fn spend_all(app: &App, tx: &mut Tx, user: &User, now: Timestamp) -> Result<Vec<Spent>> {
    // Locks rows in the same order as the worker: emails, then tokens and codes.
    queue::cancel_links(tx, user, now).await?;
    let spent = one_time_tokens::spend_all(tx, user.id, now).await?;
    emailed_codes::delete_of(tx, user.id).await?;
    // The last reset link no longer works, so another one may be sent at once.
    throttle::forget(app, tx, Subject::ResetMail(&user.email_key)).await?;
    Ok(spent)
}

fn is_among(spent: &[Spent], token: &OneTimeToken, purpose: Purpose, now: Timestamp) -> bool {
    let hash = token.hash();
    spent.iter().any(|it| it.hash == hash && it.purpose == purpose && it.expires_at > now)
}
