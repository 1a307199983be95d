//! `/.well-known/jwks.json`: the public keys that access tokens verify with (RFC 7517).

use axum::Json;
use axum::extract::State;
use axum::http::header::CACHE_CONTROL;
use axum::response::{IntoResponse, Response};

use crate::app::App;

/// `GET /.well-known/jwks.json`
pub async fn show(State(app): State<App>) -> Response {
    ([(CACHE_CONTROL, "public, max-age=300")], Json(&app.keys.jwks)).into_response()
}
