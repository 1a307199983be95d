//! CORS: which other origins' pages may read what the API answers. Tokens come in a header that they set themselves, so no
//! cookie and no other credential of the browser is ever allowed along.

use std::time::Duration;

use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderName, HeaderValue, Method};
use tower_http::cors::{AllowOrigin, CorsLayer};

/// How long browsers may remember that they were allowed to ask; Chromium's longest.
const REMEMBERED: Duration = Duration::from_hours(2);

/// Allows these origins, each exactly as browsers send it.
pub fn allow(origins: &[String]) -> CorsLayer {
    let origins = origins.iter().filter_map(|origin| HeaderValue::from_str(origin).ok());
    CorsLayer::new()
        .allow_origin(AllowOrigin::list(origins))
        .allow_methods([Method::GET, Method::POST, Method::DELETE])
        .allow_headers([AUTHORIZATION, CONTENT_TYPE])
        .expose_headers([RETRY_AFTER, WWW_AUTHENTICATE, HeaderName::from_static("x-request-id")])
        .max_age(REMEMBERED)
}
