//! Records in a session that its user has just shown credentials. What they were is stored in the state of the browser.

use crate::app::App;
use crate::clock::Timestamp;
use crate::db::Tx;
use crate::domain::id::SessionId;
use crate::domain::sign_in::amr::{Amr, Method};
use crate::domain::sign_in::proof::Shown;
use crate::domain::sign_in::session::Session;
use crate::error::Result;
use crate::repositories::sessions;
use crate::services::session::session_management::{FreshToken, token_of};

/// The user has just shown credentials in their session.
#[derive(Clone, Debug)]
pub struct FreshProof {
    /// What they showed.
    pub shown: Shown,
    /// When they showed it.
    pub at: Timestamp,
    /// The session's next token, if it could be rotated at once.
    pub send: Option<FreshToken>,
}

/// Records that the user has just shown these credentials, and rotates the token, so that a stolen copy of it is detected. If the
/// previous token is still in its grace period, the next request rotates it.
pub async fn prove(app: &App, tx: &mut Tx, session: &Session, shown: Shown) -> Result<FreshProof> {
    record(app, tx, session.id, shown, |amr| shown.added_to(amr)).await
}

/// Like [`prove`], after the account's second factor was removed: what was shown of it no longer counts.
pub async fn prove_without_second_factor(
    app: &App,
    tx: &mut Tx,
    session: &Session,
    shown: Shown,
) -> Result<FreshProof> {
    let shown = shown.without_second_factor();
    let without = |amr: Amr| shown.added_to(amr).without(&[Method::Otp, Method::Mfa]);
    record(app, tx, session.id, shown, without).await
}

async fn record(
    app: &App,
    tx: &mut Tx,
    session: SessionId,
    shown: Shown,
    change: impl Fn(Amr) -> Amr,
) -> Result<FreshProof> {
    let (now, rotation) = (app.clock.now(), app.config.lifetimes.rotation);
    let nothing_to_send = FreshProof { shown, at: now, send: None };
    // Locks the row. What was shown is added to its current methods, which another request may just have changed.
    if !sessions::authenticate(tx, session, now).await? {
        return Ok(nothing_to_send);
    }
    let Some(session) = sessions::find(&mut *tx, session).await? else {
        return Ok(nothing_to_send);
    };
    sessions::set_amr(tx, session.id, change(session.amr)).await?;
    let is_moved = session.state().is_settled(now, rotation)
        && sessions::rotate(tx, session.id, session.generation, now).await?;
    if is_moved {
        let token = token_of(app, &session, session.generation + 1);
        return Ok(FreshProof { shown, at: now, send: Some(token) });
    }
    sessions::age(tx, session.id, now.before(rotation.after)).await?;
    Ok(nothing_to_send)
}
