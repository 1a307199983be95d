//! Clients that keep their tokens themselves: an access token to use, and the refresh token of the same session for the next
//! one. What a refresh token means is decided in `sessions`, as for browsers.

use crate::app::App;
use crate::domain::sign_in::session::{EndReason, Session};
use crate::domain::source::Source;
use crate::error::Result;
use crate::secret::Secret;
use crate::services::sign_in::access_tokens::{self, Issued};
use crate::services::sign_in::sessions::{self, FreshToken, Resumed};

/// What a client gets to keep.
#[derive(Clone, Debug)]
pub struct TokenPair {
    /// The session that both are of.
    pub session: Box<Session>,
    /// For every request.
    pub access: Issued,
    /// For the next pair.
    pub refresh: Secret<String>,
}

/// The pair of a session that has just begun, with an access token for this audience; `None` if it has ended since.
pub async fn first(app: &App, token: FreshToken, audience: &str) -> Result<Option<TokenPair>> {
    let Some(session) = sessions::visit(app, token.session).await? else { return Ok(None) };
    let access = access_tokens::issue(app, &session, audience)?;
    Ok(Some(TokenPair { session: Box::new(session), access, refresh: token.token }))
}

/// What a refresh token is worth.
#[derive(Clone, Debug)]
pub enum Refreshed {
    /// The next pair.
    Pair(TokenPair),
    /// Nothing any more: the session was ended.
    Ended(EndReason),
    /// Nothing: no such session, a forgery, a lifetime over, a closed account.
    Unknown,
}

/// The next pair for a refresh token, with an access token for this audience. Where a browser gets no cookie since it has the newest one, the session's current token is
/// in the pair all the same: a client that runs in several places at once may show one and keep another.
pub async fn refresh(
    app: &App,
    presented: &str,
    audience: &str,
    source: &Source,
) -> Result<Refreshed> {
    Ok(match sessions::resume(app, presented, true, source).await? {
        Resumed::Anonymous => Refreshed::Unknown,
        Resumed::Ended(reason) => Refreshed::Ended(reason),
        Resumed::SignedIn { session, send } => {
            let token = send.unwrap_or_else(|| sessions::current_token(app, &session));
            let access = access_tokens::issue(app, &session, audience)?;
            Refreshed::Pair(TokenPair { session, access, refresh: token.token })
        }
    })
}
