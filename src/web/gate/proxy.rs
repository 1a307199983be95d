//! The kinds of proxies that request decisions from the gate.

use axum::http::StatusCode;

/// A kind of proxy. It determines which headers the proxy sends and how it treats the response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proxy {
    /// nginx with `auth_request`: understands only 2xx, 401 and 403, and drops their bodies.
    Nginx,
    /// Caddy's `forward_auth` and Traefik's `ForwardAuth`: forward every response except 2xx to the browser.
    Forward,
}

impl Proxy {
    /// The status that makes this proxy redirect the browser. Unless the method is safe (GET or HEAD), the browser must change it to GET.
    #[must_use]
    pub fn redirect(self, is_safe: bool) -> StatusCode {
        match self {
            // nginx turns a 3xx into a 500, so its configuration makes the redirect from a 401.
            Self::Nginx => StatusCode::UNAUTHORIZED,
            Self::Forward if is_safe => StatusCode::FOUND,
            Self::Forward => StatusCode::SEE_OTHER,
        }
    }
}
