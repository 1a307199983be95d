//! The page behind the link in the mail to a new address. It is for the signed-in owner of the account alone.

use askama::Template;
use askama_web::WebTemplate;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use crate::app::App;
use crate::domain::one_time_token::OneTimeToken;
use crate::error::Result;
use crate::services::email_change::{self, ConfirmError, Found};
use crate::web::browser_state::BrowserState;
use crate::web::client::Client;
use crate::web::error::trouble_with_form;
use crate::web::form::Form;
use crate::web::identity::SignedIn;
use crate::web::page::{Page, go_to};

/// The form: nothing but its token.
#[derive(Debug, Deserialize)]
pub struct Fields {}

#[derive(Template, WebTemplate)]
#[template(path = "pages/confirm_email.html")]
struct View {
    page: Page,
    token: String,
    old: String,
    new: String,
}

#[derive(Template, WebTemplate)]
#[template(path = "pages/confirm_email_gone.html")]
struct Gone {
    page: Page,
    why: Why,
}

/// Why a link does nothing.
#[derive(PartialEq, Eq)]
enum Why {
    /// Unknown, used, expired, or another change took its place.
    Dead,
    /// Somebody else is signed in.
    Foreign,
    /// The address has got an account of its own.
    Taken,
}

/// `GET /auth/confirm-email/{token}`
pub async fn show(
    State(app): State<App>,
    signed_in: SignedIn,
    page: Page,
    Path(token): Path<String>,
) -> Result<Response> {
    Ok(match find(&app, &signed_in, &token).await? {
        Ok((_, old, new)) => View { page, token, old, new }.into_response(),
        Err(why) => gone(page, why),
    })
}

/// `POST /auth/confirm-email/{token}`
pub async fn submit(
    State(app): State<App>,
    client: Client,
    signed_in: SignedIn,
    state: BrowserState,
    page: Page,
    Path(text): Path<String>,
    form: Form<Fields>,
) -> Result<Response> {
    let (token, old, new) = match find(&app, &signed_in, &text).await? {
        Ok(found) => found,
        Err(why) => return Ok(gone(page, why)),
    };
    if let Form::Stale(_) = form {
        let view = View { page: page.out_of_date(), token: text, old, new };
        return Ok((StatusCode::FORBIDDEN, view).into_response());
    }
    let session = &signed_in.session;
    Ok(match email_change::confirm(&app, session, &token, &client.source).await {
        Ok(email) => {
            state.set_flash(&format!("Your address is now {email}.")).await;
            go_to(&app, "/profile/email")
        }
        Err(ConfirmError::InvalidLink) => gone(page, Why::Dead),
        Err(ConfirmError::Taken) => gone(page, Why::Taken),
        Err(ConfirmError::Failed(error)) => trouble_with_form(&error, |alert| View {
            page: page.with_alert(alert),
            token: text,
            old,
            new,
        }),
    })
}

async fn find(
    app: &App,
    signed_in: &SignedIn,
    text: &str,
) -> Result<Result<(OneTimeToken, String, String), Why>> {
    let Some(token) = OneTimeToken::parse(text) else { return Ok(Err(Why::Dead)) };
    Ok(match email_change::find(app, &signed_in.session, &token).await? {
        Found::Change(it) => Ok((token, it.old_email.to_string(), it.new_email.to_string())),
        Found::Foreign => Err(Why::Foreign),
        Found::Nothing => Err(Why::Dead),
    })
}

fn gone(page: Page, why: Why) -> Response {
    let status = if why == Why::Foreign { StatusCode::FORBIDDEN } else { StatusCode::GONE };
    (status, Gone { page, why }).into_response()
}
