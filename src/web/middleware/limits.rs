//! Rate limit for requests that change something.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use percent_encoding::percent_decode_str;

use crate::app::App;
use crate::domain::email::one_time_token::{OneTimeToken, Purpose};
use crate::services::links;
use crate::web::http::client::Client;
use crate::web::http::cookies::Cookies;
use crate::web::http::problem::Problem;
use crate::web::visitor::credentials;

/// Middleware: limits forms and API calls before they cost a query.
pub async fn limit_writes(
    State(app): State<App>,
    client: Client,
    request: Request,
    next: Next,
) -> Response {
    let device = request.extensions().get::<Cookies>().and_then(|it| credentials::device(&app, it));
    if !request.method().is_safe()
        && let Err(wait) =
            app.local_throttle.count(&client.source, device.as_ref(), app.clock.now())
        && !has_valid_link(&app, request.uri().path()).await
    {
        tracing::warn!(address = %client.source.address, "refused a request over the rate limit");
        return Problem::too_many(wait).into_response();
    }
    next.run(request).await
}

/// Whether the URL contains the valid token of an emailed link. Other clients in the owner's network must not block such a form, and
/// forms behind links have their own limits.
async fn has_valid_link(app: &App, path: &str) -> bool {
    let purposes = [
        Purpose::ResetPassword,
        Purpose::HandedReset,
        Purpose::NotMe,
        Purpose::VerifyEmail,
        Purpose::ConfirmEmail,
    ];
    for purpose in purposes {
        let end = path.strip_prefix(purpose.page().start()).map(percent_decode_str);
        let token = end.map(|end| OneTimeToken::find(&end.decode_utf8_lossy()));
        if let Some(Ok(token)) = token
            && links::is_live(app, &token, purpose).await.unwrap_or(false)
        {
            return true;
        }
    }
    false
}
