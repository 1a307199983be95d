//! The page behind the link in the mail that sets a new password. Looking at it changes nothing, and a form that is not
//! valid leaves the link good.

use askama::Template;
use askama_web::WebTemplate;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use crate::app::App;
use crate::domain::one_time_token::OneTimeToken;
use crate::domain::password::Password;
use crate::domain::user::User;
use crate::error::Result;
use crate::services::password_reset::{self, ResetError};
use crate::web::browser_state::BrowserState;
use crate::web::client::Client;
use crate::web::error::{too_many_with_form, trouble_with_form};
use crate::web::form::{Errors, Form, check_repeated};
use crate::web::page::{Page, go_to};

/// The form.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Fields {
    password: String,
    confirm_password: String,
}

#[derive(Template, WebTemplate)]
#[template(path = "pages/reset_password.html")]
struct View {
    page: Page,
    errors: Errors,
    token: String,
    email: String,
    min_length: usize,
}

#[derive(Template, WebTemplate)]
#[template(path = "pages/reset_password_gone.html")]
struct Gone {
    page: Page,
}

/// `GET /auth/reset-password/{token}`
pub async fn show(
    State(app): State<App>,
    page: Page,
    Path(token): Path<String>,
) -> Result<Response> {
    let Some((_, user)) = find(&app, &token).await? else { return Ok(gone(page)) };
    Ok(view(&app, page, Errors::default(), token, &user).into_response())
}

/// `POST /auth/reset-password/{token}`
pub async fn submit(
    State(app): State<App>,
    client: Client,
    state: BrowserState,
    page: Page,
    Path(text): Path<String>,
    form: Form<Fields>,
) -> Result<Response> {
    let mut errors = Errors::default();
    let Some((token, user)) = find(&app, &text).await? else { return Ok(gone(page)) };
    let fields = match form {
        Form::Genuine(fields) => fields,
        Form::Stale(_) => {
            let view = view(&app, page.out_of_date(), errors, text, &user);
            return Ok((StatusCode::FORBIDDEN, view).into_response());
        }
    };
    let typed = errors.check("password", Password::parse(&fields.password));
    check_repeated(&mut errors, &fields.password, &fields.confirm_password);
    if typed.is_none() || !errors.is_empty() {
        let view = view(&app, page, errors, text, &user);
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, view).into_response());
    }
    Ok(match password_reset::finish(&app, &token, &fields.password, &client.source).await {
        Ok(()) => {
            state
                .set_flash("Your password has been changed and you have been signed out everywhere. Sign in with the new one.")
                .await;
            go_to(&app, "/auth/login")
        }
        Err(ResetError::InvalidLink) => gone(page),
        Err(ResetError::Password(why)) => {
            errors.add("password", why.to_string());
            (StatusCode::UNPROCESSABLE_ENTITY, view(&app, page, errors, text, &user))
                .into_response()
        }
        Err(ResetError::TooMany(wait)) => {
            let again = |why| view(&app, page.with_alert(why), errors, text, &user);
            too_many_with_form("passwords tried from your network", wait, again)
        }
        Err(ResetError::Failed(error)) => {
            trouble_with_form(&error, |why| view(&app, page.with_alert(why), errors, text, &user))
        }
    })
}

async fn find(app: &App, text: &str) -> Result<Option<(OneTimeToken, User)>> {
    let Some(token) = OneTimeToken::parse(text) else { return Ok(None) };
    let user = password_reset::find(app, &token).await?;
    Ok(user.map(|user| (token, user)))
}

fn view(app: &App, page: Page, errors: Errors, token: String, user: &User) -> View {
    View {
        page,
        errors,
        token,
        email: user.email.to_string(),
        min_length: app.config.passwords.min_length,
    }
}

fn gone(page: Page) -> Response {
    (StatusCode::GONE, Gone { page }).into_response()
}
