//! Cookies at guarded hosts: the gate's two, and those of the app.

use axum::http::header::COOKIE;
use axum::http::{HeaderMap, HeaderValue};
use cookie::time::Duration;
use cookie::{Cookie, SameSite};

use crate::clock::Timestamp;
use crate::domain::gate::origin::GateOrigin;
use crate::domain::gate::ticket::Nonce;
use crate::services::gate::GateKey;
use crate::web::http::cookies::{is_doubled, single};

/// The start of the names of all our cookies, after an optional prefix.
const FAMILY: &[u8] = b"authflow-";
const PREFIXES: [&[u8]; 2] = [b"__host-", b"__secure-"];
/// How long a user may take to sign in.
const NONCE_LIFETIME: Duration = Duration::DAY;

/// The gate's cookies at a guarded host.
#[derive(Clone, Copy, Debug)]
enum Name {
    Token,
    Nonce,
}

impl Name {
    /// The full name. Over HTTPS it has the prefix that stops other hosts of the domain from setting the cookie (RFC 6265bis, section
    /// 4.1.3.2).
    fn full(self, origin: &GateOrigin) -> &'static str {
        match (self, origin.is_https()) {
            (Self::Token, true) => "__Host-authflow-gate",
            (Self::Token, false) => "authflow-gate",
            (Self::Nonce, true) => "__Host-authflow-gate-nonce",
            (Self::Nonce, false) => "authflow-gate-nonce",
        }
    }
}

/// The gate token in the request's cookies.
#[must_use]
pub fn token<'a>(headers: &'a HeaderMap, origin: &GateOrigin) -> Option<&'a str> {
    get(headers, Name::Token, origin)
}

/// The nonce in the request's cookies.
#[must_use]
pub fn nonce(headers: &HeaderMap, origin: &GateOrigin) -> Option<Nonce> {
    get(headers, Name::Nonce, origin).and_then(Nonce::parse)
}

/// The name of the first gate cookie that the browser sent twice. Such a cookie counts as absent.
#[must_use]
pub fn doubled(headers: &HeaderMap, origin: &GateOrigin) -> Option<&'static str> {
    let names = [Name::Token, Name::Nonce].map(|name| name.full(origin));
    names.into_iter().find(|name| is_doubled(headers, name))
}

/// The name of the gate token's cookie, if the browser sent it twice.
#[must_use]
pub fn doubled_token(headers: &HeaderMap, origin: &GateOrigin) -> Option<&'static str> {
    Some(Name::Token.full(origin)).filter(|name| is_doubled(headers, name))
}

fn get<'a>(headers: &'a HeaderMap, name: Name, origin: &GateOrigin) -> Option<&'a str> {
    single(headers, name.full(origin))
}

/// `Set-Cookie` for the nonce. Every redirect sends it, which extends its lifetime.
#[must_use]
pub fn set_nonce(origin: &GateOrigin, nonce: &Nonce) -> String {
    put(origin, Name::Nonce, nonce.reveal().reveal(), Some(NONCE_LIFETIME))
}

/// `Set-Cookie` for the gate token.
#[must_use]
pub fn set_token(origin: &GateOrigin, key: &GateKey, now: Timestamp) -> String {
    let left = Duration::seconds(key.expires_at.0.saturating_sub(now.0).max(0));
    put(origin, Name::Token, key.token.reveal(), key.remember.then_some(left))
}

fn put(origin: &GateOrigin, name: Name, value: &str, age: Option<Duration>) -> String {
    let mut cookie = Cookie::build((name.full(origin), value))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(origin.is_https());
    if let Some(age) = age {
        cookie = cookie.max_age(age);
    }
    cookie.build().to_string()
}

/// The value of `Cookie` without our own cookies. `None` if nothing remains.
#[must_use]
pub fn of_application(headers: &HeaderMap) -> Option<HeaderValue> {
    let values = headers.get_all(COOKIE).iter();
    let all = values.flat_map(|header| header.as_bytes().split(|byte| *byte == b';'));
    let theirs = all.map(<[u8]>::trim_ascii).filter(|pair| !pair.is_empty() && !is_ours(pair));
    let rest = theirs.collect::<Vec<_>>().join(b"; ".as_slice());
    if rest.is_empty() { None } else { HeaderValue::from_bytes(&rest).ok() }
}

fn is_ours(pair: &[u8]) -> bool {
    let name = pair.to_ascii_lowercase();
    let bare = PREFIXES.iter().find_map(|prefix| name.strip_prefix(*prefix)).unwrap_or(&name);
    bare.starts_with(FAMILY)
}

#[cfg(test)]
mod tests {
    use super::*;
    use url::Url;

    fn headers(cookies: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in cookies {
            headers.append(COOKIE, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        headers
    }

    #[test]
    fn the_app_gets_only_its_own_cookies() {
        for (sent, left) in [
            (&[][..], None),
            (&["a=b; c=d"], Some("a=b; c=d")),
            (&["__Host-authflow-gate=x"], None),
            (
                &["a=b; __Host-authflow-gate=x; c=d;  __Host-authflow-gate-nonce=y"],
                Some("a=b; c=d"),
            ),
            (
                &[
                    "authflow-refresh=x; authflow-gate=y; authflow-csrf=z;authflow-session=;authflow-device",
                ],
                None,
            ),
            (&["__Secure-authflow-refresh=x;a=b"], Some("a=b")),
            (&["__host-AUTHFLOW-gate=x; a"], Some("a")),
            (&["a=b", "authflow-gate=x", "c=d"], Some("a=b; c=d")),
            (
                &["myauthflow-gate=1; x=authflow-gate=2"],
                Some("myauthflow-gate=1; x=authflow-gate=2"),
            ),
            (&["a=\"b; authflow-gate=x; c\""], Some("a=\"b; c\"")),
            (&["ä=ö; ; =; authflow-gate=x"], Some("ä=ö; =")),
        ] {
            let rest = of_application(&headers(sent));
            let rest = rest.as_ref().map(HeaderValue::as_bytes);
            assert_eq!(rest, left.map(str::as_bytes), "{sent:?}");
        }
    }

    #[test]
    fn names_depend_on_the_scheme() {
        let origin = |text: &str| GateOrigin::of(&Url::parse(text).unwrap()).unwrap();
        let (https, http) = (origin("https://app.example.org"), origin("http://app.localhost:81"));
        let sent = headers(&["authflow-gate=plain; __Host-authflow-gate=prefixed"]);
        assert_eq!(token(&sent, &https), Some("prefixed"));
        assert_eq!(token(&sent, &http), Some("plain"));
        // Without the prefix, a sibling domain can set a cookie of the same name.
        let twice = headers(&["authflow-gate=one; a=b", "authflow-gate=two"]);
        assert_eq!((token(&twice, &http), doubled(&twice, &http)), (None, Some("authflow-gate")));
        assert_eq!((doubled(&sent, &http), doubled(&sent, &https)), (None, None));
        let nonce = Nonce::random();
        let [secure, plain] = [&https, &http].map(|origin| set_nonce(origin, &nonce));
        assert!(secure.starts_with("__Host-authflow-gate-nonce=") && secure.contains("Secure"));
        assert!(plain.starts_with("authflow-gate-nonce=") && !plain.contains("Secure"));
        for cookie in [secure, plain] {
            for part in ["; HttpOnly", "; SameSite=Lax", "; Path=/", "; Max-Age=86400"] {
                assert!(cookie.contains(part), "{cookie}");
            }
            assert!(!cookie.contains("Domain"), "{cookie}");
        }
    }
}
