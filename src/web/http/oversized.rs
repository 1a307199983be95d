//! Refuses requests with more headers than our own pages need, usually because of other apps' cookies.
//!
//! The server reads up to 64 KiB, because guarded apps may have large cookies and addresses, which the gate gets as well. An app can set
//! cookies for the whole domain, which the browser then sends to every host in it.

use axum::extract::Request;
use axum::http::header::COOKIE;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::i18n::message::{self, Message};
use crate::web::http::problem::Problem;

/// The largest sum of all header lines, in bytes.
const LARGEST: usize = 16 * 1024;
/// The largest number of header lines.
const MOST: usize = 100;
/// The longest address, in bytes. A return address of 8 KiB still fits in when it is percent-encoded.
const LONGEST_ADDRESS: usize = 32 * 1024;
/// The longest name of a cookie that a page shows, in characters.
const LONGEST_NAME: usize = 64;

/// Middleware: 414 and 431 with the reason. It comes before everything that reads the headers.
pub async fn refuse(request: Request, next: Next) -> Response {
    if request.uri().path_and_query().is_some_and(|it| it.as_str().len() > LONGEST_ADDRESS) {
        let text = message::error_long_address();
        return Problem::new(StatusCode::URI_TOO_LONG, text).into_response();
    }
    match reason(request.headers()) {
        Some(why) => Problem::new(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, why).into_response(),
        None => next.run(request).await,
    }
}

/// Why there are too many headers, for the visitor. `None`: there are not.
fn reason(headers: &HeaderMap) -> Option<Message> {
    let size = |value: &[u8]| value.len().div_ceil(1024);
    let all: usize = headers.iter().map(|(name, it)| name.as_str().len() + it.len() + 4).sum();
    if all <= LARGEST {
        return (headers.len() > MOST).then(message::error_headers_many);
    }
    let cookies: Vec<&[u8]> = headers.get_all(COOKIE).iter().map(HeaderValue::as_bytes).collect();
    let cookies = cookies.join(&b';');
    if cookies.len() <= all / 2 {
        return Some(message::error_headers_large(all.div_ceil(1024)));
    }
    let largest = cookies.split(|byte| *byte == b';').max_by_key(|it| it.len());
    let largest = largest.unwrap_or_default();
    let name = largest.split(|byte| *byte == b'=').next().unwrap_or_default().trim_ascii();
    let name: String = String::from_utf8_lossy(name).chars().take(LONGEST_NAME).collect();
    Some(message::error_cookies_large(size(&cookies), size(largest), name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderName;

    fn headers(lines: &[(&'static str, String)]) -> HeaderMap {
        let line = |(name, value): &(&'static str, String)| {
            (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap())
        };
        lines.iter().map(line).collect()
    }

    #[test]
    fn the_reason_names_the_cause() {
        let x = |count| "x".repeat(count);
        let many = |count| (0..count).map(|_| ("accept", x(1))).collect::<Vec<_>>();
        for (lines, why) in [
            (vec![], None),
            (many(100), None),
            (many(101), Some("more than 100 headers")),
            (vec![("cookie", x(LARGEST - "cookie".len() - 4))], None),
            (vec![("accept", x(20_000)), ("cookie", x(900))], Some("21 KiB of headers")),
            (
                vec![("cookie", format!("a=1; app_state={}; b=2", x(20_000)))],
                Some(
                    "20 KiB of cookies to this address, but this site accepts at most 16 KiB. The largest is “app_state” with 20 KiB",
                ),
            ),
            (
                (0..6).map(|n| ("cookie", format!("c{n}={}", x(4_000 + n)))).collect(),
                Some("The largest is “c5” with 4 KiB"),
            ),
            (vec![("cookie", x(20_000))], Some("The largest is “xxxx")),
        ] {
            let found = reason(&headers(&lines)).map(|it| it.english());
            match why {
                Some(why) => {
                    assert!(found.as_ref().is_some_and(|it| it.contains(why)), "{found:?}");
                }
                None => assert_eq!(found, None),
            }
        }
    }
}
