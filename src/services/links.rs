//! One-time links: whom a token in a mailed link belongs to, and how it is spent.

use crate::app::App;
use crate::clock::Timestamp;
use crate::db::Tx;
use crate::domain::one_time_token::{OneTimeToken, Purpose};
use crate::domain::user::User;
use crate::error::Result;
use crate::repositories::{one_time_tokens, users};
use crate::services::outbox;

/// The account that a link belongs to: still good, the account open and at the address it was sent to. Changes nothing, so
/// that a mail scanner may look as often as it likes.
pub async fn owner(app: &App, token: &OneTimeToken, purpose: Purpose) -> Result<Option<User>> {
    let now = app.clock.now();
    let Some(grant) = one_time_tokens::find(&app.db, token, purpose, now).await? else {
        return Ok(None);
    };
    let user = users::find(&app.db, grant.user_id).await?;
    Ok(user.filter(|user| user.email_key == grant.email_key && user.disabled_at.is_none()))
}

/// Spends the link and with it every other of the account, those in mails still to be sent included. `false`: somebody else
/// spent it first, and the transaction is to be dropped.
pub async fn spend(
    tx: &mut Tx,
    token: &OneTimeToken,
    purpose: Purpose,
    user: &User,
    now: Timestamp,
) -> Result<bool> {
    // In the order in which the worker takes them: mails first, tokens second.
    outbox::cancel_links(tx, user, now).await?;
    let spent = one_time_tokens::spend_all(tx, user.id, now).await?;
    let hash = token.hash();
    Ok(spent.iter().any(|it| it.hash == hash && it.purpose == purpose && it.expires_at > now))
}
