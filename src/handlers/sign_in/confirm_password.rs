//! Asks for the password before a sensitive action, then returns to it. Accounts without a password get a code by email instead.

use askama::Template;
use askama_web::WebTemplate;
use axum::extract::RawQuery;
use axum::http::HeaderMap;
use axum::http::header::REFERER;
use axum::response::{IntoResponse, Response, Result};
use serde::Deserialize;
use url::form_urlencoded;

use crate::domain::addresses;
use crate::domain::sign_in::password::Password;
use crate::handlers::sign_in::confirm_with_code;
use crate::services::session::session_management::FreshProof;
use crate::services::sign_in::password_check::{self, PasswordError};
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
    /// `code` in the form that sends a code.
    send: String,
    code: String,
    return_to: String,
    /// Where the link "Back" leads.
    back: String,
}

#[derive(Template, WebTemplate)]
#[template(path = "pages/sign_in/confirm_password.html")]
struct View<'a> {
    page: Page,
    errors: Errors,
    email: String,
    return_to: &'a str,
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
    if visit.proven().await?.is_ok() {
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
    let proof = if !confirm_with_code::is_asked_for(visit).await? {
        check_password(visit, &fields.password).await?
    } else if fields.send == "code" {
        return confirm_with_code::send(visit, &fields.return_to, &fields.back).await;
    } else {
        confirm_with_code::check(visit, &fields.code).await?
    };
    visit.take_proof(proof).await;
    visit.state.set_flash("Thank you. You can go on; nothing has been changed yet.").await;
    Ok(go_on(visit, visit.return_to(&fields.return_to).as_ref()))
}

async fn check_password(visit: &Visit<SignedIn>, password: &str) -> Result<FreshProof, Refused> {
    let password = Password::parse(password);
    let password = password.map_err(|why| Refused::invalid("password", why))?;
    let (device, session, source) = (visit.device(), visit.session(), visit.source());
    let proof = password_check::confirm(&visit.app, session, &password, device.as_ref(), source);
    proof.await.map_err(refused)
}

fn refused(error: PasswordError) -> Refused {
    match error {
        PasswordError::Wrong => Refused::wrong("password", "This is not your password."),
        PasswordError::TooMany(wait) => Refused::too_many("attempts", wait),
        PasswordError::Failed(error) => error.into(),
    }
}

async fn view(
    visit: &Visit<SignedIn>,
    page: Page,
    return_to: &str,
    came_from: &str,
    errors: Errors,
) -> Result<Response> {
    let back = way_back(&visit.app.config, came_from, visit.return_to(return_to).as_ref());
    if confirm_with_code::is_asked_for(visit).await? {
        return confirm_with_code::view(visit, page, return_to, back, errors).await;
    }
    let email = visit.signed_in().claims.email.to_string();
    Ok(View { page, errors, email, return_to, back }.into_response())
}

fn go_on(visit: &Visit<SignedIn>, return_to: Option<&ReturnTo>) -> Response {
    if return_to.is_some() { visit.go_on(return_to) } else { visit.go_to(addresses::PROFILE) }
}
