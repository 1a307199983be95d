//! Identifies the visitor of every page by the refresh cookie.

use std::sync::Arc;

use axum::extract::{OriginalUri, Request, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::app::App;
use crate::domain::sign_in::session::Session;
use crate::domain::sign_in::session_kind::SessionKind;
use crate::i18n::localizer::Localizer;
use crate::services::session::access_tokens;
use crate::services::session::session_management::{self, Resumed};
use crate::web::http::client::Client;
use crate::web::http::cookies::{Cookies, Name};
use crate::web::pages::page::{Here, Page};
use crate::web::visitor::credentials::send_refresh;
use crate::web::visitor::identity::{SignedIn, Visitor};
use crate::web::visitor::reader;

/// Cookies hold the tokens of browsers. A program's token in one is refused.
const PLACE: SessionKind = SessionKind::Browser;

/// Middleware: adds the [`Visitor`] to the request, and rotates the cookie when it is due. The cookie of a session that has ended is
/// kept, so that pages can say why it ended. An error response gets the [`Page`] of this visitor, for the header and the footer of its page.
pub async fn recognise(
    State(app): State<App>,
    client: Client,
    cookies: Cookies,
    OriginalUri(uri): OriginalUri,
    mut request: Request,
    next: Next,
) -> Response {
    let resumed = match cookies.get(Name::Refresh) {
        None => Ok(Resumed::Anonymous),
        Some(token) => {
            session_management::resume(&app, PLACE, &token, client.is_navigation, &client.source)
                .await
        }
    };
    let visitor = match resumed {
        Ok(Resumed::Anonymous) => Visitor::Anonymous,
        Ok(Resumed::Ended(reason)) => Visitor::Ended(reason),
        Ok(Resumed::SignedIn { session, send }) => {
            if let Some(token) = send {
                send_refresh(&app, &cookies, &token);
            }
            signed_in(&app, session)
        }
        Err(error) => return error.into_response(), // an error never signs a user out
    };
    request.extensions_mut().insert(visitor.clone());
    let headers = request.headers().clone();
    let is_view = request.method() == Method::GET;
    let mut response = next.run(request).await;
    let status = response.status();
    let is_signed_in = visitor.signed_in().is_some();
    // Not with 404, which is the same for an address that exists for others as for one that does not exist.
    let leads_back = is_view && status != StatusCode::NOT_FOUND;
    if (is_signed_in || leads_back) && (status.is_client_error() || status.is_server_error()) {
        let t = response.extensions_mut().remove::<Localizer>();
        let t = t.unwrap_or_else(|| reader::of_visitor(&app, &headers, &visitor));
        let base = app.config.public_url.base();
        let here = if is_view { Here::shown(&uri) } else { Here::answered(&uri, base) };
        response.extensions_mut().insert(Page::of(&app, t, &cookies, &visitor, here));
    }
    response
}

/// The page of a signed-in visitor whose request did not reach [`recognise`], for the header of an error page. Costs no query without a
/// session's cookie. `None` also if the database does not answer.
pub async fn page_of(
    app: &App,
    headers: &HeaderMap,
    cookies: &Cookies,
    client: &Client,
    here: Here,
) -> Option<Page> {
    let token = cookies.get(Name::Refresh)?;
    // Without a rotation, because the response does not carry a new cookie.
    match session_management::resume(app, PLACE, &token, false, &client.source).await {
        Ok(Resumed::SignedIn { session, .. }) => {
            let visitor = signed_in(app, session);
            let t = reader::of_visitor(app, headers, &visitor);
            Some(Page::of(app, t, cookies, &visitor, here))
        }
        Ok(Resumed::Anonymous | Resumed::Ended(_)) => None,
        Err(error) => {
            tracing::warn!(%error, "could not identify the visitor of an error page");
            None
        }
    }
}

fn signed_in(app: &App, session: Box<Session>) -> Visitor {
    let claims = Arc::new(access_tokens::claims(app, &session));
    Visitor::SignedIn(SignedIn { session: session.into(), claims })
}
