//! Errors as pages: every refusal that has no page of its own is drawn here, in the site's layout, or in JSON for machines.

use std::any::Any;
use std::time::Duration;

use askama::Template;
use askama_web::WebTemplate;
use axum::extract::{Request, State};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::app::App;
use crate::clock::in_words;
use crate::config::Config;
use crate::error::Error;
use crate::web::api::{self, refusal::Refusal};
use crate::web::client::Client;
use crate::web::page::Page;
use crate::web::resend::Resend;

/// How long to wait before trying again what failed for a passing reason.
pub const BUSY: Duration = Duration::from_secs(5);

/// A refusal on its way to its page.
#[derive(Clone, Debug)]
pub struct Problem {
    status: StatusCode,
    text: String,
    retry_after: Option<Duration>,
    way_on: Option<Link>,
}

/// Where to go from a page.
#[derive(Clone, Debug)]
pub struct Link {
    /// The address, from the host's root.
    pub href: String,
    /// What it says.
    pub label: &'static str,
}

impl Problem {
    /// A page with this status that says `text`.
    #[must_use]
    pub fn new(status: StatusCode, text: impl Into<String>) -> Self {
        Self { status, text: text.into(), retry_after: None, way_on: None }
    }

    /// 404.
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "There is no page at this address. If you typed it, check for typing errors.",
        )
    }

    /// 429, and when to come back.
    #[must_use]
    pub fn too_many(wait: Duration) -> Self {
        let text =
            format!("There were too many attempts. Please wait {} and try again.", pleasant(wait));
        Self { retry_after: Some(wait), ..Self::new(StatusCode::TOO_MANY_REQUESTS, text) }
    }

    /// The answer's status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// When to come back, if that would help.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }

    /// The same, with a link that leads on.
    #[must_use]
    pub fn with_way_on(self, href: String, label: &'static str) -> Self {
        Self { way_on: Some(Link { href, label }), ..self }
    }

    /// The page for a status that something other than our handlers gave.
    fn of_status(status: StatusCode) -> Self {
        match status {
            StatusCode::NOT_FOUND => Self::not_found(),
            StatusCode::METHOD_NOT_ALLOWED => {
                Self::new(status, "This page cannot be opened that way.")
            }
            StatusCode::BAD_REQUEST => Self::new(status, "The request could not be read."),
            _ if status.is_server_error() => {
                Self::new(status, "Something went wrong on our side. Please try again.")
            }
            _ => Self::new(status, "The request was refused."),
        }
    }
}

impl IntoResponse for Problem {
    /// Only carries it: [`draw`] makes the page.
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        trouble(&self).into_response()
    }
}

/// Logs what nobody can mend, and gives the page that the visitor sees: never the cause.
pub fn trouble(error: &Error) -> Problem {
    if error.is_passing() {
        tracing::warn!(%error, "unavailable");
        let text =
            "We cannot answer this right now. Nothing was lost: please try again in a few seconds.";
        Problem { retry_after: Some(BUSY), ..Problem::new(StatusCode::SERVICE_UNAVAILABLE, text) }
    } else {
        tracing::error!(error = ?error, "failed");
        Problem::of_status(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

/// A form drawn again because of trouble on our side: its status and, if it will pass, when to come back.
pub fn trouble_with_form<V: IntoResponse>(
    error: &Error,
    view: impl FnOnce(String) -> V,
) -> Response {
    let problem = trouble(error);
    let mut response = (problem.status, view(problem.text)).into_response();
    if let Some(wait) = problem.retry_after {
        retry_after(&mut response, wait);
    }
    response
}

/// A form drawn again because of too many attempts at `what`: 429, and when to come back.
pub fn too_many_with_form<V: IntoResponse>(
    what: &str,
    wait: Duration,
    view: impl FnOnce(String) -> V,
) -> Response {
    let text = too_many(what, wait);
    let mut response = (StatusCode::TOO_MANY_REQUESTS, view(text)).into_response();
    retry_after(&mut response, wait);
    response
}

/// What a page says after too many attempts at `what`.
#[must_use]
pub fn too_many(what: &str, wait: Duration) -> String {
    format!("There were too many {what}. Please wait {} and try again.", pleasant(wait))
}

/// Tells machines when to come back.
pub fn retry_after(response: &mut Response, wait: Duration) {
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(wait.as_secs().max(1)));
}

/// A pause in words that people use: whole minutes once it is longer than one and a half.
#[must_use]
fn pleasant(wait: Duration) -> String {
    let seconds = wait.as_secs().max(1);
    let rounded = if seconds > 90 { seconds.div_ceil(60) * 60 } else { seconds };
    in_words(Duration::from_secs(rounded))
}

/// What a handler that panics leaves behind.
#[must_use]
#[expect(clippy::needless_pass_by_value, reason = "the layer's signature")]
pub fn panicked(panic: Box<dyn Any + Send + 'static>) -> Response {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("unknown");
    tracing::error!(panic = text, "a handler panicked");
    Problem::of_status(StatusCode::INTERNAL_SERVER_ERROR).into_response()
}

#[derive(Template, WebTemplate)]
#[template(path = "pages/error.html")]
struct View {
    page: Page,
    title: &'static str,
    text: String,
    way_on: Option<Link>,
    resend: Option<Resend>,
    request_id: Option<String>,
}

/// Middleware: draws the page of every refusal that has none yet.
pub async fn draw(
    State(app): State<App>,
    client: Client,
    request: Request,
    next: Next,
) -> Response {
    let is_for_machines = is_for_machines(&app.config, &request);
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
    let mut page = if is_for_machines {
        Refusal::from(&problem).into_response()
    } else {
        let view = View {
            page: Page::bare(&app.config),
            title: title(problem.status),
            text: problem.text,
            way_on: problem.way_on,
            resend: response.extensions_mut().remove::<Resend>(),
            request_id: problem.status.is_server_error().then_some(client.source.request_id),
        };
        let mut page = (problem.status, view).into_response();
        if let Some(wait) = problem.retry_after {
            retry_after(&mut page, wait);
        }
        page
    };
    // What others have said about the answer still holds: cookies, Allow, Connection.
    for (name, value) in response.headers() {
        if name != CONTENT_TYPE && name != CONTENT_LENGTH {
            page.headers_mut().append(name, value.clone());
        }
    }
    page
}

fn is_for_machines(config: &Config, request: &Request) -> bool {
    let path = request.uri().path().strip_prefix(config.public_url.base());
    path.is_some_and(api::is_for_machines)
}

/// What every page says until the server has its database: 503, and when to come back.
#[must_use]
pub fn starting(config: &Config, request: &Request) -> Response {
    let status = StatusCode::SERVICE_UNAVAILABLE;
    if is_for_machines(config, request) {
        let problem = Problem { retry_after: Some(BUSY), ..Problem::of_status(status) };
        return Refusal::from(&problem).into_response();
    }
    let text = "The server has just been started and waits for its database. Please reload this page in a few seconds: what you sent \
                is sent again then.";
    let view = View {
        page: Page::bare(config),
        title: title(status),
        text: text.to_owned(),
        way_on: None,
        resend: None,
        request_id: None,
    };
    let mut page = (status, view).into_response();
    retry_after(&mut page, BUSY);
    page
}

/// Whether nobody has drawn anything: axum's own refusals are empty or plain text.
fn is_bare(response: &Response) -> bool {
    response
        .headers()
        .get(CONTENT_TYPE)
        .is_none_or(|kind| kind.as_bytes().starts_with(b"text/plain"))
}

fn title(status: StatusCode) -> &'static str {
    match status {
        StatusCode::BAD_REQUEST => "That request could not be read",
        StatusCode::UNAUTHORIZED => "You are signed out",
        StatusCode::FORBIDDEN => "Not allowed",
        StatusCode::NOT_FOUND => "Page not found",
        StatusCode::METHOD_NOT_ALLOWED => "That does not work here",
        StatusCode::REQUEST_TIMEOUT => "That took too long",
        StatusCode::CONFLICT => "That does not fit",
        StatusCode::GONE => "This link does not work any more",
        StatusCode::PAYLOAD_TOO_LARGE => "That is too much",
        StatusCode::UNSUPPORTED_MEDIA_TYPE => "That is not a form",
        StatusCode::UNPROCESSABLE_ENTITY => "That form is not valid",
        StatusCode::TOO_MANY_REQUESTS => "Please wait a moment",
        StatusCode::SERVICE_UNAVAILABLE => "We will be right back",
        _ => "Something went wrong",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_read_pleasantly() {
        for (seconds, words) in [
            (0, "1 second"),
            (1, "1 second"),
            (90, "90 seconds"),
            (91, "2 minutes"),
            (899, "15 minutes"),
            (3_600, "1 hour"),
        ] {
            assert_eq!(pleasant(Duration::from_secs(seconds)), words);
        }
    }
}
