//! Signing out.

use askama::Template;
use askama_web::WebTemplate;
use axum::extract::RawQuery;
use axum::response::{IntoResponse, Response, Result};
use serde::Deserialize;

use crate::domain::addresses;
use crate::i18n::message;
use crate::services::session::session_management;
use crate::web::forms::form::Form;
use crate::web::forms::refused::Refused;
use crate::web::http::cookies::Name;
use crate::web::pages::page::Page;
use crate::web::visitor::return_to::ReturnTo;
use crate::web::visitor::visit::Visit;

/// The fields of the form.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Fields {
    return_to: String,
}

#[derive(Template, WebTemplate)]
#[template(path = "pages/sign_in/logout.html")]
struct View<'a> {
    page: Page,
    return_to: &'a str,
}

/// `GET /auth/logout`: the confirmation page, which apps may link to.
pub async fn show(visit: Visit, page: Page, RawQuery(query): RawQuery) -> Result<Response> {
    let return_to = visit.return_to_of(addresses::SIGN_OUT, query.as_deref()).await?;
    if visit.who.signed_in().is_none() {
        return Ok(go_to_sign_in(&visit, return_to.as_ref()));
    }
    let return_to = return_to.as_ref().map_or("", ReturnTo::as_str);
    Ok(View { page, return_to }.into_response())
}

/// `POST /auth/logout`
pub async fn submit(visit: Visit, page: Page, form: Form<Fields>) -> Result<Response> {
    form.answer(
        page,
        async |fields| act(&visit, fields).await,
        async |page, fields, _| {
            let return_to = visit.return_to(&fields.return_to);
            let return_to = return_to.as_ref().map_or("", ReturnTo::as_str);
            Ok(View { page, return_to }.into_response())
        },
    )
    .await
}

async fn act(visit: &Visit, fields: &Fields) -> Result<Response, Refused> {
    let next = go_to_sign_in(visit, visit.return_to(&fields.return_to).as_ref());
    visit.state.forget().await;
    if visit.cookies.get(Name::Refresh).is_none() {
        return Err(Refused::instead(next)); // nothing was done, so nothing is stored
    }
    // The session first, then its cookie: if this response is lost, the session has ended anyway.
    if let Some(signed_in) = visit.who.signed_in() {
        let done =
            session_management::sign_out(&visit.app, &signed_in.session, visit.source()).await;
        done.map_err(Refused::instead)?;
    }
    visit.state.set_flash(message::signed_out()).await;
    visit.cookies.clear(Name::Refresh);
    Ok(next)
}

fn go_to_sign_in(visit: &Visit, return_to: Option<&ReturnTo>) -> Response {
    let Some(return_to) = return_to else { return visit.go_to(addresses::SIGN_IN) };
    visit.go_to(addresses::SIGN_IN.with(&[("return_to", return_to.as_str())]))
}
