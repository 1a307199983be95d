//! The display name.

use askama::Template;
use askama_web::WebTemplate;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use crate::app::App;
use crate::domain::account::username::Username;
use crate::domain::addresses;
use crate::services::account::profile;
use crate::web::browser_state::BrowserState;
use crate::web::client::Client;
use crate::web::error::trouble_with_form;
use crate::web::form::{Errors, Form};
use crate::web::identity::SignedIn;
use crate::web::page::{Page, go_to};

/// The form.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Fields {
    username: String,
}

#[derive(Template, WebTemplate)]
#[template(path = "pages/account/name.html")]
struct View {
    page: Page,
    fields: Fields,
    errors: Errors,
}

/// `GET /profile`
pub async fn show(signed_in: SignedIn, page: Page) -> Response {
    let fields = Fields { username: signed_in.claims.name.to_string() };
    View { page, fields, errors: Errors::default() }.into_response()
}

/// `POST /profile`
pub async fn submit(
    State(app): State<App>,
    client: Client,
    signed_in: SignedIn,
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
    let Some(username) = errors.check("username", Username::parse(&fields.username)) else {
        return (StatusCode::UNPROCESSABLE_ENTITY, View { page, fields, errors }).into_response();
    };
    match profile::rename(&app, signed_in.session.user_id, &username, &client.source).await {
        Ok(()) => {
            state.set_flash("Your name has been changed.").await;
            go_to(&app, addresses::PROFILE)
        }
        Err(error) => {
            trouble_with_form(&error, |text| View { page: page.with_alert(text), fields, errors })
        }
    }
}
