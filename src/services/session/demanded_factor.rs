//! Sessions that lack the second factor which `SECOND_FACTOR` demands of their owner. They open nothing but the way to it.

use crate::app::App;
use crate::domain::id::SessionId;
use crate::domain::sign_in::session::Session;
use crate::domain::two_factor::policy::SecondFactorPolicy;
use crate::error::Result;
use crate::services::session::session_management;

/// Whether the session lacks the second factor that its owner must have. A new role or setting counts at once, also for older sessions.
#[must_use]
pub fn is_missing(app: &App, session: &Session) -> bool {
    !app.config.second_factor.is_met(session.roles(), session.has_second_factor())
}

/// Like [`is_missing`], for a session that has just started.
pub async fn is_missing_in(app: &App, session: SessionId) -> Result<bool> {
    if app.config.second_factor == SecondFactorPolicy::Optional {
        return Ok(false);
    }
    let session = session_management::find_live(app, session).await?;
    Ok(session.is_some_and(|session| is_missing(app, &session)))
}
