//! Identifies the visitor of every page by the refresh cookie.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::app::App;
use crate::services::session::access_tokens;
use crate::services::session::session_management::{self, Resumed};
use crate::web::http::client::Client;
use crate::web::http::cookies::{Cookies, Name};
use crate::web::visitor::credentials::send_refresh;
use crate::web::visitor::identity::{SignedIn, Visitor};

/// Middleware: adds the [`Visitor`] to the request, and rotates the cookie when it is due. The cookie of a session that has ended is
/// kept, so that pages can say why it ended.
pub async fn recognise(
    State(app): State<App>,
    client: Client,
    cookies: Cookies,
    mut request: Request,
    next: Next,
) -> Response {
    let resumed = match cookies.get(Name::Refresh) {
        None => Ok(Resumed::Anonymous),
        Some(token) => {
            session_management::resume(&app, &token, client.is_navigation, &client.source).await
        }
    };
    let visitor = match resumed {
        Ok(Resumed::Anonymous) => Visitor::Anonymous,
        Ok(Resumed::Ended(reason)) => Visitor::Ended(reason),
        Ok(Resumed::SignedIn { session, send }) => {
            if let Some(token) = send {
                send_refresh(&app, &cookies, &token);
            }
            let claims = Arc::new(access_tokens::claims(&app, &session));
            Visitor::SignedIn(SignedIn { session: session.into(), claims })
        }
        Err(error) => return error.into_response(), // an error never signs a user out
    };
    request.extensions_mut().insert(visitor);
    next.run(request).await
}
