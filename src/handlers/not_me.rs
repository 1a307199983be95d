//! 'This was not me': the page behind the link in every notice. A box has to be ticked, since some mail scanners press buttons.

use askama::Template;
use askama_web::WebTemplate;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use crate::app::App;
use crate::domain::one_time_token::OneTimeToken;
use crate::error::Result;
use crate::services::not_me::{self, Found, NotMeError, SecondFactor};
use crate::web::browser_state::BrowserState;
use crate::web::client::Client;
use crate::web::error::trouble_with_form;
use crate::web::form::{Errors, Form};
use crate::web::page::{Page, go_to};

/// The form.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Fields {
    not_me: String,
}

#[derive(Template, WebTemplate)]
#[template(path = "pages/not_me.html")]
struct View {
    page: Page,
    errors: Errors,
    token: String,
    email: String,
    restores: Option<String>,
    second_factor: SecondFactor,
}

#[derive(Template, WebTemplate)]
#[template(path = "pages/not_me_gone.html")]
struct Gone {
    page: Page,
}

/// `GET /auth/not-me/{token}`
pub async fn show(
    State(app): State<App>,
    page: Page,
    Path(token): Path<String>,
) -> Result<Response> {
    let Some((_, found)) = find(&app, &token).await? else { return Ok(gone(page)) };
    Ok(view(page, Errors::default(), token, &found).into_response())
}

/// `POST /auth/not-me/{token}`
pub async fn submit(
    State(app): State<App>,
    client: Client,
    state: BrowserState,
    page: Page,
    Path(text): Path<String>,
    form: Form<Fields>,
) -> Result<Response> {
    let mut errors = Errors::default();
    let Some((token, found)) = find(&app, &text).await? else { return Ok(gone(page)) };
    let fields = match form {
        Form::Genuine(fields) => fields,
        Form::Stale(_) => {
            let view = view(page.out_of_date(), errors, text, &found);
            return Ok((StatusCode::FORBIDDEN, view).into_response());
        }
    };
    if fields.not_me != "on" {
        errors.add("not_me", "Tick the box if it was not you.");
        let view = view(page, errors, text, &found);
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, view).into_response());
    }
    Ok(match not_me::secure(&app, &token, &client.source).await {
        Ok(address) => {
            let text = format!(
                "Everybody has been signed out of your account, and the password does not work any more. \
                 We have sent a link for a new one to {address}."
            );
            state.set_flash(&text).await;
            go_to(&app, "/auth/login")
        }
        Err(NotMeError::InvalidLink) => gone(page),
        Err(NotMeError::Failed(error)) => {
            trouble_with_form(&error, |why| view(page.with_alert(why), errors, text, &found))
        }
    })
}

async fn find(app: &App, text: &str) -> Result<Option<(OneTimeToken, Found)>> {
    let Some(token) = OneTimeToken::parse(text) else { return Ok(None) };
    let found = not_me::find(app, &token).await?;
    Ok(found.map(|found| (token, found)))
}

fn view(page: Page, errors: Errors, token: String, found: &Found) -> View {
    View {
        page,
        errors,
        token,
        email: found.email.to_string(),
        restores: found.restores.as_ref().map(ToString::to_string),
        second_factor: found.second_factor,
    }
}

fn gone(page: Page) -> Response {
    (StatusCode::GONE, Gone { page }).into_response()
}
