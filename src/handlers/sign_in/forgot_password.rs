//! Requesting a password reset link.

use askama::Template;
use askama_web::WebTemplate;
use axum::extract::RawQuery;
use axum::response::{IntoResponse, Response, Result};
use serde::Deserialize;

use crate::domain::account::email::EmailAddress;
use crate::domain::addresses;
use crate::services::account::password_reset;
use crate::web::forms::errors::Errors;
use crate::web::forms::form::Form;
use crate::web::forms::refused::Refused;
use crate::web::http::query::is_on;
use crate::web::pages::page::Page;
use crate::web::visitor::return_to::Carried;
use crate::web::visitor::visit::Visit;

/// The fields of the form.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Fields {
    email: String,
    return_to: Carried,
}

#[derive(Template, WebTemplate)]
#[template(path = "pages/sign_in/forgot_password.html")]
struct View<'a> {
    page: Page,
    fields: &'a Fields,
    errors: Errors,
}

/// `GET /auth/forgot-password`: also for signed-in users, because emails link to it, which may be about another account. With `?own=on`, the
/// link of their own pages, it has their address.
pub async fn show(visit: Visit, page: Page, RawQuery(query): RawQuery) -> Result<Response> {
    let return_to = visit.return_to_of(addresses::FORGOT_PASSWORD, query.as_deref()).await?.into();
    let own = visit.who.signed_in().filter(|_| is_on(query.as_deref(), "own"));
    let email = own.map(|it| it.claims.email.to_string()).unwrap_or_default();
    let fields = &Fields { email, return_to };
    Ok(View { page, fields, errors: Errors::default() }.into_response())
}

/// `POST /auth/forgot-password`
pub async fn submit(visit: Visit, page: Page, form: Form<Fields>) -> Result<Response> {
    form.answer(
        page,
        async |fields| act(&visit, fields).await,
        async |page, fields, errors| Ok(View { page, fields, errors }.into_response()),
    )
    .await
}

async fn act(visit: &Visit, fields: &Fields) -> Result<Response, Refused> {
    let email = EmailAddress::parse(&fields.email);
    let email = email.map_err(|why| Refused::invalid("email", why))?;
    password_reset::request(&visit.app, &email, visit.source()).await?;
    let return_to = fields.return_to.parse(&visit.app.config);
    visit.state.set_return_to(return_to.as_ref()).await;
    Ok(visit.go_to(addresses::CHECK_MAIL))
}
