//! Refuses addresses that are not valid text, before any handler reads them.

use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::domain::query;
use crate::i18n::message;
use crate::web::http::problem::Problem;

/// Middleware: 400 for a query with NUL or invalid UTF-8, or a path with NUL. There is nothing at a path with invalid UTF-8, except behind
/// emailed links, which ignore such a tail.
pub async fn refuse_unreadable(request: Request, next: Next) -> Response {
    let address = request.uri();
    let has_nul = address.path().contains("%00");
    if !has_nul && address.query().is_none_or(query::is_readable) {
        return next.run(request).await;
    }
    Problem::new(StatusCode::BAD_REQUEST, message::error_address_unreadable()).into_response()
}
