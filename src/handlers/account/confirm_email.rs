//! The page behind the link that confirms a new email address. Only the signed-in owner of the account may use it.

use askama::Template;
use askama_web::WebTemplate;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response, Result};

use crate::app::App;
use crate::domain::addresses;
use crate::domain::email::one_time_token::{CONFIRM_EMAIL_TTL, OneTimeToken};
use crate::error;
use crate::i18n::message::{self, Message};
use crate::services::account::email_change::{self, ConfirmChangeError, EmailChangeLink};
use crate::web::forms::form::{Button, Form};
use crate::web::forms::refused::Refused;
use crate::web::pages::emailed_link::EmailedToken;
use crate::web::pages::page::Page;
use crate::web::visitor::identity::SignedIn;
use crate::web::visitor::visit::Visit;

#[derive(Template, WebTemplate)]
#[template(path = "pages/account/confirm_email.html")]
struct View<'a> {
    page: Page,
    token: String,
    old: &'a str,
    new: &'a str,
}

#[derive(Template, WebTemplate)]
#[template(path = "pages/account/confirm_email_gone.html")]
struct Gone {
    page: Page,
    title: Message,
    why: Why,
}

/// Why a link can't be used.
enum Why {
    /// No user is signed in. The sign-in page does not return to the link, because its URL and the stored state would contain the token.
    SignedOut,
    /// The link is unknown, used, expired, or replaced by another change.
    Dead,
    /// The signed-in user, who has this email address, is not the owner of the link.
    Foreign(String),
    /// The email address has already been changed to this one.
    Done(String),
    /// Another account uses the new email address.
    Taken,
}

/// A link that is valid.
struct Link {
    token: OneTimeToken,
    old: String,
    new: String,
}

impl Link {
    fn view(&self, page: Page) -> Response {
        View { page, token: self.token.reveal(), old: &self.old, new: &self.new }.into_response()
    }
}

/// `GET /auth/confirm-email/{token}`
pub async fn show(visit: Visit, page: Page, EmailedToken(token): EmailedToken) -> Result<Response> {
    let Some(signed_in) = visit.who.signed_in() else { return Ok(gone(page, Why::SignedOut)) };
    Ok(match find(&visit.app, signed_in, token).await? {
        Ok(link) => link.view(page),
        Err(why) => gone(page, why),
    })
}

/// `POST /auth/confirm-email/{token}`
pub async fn submit(
    visit: Visit,
    page: Page,
    EmailedToken(token): EmailedToken,
    form: Form<Button>,
) -> Result<Response> {
    let Some(signed_in) = visit.who.signed_in() else { return Ok(gone(page, Why::SignedOut)) };
    let link = match find(&visit.app, signed_in, token).await? {
        Ok(link) => link,
        Err(why) => return Ok(gone(page, why)),
    };
    let if_gone = page.clone();
    form.answer(
        page,
        async |_| act(&visit, signed_in, if_gone, &link).await,
        async |page, _, _| Ok(link.view(page)),
    )
    .await
}

async fn act(
    visit: &Visit,
    signed_in: &SignedIn,
    if_gone: Page,
    link: &Link,
) -> Result<Response, Refused> {
    let session = &signed_in.session;
    match email_change::confirm(&visit.app, session, &link.token, visit.source()).await {
        Ok(moved) => {
            visit.remember_device(session.user_id, moved.credential_version);
            let text = message::profile_email_changed();
            Ok(visit.go_saying(addresses::PROFILE_EMAIL, text).await)
        }
        // After a double click, the second request finds the change done, although it began with the old address.
        Err(ConfirmChangeError::InvalidLink) => {
            let is_done = email_change::is_done(&visit.app, session, &link.token).await;
            let is_done = is_done.map_err(Refused::instead)?;
            Ok(gone(if_gone, if is_done { Why::Done(link.new.clone()) } else { Why::Dead }))
        }
        Err(ConfirmChangeError::Taken) => Ok(gone(if_gone, Why::Taken)),
        Err(ConfirmChangeError::Failed(error)) => Err(error.into()),
    }
}

async fn find(
    app: &App,
    signed_in: &SignedIn,
    token: Option<OneTimeToken>,
) -> error::Result<Result<Link, Why>> {
    let Some(token) = token else { return Ok(Err(Why::Dead)) };
    Ok(match email_change::find(app, &signed_in.session, &token).await? {
        EmailChangeLink::Change(it) => {
            let (old, new) = (it.old_email.to_string(), it.new_email.to_string());
            Ok(Link { token, old, new })
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
        Why::SignedOut => message::email_link_signed_out_title(),
        Why::Dead => message::error_gone_title(),
        Why::Foreign(_) => message::email_link_foreign_title(),
        Why::Done(_) => message::email_link_done_title(),
        Why::Taken => message::email_link_taken_title(),
    };
    (status, Gone { page, title, why }).into_response()
}
