//! Asks users to prove who they are before a sensitive action, then returns to it: with the password, a two-factor code, or both. Accounts
//! without a password get a code by email instead.

use askama::Template;
use askama_web::WebTemplate;
use axum::extract::RawQuery;
use axum::http::HeaderMap;
use axum::http::header::REFERER;
use axum::response::{IntoResponse, Response, Result};
use serde::Deserialize;
use url::form_urlencoded;

use crate::domain::addresses;
use crate::domain::sign_in::demand::{Demand, Missing};
use crate::handlers::sign_in::confirm_with_code;
use crate::i18n::message;
use crate::services::session::demanded_factor;
use crate::services::session::proofs::FreshProof;
use crate::services::sign_in::step_up;
use crate::web::forms::credentials::FormCredentials;
use crate::web::forms::errors::Errors;
use crate::web::forms::form::Form;
use crate::web::forms::refused::Refused;
use crate::web::pages::page::Page;
use crate::web::visitor::identity::SignedIn;
use crate::web::visitor::return_to::ReturnTo;
use crate::web::visitor::visit::Visit;
use crate::web::visitor::way_back::way_back;

/// The fields of the form.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Fields {
    password: String,
    /// `code` in the form that sends a code by email.
    send: String,
    /// The emailed code if there is no password; otherwise the two-factor code.
    code: String,
    return_to: String,
    /// Where the link "Cancel" leads.
    back: String,
}

#[derive(Template, WebTemplate)]
#[template(path = "pages/sign_in/confirm_password.html")]
struct View<'a> {
    page: Page,
    title: &'static str,
    errors: Errors,
    email: String,
    missing: Missing,
    return_to: &'a str,
    /// Where the link "Cancel" leads; empty if there is nowhere to go but the sign-out.
    back: String,
}

/// `GET /auth/confirm-password`
pub async fn show(
    visit: Visit<SignedIn>,
    page: Page,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response> {
    let return_to = visit.return_to_of(addresses::CONFIRM_PASSWORD, query.as_deref()).await?;
    if visit.missing(Demand::Proof).await?.is_nothing() {
        return Ok(go_on(&visit, return_to.as_ref()));
    }
    let return_to = return_to.as_ref().map_or("", ReturnTo::as_str);
    let came_from = came_from(query.as_deref(), &headers);
    view(&visit, page, return_to, &came_from, Errors::default()).await
}

/// The page that the user came from. After a code was sent, the query says it; before, the browser keeps the page of the link or form
/// through redirects.
fn came_from(query: Option<&str>, headers: &HeaderMap) -> String {
    let mut fields = form_urlencoded::parse(query.unwrap_or_default().as_bytes());
    let back = fields.find(|(name, _)| name == "back").map(|(_, back)| back.into_owned());
    let referrer = || headers.get(REFERER).and_then(|it| it.to_str().ok()).map(ToOwned::to_owned);
    back.or_else(referrer).unwrap_or_default()
}

/// `POST /auth/confirm-password`
pub async fn submit(visit: Visit<SignedIn>, page: Page, form: Form<Fields>) -> Result<Response> {
    form.answer(
        page,
        async |fields| act(&visit, fields).await,
        async |page, fields, errors| {
            view(&visit, page, &fields.return_to, &fields.back, errors).await
        },
    )
    .await
}

async fn act(visit: &Visit<SignedIn>, fields: &Fields) -> Result<Response, Refused> {
    let return_to = visit.return_to(&fields.return_to);
    let missing = visit.missing(Demand::Proof).await?;
    if missing.is_nothing() {
        return Ok(go_on(visit, return_to.as_ref()));
    }
    let proof = if !missing.emailed_code() {
        check(visit, fields, missing).await?
    } else if fields.send == "code" {
        return confirm_with_code::send(visit, &fields.return_to, &fields.back).await;
    } else {
        confirm_with_code::check(visit, &fields.code).await?
    };
    visit.take_proof(proof).await;
    if missing.emailed_code() && missing.second_factor {
        let query = [("return_to", fields.return_to.as_str()), ("back", fields.back.as_str())];
        return Ok(visit.go_to(addresses::CONFIRM_PASSWORD.with(&query)));
    }
    visit.state.set_flash(message::confirm_done()).await;
    Ok(go_on(visit, return_to.as_ref()))
}

async fn check(
    visit: &Visit<SignedIn>,
    fields: &Fields,
    missing: Missing,
) -> Result<FreshProof, Refused> {
    let mut errors = Errors::default();
    let (password, code) = (("password", &*fields.password), ("code", &*fields.code));
    let credentials = FormCredentials::read(missing, password, code, &mut errors);
    let Some(credentials) = credentials else { return Err(errors.into()) };
    let device = visit.device();
    let entered = credentials.entered(device.as_ref(), visit.source());
    let proof = step_up::confirm(&visit.app, visit.session(), entered).await;
    proof.map_err(|error| Refused::entered("password", "code", error, entered.code))
}

async fn view(
    visit: &Visit<SignedIn>,
    page: Page,
    return_to: &str,
    came_from: &str,
    errors: Errors,
) -> Result<Response> {
    let back = way_back(&visit.app.config, came_from, visit.return_to(return_to).as_ref());
    // Every page would lead back here.
    let back = Some(back).filter(|_| !demanded_factor::is_missing(&visit.app, visit.session()));
    let back = back.unwrap_or_default();
    let missing = visit.missing(Demand::Proof).await?;
    if missing.emailed_code() {
        return confirm_with_code::view(visit, page, return_to, back, errors).await;
    }
    let email = visit.signed_in().claims.email.to_string();
    let title = if missing.second_factor {
        page.t.confirm_identity_title()
    } else {
        page.t.confirm_password_title()
    };
    Ok(View { page, title, errors, email, missing, return_to, back }.into_response())
}

fn go_on(visit: &Visit<SignedIn>, return_to: Option<&ReturnTo>) -> Response {
    if return_to.is_some() { visit.go_on(return_to) } else { visit.go_to(addresses::PROFILE) }
}
