//! The page behind the link in the mail that sets a new password. Looking at it changes nothing, and a form that is not
//! valid leaves the link good.

use askama::Template;
use askama_web::WebTemplate;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use crate::app::App;
use crate::domain::account::user::User;
use crate::domain::addresses;
use crate::domain::email::one_time_token::OneTimeToken;
use crate::domain::sign_in::password::Password;
use crate::domain::two_factor::code::Code;
use crate::error::Result;
use crate::handlers::sign_up::register;
use crate::services::account::password_reset::{self, Reset, ResetError};
use crate::web::browser_state::BrowserState;
use crate::web::client::Client;
use crate::web::cookies::Cookies;
use crate::web::error::{too_many_with_form, trouble_with_form};
use crate::web::form::{Errors, Form, check_repeated, wrong_code};
use crate::web::identity::{device, remember_device};
use crate::web::page::{Page, go_to};
use crate::web::return_to::Carried;

/// The form.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Fields {
    password: String,
    confirm_password: String,
    code: String,
}

#[derive(Template, WebTemplate)]
#[template(path = "pages/sign_in/reset_password.html")]
struct View {
    page: Page,
    errors: Errors,
    token: String,
    email: String,
    needs_code: bool,
    min_length: usize,
}

#[derive(Template, WebTemplate)]
#[template(path = "pages/sign_in/reset_password_gone.html")]
struct Gone {
    page: Page,
}

/// `GET /auth/reset-password/{token}`
pub async fn show(
    State(app): State<App>,
    page: Page,
    Path(token): Path<String>,
) -> Result<Response> {
    let Some((_, owner)) = find(&app, &token).await? else { return Ok(gone(page)) };
    if app.config.registration.shuts_out(&owner.0) {
        return Ok(register::shut_out(&app));
    }
    Ok(view(&app, page, Errors::default(), token, &owner).into_response())
}

/// `POST /auth/reset-password/{token}`
pub async fn submit(
    State(app): State<App>,
    client: Client,
    cookies: Cookies,
    state: BrowserState,
    page: Page,
    Path(text): Path<String>,
    form: Form<Fields>,
) -> Result<Response> {
    let mut errors = Errors::default();
    let Some((token, owner)) = find(&app, &text).await? else { return Ok(gone(page)) };
    let fields = match form {
        Form::Genuine(fields) => fields,
        Form::Stale(_) => {
            let view = view(&app, page.out_of_date(), errors, text, &owner);
            return Ok((StatusCode::FORBIDDEN, view).into_response());
        }
    };
    let typed = errors.check("password", Password::parse(&fields.password));
    check_repeated(&mut errors, &fields.password, &fields.confirm_password);
    let (_, needs_code) = owner;
    let code = if needs_code { errors.check("code", Code::parse(&fields.code)) } else { None };
    if typed.is_none() || !errors.is_empty() {
        let view = view(&app, page, errors, text, &owner);
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, view).into_response());
    }
    let device = device(&app, &cookies);
    let reset = Reset {
        token: &token,
        password: &fields.password,
        code: code.as_ref(),
        device: device.as_ref(),
        source: &client.source,
    };
    Ok(match password_reset::finish(&app, &reset).await {
        Ok(owner) => {
            // Whoever set the password here is no stranger when they use it here.
            remember_device(&app, &cookies, owner.user, owner.credential_version);
            state
                .set_flash("Your password has been changed and you have been signed out everywhere. Sign in with the new one.")
                .await;
            let return_to = Carried::from(state.take_return_to().await);
            go_to(&app, return_to.along(addresses::SIGN_IN))
        }
        Err(ResetError::InvalidLink) => gone(page),
        Err(ResetError::Closed) => register::shut_out(&app),
        Err(ResetError::Password(why)) => {
            errors.add("password", why.to_string());
            (StatusCode::UNPROCESSABLE_ENTITY, view(&app, page, errors, text, &owner))
                .into_response()
        }
        Err(ResetError::NeedsCode | ResetError::WrongCode) => {
            errors.add("code", code.as_ref().map_or("Enter the code.", wrong_code));
            (StatusCode::UNAUTHORIZED, view(&app, page, errors, text, &owner)).into_response()
        }
        Err(ResetError::TooMany(wait)) => {
            let again = |why| view(&app, page.with_alert(why), errors, text, &owner);
            too_many_with_form("tries", wait, again)
        }
        Err(ResetError::Failed(error)) => {
            trouble_with_form(&error, |why| view(&app, page.with_alert(why), errors, text, &owner))
        }
    })
}

async fn find(app: &App, text: &str) -> Result<Option<(OneTimeToken, (User, bool))>> {
    let Some(token) = OneTimeToken::parse(text) else { return Ok(None) };
    let owner = password_reset::find(app, &token).await?;
    Ok(owner.map(|owner| (token, owner)))
}

fn view(app: &App, page: Page, errors: Errors, token: String, owner: &(User, bool)) -> View {
    let (user, needs_code) = owner;
    View {
        page,
        errors,
        token,
        email: user.email.to_string(),
        needs_code: *needs_code,
        min_length: app.config.passwords.min_length,
    }
}

fn gone(page: Page) -> Response {
    (StatusCode::GONE, Gone { page }).into_response()
}
