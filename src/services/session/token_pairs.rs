//! Token pairs for clients that store them: an access token for requests, a refresh token for the next pair.

use crate::app::App;
use crate::domain::sign_in::session::{EndReason, Session};
use crate::domain::sign_in::session_kind::SessionKind;
use crate::domain::source::Source;
use crate::error::Result;
use crate::secret::Secret;
use crate::services::session::access_tokens::{self, Issued};
use crate::services::session::demanded_factor;
use crate::services::session::session_management::{self, FreshToken, Resumed};

/// Tokens for a client to store.
#[derive(Clone, Debug)]
pub struct TokenPair {
    /// The session of both tokens.
    pub session: Box<Session>,
    /// The access token, for requests.
    pub access: Issued,
    /// The refresh token, for the next pair.
    pub refresh: Secret<String>,
}

/// The first pair of a new session, with an access token for this audience. `None` if the session has already ended.
pub async fn first(app: &App, token: FreshToken, audience: &str) -> Result<Option<TokenPair>> {
    let Some(session) = session_management::visit(app, token.session).await? else {
        return Ok(None);
    };
    let access = access_tokens::issue(app, &session, audience)?;
    Ok(Some(TokenPair { session: Box::new(session), access, refresh: token.token }))
}

/// The result of presenting a refresh token.
#[derive(Clone, Debug)]
pub enum Refreshed {
    /// The next pair.
    Pair(TokenPair),
    /// The session lacks the second factor that its owner must have. It has not ended.
    SecondFactorMissing,
    /// The session was ended.
    Ended(EndReason),
    /// The session is unknown or has expired, the token is forged, or the account is disabled.
    Unknown,
}

/// The next pair for a refresh token, with an access token for this audience. Unlike a browser's cookie, the pair always contains the
/// current refresh token: a client with several processes may store a different token than it presents.
pub async fn refresh(
    app: &App,
    presented: &str,
    audience: &str,
    source: &Source,
) -> Result<Refreshed> {
    let place = SessionKind::Program;
    Ok(match session_management::resume(app, place, presented, true, source).await? {
        Resumed::Anonymous => Refreshed::Unknown,
        Resumed::Ended(reason) => Refreshed::Ended(reason),
        Resumed::SignedIn { session, .. } if demanded_factor::is_missing(app, &session) => {
            Refreshed::SecondFactorMissing
        }
        Resumed::SignedIn { session, send } => {
            let token = send.unwrap_or_else(|| session_management::current_token(app, &session));
            let access = access_tokens::issue(app, &session, audience)?;
            Refreshed::Pair(TokenPair { session, access, refresh: token.token })
        }
    })
}
