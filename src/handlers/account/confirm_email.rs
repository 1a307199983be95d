//! The page behind the link in the mail to a new address. It is for the signed-in owner of the account alone.

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
use crate::services::account::email_change::{self, ConfirmChangeError, EmailChangeLink};
use crate::web::browser_state::BrowserState;
use crate::web::client::Client;
use crate::web::cookies::Cookies;
use crate::web::error::trouble_with_form;
use crate::web::form::Form;
use crate::web::identity::{SignedIn, Visitor, remember_device};
use crate::web::page::{Page, go_to};

/// The form: nothing but its token.
#[derive(Debug, Deserialize)]
pub struct Fields {}

#[derive(Template, WebTemplate)]
#[template(path = "pages/account/confirm_email.html")]
struct View {
    page: Page,
    token: String,
    old: String,
    new: String,
}

#[derive(Template, WebTemplate)]
#[template(path = "pages/account/confirm_email_gone.html")]
struct Gone {
    page: Page,
    title: &'static str,
    why: Why,
}

/// Why a link does nothing.
enum Why {
    /// Nobody is signed in. The link does not go along to the sign-in: it would stand in an address there, and at rest.
    SignedOut,
    /// Unknown, used, expired, or another change took its place.
    Dead,
    /// Somebody else is signed in, with this address.
    Foreign(String),
    /// It has done its work.
    Done(String),
    /// The address has got an account of its own.
    Taken,
}

/// `GET /auth/confirm-email/{token}`
pub async fn show(
    State(app): State<App>,
    visitor: Visitor,
    page: Page,
    Path(token): Path<String>,
) -> Result<Response> {
    let Some(signed_in) = visitor.signed_in() else { return Ok(gone(page, Why::SignedOut)) };
    Ok(match find(&app, signed_in, &token).await? {
        Ok((_, old, new)) => View { page, token, old, new }.into_response(),
        Err(why) => gone(page, why),
    })
}

/// `POST /auth/confirm-email/{token}`
#[expect(clippy::too_many_arguments, reason = "all that an axum handler sees comes as arguments")]
pub async fn submit(
    State(app): State<App>,
    client: Client,
    visitor: Visitor,
    cookies: Cookies,
    state: BrowserState,
    page: Page,
    Path(text): Path<String>,
    form: Form<Fields>,
) -> Result<Response> {
    let Some(signed_in) = visitor.signed_in() else { return Ok(gone(page, Why::SignedOut)) };
    let (token, old, new) = match find(&app, signed_in, &text).await? {
        Ok(found) => found,
        Err(why) => return Ok(gone(page, why)),
    };
    if let Form::Stale(_) = form {
        let view = View { page: page.out_of_date(), token: text, old, new };
        return Ok((StatusCode::FORBIDDEN, view).into_response());
    }
    let session = &signed_in.session;
    Ok(match email_change::confirm(&app, session, &token, &client.source).await {
        Ok(moved) => {
            remember_device(&app, &cookies, session.user_id, moved.credential_version);
            state.set_flash(&format!("Your address is now {}.", moved.email)).await;
            go_to(&app, addresses::PROFILE_EMAIL)
        }
        // Of two clicks the second finds the work done, though its request began with the address before.
        Err(ConfirmChangeError::InvalidLink) => {
            let is_done = email_change::is_done(&app, session, &token).await?;
            gone(page, if is_done { Why::Done(new) } else { Why::Dead })
        }
        Err(ConfirmChangeError::Taken) => gone(page, Why::Taken),
        Err(ConfirmChangeError::Failed(error)) => trouble_with_form(&error, |alert| View {
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
        EmailChangeLink::Change(it) => {
            Ok((token, it.old_email.to_string(), it.new_email.to_string()))
        }
        EmailChangeLink::Foreign => Err(Why::Foreign(signed_in.claims.email.to_string())),
        EmailChangeLink::Done => Err(Why::Done(signed_in.claims.email.to_string())),
        EmailChangeLink::Nothing => Err(Why::Dead),
    })
}

fn gone(page: Page, why: Why) -> Response {
    let status = match why {
        Why::SignedOut => StatusCode::UNAUTHORIZED,
        Why::Foreign(_) => StatusCode::FORBIDDEN,
        Why::Done(_) => StatusCode::OK,
        Why::Dead | Why::Taken => StatusCode::GONE,
    };
    let title = match why {
        Why::SignedOut => "Please sign in first",
        Why::Dead => "This link does not work any more",
        Why::Foreign(_) => "This link is for another account",
        Why::Done(_) => "There is nothing left to do",
        Why::Taken => "This address has an account already",
    };
    (status, Gone { page, title, why }).into_response()
}
