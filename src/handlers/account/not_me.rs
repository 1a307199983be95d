//! 'This was not me': the page behind the link in every notice. A box has to be ticked, since some mail scanners press buttons.

use askama::Template;
use askama_web::WebTemplate;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use crate::app::App;
use crate::domain::addresses;
use crate::domain::email::one_time_token::OneTimeToken;
use crate::error::Result;
use crate::services::account::not_me::{self, Effects, NotMeError, NotMeLink, SecondFactor};
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
#[template(path = "pages/account/not_me.html")]
struct View {
    page: Page,
    errors: Errors,
    token: String,
    email: String,
    restores: Option<String>,
    second_factor: SecondFactor,
}

#[derive(Template, WebTemplate)]
#[template(path = "pages/account/not_me_gone.html")]
struct Gone {
    page: Page,
    is_done: bool,
}

/// `GET /auth/not-me/{token}`
pub async fn show(
    State(app): State<App>,
    page: Page,
    Path(token): Path<String>,
) -> Result<Response> {
    Ok(match find(&app, &token).await? {
        Ok((_, effects)) => view(page, Errors::default(), token, &effects).into_response(),
        Err(gone) => gone.response(page),
    })
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
    let (token, found) = match find(&app, &text).await? {
        Ok(found) => found,
        Err(gone) => return Ok(gone.response(page)),
    };
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
            go_to(&app, addresses::SIGN_IN)
        }
        // Of two clicks the second finds the work done.
        Err(NotMeError::InvalidLink) => {
            find(&app, &text).await?.err().unwrap_or(Dead::Unknown).response(page)
        }
        Err(NotMeError::Failed(error)) => {
            trouble_with_form(&error, |why| view(page.with_alert(why), errors, text, &found))
        }
    })
}

/// Why a link does nothing.
enum Dead {
    /// It has done its work.
    Done,
    /// Anything else.
    Unknown,
}

impl Dead {
    fn response(self, page: Page) -> Response {
        match self {
            Self::Done => Gone { page, is_done: true }.into_response(),
            Self::Unknown => (StatusCode::GONE, Gone { page, is_done: false }).into_response(),
        }
    }
}

async fn find(app: &App, text: &str) -> Result<Result<(OneTimeToken, Effects), Dead>> {
    let Some(token) = OneTimeToken::parse(text) else { return Ok(Err(Dead::Unknown)) };
    Ok(match not_me::find(app, &token).await? {
        NotMeLink::Open(effects) => Ok((token, effects)),
        NotMeLink::Done => Err(Dead::Done),
        NotMeLink::Nothing => Err(Dead::Unknown),
    })
}

fn view(page: Page, errors: Errors, token: String, found: &Effects) -> View {
    View {
        page,
        errors,
        token,
        email: found.email.to_string(),
        restores: found.restores.as_ref().map(ToString::to_string),
        second_factor: found.second_factor,
    }
}
