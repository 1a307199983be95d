//! The confirmation for accounts without a password: emails a code, and asks for it in the same browser.

use std::time::Duration;

use askama::Template;
use askama_web::WebTemplate;
use axum::response::{IntoResponse, Response, Result};

use crate::domain::addresses;
use crate::domain::sign_in::emailed_code::{EmailedCode, LASTS};
use crate::i18n::message;
use crate::services::session::proofs::FreshProof;
use crate::services::sign_in::emailed_code::{self, EmailedCodeError, SendError, SentCode};
use crate::web::forms::errors::Errors;
use crate::web::forms::refused::Refused;
use crate::web::pages::page::Page;
use crate::web::visitor::identity::SignedIn;
use crate::web::visitor::visit::Visit;

#[derive(Template, WebTemplate)]
#[template(path = "pages/sign_in/confirm_with_code.html")]
struct View<'a> {
    page: Page,
    errors: Errors,
    email: String,
    return_to: &'a str,
    back: String,
    /// How long a code works.
    lasts: Duration,
    /// Whether a code was sent to this browser that can still be used.
    is_sent: bool,
}

/// Emails a code to the user, for this browser. The next page asks for it.
pub async fn send(
    visit: &Visit<SignedIn>,
    return_to: &str,
    back: &str,
) -> Result<Response, Refused> {
    let sent = emailed_code::send(&visit.app, visit.session(), visit.source()).await;
    visit.state.set_emailed_code(sent.map_err(not_sent)?).await?;
    visit.state.set_flash(message::emailed_code_sent()).await;
    let query = [("return_to", return_to), ("back", back)];
    Ok(visit.go_to(addresses::CONFIRM_PASSWORD.with(&query)))
}

fn not_sent(error: SendError) -> Refused {
    match error {
        SendError::HasPassword => Refused::conflict(message::confirm_has_password()),
        SendError::TooMany(wait) => Refused::too_many_of(message::too_many_codes_sent, wait),
        SendError::Failed(error) => error.into(),
    }
}

/// Checks the code that the user has entered.
pub async fn check(visit: &Visit<SignedIn>, code: &str) -> Result<FreshProof, Refused> {
    // First, because without a code that was sent the page has no field to show an error at.
    let Some(sent) = sent_code(visit).await? else {
        return Err(refused(EmailedCodeError::Over));
    };
    let code = EmailedCode::parse(code).map_err(|why| Refused::invalid("code", why))?;
    let (session, source) = (visit.session(), visit.source());
    emailed_code::confirm(&visit.app, session, &sent, &code, source).await.map_err(refused)
}

fn refused(error: EmailedCodeError) -> Refused {
    match error {
        EmailedCodeError::Wrong(0) => Refused::unauthorized(message::emailed_code_wrong_last()),
        EmailedCodeError::Wrong(left) => Refused::wrong("code", message::emailed_code_wrong(left)),
        EmailedCodeError::Over => Refused::unauthorized(message::emailed_code_expired()),
        EmailedCodeError::Failed(error) => error.into(),
    }
}

/// The code that was sent to this browser, if it can still be used.
async fn sent_code(visit: &Visit<SignedIn>) -> crate::error::Result<Option<SentCode>> {
    let Some(sent) = visit.state.emailed_code(visit.session().id).await? else { return Ok(None) };
    let is_open = emailed_code::is_open(&visit.app, &sent).await?;
    Ok(is_open.then_some(sent))
}

/// Renders the page.
pub async fn view(
    visit: &Visit<SignedIn>,
    page: Page,
    return_to: &str,
    back: String,
    errors: Errors,
) -> Result<Response> {
    let is_sent = sent_code(visit).await?.is_some();
    let email = visit.signed_in().claims.email.to_string();
    Ok(View { page, errors, email, return_to, back, lasts: LASTS, is_sent }.into_response())
}
