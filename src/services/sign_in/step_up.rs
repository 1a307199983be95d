//! Sensitive actions ask signed-in users to prove again who they are, with credentials at the account's full strength.

use crate::app::App;
use crate::domain::id::UserId;
use crate::domain::sign_in::demand::{Held, Missing, Proven};
use crate::domain::sign_in::proof::{PROOF_LASTS, Proof, Shown};
use crate::domain::sign_in::session::Session;
use crate::domain::sign_in::session_kind::SessionKind;
use crate::error::Result;
use crate::repositories::user_credentials;

/// The credentials that an account has.
pub async fn held(app: &App, user: UserId) -> Result<Held> {
    Ok(user_credentials::held(&app.db, user).await?)
}

/// Whether the session could have a recent proof. If not, the state of the browser need not be read.
#[must_use]
pub fn may_be_recent(app: &App, session: &Session) -> bool {
    session.kind == Some(SessionKind::Browser)
        && session.authenticated_at.is_within(PROOF_LASTS, app.clock.now())
}

/// What was shown recently in the browser that has this proof.
#[must_use]
pub fn recent(app: &App, proof: Option<&Proof>) -> Shown {
    proof.map_or(Shown::default(), |proof| proof.recent(app.clock.now()))
}

/// The session, if what was shown recently has the full strength of its account; otherwise what is missing.
pub async fn check<'a>(
    app: &App,
    session: &'a Session,
    recent: Shown,
) -> Result<Result<Proven<'a>, Missing>> {
    let held = held(app, session.user_id).await?;
    Ok(Proven::new(session, held, recent))
}
