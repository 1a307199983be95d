//! Forms: read strictly, proven to be ours, and drawn again with what was typed.

use std::collections::BTreeMap;
use std::fmt::Display;

use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::header::ORIGIN;
use axum::http::{HeaderMap, StatusCode};
use percent_encoding::percent_decode;
use serde::de::DeserializeOwned;
use serde::de::value::MapDeserializer;

use crate::app::App;
use crate::domain::two_factor::code::Code;
use crate::secret;
use crate::web::body::{self, Unread};
use crate::web::cookies::{Cookies, Name};
use crate::web::error::Problem;
use crate::web::resend::Sent;

const MOST_FIELDS: usize = 64;

/// A form as posted. A handler cannot get at the fields without saying what happens to a stale one.
#[derive(Clone, Debug)]
pub enum Form<T> {
    /// Sent from one of our pages in this browser.
    Genuine(T),
    /// Without a good token: draw it again, filled in.
    Stale(T),
}

impl<T: DeserializeOwned> FromRequest<App> for Form<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let (mut parts, body) = request.into_parts();
        let Ok(cookies) = Cookies::from_request_parts(&mut parts, app).await;
        if is_cross_site(&parts.headers, &app.config.public_url.origin()) {
            tracing::warn!("a form from another site was refused");
            let text = format!(
                "This form was sent from another site, or from another address than {}, so it was not accepted. \
                 Open the page there and send it again.",
                app.config.public_url
            );
            return Err(Problem::new(StatusCode::FORBIDDEN, text));
        }
        if !body::is(&parts.headers, "application/x-www-form-urlencoded") {
            return Err(Problem::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "This address takes forms (application/x-www-form-urlencoded) and nothing else.",
            ));
        }
        let bytes = body::read(&parts.headers, body).await.map_err(unread)?;
        let mut fields = parse(&bytes)?;
        let token = fields.remove("csrf_token").unwrap_or_default();
        let is_genuine = cookies.get(Name::Csrf).is_some_and(|cookie| {
            secret::decode(&token)
                .is_some_and(|tag| app.secrets.csrf.verify(cookie.as_bytes(), &tag))
        });
        if let Some(sent) = parts.extensions.get::<Sent>().filter(|_| is_genuine) {
            sent.keep(&fields, &token);
        }
        let fields = T::deserialize(MapDeserializer::new(fields.into_iter())).map_err(
            |_: serde::de::value::Error| unreadable("A field has a value that cannot be read."),
        )?;
        if is_genuine {
            Ok(Self::Genuine(fields))
        } else {
            tracing::warn!("a form without a good token was refused");
            Ok(Self::Stale(fields))
        }
    }
}

/// The token for this browser's forms: an HMAC over a random cookie, so that nothing is stored. The cookie is set where the
/// browser has none, and stays through sign-in and sign-out, so that forms in other tabs go on working.
#[must_use]
pub fn csrf_token(app: &App, cookies: &Cookies) -> String {
    let known = cookies
        .get(Name::Csrf)
        .filter(|value| secret::decode(value).is_some_and(|it| it.len() == 32));
    let value = known.unwrap_or_else(|| {
        let value = secret::encode(&secret::random::<32>());
        cookies.set(Name::Csrf, &value, None, app.clock.now());
        value
    });
    secret::encode(&app.secrets.csrf.tag(value.as_bytes()))
}

/// Whether the browser says that another site sent this: by Fetch Metadata, or by `Origin` where it has none. A sibling
/// subdomain counts as another site. `Origin: null` says nothing (our token pages send no referrer): the token decides.
fn is_cross_site(headers: &HeaderMap, origin: &str) -> bool {
    match headers.get("sec-fetch-site") {
        Some(site) => site != "same-origin" && site != "none",
        None => headers.get(ORIGIN).is_some_and(|sender| sender != origin && sender != "null"),
    }
}

fn unread(why: Unread) -> Problem {
    match why {
        Unread::TooLarge => {
            let text = "The form is larger than 64 KiB. Nothing has been changed.";
            Problem::new(StatusCode::PAYLOAD_TOO_LARGE, text)
        }
        Unread::TooSlow => {
            let text =
                "The form did not arrive in time. Please check your connection and send it again.";
            Problem::new(StatusCode::REQUEST_TIMEOUT, text)
        }
        Unread::BrokeOff => unreadable("The request broke off."),
    }
}

/// Takes the pairs apart, each decoded once (ASVS 1.1.1). Bytes that are not UTF-8, NUL, and a field that stands twice are
/// refused: what is checked must be what is used.
fn parse(bytes: &[u8]) -> Result<BTreeMap<String, String>, Problem> {
    let mut fields = BTreeMap::new();
    for (count, pair) in
        bytes.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()).enumerate()
    {
        if count >= MOST_FIELDS {
            return Err(Problem::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                "The form has more than 64 fields.",
            ));
        }
        let mut halves = pair.splitn(2, |byte| *byte == b'=');
        let mut decode = || {
            let half = halves.next().unwrap_or_default();
            let blanks: Vec<u8> =
                half.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
            let text = percent_decode(&blanks).decode_utf8().ok()?.into_owned();
            (!text.contains('\0')).then_some(text)
        };
        let (Some(name), Some(value)) = (decode(), decode()) else {
            return Err(unreadable(
                "The form contains characters that are not valid text (UTF-8).",
            ));
        };
        if fields.insert(name, value).is_some() {
            return Err(Problem::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "A field of the form was sent twice.",
            ));
        }
    }
    Ok(fields)
}

fn unreadable(text: &str) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, format!("{text} Nothing has been changed."))
}

/// The messages by the fields of a form, in their order.
#[derive(Clone, Debug, Default)]
pub struct Errors(Vec<(&'static str, String)>);

impl Errors {
    /// Takes the value, or notes by the field why there is none.
    pub fn check<T>(&mut self, field: &'static str, parsed: Result<T, impl Display>) -> Option<T> {
        parsed.map_err(|why| self.add(field, why.to_string())).ok()
    }

    /// Notes a message by a field.
    pub fn add(&mut self, field: &'static str, message: impl Into<String>) {
        self.0.push((field, message.into()));
    }

    /// The message by this field.
    #[must_use]
    pub fn on(&self, field: &str) -> Option<&str> {
        self.0.iter().find(|(name, _)| *name == field).map(|(_, message)| message.as_str())
    }

    /// All of them, for the summary.
    #[must_use]
    pub fn all(&self) -> &[(&'static str, String)] {
        &self.0
    }

    /// The same for good.
    #[must_use]
    pub fn into_all(self) -> Vec<(&'static str, String)> {
        self.0
    }

    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// What every form says of a code that opens nothing, for whatever reason.
#[must_use]
pub fn wrong_code(code: &Code) -> &'static str {
    match code {
        Code::Totp(_) => WRONG_CODE,
        Code::Recovery(_) => WRONG_RECOVERY_CODE,
    }
}

const WRONG_RECOVERY_CODE: &str = "This recovery code does not work. Check it for typing errors. Each works once: if you have used this one, \
                                   take another.";
const WRONG_CODE: &str = "This code does not work. Each code works once and only for a short time: wait for the next one. If none works, \
                              check that the clock of your device is right.";

/// The value of a field that must be typed twice.
pub fn check_repeated(errors: &mut Errors, password: &str, confirm_password: &str) {
    if errors.on("password").is_some() || password == confirm_password {
        return;
    }
    let why = if confirm_password.is_empty() {
        "Type the password a second time."
    } else {
        "The two passwords are not the same."
    };
    errors.add("confirm_password", why);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn status(body: &[u8]) -> StatusCode {
        use axum::response::IntoResponse;
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
    fn what_could_be_read_in_two_ways_is_refused() {
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
    fn other_sites_are_told_from_our_own() {
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
        fn what_browsers_encode_comes_back(pairs in prop::collection::btree_map("[^\0]{0,20}", "[^\0]{0,40}", 0..20)) {
            let body: String = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&pairs).finish();
            prop_assert_eq!(parse(body.as_bytes()).unwrap(), pairs);
        }
    }
}
