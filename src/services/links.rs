//! One-time links: whom a token in a mailed link belongs to, and how it is spent.

use crate::app::App;
use crate::clock::Timestamp;
use crate::db::Tx;
use crate::domain::account::email::EmailKey;
use crate::domain::account::user::User;
use crate::domain::email::one_time_token::{OneTimeToken, Purpose};
use crate::error::Result;
use crate::repositories::one_time_tokens::Spent;
use crate::repositories::{email_changes, one_time_tokens, users};
use crate::services::email::outbox;
use crate::services::throttle::{self, Subject};

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

/// Whether a link still opens something, whoever it belongs to. Changes nothing.
pub async fn is_live(app: &App, token: &OneTimeToken, purpose: Purpose) -> Result<bool> {
    let now = app.clock.now();
    Ok(one_time_tokens::find(&app.db, token, purpose, now).await?.is_some())
}

/// Spends the link and with it every other of the account that opens something, those in mails still to be sent included.
/// `false`: somebody else spent it first, and the transaction is to be dropped.
///
/// 'This was not me' stays good: whoever guesses a password and changes all there is to change must not be able to take that
/// out of the owner's hands.
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

/// The same for 'this was not me', and with it all others of its kind that went to the same address. Those that went to other
/// addresses stay as good as they were.
pub async fn spend_not_me(
    app: &App,
    tx: &mut Tx,
    token: &OneTimeToken,
    email: &EmailKey,
    user: &User,
    now: Timestamp,
) -> Result<bool> {
    close(app, tx, user, now).await?;
    let spent = one_time_tokens::spend_not_me(tx, user.id, email, now).await?;
    Ok(is_among(&spent, token, Purpose::NotMe, now))
}

/// Spends every link that opens something: the password, the address or the second factor is being changed.
pub async fn close(app: &App, tx: &mut Tx, user: &User, now: Timestamp) -> Result<()> {
    spend_all(app, tx, user, now).await?;
    Ok(email_changes::delete_pending(tx, user.id).await?)
}

async fn spend_all(app: &App, tx: &mut Tx, user: &User, now: Timestamp) -> Result<Vec<Spent>> {
    // In the order in which the worker takes them: mails first, tokens second.
    outbox::cancel_links(tx, user, now).await?;
    let spent = one_time_tokens::spend_all(tx, user.id, now).await?;
    // The reset link that was mailed last works no more, so the next one that is asked for is sent at once.
    throttle::forget(app, tx, Subject::ResetMail(&user.email_key)).await?;
    Ok(spent)
}

fn is_among(spent: &[Spent], token: &OneTimeToken, purpose: Purpose, now: Timestamp) -> bool {
    let hash = token.hash();
    spent.iter().any(|it| it.hash == hash && it.purpose == purpose && it.expires_at > now)
}
