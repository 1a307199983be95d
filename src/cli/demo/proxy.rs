//! A reverse proxy in miniature before the sample app. It does with each request what the configuration does that `authflow proxy caddy`
//! prints (`templates/proxy/Caddyfile`).

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONNECTION, CONTENT_LENGTH, COOKIE, EXPECT, HOST, TE, TRAILER,
    TRANSFER_ENCODING, UPGRADE,
};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::response::{Html, IntoResponse, Redirect, Response};
use reqwest::{Client, redirect};

use super::error::DemoError;
use super::sample_app::{self, Links};
use super::settings::ROLE;
use crate::config::Config;
use crate::domain::addresses;
use crate::domain::gate::reserved::TICKET_PATH;
use crate::error::Error;
use crate::web::gate::identity;

/// The paths that belong to the gate.
const RESERVED: &str = "/.authflow/";
const TIMEOUT: Duration = Duration::from_secs(30);
/// Headers about one connection. Bodies are not passed on: neither the gate nor the sample app reads them.
const OF_CONNECTION: [HeaderName; 8] = [
    CONNECTION,
    CONTENT_LENGTH,
    EXPECT,
    HeaderName::from_static("keep-alive"),
    TE,
    TRAILER,
    TRANSFER_ENCODING,
    UPGRADE,
];

/// The proxy and the app behind it.
pub struct DemoProxy {
    client: Client,
    /// Where authflow listens.
    authflow: String,
    /// The origin of the app, and its host with the port.
    origin: String,
    host: String,
    links: Links,
}

impl DemoProxy {
    pub fn new(config: &Config) -> Result<Self, DemoError> {
        // The environment may name a proxy. A connection of its own for each request: none is closed while it is used again.
        let client = Client::builder()
            .redirect(redirect::Policy::none())
            .no_proxy()
            .pool_max_idle_per_host(0)
            .timeout(TIMEOUT)
            .build()
            .map_err(|error| {
                Error::Io("preparing requests".into(), std::io::Error::other(error))
            })?;
        let app = config.guarded_apps.first().map(|it| it.origin.to_string()).unwrap_or_default();
        Ok(Self {
            client,
            authflow: format!("http://{}", config.listen),
            host: app.split("://").last().unwrap_or_default().to_owned(),
            origin: app,
            links: Links {
                account: config.public_url.link(addresses::DASHBOARD),
                sign_out: config.public_url.link(addresses::SIGN_OUT),
            },
        })
    }

    pub fn into_router(self) -> Router {
        Router::new().fallback(answer).with_state(Arc::new(self))
    }

    fn is_own_host(&self, headers: &HeaderMap) -> bool {
        let host = headers.get(HOST);
        host.is_some_and(|it| it.as_bytes().eq_ignore_ascii_case(self.host.as_bytes()))
    }

    /// Sends the request to authflow. The addresses in it are those of the browser's request.
    async fn ask(
        &self,
        method: Method,
        path: &str,
        headers: HeaderMap,
    ) -> reqwest::Result<Response> {
        let url = format!("{}{path}", self.authflow);
        let answer = self.client.request(method, url).headers(headers).send().await?;
        let (status, mut headers) = (answer.status(), answer.headers().clone());
        let mut response = Response::new(Body::from(answer.bytes().await?));
        for name in &OF_CONNECTION {
            headers.remove(name);
        }
        *response.status_mut() = status;
        *response.headers_mut() = headers;
        Ok(response)
    }
}

async fn answer(
    State(proxy): State<Arc<DemoProxy>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response {
    let (parts, _) = request.into_parts();
    // The browser knows this machine by another name, such as 127.0.0.1.
    if !proxy.is_own_host(&parts.headers) {
        return Redirect::to(&proxy.origin).into_response();
    }
    let answered = if parts.uri.path().starts_with(RESERVED) {
        of_gate(&proxy, &parts, peer).await
    } else {
        of_app(&proxy, &parts, peer).await
    };
    answered.unwrap_or_else(|error| {
        tracing::warn!(%error, "the sample app's proxy could not reach authflow");
        (StatusCode::SERVICE_UNAVAILABLE, "authflow cannot be reached. Try again.\n")
            .into_response()
    })
}

/// A request to a path of the gate. Only the one for tickets goes to authflow, and only in this spelling.
async fn of_gate(proxy: &DemoProxy, parts: &Parts, peer: SocketAddr) -> reqwest::Result<Response> {
    if parts.uri.path() != TICKET_PATH {
        return Ok((StatusCode::NOT_FOUND, "This page does not exist.\n").into_response());
    }
    let headers = told(proxy, parts, peer);
    proxy.ask(parts.method.clone(), address(parts), headers).await
}

/// A request to the app. It reaches the app only if the gate allows it; otherwise the client gets the gate's response.
async fn of_app(proxy: &DemoProxy, parts: &Parts, peer: SocketAddr) -> reqwest::Result<Response> {
    let mut headers = told(proxy, parts, peer);
    headers.insert("x-forwarded-method", value(parts.method.as_str()));
    headers.insert("x-forwarded-uri", value(address(parts)));
    let gate = format!("{}?role={ROLE}", addresses::GATE_FORWARD.route());
    let answer = proxy.ask(Method::GET, &gate, headers).await?;
    if !answer.status().is_success() {
        return Ok(answer);
    }
    let headers = for_app(parts.headers.clone(), answer.headers());
    let page = sample_app::page(&parts.method, address(parts), &headers, &proxy.links);
    Ok(match page {
        Ok(page) => ([(CACHE_CONTROL, "no-store")], Html(page)).into_response(),
        Err(error) => {
            tracing::error!(%error, "could not render the page of the sample app");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    })
}

/// The headers of the client's request, with what a proxy tells authflow about it.
fn told(proxy: &DemoProxy, parts: &Parts, peer: SocketAddr) -> HeaderMap {
    let mut headers = without_claims(parts.headers.clone());
    headers.insert("x-forwarded-proto", HeaderValue::from_static("http"));
    headers.insert("x-forwarded-host", value(&proxy.host));
    headers.insert("x-forwarded-for", value(&peer.ip().to_string()));
    headers
}

/// The headers that the app gets: the client's own, but the identity and the cookies that the gate has left.
fn for_app(client: HeaderMap, gate: &HeaderMap) -> HeaderMap {
    let mut headers = without_claims(client);
    headers.remove(COOKIE);
    for name in identity::HEADERS.into_iter().chain([COOKIE.as_str()]) {
        if let Some(value) = gate.get(name) {
            headers.insert(HeaderName::from_static(name), value.clone());
        }
    }
    headers
}

/// Removes what a client could claim about its user, in any spelling that an app may take for an identity header. Only the gate says who
/// the user is.
fn without_claims(mut headers: HeaderMap) -> HeaderMap {
    let is_claim = |name: &HeaderName| {
        let name = name.as_str().replace(|c: char| !c.is_ascii_alphanumeric(), "-");
        identity::HEADERS.contains(&&*name) || name == identity::TOKEN
    };
    let claims: Vec<HeaderName> = headers.keys().filter(|it| is_claim(it)).cloned().collect();
    for name in claims.iter().chain(&OF_CONNECTION) {
        headers.remove(name);
    }
    headers
}

/// The path and the query as the client sent them.
fn address(parts: &Parts) -> &str {
    parts.uri.path_and_query().map_or("/", |it| it.as_str())
}

/// A header's value. The text comes from a parsed request, which has no control characters.
fn value(text: &str) -> HeaderValue {
    HeaderValue::from_bytes(text.as_bytes()).unwrap_or_else(|_| HeaderValue::from_static("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let pairs = pairs.iter().map(|(name, value)| {
            (HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_static(value))
        });
        pairs.collect()
    }

    #[test]
    fn the_app_gets_the_identity_from_the_gate_alone() {
        let client = headers(&[
            ("remote-user", "root"),
            ("remote_id", "root"),
            ("remote.groups", "root"),
            ("remote-token", "root"),
            ("remote-address", "192.0.2.7"),
            ("accept", "text/html"),
            ("connection", "remote-user"),
            ("upgrade", "h2c"),
            ("cookie", "a=b; authflow-gate=secret"),
        ]);
        let gate = headers(&[("remote-user", "ada"), ("cookie", "a=b"), ("set-cookie", "c=d")]);
        let rest = [("remote-address", "192.0.2.7"), ("accept", "text/html")];
        let with_gate = [("remote-user", "ada"), ("cookie", "a=b")];
        let expected = headers(&[rest, with_gate].concat());
        assert_eq!(for_app(client.clone(), &gate), expected);
        assert_eq!(for_app(client, &HeaderMap::new()), headers(&rest));
    }
}
