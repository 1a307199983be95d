//! Static files.

use axum::extract::{Path, State};
use axum::http::header::{ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, VARY};
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::app::App;
use crate::config::Config;
use crate::web::http::problem::Problem;

/// `GET /static/{name}`
pub async fn serve(
    State(app): State<App>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Response {
    file(&app.config, &name, &headers)
}

/// The file with this name, compressed if the browser can read that.
#[must_use]
pub fn file(config: &Config, name: &str, headers: &HeaderMap) -> Response {
    let Some(asset) = config.assets.named(name) else {
        return Problem::not_found().into_response();
    };
    let fixed: [(HeaderName, &'static str); 3] = [
        (CONTENT_TYPE, asset.content_type),
        (CACHE_CONTROL, "public, max-age=31536000, immutable"),
        (VARY, "Accept-Encoding"),
    ];
    match asset.gzip.as_ref().filter(|_| takes_gzip(headers)) {
        Some(gzip) => {
            (StatusCode::OK, fixed, [(CONTENT_ENCODING, "gzip")], gzip.clone()).into_response()
        }
        None => (StatusCode::OK, fixed, asset.bytes.clone()).into_response(),
    }
}

/// Whether the client accepts gzip (RFC 9110, section 12.5.3). A weight of zero refuses it.
fn takes_gzip(headers: &HeaderMap) -> bool {
    let values = headers.get_all(ACCEPT_ENCODING).iter().filter_map(|it| it.to_str().ok());
    let mut codings = values.flat_map(|it| it.split(','));
    codings.any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        let weight = weight.trim().strip_prefix("q=").and_then(|it| it.parse::<f32>().ok());
        name.trim().eq_ignore_ascii_case("gzip") && weight.is_none_or(|it| it > 0.0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_is_sent_only_to_clients_that_accept_it() {
        for (sent, expected) in [
            ("", false),
            ("gzip", true),
            ("GZIP", true),
            ("br, gzip;q=0.5, *;q=0", true),
            ("gzip;q=0", false),
            ("gzip; q=0.0", false),
            ("identity", false),
            ("x-gzip", false),
        ] {
            let headers = HeaderMap::from_iter([(ACCEPT_ENCODING, sent.parse().unwrap())]);
            assert_eq!(takes_gzip(&headers), expected, "{sent}");
        }
        assert!(!takes_gzip(&HeaderMap::new()));
    }
}
