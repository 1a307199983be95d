//! Asks for the password before a sensitive action, then returns to it.

use askama::Template;
use askama_web::WebTemplate;
use axum::extract::RawQuery;
use axum::http::HeaderMap;
use axum::http::header::REFERER;
use axum::response::{IntoResponse, Response, Result};
use serde::Deserialize;

use crate::domain::addresses;
use crate::domain::sign_in::password::Password;
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
    // A browser keeps the page of the link or form through redirects.
    let came_from = headers.get(REFERER).and_then(|it| it.to_str().ok()).unwrap_or_default();
    Ok(view(&visit, page, return_to, came_from, Errors::default()))
}

/// `POST /auth/confirm-password`
pub async fn submit(visit: Visit<SignedIn>, page: Page, form: Form<Fields>) -> Result<Response> {
    form.answer(
        page,
        async |fields| act(&visit, fields).await,
        async |page, fields, errors| {
            Ok(view(&visit, page, &fields.return_to, &fields.back, errors))
        },
    )
    .await
}

async fn act(visit: &Visit<SignedIn>, fields: &Fields) -> Result<Response, Refused> {
    let password = Password::parse(&fields.password);
    let password = password.map_err(|why| Refused::invalid("password", why))?;
    let (device, session, source) = (visit.device(), visit.session(), visit.source());
    let proof =
        password_check::confirm(&visit.app, session, &password, device.as_ref(), source).await;
    visit.take_proof(proof.map_err(refused)?).await;
    visit.state.set_flash("Thank you. You can go on; nothing has been changed yet.").await;
    Ok(go_on(visit, visit.return_to(&fields.return_to).as_ref()))
}

fn refused(error: PasswordError) -> Refused {
    match error {
        PasswordError::Wrong => Refused::wrong("password", "This is not your password."),
        PasswordError::TooMany(wait) => Refused::too_many("attempts", wait),
        PasswordError::Failed(error) => error.into(),
    }
}

fn view(
    visit: &Visit<SignedIn>,
    page: Page,
    return_to: &str,
    came_from: &str,
    errors: Errors,
) -> Response {
    let email = visit.signed_in().claims.email.to_string();
    let back = way_back(&visit.app.config, came_from, visit.return_to(return_to).as_ref());
    View { page, errors, email, return_to, back }.into_response()
}

fn go_on(visit: &Visit<SignedIn>, return_to: Option<&ReturnTo>) -> Response {
    if return_to.is_some() { visit.go_on(return_to) } else { visit.go_to(addresses::PROFILE) }
}
