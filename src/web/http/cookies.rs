//! The cookies of this host: those in the request, and those that the response sets.

use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{FromRequestParts, Request, State};
use axum::http::header::{CACHE_CONTROL, COOKIE, SET_COOKIE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use cookie::time::Duration;
use cookie::{Cookie, SameSite};

use crate::app::App;
use crate::clock::Timestamp;
use crate::config::Config;
use crate::domain::public_url::PublicUrl;
use crate::web::http::client::Client;

/// The cookies that this host sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Name {
    /// The refresh token of the session.
    Refresh,
    /// The signed id of the browser state.
    BrowserState,
    /// The random value that CSRF tokens are derived from.
    Csrf,
    /// The signed list of accounts that were used in this browser.
    Device,
    /// The language that was chosen in this browser.
    Language,
    /// The theme that was chosen in this browser.
    Theme,
}

/// Those that sign-in depends on.
const ESSENTIAL: [Name; 4] = [Name::Refresh, Name::BrowserState, Name::Csrf, Name::Device];

impl Name {
    /// The full name. Over HTTPS it has a prefix that makes browsers require `Secure` (RFC 6265bis, section 4.1.3). `__Host-` also
    /// limits the cookie to this host, but requires the path `/`.
    fn full(self, url: &PublicUrl) -> String {
        let prefix = match (url.is_https(), url.base().is_empty()) {
            (true, true) => "__Host-",
            (true, false) => "__Secure-",
            (false, _) => "",
        };
        let name = match self {
            Self::Refresh => "refresh",
            Self::BrowserState => "session",
            Self::Csrf => "csrf",
            Self::Device => "device",
            Self::Language => "language",
            Self::Theme => "theme",
        };
        format!("{prefix}authflow-{name}")
    }
}

/// A cookie that the response sets or, if its value is empty, deletes.
struct Outgoing {
    name: Name,
    value: String,
    header: String,
}

/// The cookies of one request and its response. Clones share them.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "holds credentials")]
pub struct Cookies {
    config: Arc<Config>,
    incoming: Arc<HeaderMap>,
    outgoing: Arc<Mutex<Vec<Outgoing>>>,
}

impl Cookies {
    /// The cookies of a request that [`carry`] has not seen. Those set here are not sent.
    #[must_use]
    pub fn received(config: &Arc<Config>, headers: &HeaderMap) -> Self {
        let cookies = headers.get_all(COOKIE).iter().map(|value| (COOKIE, value.clone()));
        let incoming = Arc::new(cookies.collect());
        Self { config: Arc::clone(config), incoming, outgoing: Arc::default() }
    }

    /// The value that the browser sent. A cookie that was sent twice counts as absent: without a prefix, a sibling domain or an app on
    /// this host can set a cookie of the same name, and there is no way to tell which one is ours.
    #[must_use]
    pub fn get(&self, name: Name) -> Option<String> {
        single(&self.incoming, &name.full(&self.config.public_url)).map(ToOwned::to_owned)
    }

    /// Every value that the browser sent, for a cookie that protects nothing.
    #[must_use]
    pub fn all(&self, name: Name) -> Vec<&str> {
        let name = name.full(&self.config.public_url);
        let all = pairs(&self.incoming).filter(|(own, _)| *own == name);
        all.map(|(_, value)| value).collect()
    }

    /// The full name of the first of our cookies that the browser sent twice.
    #[must_use]
    pub fn doubled(&self) -> Option<String> {
        let names = ESSENTIAL.into_iter().map(|name| name.full(&self.config.public_url));
        names.into_iter().find(|name| is_doubled(&self.incoming, name))
    }

    /// Sets a cookie that expires at `until` or, without it, when the browser closes. The value must be base64url and dots, because it is
    /// not escaped.
    pub fn set(&self, name: Name, value: &str, until: Option<Timestamp>, now: Timestamp) {
        let age = until.map(|until| Duration::seconds(until.0.saturating_sub(now.0).max(0)));
        self.put(name, value, age);
    }

    /// Deletes a cookie.
    pub fn clear(&self, name: Name) {
        self.put(name, "", Some(Duration::ZERO));
    }

    /// The value that the response sets so far; empty if it deletes the cookie.
    #[must_use]
    pub fn sent(&self, name: Name) -> Option<String> {
        let outgoing = self.outgoing.lock().unwrap_or_else(PoisonError::into_inner);
        outgoing.iter().find(|it| it.name == name).map(|it| it.value.clone())
    }

    fn put(&self, name: Name, value: &str, age: Option<Duration>) {
        let url = &self.config.public_url;
        let path = if url.base().is_empty() { "/" } else { url.base() };
        let mut cookie = Cookie::build((name.full(url), value))
            .path(path)
            .http_only(true)
            .same_site(SameSite::Lax)
            .secure(url.is_https());
        if let Some(age) = age {
            cookie = cookie.max_age(age);
        }
        let mut outgoing = self.outgoing.lock().unwrap_or_else(PoisonError::into_inner);
        outgoing.retain(|earlier| earlier.name != name);
        let (value, header) = (value.to_owned(), cookie.build().to_string());
        outgoing.push(Outgoing { name, value, header });
    }
}

/// The names and values of all cookies in a request. Cookies that are not UTF-8, which other apps may have set, are skipped.
pub fn pairs(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    let headers = headers.get_all(COOKIE).iter();
    let pairs = headers.flat_map(|header| header.as_bytes().split(|byte| *byte == b';'));
    pairs.filter_map(|pair| str::from_utf8(pair).ok()?.trim_matches([' ', '\t']).split_once('='))
}

/// The value of the cookie with this name. `None` if there are two.
#[must_use]
pub fn single<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut all = values(headers, name);
    let value = all.next().filter(|_| all.next().is_none());
    value.and_then(|value| str::from_utf8(value).ok())
}

/// Whether the browser sent two cookies with this name.
#[must_use]
pub fn is_doubled(headers: &HeaderMap, name: &str) -> bool {
    values(headers, name).nth(1).is_some()
}

/// The values of all cookies with this name, as bytes that may not be UTF-8.
fn values<'a>(headers: &'a HeaderMap, name: &str) -> impl Iterator<Item = &'a [u8]> {
    let headers = headers.get_all(COOKIE).iter();
    let pairs = headers.flat_map(|header| header.as_bytes().split(|byte| *byte == b';'));
    pairs
        .filter_map(move |pair| pair.trim_ascii().strip_prefix(name.as_bytes())?.strip_prefix(b"="))
}

impl<S: Sync> FromRequestParts<S> for Cookies {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts
            .extensions
            .get::<Self>()
            .cloned()
            .expect("the middleware `carry` runs before every page"))
    }
}

/// Middleware: adds [`Cookies`] to the request, and the cookies that a handler has set to the response. No cache may store a response
/// with cookies.
pub async fn carry(
    State(app): State<App>,
    client: Client,
    mut request: Request,
    next: Next,
) -> Response {
    let cookies = Cookies {
        config: app.config,
        incoming: Arc::new(request.headers().clone()),
        outgoing: Arc::default(),
    };
    if let Some(cookie) = cookies.doubled() {
        tracing::warn!(cookie, address = %client.source.address,
            "ignored a cookie that the browser sent twice: another site on this domain may have set one of them");
    }
    request.extensions_mut().insert(cookies.clone());
    let mut response = next.run(request).await;
    let outgoing =
        std::mem::take(&mut *cookies.outgoing.lock().unwrap_or_else(PoisonError::into_inner));
    for cookie in outgoing {
        if let Ok(value) = HeaderValue::from_str(&cookie.header) {
            response.headers_mut().append(SET_COOKIE, value);
            response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        }
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_that_was_sent_twice_counts_as_absent() {
        for (sent, value, doubled) in [
            (&[][..], None, false),
            (&["x=1"], Some("1"), false),
            (&["a=b; x=1; c=d"], Some("1"), false),
            (&["x=1; x=2"], None, true),
            (&["x=1; x=1"], None, true),
            (&["x=1", "x=2"], None, true),
            (&["a=b; x=1", "c=d;  x=2"], None, true),
            (&["x=; x=1"], None, true),
            (&["x=1; X=2; xx=3; y=x=4"], Some("1"), false),
            (&["x=1; x"], Some("1"), false),
            (&["x=1; x=\u{ff}"], None, true),
            (&["x=\u{ff}; x=1"], None, true),
        ] {
            let mut headers = HeaderMap::new();
            for line in sent {
                // Latin-1, in which ÿ is not valid UTF-8.
                let bytes: Vec<u8> = line.chars().map(|c| u8::try_from(c).unwrap()).collect();
                headers.append(COOKIE, HeaderValue::from_bytes(&bytes).unwrap());
            }
            assert_eq!(single(&headers, "x"), value, "{sent:?}");
            assert_eq!(is_doubled(&headers, "x"), doubled, "{sent:?}");
        }
    }
}
