//! The body of a posted form, read and checked once, before the access check and the handler.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::body::Body;
use axum::http::header::ORIGIN;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use percent_encoding::percent_decode;

use crate::app::App;
use crate::domain::submission::SubmissionKey;
use crate::i18n::message;
use crate::web::http::body::{self, Unread};
use crate::web::http::cookies::{Cookies, Name};
use crate::web::http::problem::Problem;
use crate::web::http::resend::Sent;
use crate::web::visitor::csrf;

const MOST_FIELDS: usize = 64;

/// A posted form. Its fields are text.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "holds what the visitor typed")]
pub struct Received {
    /// The fields, without the CSRF token.
    pub fields: BTreeMap<String, String>,
    /// Whether the CSRF token is valid.
    pub is_genuine: bool,
    /// Set if a handler accepts the form.
    pub accepted: Accepted,
}

/// Whether the form was accepted, so that a repeat must not do it again.
#[derive(Clone, Debug, Default)]
pub struct Accepted(Arc<AtomicBool>);

impl Accepted {
    /// Marks the form as accepted.
    pub fn mark(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether it was accepted.
    #[must_use]
    pub fn is_marked(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// The form of this request, or why it was not read. In the request's extensions.
pub type Reading = Result<Received, Problem>;

impl Received {
    /// Reads the form of a POST request.
    pub async fn read(app: &App, cookies: &Cookies, parts: &Parts, body: Body) -> Reading {
        if is_cross_site(&parts.headers, &app.config.public_url.origin()) {
            tracing::warn!("refused a form from another site");
            let site = app.config.public_url.to_string();
            return Err(Problem::new(StatusCode::FORBIDDEN, message::error_form_other_site(site)));
        }
        if !body::is(&parts.headers, "application/x-www-form-urlencoded") {
            let text = message::error_form_type();
            return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, text));
        }
        let bytes = body::read(&parts.headers, body).await.map_err(unread)?;
        let mut fields = parse(&bytes)?;
        let token = fields.remove("csrf_token").unwrap_or_default();
        let is_genuine = csrf::is_good(app, cookies, &token);
        if let Some(sent) = parts.extensions.get::<Sent>().filter(|_| is_genuine) {
            sent.keep(&fields, &token);
        }
        if !is_genuine {
            tracing::warn!("refused a form without a valid CSRF token");
        }
        Ok(Self { fields, is_genuine, accepted: Accepted::default() })
    }

    /// The key of this submission. `None` if repeats are not recognised: the CSRF token is invalid, or the form has no ID.
    #[must_use]
    pub fn key(&self, app: &App, cookies: &Cookies, path: &str) -> Option<SubmissionKey> {
        let browser = cookies.get(Name::Csrf).filter(|_| self.is_genuine)?;
        SubmissionKey::compute(&app.secrets.submission, &browser, path, &self.fields)
    }
}

/// Whether another site sent the request, according to Fetch Metadata or, without it, `Origin`. A sibling subdomain counts as another
/// site. `Origin: null` is accepted, because our own pages with a token in the URL send it; the CSRF token then decides.
fn is_cross_site(headers: &HeaderMap, origin: &str) -> bool {
    match headers.get("sec-fetch-site") {
        Some(site) => site != "same-origin" && site != "none",
        None => headers.get(ORIGIN).is_some_and(|sender| sender != origin && sender != "null"),
    }
}

fn unread(why: Unread) -> Problem {
    let (status, text) = match why {
        Unread::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, message::error_form_large()),
        Unread::TooSlow => (StatusCode::REQUEST_TIMEOUT, message::error_form_slow()),
        Unread::BrokeOff => (StatusCode::BAD_REQUEST, message::error_form_incomplete()),
    };
    Problem::new(status, text)
}

/// Splits the body into pairs and decodes each once (ASVS 1.1.1). Invalid UTF-8, NUL and repeated fields are refused, so that the
/// value that is checked is the value that is used.
fn parse(bytes: &[u8]) -> Result<BTreeMap<String, String>, Problem> {
    let mut fields = BTreeMap::new();
    for (count, pair) in
        bytes.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()).enumerate()
    {
        if count >= MOST_FIELDS {
            let text = message::error_form_many_fields();
            return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, text));
        }
        let mut halves = pair.splitn(2, |byte| *byte == b'=');
        let mut decode = || {
            let half = halves.next().unwrap_or_default();
            let spaces: Vec<u8> =
                half.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
            let text = percent_decode(&spaces).decode_utf8().ok()?.into_owned();
            (!text.contains('\0')).then_some(text)
        };
        let (Some(name), Some(value)) = (decode(), decode()) else {
            return Err(Problem::new(StatusCode::BAD_REQUEST, message::error_form_not_text()));
        };
        if fields.insert(name, value).is_some() {
            let text = message::error_form_field_twice();
            return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, text));
        }
    }
    Ok(fields)
}

#[cfg(test)]
mod tests {
    use axum::response::IntoResponse;

    use super::*;
    use proptest::prelude::*;

    fn status(body: &[u8]) -> StatusCode {
        match parse(body) {
            Ok(_) => StatusCode::OK,
            Err(problem) => problem.into_response().status(),
        }
    }

    #[test]
    fn fields_are_decoded_once() {
        let fields = parse(b"a=1+2&b=%2541&c=%C3%A4&d&e==&&f=x%26y").unwrap();
        let expected =
            [("a", "1 2"), ("b", "%41"), ("c", "ä"), ("d", ""), ("e", "="), ("f", "x&y")];
        assert!(fields.iter().map(|(k, v)| (k.as_str(), v.as_str())).eq(expected));
    }

    #[test]
    fn ambiguous_forms_are_refused() {
        assert_eq!(status(b"a=%ff"), StatusCode::BAD_REQUEST);
        assert_eq!(status(b"a=\xff"), StatusCode::BAD_REQUEST);
        assert_eq!(status(b"%ff=a"), StatusCode::BAD_REQUEST);
        assert_eq!(status(b"a=%C3"), StatusCode::BAD_REQUEST);
        assert_eq!(status(b"a=%00"), StatusCode::BAD_REQUEST);
        assert_eq!(status(b"a=\0"), StatusCode::BAD_REQUEST);
        assert_eq!(status(b"a=1&a=1"), StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(status(b"a=1&%61=2"), StatusCode::UNPROCESSABLE_ENTITY);
        let many = |count| (0..count).map(|n| format!("f{n}=x")).collect::<Vec<_>>().join("&");
        assert_eq!(status(many(64).as_bytes()), StatusCode::OK);
        assert_eq!(status(many(65).as_bytes()), StatusCode::PAYLOAD_TOO_LARGE);
    }

    #[test]
    fn requests_from_other_sites_are_detected() {
        let origin = "https://login.example.org";
        for (headers, cross) in [
            (&[][..], false),
            (&[("sec-fetch-site", "same-origin")], false),
            (&[("sec-fetch-site", "none")], false),
            (&[("sec-fetch-site", "same-site")], true),
            (&[("sec-fetch-site", "cross-site")], true),
            (&[("sec-fetch-site", "same-origin"), ("origin", "null")], false),
            (&[("sec-fetch-site", "cross-site"), ("origin", "https://login.example.org")], true),
            (&[("origin", "https://login.example.org")], false),
            (&[("origin", "null")], false),
            (&[("origin", "https://evil.example")], true),
            (&[("origin", "http://login.example.org")], true),
            (&[("origin", "https://login.example.org.evil.example")], true),
        ] {
            let mut map = HeaderMap::new();
            for (name, value) in headers {
                map.insert(*name, value.parse().unwrap());
            }
            assert_eq!(is_cross_site(&map, origin), cross, "{headers:?}");
        }
    }

    proptest! {
        #[test]
        fn encoded_fields_are_decoded_unchanged(pairs in prop::collection::btree_map("[^\0]{0,20}", "[^\0]{0,40}", 0..20)) {
            let body: String = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&pairs).finish();
            prop_assert_eq!(parse(body.as_bytes()).unwrap(), pairs);
        }
    }
}
