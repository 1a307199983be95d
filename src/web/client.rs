//! The other side of a request: its address, what it calls itself, and whether a person is looking at a page.

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts, Request, State};
use axum::http::header::HOST;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method};
use axum::middleware::Next;
use axum::response::Response;
use ipnet::IpNet;
use uuid::Uuid;

use crate::app::App;
use crate::config::PublicUrl;
use crate::domain::source::Source;
use crate::secret;

/// What is known of the client before anything is looked up.
#[derive(Clone, Debug)]
pub struct Client {
    /// Where the request came from.
    pub source: Source,
    /// Whether the answer becomes a page that a person looks at: not a script, a prefetch or a HEAD.
    pub is_navigation: bool,
    /// Who is at the other end of the connection.
    pub peer: IpAddr,
    /// Whether that is a proxy that we trust.
    pub by_proxy: bool,
}

impl Client {
    /// Whether it sits on this machine and means this machine: its address is loopback, and so is the name that it used. (A
    /// page elsewhere can give its own name our address.)
    #[must_use]
    pub fn is_local(&self, headers: &HeaderMap) -> bool {
        self.source.address.is_loopback() && headers.get(HOST).is_some_and(is_loopback_name)
    }
}

impl<S: Sync> FromRequestParts<S> for Client {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get::<Self>().cloned().expect("`identify` stands before every route"))
    }
}

/// Middleware: finds out who is there, for everything behind it.
pub async fn identify(
    State(app): State<App>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    mut request: Request,
    next: Next,
) -> Response {
    let headers = request.headers();
    let address = client_address(peer.ip(), headers, &app.config.trusted_proxies);
    let user_agent = headers
        .get("user-agent")
        .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    let request_id = Uuid::from_bytes(secret::random()).simple().to_string();
    let client = Client {
        source: Source::new(address, &user_agent.unwrap_or_default(), request_id),
        is_navigation: is_navigation(request.method(), headers),
        peer: peer.ip().to_canonical(),
        by_proxy: is_within(peer.ip().to_canonical(), &app.config.trusted_proxies),
    };
    request.extensions_mut().insert(client);
    next.run(request).await
}

/// The peer; or, if that is a proxy we trust, the rightmost address in `X-Forwarded-For` that is none of those.
/// Anything in it that is no address ends the search: what stands left of it may be invented.
fn client_address(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let peer = peer.to_canonical();
    let is_trusted = |address: IpAddr| is_within(address, trusted);
    let mut client = peer;
    let forwarded = headers.get_all("x-forwarded-for").iter().collect::<Vec<_>>();
    let hops = forwarded.iter().rev().flat_map(|value| value.to_str().unwrap_or("?").rsplit(','));
    for hop in hops {
        if !is_trusted(client) {
            break;
        }
        let Some(address) = parse_hop(hop.trim()) else { break };
        client = address;
    }
    client
}

fn is_within(address: IpAddr, networks: &[IpNet]) -> bool {
    networks.iter().any(|network| network.contains(&address))
}

/// An address as proxies write it: bare, in brackets, or with a port.
fn parse_hop(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    let address =
        bare.parse().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|it| it.ip()))?;
    Some(IpAddr::to_canonical(&address))
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
    let early =
        is("sec-purpose", "prefetch") || is("purpose", "prefetch") || is("x-moz", "prefetch");
    let mode = headers.get("sec-fetch-mode");
    matches!(*method, Method::GET | Method::POST)
        && !early
        && mode.is_none_or(|mode| mode == "navigate")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(peer: &str, forwarded: &[&str], trusted: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append("x-forwarded-for", value.parse().unwrap());
        }
        let trusted: Vec<IpNet> = trusted.iter().map(|it| it.parse().unwrap()).collect();
        client_address(peer.parse().unwrap(), &headers, &trusted).to_string()
    }

    #[test]
    fn only_trusted_proxies_are_believed_and_from_the_right() {
        let proxies = ["127.0.0.0/8", "::1/128", "10.0.0.0/8"];
        for (peer, forwarded, client) in [
            ("192.0.2.1", &["198.51.100.7"][..], "192.0.2.1"),
            ("127.0.0.1", &[], "127.0.0.1"),
            ("127.0.0.1", &["198.51.100.7"], "198.51.100.7"),
            ("127.0.0.1", &["203.0.113.9, 198.51.100.7"], "198.51.100.7"),
            ("127.0.0.1", &["203.0.113.9, 198.51.100.7, 10.1.2.3"], "198.51.100.7"),
            ("127.0.0.1", &["203.0.113.9", "198.51.100.7"], "198.51.100.7"),
            ("127.0.0.1", &["10.0.0.1, 10.0.0.2"], "10.0.0.1"),
            ("127.0.0.1", &["203.0.113.9, nonsense"], "127.0.0.1"),
            ("127.0.0.1", &["203.0.113.9, nonsense, 10.0.0.2"], "10.0.0.2"),
            ("127.0.0.1", &["[2001:db8::7]:4711"], "2001:db8::7"),
            ("127.0.0.1", &["[2001:db8::7]"], "2001:db8::7"),
            ("127.0.0.1", &["198.51.100.7:4711"], "198.51.100.7"),
            ("::ffff:127.0.0.1", &["::ffff:198.51.100.7"], "198.51.100.7"),
            ("::1", &["198.51.100.7"], "198.51.100.7"),
        ] {
            assert_eq!(address(peer, forwarded, &proxies), client, "{peer} {forwarded:?}");
        }
        assert_eq!(address("127.0.0.1", &["198.51.100.7"], &[]), "127.0.0.1");
    }

    #[test]
    fn only_loopback_names_are_this_machine() {
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
    fn navigations_are_pages_that_people_look_at() {
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
