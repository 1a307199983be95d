//! Changing the password.

use askama::Template;
use askama_web::WebTemplate;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use crate::app::App;
use crate::domain::addresses;
use crate::domain::sign_in::password::Password;
use crate::services::sign_in::passwords::{self, PasswordChange, PasswordChangeError};
use crate::web::browser_state::BrowserState;
use crate::web::client::Client;
use crate::web::cookies::Cookies;
use crate::web::error::{too_many_with_form, trouble_with_form};
use crate::web::form::{Errors, Form, check_repeated};
use crate::web::identity::{SignedIn, device, remember_device, take_proof};
use crate::web::page::{Page, go_to};

/// The form.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Fields {
    current_password: String,
    password: String,
    confirm_password: String,
}

#[derive(Template, WebTemplate)]
#[template(path = "pages/account/password.html")]
struct View {
    page: Page,
    errors: Errors,
    email: String,
    min_length: usize,
}

/// `GET /profile/password`
pub async fn show(State(app): State<App>, signed_in: SignedIn, page: Page) -> Response {
    view(&app, &signed_in, page, Errors::default()).into_response()
}

/// `POST /profile/password`
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
    let fields = match form {
        Form::Genuine(fields) => fields,
        Form::Stale(_) => {
            let view = view(&app, &signed_in, page.out_of_date(), errors);
            return (StatusCode::FORBIDDEN, view).into_response();
        }
    };
    let current = errors.check("current_password", Password::parse(&fields.current_password));
    let typed = errors.check("password", Password::parse(&fields.password));
    check_repeated(&mut errors, &fields.password, &fields.confirm_password);
    let (Some(current), Some(_), true) = (current, typed, errors.is_empty()) else {
        let view = view(&app, &signed_in, page, errors);
        return (StatusCode::UNPROCESSABLE_ENTITY, view).into_response();
    };
    let device = device(&app, &cookies);
    let change = PasswordChange {
        current: &current,
        new: &fields.password,
        device: device.as_ref(),
        source: &client.source,
    };
    match passwords::change(&app, &signed_in.session, &change).await {
        Ok(changed) => {
            take_proof(&app, &cookies, &state, &signed_in, changed.proof).await;
            let user = signed_in.session.user_id;
            remember_device(&app, &cookies, user, changed.credential_version);
            let text =
                "Your password has been changed, and all other browsers have been signed out.";
            state.set_flash(text).await;
            go_to(&app, addresses::PROFILE_PASSWORD)
        }
        Err(PasswordChangeError::WrongPassword) => {
            errors.add("current_password", "This is not your current password.");
            let view = view(&app, &signed_in, page, errors);
            (StatusCode::UNAUTHORIZED, view).into_response()
        }
        Err(why @ (PasswordChangeError::Same | PasswordChangeError::Invalid(_))) => {
            errors.add("password", why.to_string());
            let view = view(&app, &signed_in, page, errors);
            (StatusCode::UNPROCESSABLE_ENTITY, view).into_response()
        }
        Err(PasswordChangeError::TooMany(wait)) => {
            let again = |why| view(&app, &signed_in, page.with_alert(why), errors);
            too_many_with_form("attempts", wait, again)
        }
        Err(PasswordChangeError::Failed(error)) => {
            trouble_with_form(&error, |why| view(&app, &signed_in, page.with_alert(why), errors))
        }
    }
}

fn view(app: &App, signed_in: &SignedIn, page: Page, errors: Errors) -> View {
    let email = signed_in.claims.email.to_string();
    View { page, errors, email, min_length: app.config.passwords.min_length }
}
