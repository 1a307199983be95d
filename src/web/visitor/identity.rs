//! Extractors for the visitor: anyone, a signed-in user, or an administrator.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::{FromRequestParts, OriginalUri};
use axum::http::request::Parts;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::app::App;
use crate::domain::account::role::ADMIN;
use crate::domain::addresses::{self, SitePath};
use crate::domain::id::SessionId;
use crate::domain::return_address::is_too_long;
use crate::domain::sign_in::access_token::Claims;
use crate::domain::sign_in::session::{EndReason, Session};
use crate::i18n::message::{self, Message};
use crate::services::long_addresses::SaveError;
use crate::web::http::client::Client;
use crate::web::http::problem::Problem;
use crate::web::http::redirect::go_to;
use crate::web::visitor::return_to::{ReturnTo, explain};
use crate::wording::session_ends;

/// Any visitor, as identified by `web::middleware::recognise`.
#[derive(Clone, Debug)]
pub enum Visitor {
    /// No session.
    Anonymous,
    /// The browser's session was ended, possibly without the user's knowledge.
    Ended(EndReason),
    /// The browser has a live session.
    SignedIn(SignedIn),
}

/// A signed-in user. As an extractor it redirects every other visitor to the sign-in page.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// The user's session.
    pub session: Arc<Session>,
    /// The claims about the user, the same as in an access token.
    pub claims: Arc<Claims>,
}

impl Visitor {
    /// The signed-in user, if there is one.
    #[must_use]
    pub fn signed_in(&self) -> Option<&SignedIn> {
        match self {
            Self::SignedIn(signed_in) => Some(signed_in),
            Self::Anonymous | Self::Ended(_) => None,
        }
    }

    /// The session that a new sign-in in this browser replaces.
    #[must_use]
    pub fn session(&self) -> Option<SessionId> {
        self.signed_in().map(|it| it.session.id)
    }

    /// The message that explains why the session ended, unless the user ended it in this browser.
    #[must_use]
    pub fn why_ended(&self) -> Option<Message> {
        match self {
            Self::Ended(reason) => session_ends::why_ended(*reason),
            Self::Anonymous | Self::SignedIn(_) => None,
        }
    }
}

/// The path to return to after a detour: that of this page with its query or, for a form, that of the page with the form.
pub async fn here(parts: &mut Parts, app: &App) -> String {
    let Ok(OriginalUri(uri)) = OriginalUri::from_request_parts(parts, app).await;
    let here = if parts.method == Method::POST {
        page_of(uri.path(), app.config.public_url.base())
    } else {
        uri.path_and_query().map_or("/", |it| it.as_str())
    };
    here.to_owned()
}

/// The path of the page with the form that posts to `path`. Some paths below `/profile/…` accept only POST.
fn page_of<'a>(path: &'a str, base: &str) -> &'a str {
    let inside = &path[base.len().min(path.len())..];
    let third = inside.match_indices('/').nth(2).map(|(at, _)| base.len() + at);
    third.map_or(path, |end| &path[..end])
}

impl AsRef<SignedIn> for SignedIn {
    fn as_ref(&self) -> &SignedIn {
        self
    }
}

impl AsRef<SignedIn> for Administrator {
    fn as_ref(&self) -> &SignedIn {
        &self.0
    }
}

impl<S: Sync> FromRequestParts<S> for Visitor {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts
            .extensions
            .get::<Self>()
            .cloned()
            .expect("the middleware `recognise` runs before every page"))
    }
}

/// A user with the role `admin`. As an extractor it responds with 403 to other users.
#[derive(Clone, Debug)]
pub struct Administrator(pub SignedIn);

impl FromRequestParts<App> for Administrator {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let signed_in = SignedIn::from_request_parts(parts, app).await?;
        if signed_in.session.roles().any(|role| role == ADMIN) {
            return Ok(Self(signed_in));
        }
        // The request log has the path (ASVS 16.3.2).
        tracing::warn!(user = %signed_in.session.user_id, "refused an administration page to a user without the role");
        Err(Problem::new(StatusCode::FORBIDDEN, message::administrators_only()).into_response())
    }
}

impl FromRequestParts<App> for SignedIn {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let Ok(visitor) = Visitor::from_request_parts(parts, app).await;
        if let Visitor::SignedIn(signed_in) = visitor {
            return Ok(signed_in);
        }
        let here = here(parts, app).await;
        let is_form = parts.method == Method::POST;
        let sign_in = sign_in_for(parts, app, &here, is_form).await?;
        match visitor {
            Visitor::Ended(EndReason::Copied) => {
                let href = app.config.public_url.path(sign_in);
                Err(Problem::new(StatusCode::UNAUTHORIZED, message::session_copied())
                    .with_way_on(href, message::sign_in_again())
                    .into_response())
            }
            _ => Err(go_to(app, sign_in).into_response()),
        }
    }
}

/// The sign-in page that leads back to `here`.
async fn sign_in_for(
    parts: &mut Parts,
    app: &App,
    here: &str,
    is_unsaved: bool,
) -> Result<SitePath, Response> {
    let Ok(client) = Client::from_request_parts(parts, app).await;
    let onward = || app.config.public_url.path(addresses::SIGN_IN);
    let refused = |why| explain(why, onward(), message::sign_in()).into_response();
    if is_too_long(here) {
        return Err(refused(SaveError::TooLong));
    }
    let here = match ReturnTo::parse(&app.config, here) {
        Some(here) => Some(here.shortened(app, &client.source).await.map_err(refused)?),
        None => None,
    };
    let return_to = here.as_ref().map(|here| ("return_to", here.as_str()));
    let unsaved = is_unsaved.then_some(("unsaved", "on"));
    Ok(addresses::SIGN_IN.with(&return_to.into_iter().chain(unsaved).collect::<Vec<_>>()))
}
