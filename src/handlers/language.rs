//! The choice of a language in the footer, for this browser.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use crate::domain::addresses;
use crate::i18n::message;
use crate::web::forms::form::Form;
use crate::web::http::problem::Problem;
use crate::web::visitor::reader;
use crate::web::visitor::visit::Visit;

/// The fields of the form.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Fields {
    language: String,
    return_to: String,
}

/// `POST /language`: stores the choice, and returns to the page with the form.
pub async fn choose(visit: Visit, form: Form<Fields>) -> Response {
    let (fields, is_genuine) = form.into_fields();
    let return_to = match visit.return_to(&fields.return_to) {
        Some(return_to) => return_to.as_str().to_owned(),
        None => visit.app.config.public_url.path(addresses::HOME),
    };
    let refuse = |problem: Problem| {
        problem.with_way_on(return_to.clone(), message::language_back()).into_response()
    };
    if !is_genuine {
        let problem = Problem::new(StatusCode::FORBIDDEN, message::language_expired());
        return refuse(problem.titled(message::error_expired_title()));
    }
    let Some(language) = visit.app.languages.find(&fields.language) else {
        return refuse(Problem::invalid(message::language_unknown()));
    };
    reader::remember(&visit.app, &visit.cookies, language);
    Redirect::to(&return_to).into_response()
}
