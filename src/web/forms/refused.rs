//! Refused forms: the only place that sets their statuses, alerts, field messages and `Retry-After`.
//!
//! A handler converts the errors of its use case into [`Refused`] and provides the view of its page.
//! [`Form::answer`](super::form::Form::answer) does the rest.

use std::time::Duration;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response, Result};

use crate::domain::two_factor::code::Code;
use crate::error::Error;
use crate::i18n::message::{self, Argument, Message};
use crate::services::sign_in::step_up::EnteredError;
use crate::web::forms::errors::{Errors, wrong_code};
use crate::web::http::problem::{Problem, retry_after, rounded};
use crate::web::pages::page::Page;
use crate::web::visitor::visit::NotProven;

/// A form that was not accepted.
#[derive(Debug)]
pub struct Refused(Next);

/// The response to the visitor.
#[derive(Debug)]
enum Next {
    /// The form with the submitted values.
    Again(Again),
    /// Another response, such as an error page or a redirect.
    Instead(Box<Response>),
}

/// What the form shows in addition when it is rendered again.
#[derive(Debug)]
struct Again {
    status: StatusCode,
    alert: Option<Message>,
    errors: Errors,
    wait: Option<Duration>,
    is_our_fault: bool,
}

impl Refused {
    /// 403: the CSRF token is invalid. The page was open too long, or the browser blocks cookies.
    pub(super) fn stale() -> Self {
        Self::with_alert(StatusCode::FORBIDDEN, message::form_expired())
    }

    /// 422: a field is invalid.
    #[must_use]
    pub fn invalid(field: &'static str, why: impl Into<Message>) -> Self {
        Errors::of(field, why.into()).into()
    }

    /// 401: the credential in a field is wrong.
    #[must_use]
    pub fn wrong(field: &'static str, why: Message) -> Self {
        Self::with_errors(StatusCode::UNAUTHORIZED, Errors::of(field, why))
    }

    /// 401: the code is rejected or missing.
    #[must_use]
    pub fn wrong_code(field: &'static str, code: Option<&Code>) -> Self {
        Self::wrong(field, code.map_or_else(message::code_missing, wrong_code))
    }

    /// 401: the credentials that the form asks a signed-in user for, in these fields.
    #[must_use]
    pub fn entered(
        password: &'static str,
        code: &'static str,
        error: EnteredError,
        entered: Option<&Code>,
    ) -> Self {
        match error {
            EnteredError::WrongPassword => Self::wrong(password, message::password_wrong()),
            EnteredError::WrongCode => Self::wrong_code(code, entered),
            EnteredError::TooMany(wait) => Self::too_many(wait),
            EnteredError::Failed(error) => error.into(),
        }
    }

    /// 401: the credentials in several fields do not match.
    #[must_use]
    pub fn unauthorized(alert: Message) -> Self {
        Self::with_alert(StatusCode::UNAUTHORIZED, alert)
    }

    /// 409: the state of the account does not allow it.
    #[must_use]
    pub fn conflict(alert: Message) -> Self {
        Self::with_alert(StatusCode::CONFLICT, alert)
    }

    /// 429: too many attempts.
    #[must_use]
    pub fn too_many(wait: Duration) -> Self {
        Self::too_many_of(message::too_many_attempts, wait)
    }

    /// 429: too many of something. `says` takes the time to wait.
    #[must_use]
    pub fn too_many_of(says: fn(Argument) -> Message, wait: Duration) -> Self {
        Self::with_alert(StatusCode::TOO_MANY_REQUESTS, says(rounded(wait))).after(wait)
    }

    /// 429: too many attempts with the value of this field.
    #[must_use]
    pub fn too_many_for(field: &'static str, why: Message, wait: Duration) -> Self {
        Self::with_errors(StatusCode::TOO_MANY_REQUESTS, Errors::of(field, why)).after(wait)
    }

    /// Another response instead of the form, with its own status.
    #[must_use]
    pub fn instead(response: impl IntoResponse) -> Self {
        Self(Next::Instead(Box::new(response.into_response())))
    }

    /// Adds a sentence to the alert.
    #[must_use]
    pub fn adding(mut self, next: Message) -> Self {
        if let Next::Again(Again { alert: Some(alert), .. }) = &mut self.0 {
            *alert = message::two_sentences(alert.clone(), next);
        }
        self
    }

    fn with_alert(status: StatusCode, alert: Message) -> Self {
        let (alert, errors) = (Some(alert), Errors::default());
        Self(Next::Again(Again { status, alert, errors, wait: None, is_our_fault: false }))
    }

    fn with_errors(status: StatusCode, errors: Errors) -> Self {
        Self(Next::Again(Again { status, alert: None, errors, wait: None, is_our_fault: false }))
    }

    fn after(mut self, wait: Duration) -> Self {
        if let Next::Again(again) = &mut self.0 {
            again.wait = Some(wait);
        }
        self
    }

    /// Renders it on a different page than the form's.
    #[must_use]
    pub async fn on(
        self,
        page: Page,
        view: impl AsyncFnOnce(Page, Errors) -> Result<Response>,
    ) -> Self {
        Self::instead(self.answer(page, view).await)
    }

    /// Renders it with the view of the form's page.
    pub(super) async fn answer(
        self,
        page: Page,
        view: impl AsyncFnOnce(Page, Errors) -> Result<Response>,
    ) -> Result<Response> {
        let again = match self.0 {
            Next::Again(again) => again,
            Next::Instead(response) => return Ok(*response),
        };
        let page = Page { alert: again.alert, is_our_fault: again.is_our_fault, ..page };
        let mut response = view(page, again.errors).await?;
        *response.status_mut() = again.status;
        if let Some(wait) = again.wait {
            retry_after(&mut response, wait);
        }
        Ok(response)
    }
}

impl From<Errors> for Refused {
    /// 422: fields are invalid.
    fn from(errors: Errors) -> Self {
        Self::with_errors(StatusCode::UNPROCESSABLE_ENTITY, errors)
    }
}

impl From<Error> for Refused {
    /// 503 or 500. The form keeps the submitted values.
    fn from(error: Error) -> Self {
        let Problem { status, text, retry_after, .. } = Problem::of_error(&error);
        let (alert, errors) = (Some(text), Errors::default());
        let again = Again { status, alert, errors, wait: retry_after, is_our_fault: true };
        Self(Next::Again(again))
    }
}

impl From<Problem> for Refused {
    fn from(problem: Problem) -> Self {
        Self::instead(problem)
    }
}

impl From<Redirect> for Refused {
    fn from(redirect: Redirect) -> Self {
        Self::instead(redirect)
    }
}

impl From<NotProven> for Refused {
    fn from(not_proven: NotProven) -> Self {
        match not_proven {
            NotProven::Ask(redirect) => Self::instead(redirect),
            NotProven::Failed(error) => error.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use axum::http::header::RETRY_AFTER;
    use http_body_util::BodyExt;

    use super::*;
    use crate::config::{Config, SecretFile};
    use crate::i18n::localizer::Localizer;
    use crate::web::visitor::theme::Theme;

    fn page() -> Page {
        let variables = [
            ("PUBLIC_URL", "http://localhost:5000"),
            ("MAIL_TRANSPORT", "file"),
            ("SECRET_KEY", "a secret for tests, long enough to be taken"),
        ];
        let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let config = Config::read(BTreeMap::from(variables), SecretFile::Look).unwrap().config;
        Page::bare(&config.into(), Localizer::english(None), Theme::System)
    }

    /// The status, alert, message of the field `code`, and `Retry-After` of the page that shows the form again.
    async fn shown(refused: Refused) -> (u16, String, String, Option<String>) {
        let view = async |page: Page, errors: Errors| {
            let said = |it: Option<&Message>| it.map(Message::english).unwrap_or_default();
            Ok(format!("{}|{}", said(page.alert.as_ref()), said(errors.on("code"))).into_response())
        };
        let response = refused.answer(page(), view).await.unwrap();
        let (parts, body) = response.into_parts();
        let text = body.collect().await.unwrap().to_bytes();
        let (alert, on_code) = str::from_utf8(&text).unwrap().split_once('|').unwrap();
        let wait = parts.headers.get(RETRY_AFTER).map(|it| it.to_str().unwrap().to_owned());
        (parts.status.as_u16(), alert.to_owned(), on_code.to_owned(), wait)
    }

    #[tokio::test]
    async fn each_refusal_has_its_status_alert_message_and_wait() {
        let wait = Duration::from_mins(2);
        let wrong = || message::code_wrong();
        let no = &*wrong().english();
        let stale = &*message::form_expired().english();
        let too_many = "Too many attempts. Try again in 2 minutes.";
        let busy = &*message::error_busy().english();
        let failed = &*message::error_failed().english();
        let missing = &*message::code_missing().english();
        let broken = || Error::from(serde_json::from_str::<u8>("x").unwrap_err());
        for (refused, status, alert, on_code, seconds) in [
            (Refused::stale(), 403, stale, "", None),
            (Errors::of("code", wrong()).into(), 422, "", no, None),
            (Refused::invalid("code", wrong()), 422, "", no, None),
            (Refused::wrong("code", wrong()), 401, "", no, None),
            (Refused::wrong_code("code", None), 401, "", missing, None),
            (Refused::unauthorized(wrong()), 401, no, "", None),
            (Refused::conflict(wrong()), 409, no, "", None),
            (Refused::too_many(wait), 429, too_many, "", Some("120")),
            (Refused::too_many_for("code", wrong(), wait), 429, "", no, Some("120")),
            (Error::HashQueueFull.into(), 503, busy, "", Some("5")),
            (broken().into(), 500, failed, "", None),
        ] {
            let name = format!("{refused:?}");
            let expected =
                (status, alert.to_owned(), on_code.to_owned(), seconds.map(ToOwned::to_owned));
            assert_eq!(shown(refused).await, expected, "{name}");
        }
    }

    #[tokio::test]
    async fn another_response_keeps_its_own_status() {
        let view =
            async |_: Page, _: Errors| -> Result<Response> { unreachable!("no form is shown") };
        let refused = Refused::from(Problem::not_found());
        let response = refused.answer(page(), view).await.unwrap();
        assert_eq!(response.status(), StatusCode::NOT_FOUND);
    }
}
