//! The client of a request: its IP address, its user agent, and whether it shows the response as a page.

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts, Request, State};
use axum::http::header::HOST;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method};
use axum::middleware::Next;
use axum::response::Response;
use uuid::Uuid;

use crate::app::App;
use crate::domain::proxy::is_within;
use crate::domain::public_url::PublicUrl;
use crate::domain::source::Source;
use crate::secret;

/// What is known about the client without a database query.
#[derive(Clone, Debug)]
pub struct Client {
    /// Where the request came from.
    pub source: Source,
    /// Whether the browser shows the response as a page. False for scripts, prefetches and HEAD.
    pub is_navigation: bool,
    /// The IP address of the connection: the client's or its proxy's.
    pub peer: IpAddr,
    /// Whether the peer is a proxy whose headers about the client are trusted (`TRUSTED_PROXIES`).
    pub is_proxy: bool,
    /// Whether the peer may ask the gate (`GATE_PROXIES`).
    pub may_ask_gate: bool,
}

impl Client {
    /// Whether the client runs on this machine. Both its address and the peer's must be loopback, because headers can forge only the
    /// first. The `Host` must be loopback too, because another site's name may resolve to our address (DNS rebinding).
    #[must_use]
    pub fn is_local(&self, headers: &HeaderMap) -> bool {
        self.peer.is_loopback()
            && self.source.address.is_loopback()
            && headers.get(HOST).is_some_and(is_loopback_name)
    }
}

impl<S: Sync> FromRequestParts<S> for Client {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts
            .extensions
            .get::<Self>()
            .cloned()
            .expect("the middleware `identify` runs before every route"))
    }
}

/// Middleware: adds the [`Client`] to the request.
pub async fn identify(
    State(app): State<App>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    mut request: Request,
    next: Next,
) -> Response {
    let headers = request.headers();
    let peer = peer.ip().to_canonical();
    let address = app.config.trusted_proxies.client(peer, &forwarded_for(headers));
    let user_agent = headers
        .get("user-agent")
        .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    let request_id = Uuid::from_bytes(secret::random()).simple().to_string();
    let client = Client {
        source: Source::new(address, &user_agent.unwrap_or_default(), request_id),
        is_navigation: is_navigation(request.method(), headers),
        peer,
        is_proxy: app.config.trusted_proxies.trusts(peer),
        may_ask_gate: is_within(peer, &app.config.gate_proxies),
    };
    request.extensions_mut().insert(client);
    next.run(request).await
}

/// The values of all `X-Forwarded-For` headers.
pub(super) fn forwarded_for(headers: &HeaderMap) -> Vec<String> {
    let values = headers.get_all("x-forwarded-for").iter();
    values.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()).collect()
}

fn is_loopback_name(host: &HeaderValue) -> bool {
    let url = host.to_str().ok().and_then(|host| PublicUrl::parse(&format!("http://{host}")).ok());
    url.is_some_and(|url| url.is_loopback())
}

fn is_navigation(method: &Method, headers: &HeaderMap) -> bool {
    let is = |name: &str, word: &str| {
        headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|value| value.contains(word))
    };
    let is_prefetch =
        is("sec-purpose", "prefetch") || is("purpose", "prefetch") || is("x-moz", "prefetch");
    let mode = headers.get("sec-fetch-mode");
    matches!(*method, Method::GET | Method::POST)
        && !is_prefetch
        && mode.is_none_or(|mode| mode == "navigate")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_does_not_make_a_client_local() {
        let headers = HeaderMap::from_iter([(HOST, HeaderValue::from_static("localhost:5000"))]);
        for (peer, address, local) in [
            ("127.0.0.1", "127.0.0.1", true),
            ("::1", "::1", true),
            ("127.0.0.1", "192.0.2.7", false),
            ("192.0.2.7", "127.0.0.1", false),
        ] {
            let client = Client {
                source: Source::new(address.parse().unwrap(), "", String::new()),
                is_navigation: true,
                peer: peer.parse().unwrap(),
                is_proxy: true,
                may_ask_gate: false,
            };
            assert_eq!(client.is_local(&headers), local, "{peer} {address}");
        }
    }

    #[test]
    fn only_loopback_names_count_as_local() {
        for (host, local) in [
            ("localhost:5000", true),
            ("127.0.0.1", true),
            ("[::1]:5000", true),
            ("evil.example:5000", false),
            ("localhost.evil.example", false),
            ("192.168.1.5:5000", false),
            ("x@localhost", false),
            ("", false),
        ] {
            assert_eq!(is_loopback_name(&host.parse().unwrap()), local, "{host}");
        }
    }

    #[test]
    fn scripts_prefetches_and_head_are_not_navigations() {
        for (method, headers, expected) in [
            (Method::GET, &[][..], true),
            (Method::POST, &[], true),
            (Method::HEAD, &[], false),
            (Method::OPTIONS, &[], false),
            (Method::GET, &[("sec-fetch-mode", "navigate")], true),
            (Method::HEAD, &[("sec-fetch-mode", "navigate")], false),
            (Method::GET, &[("sec-fetch-mode", "cors")], false),
            (Method::GET, &[("sec-fetch-mode", "no-cors")], false),
            (
                Method::GET,
                &[("sec-fetch-mode", "navigate"), ("sec-purpose", "prefetch;prerender")],
                false,
            ),
            (Method::GET, &[("purpose", "prefetch")], false),
            (Method::GET, &[("x-moz", "prefetch")], false),
        ] {
            let mut map = HeaderMap::new();
            for (name, value) in headers {
                map.insert(*name, value.parse().unwrap());
            }
            assert_eq!(is_navigation(&method, &map), expected, "{method} {headers:?}");
        }
    }
}
