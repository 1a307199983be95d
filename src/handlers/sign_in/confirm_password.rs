//! The password again, before something sensitive; then back to where the person was.

use askama::Template;
use askama_web::WebTemplate;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use crate::app::App;
use crate::domain::addresses;
use crate::domain::sign_in::password::Password;
use crate::services::sign_in::password_check::{self, PasswordError};
use crate::web::browser_state::BrowserState;
use crate::web::client::Client;
use crate::web::cookies::Cookies;
use crate::web::error::{too_many_with_form, trouble_with_form};
use crate::web::form::{Errors, Form};
use crate::web::identity::{SignedIn, device, is_proven, take_proof};
use crate::web::page::{Page, go_to};
use crate::web::return_to::ReturnTo;

/// The form.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Fields {
    password: String,
    return_to: String,
}

#[derive(Template, WebTemplate)]
#[template(path = "pages/sign_in/confirm_password.html")]
struct View {
    page: Page,
    errors: Errors,
    email: String,
    return_to: String,
}

/// `GET /auth/confirm-password`
pub async fn show(
    State(app): State<App>,
    signed_in: SignedIn,
    state: BrowserState,
    page: Page,
    RawQuery(query): RawQuery,
) -> Response {
    let return_to = ReturnTo::from_query(&app.config, query.as_deref());
    if is_proven(&app, &signed_in, &state).await {
        return go_on(&app, return_to);
    }
    let return_to = return_to.map(|it| it.as_str().to_owned()).unwrap_or_default();
    let email = signed_in.claims.email.to_string();
    View { page, errors: Errors::default(), email, return_to }.into_response()
}

/// `POST /auth/confirm-password`
pub async fn submit(
    State(app): State<App>,
    client: Client,
    signed_in: SignedIn,
    cookies: Cookies,
    state: BrowserState,
    page: Page,
    form: Form<Fields>,
) -> Response {
    let mut errors = Errors::default();
    let email = signed_in.claims.email.to_string();
    let Fields { password, return_to } = match form {
        Form::Genuine(fields) => fields,
        Form::Stale(Fields { return_to, .. }) => {
            let view = View { page: page.out_of_date(), errors, email, return_to };
            return (StatusCode::FORBIDDEN, view).into_response();
        }
    };
    let Some(password) = errors.check("password", Password::parse(&password)) else {
        let view = View { page, errors, email, return_to };
        return (StatusCode::UNPROCESSABLE_ENTITY, view).into_response();
    };
    let device = device(&app, &cookies);
    let session = &signed_in.session;
    match password_check::confirm(&app, session, &password, device.as_ref(), &client.source).await {
        Ok(proof) => {
            take_proof(&app, &cookies, &state, &signed_in, proof).await;
            state.set_flash("Thank you. You can go on; nothing has been changed yet.").await;
            go_on(&app, ReturnTo::parse(&app.config, &return_to))
        }
        Err(PasswordError::Wrong) => {
            errors.add("password", "This is not your password.");
            (StatusCode::UNAUTHORIZED, View { page, errors, email, return_to }).into_response()
        }
        Err(PasswordError::TooMany(wait)) => too_many_with_form("attempts", wait, |why| View {
            page: page.with_alert(why),
            errors,
            email,
            return_to,
        }),
        Err(PasswordError::Failed(error)) => trouble_with_form(&error, |why| View {
            page: page.with_alert(why),
            errors,
            email,
            return_to,
        }),
    }
}

fn go_on(app: &App, return_to: Option<ReturnTo>) -> Response {
    match return_to {
        Some(path) => Redirect::to(path.as_str()).into_response(),
        None => go_to(app, addresses::PROFILE),
    }
}
