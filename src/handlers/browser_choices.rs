//! The choices in the footer, for this browser: language and colors.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use crate::domain::addresses;
use crate::i18n::message::{self, Message};
use crate::web::forms::form::Form;
use crate::web::http::problem::Problem;
use crate::web::visitor::reader;
use crate::web::visitor::theme::Theme;
use crate::web::visitor::visit::Visit;

/// The fields of the choice of a language.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct LanguageFields {
    language: String,
    return_to: String,
}

/// The fields of the choice of colors.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ThemeFields {
    theme: String,
    return_to: String,
}

/// `POST /language`
pub async fn language(visit: Visit, form: Form<LanguageFields>) -> Response {
    let (fields, is_genuine) = form.into_fields();
    let chosen = if is_genuine {
        let found = visit.app.languages.find(&fields.language);
        found.ok_or_else(|| Problem::invalid(message::language_unknown()))
    } else {
        Err(expired(message::language_expired()))
    };
    let chosen = chosen.map(|it| reader::remember(&visit.app, &visit.cookies, it));
    go_back(&visit, &fields.return_to, chosen)
}

/// `POST /appearance`
pub async fn theme(visit: Visit, form: Form<ThemeFields>) -> Response {
    let (fields, is_genuine) = form.into_fields();
    let chosen = if is_genuine {
        Theme::named(&fields.theme).ok_or_else(|| Problem::invalid(message::theme_unknown()))
    } else {
        Err(expired(message::theme_expired()))
    };
    let chosen = chosen.map(|it| it.remember(&visit.cookies, visit.app.clock.now()));
    go_back(&visit, &fields.return_to, chosen)
}

fn expired(text: Message) -> Problem {
    Problem::new(StatusCode::FORBIDDEN, text).titled(message::error_expired_title())
}

/// Returns to the page with the footer. A problem has a link to it.
fn go_back(visit: &Visit, return_to: &str, chosen: Result<(), Problem>) -> Response {
    let return_to = match visit.return_to(return_to) {
        Some(return_to) => return_to.as_str().to_owned(),
        None => visit.app.config.public_url.path(addresses::HOME),
    };
    match chosen {
        Ok(()) => Redirect::to(&return_to).into_response(),
        Err(problem) => problem.with_way_on(return_to, message::footer_back()).into_response(),
    }
}
