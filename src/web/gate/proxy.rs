//! The kinds of proxies that request decisions from the gate.

use axum::http::StatusCode;

/// A kind of proxy: which headers it sends, and what it does with the response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proxy {
    /// nginx with `auth_request`: understands 2xx, 401 and 403 only, and drops their bodies.
    Nginx,
    /// Caddy's `forward_auth` and Traefik's `ForwardAuth`: pass on what is not 2xx.
    Forward,
}

impl Proxy {
    /// The status that makes this proxy redirect the browser. `is_safe`: the method is GET or HEAD; any other must become GET.
    #[must_use]
    pub fn redirect(self, is_safe: bool) -> StatusCode {
        match self {
            // nginx turns a 3xx into a 500: its configuration makes the redirect.
            Self::Nginx => StatusCode::UNAUTHORIZED,
            Self::Forward if is_safe => StatusCode::FOUND,
            Self::Forward => StatusCode::SEE_OTHER,
        }
    }
}
