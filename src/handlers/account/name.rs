//! The display name, with the handle beside it.

use askama::Template;
use askama_web::WebTemplate;
use axum::response::{IntoResponse, Response, Result};
use serde::Deserialize;

use crate::domain::account::handle::Handle;
use crate::domain::account::username::Username;
use crate::domain::addresses;
use crate::services::account::profile;
use crate::web::forms::errors::Errors;
use crate::web::forms::form::Form;
use crate::web::forms::refused::Refused;
use crate::web::pages::page::Page;
use crate::web::visitor::identity::SignedIn;
use crate::web::visitor::visit::Visit;

/// The fields of the form.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Fields {
    username: String,
}

#[derive(Template, WebTemplate)]
#[template(path = "pages/account/name.html")]
struct View<'a> {
    page: Page,
    fields: &'a Fields,
    handle: Option<Handle>,
    errors: Errors,
}

/// `GET /profile`
pub async fn show(signed_in: SignedIn, page: Page) -> Response {
    let fields = &Fields { username: signed_in.claims.name.to_string() };
    let handle = signed_in.session.handle.clone();
    View { page, fields, handle, errors: Errors::default() }.into_response()
}

/// `POST /profile`
pub async fn submit(visit: Visit<SignedIn>, page: Page, form: Form<Fields>) -> Result<Response> {
    form.answer(
        page,
        async |fields| act(&visit, fields).await,
        async |page, fields, errors| {
            let handle = visit.session().handle.clone();
            Ok(View { page, fields, handle, errors }.into_response())
        },
    )
    .await
}

async fn act(visit: &Visit<SignedIn>, fields: &Fields) -> Result<Response, Refused> {
    let username = Username::parse(&fields.username);
    let username = username.map_err(|why| Refused::invalid("username", why))?;
    profile::rename(&visit.app, visit.session().user_id, &username, visit.source()).await?;
    Ok(visit.go_saying(addresses::PROFILE, "Your name has been changed.").await)
}
