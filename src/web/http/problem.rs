//! An error response that has no page of its own. It is stored in the response's extensions; `web::middleware::error_pages` renders it.

use std::time::Duration;

use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::error::Error;
use crate::i18n::message::{self, Argument, Message, ToArgument};

/// `Retry-After` for temporary errors.
pub const BUSY: Duration = Duration::from_secs(5);

/// The content of an error page.
#[derive(Clone, Debug)]
pub struct Problem {
    /// The status of the response.
    pub status: StatusCode,
    /// The heading, if it is not that of the status.
    pub title: Option<Message>,
    /// What happened, for the visitor.
    pub text: Message,
    /// When to try again, if trying again helps.
    pub retry_after: Option<Duration>,
    /// A link to continue with.
    pub way_on: Option<Box<Link>>,
}

/// A link on a page.
#[derive(Clone, Debug)]
pub struct Link {
    /// The URL: absolute, or a path with the path of `PUBLIC_URL`.
    pub href: String,
    /// Its text.
    pub label: Message,
}

impl Problem {
    /// An error page with this status and text.
    #[must_use]
    pub fn new(status: StatusCode, text: Message) -> Self {
        Self { status, title: None, text, retry_after: None, way_on: None }
    }

    /// 404.
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, message::error_not_found())
    }

    /// 422: a value that our forms do not send.
    #[must_use]
    pub fn invalid(text: Message) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, text)
    }

    /// 429, with the time to wait.
    #[must_use]
    pub fn too_many(wait: Duration) -> Self {
        let text = message::too_many_attempts(rounded(wait));
        Self { retry_after: Some(wait), ..Self::new(StatusCode::TOO_MANY_REQUESTS, text) }
    }

    /// Gives the page a heading of its own.
    #[must_use]
    pub fn titled(self, title: Message) -> Self {
        Self { title: Some(title), ..self }
    }

    /// Adds a link to continue with.
    #[must_use]
    pub fn with_way_on(self, href: String, label: Message) -> Self {
        Self { way_on: Some(Box::new(Link { href, label })), ..self }
    }

    /// The page for an error status that axum itself returned.
    #[must_use]
    pub fn of_status(status: StatusCode) -> Self {
        match status {
            StatusCode::NOT_FOUND => Self::not_found(),
            StatusCode::METHOD_NOT_ALLOWED => Self::new(status, message::error_method()),
            StatusCode::BAD_REQUEST => Self::new(status, message::error_unreadable()),
            _ if status.is_server_error() => Self::new(status, message::error_failed()),
            _ => Self::new(status, message::error_refused()),
        }
    }

    /// Logs an error that no visitor can fix, and returns its page. Only the log has the cause.
    pub fn of_error(error: &Error) -> Self {
        if error.is_passing() {
            if !matches!(error, Error::SubmittedTwice) {
                tracing::warn!(%error, "a request failed temporarily");
            }
            let text = message::error_busy();
            Self { retry_after: Some(BUSY), ..Self::new(StatusCode::SERVICE_UNAVAILABLE, text) }
        } else {
            tracing::error!(error = ?error, "a request failed");
            Self::of_status(StatusCode::INTERNAL_SERVER_ERROR)
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        Problem::of_error(&self).into_response()
    }
}

/// Adds `Retry-After`.
pub fn retry_after(response: &mut Response, wait: Duration) {
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(wait.as_secs().max(1)));
}

/// A wait, in whole minutes if it is longer than 90 seconds.
#[must_use]
pub fn rounded(wait: Duration) -> Argument {
    let seconds = wait.as_secs().max(1);
    let rounded = if seconds > 90 { seconds.div_ceil(60) * 60 } else { seconds };
    Duration::from_secs(rounded).to_argument()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_waits_are_rounded_up_to_minutes() {
        for (seconds, shown) in [(0, 1), (1, 1), (90, 90), (91, 120), (899, 900), (3_600, 3_600)] {
            assert_eq!(rounded(Duration::from_secs(seconds)), Argument::Span(shown));
        }
    }
}
