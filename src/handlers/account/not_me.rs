//! The page behind the "this was not me" link in every notice. It has a required checkbox, because some mail scanners submit forms.

use askama::Template;
use askama_web::WebTemplate;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response, Result};
use serde::Deserialize;

use crate::app::App;
use crate::domain::addresses;
use crate::domain::email::one_time_token::OneTimeToken;
use crate::error;
use crate::i18n::message;
use crate::installation::authflow;
use crate::services::account::not_me::{self, Effects, NotMeError, NotMeLink, SecondFactor};
use crate::web::forms::errors::Errors;
use crate::web::forms::form::Form;
use crate::web::forms::refused::Refused;
use crate::web::pages::emailed_link::EmailedToken;
use crate::web::pages::page::Page;
use crate::web::visitor::visit::Visit;

/// The fields of the form.
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
    /// Turns off two-factor authentication on the server.
    command: String,
}

#[derive(Template, WebTemplate)]
#[template(path = "pages/account/not_me_gone.html")]
struct Gone {
    page: Page,
    is_done: bool,
}

/// A link that is valid.
struct Link {
    token: OneTimeToken,
    effects: Effects,
}

/// Why a link can't be used.
enum Dead {
    /// It was already used.
    Done,
    /// It is unknown or has expired.
    Unknown,
}

/// `GET /auth/not-me/{token}`
pub async fn show(
    State(app): State<App>,
    page: Page,
    EmailedToken(token): EmailedToken,
) -> Result<Response> {
    Ok(match find(&app, token).await? {
        Ok(link) => view(page, &link, Errors::default()),
        Err(dead) => dead.response(page),
    })
}

/// `POST /auth/not-me/{token}`
pub async fn submit(
    visit: Visit,
    page: Page,
    EmailedToken(token): EmailedToken,
    form: Form<Fields>,
) -> Result<Response> {
    let link = match find(&visit.app, token).await? {
        Ok(link) => link,
        Err(dead) => return Ok(dead.response(page)),
    };
    let if_gone = page.clone();
    form.answer(
        page,
        async |fields| act(&visit, if_gone, &link, fields).await,
        async |page, _, errors| Ok(view(page, &link, errors)),
    )
    .await
}

async fn act(
    visit: &Visit,
    if_gone: Page,
    link: &Link,
    fields: &Fields,
) -> Result<Response, Refused> {
    if fields.not_me != "on" {
        return Err(Refused::invalid("not_me", message::not_me_unticked()));
    }
    let address = match not_me::secure(&visit.app, &link.token, visit.source()).await {
        Ok(address) => address,
        // After a double click, the second request finds the link used.
        Err(NotMeError::InvalidLink) => {
            let found =
                find(&visit.app, Some(link.token.clone())).await.map_err(Refused::instead)?;
            return Ok(found.err().unwrap_or(Dead::Unknown).response(if_gone));
        }
        Err(NotMeError::Failed(error)) => return Err(error.into()),
    };
    let text = message::not_me_secured(address.as_str());
    Ok(visit.go_saying(addresses::SIGN_IN, text).await)
}

impl Dead {
    fn response(self, page: Page) -> Response {
        match self {
            Self::Done => Gone { page, is_done: true }.into_response(),
            Self::Unknown => (StatusCode::GONE, Gone { page, is_done: false }).into_response(),
        }
    }
}

async fn find(app: &App, token: Option<OneTimeToken>) -> error::Result<Result<Link, Dead>> {
    let Some(token) = token else { return Ok(Err(Dead::Unknown)) };
    Ok(match not_me::find(app, &token).await? {
        NotMeLink::Open(effects) => Ok(Link { token, effects }),
        NotMeLink::Done => Err(Dead::Done),
        NotMeLink::Nothing => Err(Dead::Unknown),
    })
}

fn view(page: Page, link: &Link, errors: Errors) -> Response {
    let email = link.effects.email.to_string();
    let view = View {
        command: format!("{} user reset-link {email} --remove-second-factor REASON", authflow()),
        page,
        errors,
        token: link.token.reveal(),
        email,
        restores: link.effects.restores.as_ref().map(ToString::to_string),
        second_factor: link.effects.second_factor,
    };
    view.into_response()
}
