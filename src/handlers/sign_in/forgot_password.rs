//! Asking for a link that sets a new password.

use askama::Template;
use askama_web::WebTemplate;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use crate::app::App;
use crate::domain::account::email::EmailAddress;
use crate::domain::addresses;
use crate::services::account::password_reset;
use crate::web::browser_state::BrowserState;
use crate::web::client::Client;
use crate::web::error::trouble_with_form;
use crate::web::form::{Errors, Form};
use crate::web::page::{Page, go_to};
use crate::web::return_to::{Carried, ReturnTo};

/// The form.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Fields {
    email: String,
    return_to: Carried,
}

#[derive(Template, WebTemplate)]
#[template(path = "pages/sign_in/forgot_password.html")]
struct View {
    page: Page,
    fields: Fields,
    errors: Errors,
}

/// `GET /auth/forgot-password`: also for people who are signed in, whom a mail may have sent here.
pub async fn show(State(app): State<App>, page: Page, RawQuery(query): RawQuery) -> Response {
    let return_to = ReturnTo::from_query(&app.config, query.as_deref()).into();
    View { page, fields: Fields { return_to, ..Fields::default() }, errors: Errors::default() }
        .into_response()
}

/// `POST /auth/forgot-password`
pub async fn submit(
    State(app): State<App>,
    client: Client,
    state: BrowserState,
    page: Page,
    form: Form<Fields>,
) -> Response {
    let mut errors = Errors::default();
    let fields = match form {
        Form::Genuine(fields) => fields,
        Form::Stale(fields) => {
            return (StatusCode::FORBIDDEN, View { page: page.out_of_date(), fields, errors })
                .into_response();
        }
    };
    let Some(email) = errors.check("email", EmailAddress::parse(&fields.email)) else {
        return (StatusCode::UNPROCESSABLE_ENTITY, View { page, fields, errors }).into_response();
    };
    match password_reset::request(&app, &email, &client.source).await {
        Ok(()) => {
            state.set_return_to(fields.return_to.parse(&app.config).as_ref()).await;
            go_to(&app, addresses::CHECK_MAIL)
        }
        Err(error) => {
            trouble_with_form(&error, |text| View { page: page.with_alert(text), fields, errors })
        }
    }
}
