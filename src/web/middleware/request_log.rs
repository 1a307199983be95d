//! One log line per request. It contains the pattern of the route, because the URL may contain a token.

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use std::time::Instant;
use tracing::Instrument;

use crate::app::App;
use crate::domain::addresses::{self, Address};
use crate::web::http::client::Client;

/// Routes logged at debug level. A proxy asks the gate about every image of a page.
const FREQUENT: [Address; 4] =
    [addresses::GATE_NGINX, addresses::GATE_FORWARD, addresses::HEALTH, addresses::HEALTH_READY];
/// The maximum length of a logged segment of an unknown path. A longer one may be the token of a mistyped link.
const LONGEST_SEGMENT: usize = 24;

/// Middleware: logs the request with the status and time of its response, and adds `X-Request-Id` to the response.
pub async fn log(State(app): State<App>, client: Client, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let method = request.method().clone();
    let path = match request.extensions().get::<MatchedPath>() {
        Some(pattern) => pattern.as_str().to_owned(),
        None => redact(request.uri().path()),
    };
    let request_id = &client.source.request_id;
    let span = tracing::info_span!("request", id = request_id);
    let mut response = next.run(request).instrument(span).await;
    if let Ok(value) = HeaderValue::from_str(request_id) {
        response.headers_mut().insert(HeaderName::from_static("x-request-id"), value);
    }
    let status = response.status().as_u16();
    let milliseconds = started.elapsed().as_secs_f64() * 1_000.0;
    let inside = path.strip_prefix(app.config.public_url.base()).unwrap_or_default();
    let is_frequent = FREQUENT.iter().any(|it| it.route() == inside);
    if is_frequent && status < 500 {
        tracing::debug!(%method, path, status, ms = milliseconds, "request");
    } else {
        tracing::info!(%method, path, status, ms = format_args!("{milliseconds:.1}"),
            address = %client.source.address, request = request_id, "request");
    }
    response
}

fn redact(path: &str) -> String {
    let segment = |segment: &str| {
        let is_plain =
            segment.len() <= LONGEST_SEGMENT && segment.chars().all(|c| c.is_ascii_graphic());
        if is_plain { segment.to_owned() } else { "…".to_owned() }
    };
    path.split('/').take(8).map(segment).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn possible_tokens_are_not_logged() {
        let token = "A".repeat(43);
        assert_eq!(redact(&format!("/auth/reset-pasword/{token}")), "/auth/reset-pasword/…");
        assert_eq!(redact("/wp-login.php"), "/wp-login.php");
        assert_eq!(redact("/a\u{1b}[31m"), "/…");
        assert!(redact(&"/x".repeat(10_000)).len() < 20);
    }
}
