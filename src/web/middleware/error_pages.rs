//! Renders error responses that have no page of their own: as a page in the site's layout, or as JSON for programs.

use std::any::Any;
use std::sync::Arc;

use askama::Template;
use askama_web::WebTemplate;
use axum::extract::{Request, State};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::app::App;
use crate::config::Config;
use crate::domain::addresses::{self, Address};
use crate::domain::gate::reserved::is_reserved;
use crate::i18n::localizer::Localizer;
use crate::i18n::message::{self, Message};
use crate::web::api::refusal::Refusal;
use crate::web::gate::answer;
use crate::web::gate::asked::Asked;
use crate::web::http::client::Client;
use crate::web::http::cookies::Cookies;
use crate::web::http::problem::{BUSY, Link, Problem, retry_after};
use crate::web::http::resend::Resend;
use crate::web::middleware::recognise;
use crate::web::pages::page::{Here, Page};
use crate::web::visitor::reader;
use crate::web::visitor::theme::Theme;

#[derive(Template, WebTemplate)]
#[template(path = "pages/error.html")]
struct View {
    page: Page,
    title: Message,
    text: Message,
    way_on: Link,
    resend: Option<Resend>,
    request_id: Option<String>,
}

/// Middleware: renders each [`Problem`] and axum's own error responses.
pub async fn render(
    State(app): State<App>,
    client: Client,
    request: Request,
    next: Next,
) -> Response {
    let wants_json = wants_json(&app.config, &request);
    let shows_page = client.is_navigation && !wants_json && !is_static(&app.config, &request);
    let headers = request.headers().clone();
    let base = app.config.public_url.base();
    let shown = shows_page
        .then(|| (Cookies::received(&app.config, &headers), Here::answered(request.uri(), base)));
    let mut response = next.run(request).await;
    let status = response.status();
    if !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let problem = match response.extensions_mut().remove::<Problem>() {
        Some(problem) => problem,
        None if is_bare(&response) => Problem::of_status(status),
        None => return response,
    };
    let mut page = if wants_json {
        Refusal::from(&problem).into_response()
    } else {
        let layout = match (response.extensions_mut().remove::<Page>(), shown) {
            (None, Some((cookies, here))) if may_be_unrecognised(status) => {
                recognise::page_of(&app, &headers, &cookies, &client, here).await
            }
            (page, _) => page,
        };
        let layout = layout.unwrap_or_else(|| {
            let t = response.extensions_mut().remove::<Localizer>();
            let t = t.unwrap_or_else(|| reader::of_headers(&app, &headers));
            let theme = Theme::of_browser(&Cookies::received(&app.config, &headers));
            Page::bare(&app.config, t, theme)
        });
        let request_id = problem.status.is_server_error().then_some(client.source.request_id);
        let resend = response.extensions_mut().remove::<Resend>();
        page(layout, problem, resend, request_id)
    };
    // Keep headers such as Set-Cookie, Allow and Connection.
    for (name, value) in response.headers() {
        if name != CONTENT_TYPE && name != CONTENT_LENGTH {
            page.headers_mut().append(name, value.clone());
        }
    }
    page
}

/// The response to every request until the database is ready: 503 with `Retry-After`.
#[must_use]
pub fn starting(config: &Arc<Config>, request: &Request) -> Response {
    let status = StatusCode::SERVICE_UNAVAILABLE;
    let text = match *request.method() {
        Method::POST => message::error_starting_form(),
        _ => message::error_starting(),
    };
    let problem = Problem { retry_after: Some(BUSY), ..Problem::new(status, text) }
        .titled(message::error_starting_title());
    if wants_json(config, request) {
        return Refusal::from(&problem).into_response();
    }
    let t = reader::before_start(config, request.headers());
    if is_for_guarded_host(config, request.uri().path()) {
        return answer::starting(config, t, Asked::is_navigation(request.headers()));
    }
    let theme = Theme::of_browser(&Cookies::received(config, request.headers()));
    page(Page::bare(config, t, theme), problem, None, None)
}

/// Whether the response may appear at a guarded host, which does not serve our stylesheet.
fn is_for_guarded_host(config: &Config, path: &str) -> bool {
    let inside = path.strip_prefix(config.public_url.base());
    let of_gate = [addresses::GATE_NGINX, addresses::GATE_FORWARD].map(Address::route);
    inside.is_some_and(|inside| of_gate.contains(&inside)) || is_reserved(path)
}

/// The response to a request whose handler panicked.
#[must_use]
#[expect(clippy::needless_pass_by_value, reason = "the layer's signature")]
pub fn panicked(panic: Box<dyn Any + Send + 'static>) -> Response {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("unknown");
    tracing::error!(panic = text, "a handler panicked");
    Problem::of_status(StatusCode::INTERNAL_SERVER_ERROR).into_response()
}

fn page(
    layout: Page,
    problem: Problem,
    resend: Option<Resend>,
    request_id: Option<String>,
) -> Response {
    let t = layout.t.clone();
    let way_on = problem.way_on.map_or_else(|| way_home(&layout), |it| *it);
    let view = View {
        title: problem.title.unwrap_or_else(|| title(problem.status)),
        page: layout,
        text: problem.text,
        way_on,
        resend,
        request_id,
    };
    let mut page = (problem.status, view).into_response();
    if let Some(wait) = problem.retry_after {
        retry_after(&mut page, wait);
    }
    reader::label(&mut page, &t);
    page
}

/// Where a page leads whose problem leads nowhere else.
fn way_home(page: &Page) -> Link {
    let (address, label) = if page.username.is_some() {
        (addresses::DASHBOARD, message::back_to_dashboard())
    } else {
        (addresses::HOME, message::error_home())
    };
    Link { href: page.config.public_url.path(address), label }
}

fn wants_json(config: &Config, request: &Request) -> bool {
    let path = request.uri().path().strip_prefix(config.public_url.base());
    let first = path.and_then(|path| path.strip_prefix('/')?.split('/').next());
    matches!(first, Some("api" | "health" | ".well-known"))
}

fn is_static(config: &Config, request: &Request) -> bool {
    let path = request.uri().path().strip_prefix(config.public_url.base());
    path.is_some_and(|path| path.starts_with(addresses::STATIC.start()))
}

/// Whether the response may be to a request that no middleware has recognised: at an unknown address, or with an unreadable query. Not 429: a
/// request over the rate limit costs no query.
fn may_be_unrecognised(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::BAD_REQUEST | StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED
    )
}

/// Whether the response has no page: axum's own error responses are empty or plain text.
fn is_bare(response: &Response) -> bool {
    response
        .headers()
        .get(CONTENT_TYPE)
        .is_none_or(|kind| kind.as_bytes().starts_with(b"text/plain"))
}

fn title(status: StatusCode) -> Message {
    match status {
        StatusCode::BAD_REQUEST => message::error_unreadable_title(),
        StatusCode::UNAUTHORIZED => message::error_signed_out_title(),
        StatusCode::FORBIDDEN => message::error_forbidden_title(),
        StatusCode::NOT_FOUND => message::error_not_found_title(),
        StatusCode::METHOD_NOT_ALLOWED => message::error_method_title(),
        StatusCode::REQUEST_TIMEOUT => message::error_slow_title(),
        StatusCode::GONE => message::error_gone_title(),
        StatusCode::PAYLOAD_TOO_LARGE => message::error_too_large_title(),
        StatusCode::URI_TOO_LONG => message::error_long_address_title(),
        StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => message::error_headers_title(),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => message::error_media_type_title(),
        StatusCode::UNPROCESSABLE_ENTITY => message::error_form_title(),
        StatusCode::TOO_MANY_REQUESTS => message::error_too_many_title(),
        StatusCode::SERVICE_UNAVAILABLE => message::error_unavailable_title(),
        _ => message::error_failed_title(),
    }
}
