//! Forms: parsed strictly and protected against CSRF.

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{self, Response};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde::de::value::MapDeserializer;

use crate::app::App;
use crate::i18n::message;
use crate::web::forms::errors::Errors;
use crate::web::forms::received::{Accepted, Reading, Received};
use crate::web::forms::refused::Refused;
use crate::web::http::problem::Problem;
use crate::web::pages::page::Page;

/// A posted form. Its fields are accessible only through methods that check the CSRF token.
#[derive(Debug)]
pub struct Form<T> {
    fields: T,
    is_genuine: bool,
    accepted: Accepted,
}

/// The fields of a form with only a button.
#[derive(Debug, Deserialize)]
pub struct Button {}

impl<T> Form<T> {
    /// Runs `act` on the fields. If the form is stale or `act` refuses it, `view` renders the form again with the submitted values.
    ///
    /// A redirect means that the form is accepted: if the browser sends it again, `act` does not run again, and the response is the same.
    pub async fn answer(
        &self,
        page: Page,
        act: impl AsyncFnOnce(&T) -> Result<Response, Refused>,
        view: impl AsyncFnOnce(Page, &T, Errors) -> response::Result<Response>,
    ) -> response::Result<Response> {
        let fields = &self.fields;
        let done = if self.is_genuine { act(fields).await } else { Err(Refused::stale()) };
        match done {
            Ok(response) => {
                if response.status().is_redirection() {
                    self.accepted.mark();
                }
                Ok(response)
            }
            Err(refused) => {
                refused.answer(page, async |page, errors| view(page, fields, errors).await).await
            }
        }
    }

    /// The fields, and whether the CSRF token is valid, for a form without a page of its own.
    #[must_use]
    pub fn into_fields(self) -> (T, bool) {
        (self.fields, self.is_genuine)
    }

    /// The fields, or the error `stale` if the CSRF token is invalid.
    pub fn genuine_or<E>(self, stale: impl FnOnce() -> E) -> Result<T, E> {
        if self.is_genuine { Ok(self.fields) } else { Err(stale()) }
    }
}

impl<T: DeserializeOwned> FromRequestParts<App> for Form<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Problem> {
        let reading = parts.extensions.remove::<Reading>();
        let received = reading.expect("the middleware `answer_once` runs before every page")?;
        let Received { fields, is_genuine, accepted } = received;
        let fields = T::deserialize(MapDeserializer::new(fields.into_iter()));
        let fields = fields.map_err(|_: serde::de::value::Error| {
            Problem::new(StatusCode::BAD_REQUEST, message::error_form_field_unreadable())
        })?;
        Ok(Self { fields, is_genuine, accepted })
    }
}
