//! The gate's responses, in a form that every kind of proxy can pass on.

use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, COOKIE, LOCATION, REFERRER_POLICY,
    RETRY_AFTER, SET_COOKIE, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::Response;

use crate::config::Config;
use crate::domain::addresses;
use crate::i18n::localizer::Localizer;
use crate::i18n::message::{self, Message};
use crate::looks::assets::Assets;
use crate::web::http::problem::Link;
use crate::web::visitor::reader;

/// The response header with the reason code, for programs and proxy logs.
const REASON: HeaderName = HeaderName::from_static("authflow-reason");

/// The reason code of a request without a ticket to the ticket URL. It shows `authflow doctor` that the proxy forwards this URL.
pub const NO_TICKET: &str = "no_ticket";

/// 200: the proxy may forward the request to the app. The handler adds the identity headers.
#[must_use]
pub fn allow(cookies_left: Option<HeaderValue>) -> Response {
    let mut response = Response::new(Body::empty());
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // Only Caddy can remove single cookies from a request. The other proxies replace the client's `Cookie` with this one.
    if let Some(cookies) = cookies_left {
        headers.insert(COOKIE, cookies);
    }
    response
}

/// Redirects the browser to an absolute URL.
#[must_use]
pub fn go(status: StatusCode, to: &str, cookie: Option<&str>, reason: &'static str) -> Response {
    let mut response = short(status, reason, "");
    let headers = response.headers_mut();
    if let Ok(to) = HeaderValue::from_str(to) {
        headers.insert(LOCATION, to);
    }
    if let Some(cookie) = cookie.and_then(|cookie| HeaderValue::from_str(cookie).ok()) {
        headers.insert(SET_COOKIE, cookie);
    }
    response
}

/// 401 without a redirect, for requests that are not page views: scripts, programs, WebSockets. The text is for programs, so it is English.
#[must_use]
pub fn challenge(reason: &'static str, text: &str) -> Response {
    short(StatusCode::UNAUTHORIZED, reason, text)
}

/// 503: the gate fails closed.
#[must_use]
pub fn unavailable(config: &Config, t: Localizer, is_navigation: bool) -> Response {
    let mut page = GatePage::new(config, t, message::error_unavailable_title());
    page.text.push(message::gate_unavailable());
    try_again(page, is_navigation, "unavailable")
}

/// 503 to every request until the database is ready.
#[must_use]
pub fn starting(config: &Config, t: Localizer, is_navigation: bool) -> Response {
    let mut page = GatePage::new(config, t, message::error_starting_title());
    page.text.push(message::gate_starting());
    try_again(page, is_navigation, "starting")
}

fn try_again(page: GatePage, is_navigation: bool, reason: &'static str) -> Response {
    let mut response = page.answer(is_navigation, StatusCode::SERVICE_UNAVAILABLE, reason);
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("5"));
    response
}

/// A plain text response that no cache may store.
#[must_use]
pub fn short(status: StatusCode, reason: &'static str, text: &str) -> Response {
    let mut response = Response::new(Body::from(text.to_owned()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    let fixed = [
        (CONTENT_TYPE, "text/plain; charset=utf-8"),
        (CACHE_CONTROL, "no-store"),
        (REFERRER_POLICY, "no-referrer"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REASON, reason),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// A page at the guarded host. It embeds its stylesheet, because that host serves none of our static files.
#[derive(Template)]
#[template(path = "pages/gate.html")]
#[expect(missing_debug_implementations, reason = "a page")]
pub struct GatePage {
    t: Localizer,
    site_name: String,
    login: String,
    assets: Arc<Assets>,
    /// The heading.
    pub title: Message,
    /// What happened, one paragraph each.
    pub text: Vec<Message>,
    /// Possible causes, one list item each.
    pub causes: Vec<Message>,
    /// Links to continue with.
    pub links: Vec<Link>,
    /// The id that the administrator can find in the log.
    pub request_id: Option<String>,
}

/// The policy of a page with the style that has this hash.
fn policy(hash: &str) -> Option<HeaderValue> {
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{hash}'; img-src data:; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
    );
    HeaderValue::from_str(&policy).ok()
}

impl GatePage {
    /// A page with only a heading.
    #[must_use]
    pub fn new(config: &Config, t: Localizer, title: Message) -> Self {
        Self {
            t,
            site_name: config.site_name.clone(),
            login: config.public_url.link(addresses::HOME),
            assets: Arc::clone(&config.assets),
            title,
            text: Vec::new(),
            causes: Vec::new(),
            links: Vec::new(),
            request_id: None,
        }
    }

    /// The page with this status. If the request is not a page view, the response is only the first paragraph, in English and as plain text.
    #[must_use]
    pub fn answer(self, is_navigation: bool, status: StatusCode, reason: &'static str) -> Response {
        let text = self.text.first().map(|it| format!("{}\n", it.english())).unwrap_or_default();
        let mut response = short(status, reason, &text);
        if !is_navigation {
            return response;
        }
        match self.render() {
            Ok(page) => *response.body_mut() = Body::from(page),
            Err(error) => {
                tracing::error!(%error, "could not render a page of the gate");
                return response;
            }
        }
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
        if let Some(policy) = policy(&self.assets.gate_style_hash) {
            headers.insert(CONTENT_SECURITY_POLICY, policy);
        }
        headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
        reader::label(&mut response, &self.t);
        response
    }
}
