//! Turning off two-factor authentication for a user who has lost the app and the recovery codes. The form requires a reason, which is
//! emailed to the user.

use askama::Template;
use askama_web::WebTemplate;
use axum::extract::Path;
use axum::response::{IntoResponse, Response, Result};
use serde::{Deserialize, Serialize};

use super::show::{TypedFields, view as users_page};
use super::{id, no_such_user, path};
use crate::domain::addresses::{self, SitePath};
use crate::domain::id::UserId;
use crate::i18n::message;
use crate::services::administration::user_lookup;
use crate::services::administration::user_security;
use crate::web::forms::errors::Errors;
use crate::web::forms::form::Form;
use crate::web::forms::refused::Refused;
use crate::web::pages::page::Page;
use crate::web::visitor::identity::Administrator;
use crate::web::visitor::visit::Visit;

/// The fields of the form.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Fields {
    reason: String,
}

#[derive(Template, WebTemplate)]
#[template(path = "pages/administration/user_second_factor.html")]
struct View<'a> {
    page: Page,
    errors: Errors,
    fields: &'a Fields,
    id: UserId,
    title: String,
    username: String,
    email: String,
    /// Whether it is the administrator's own account, which has its own page for this.
    is_own: bool,
    /// Whether there is a second factor.
    is_on: bool,
}

/// `GET /admin/users/{id}/remove-second-factor`
pub async fn show(
    visit: Visit<Administrator>,
    page: Page,
    Path(user): Path<String>,
) -> Result<Response> {
    let id = id(&user)?;
    visit.prove_first(here(id)).await?;
    let fields: Fields = visit.take_draft(here(id)).await.unwrap_or_default();
    view(&visit, page, id, &fields, Errors::default()).await
}

/// `POST /admin/users/{id}/remove-second-factor`
pub async fn submit(
    visit: Visit<Administrator>,
    page: Page,
    Path(user): Path<String>,
    form: Form<Fields>,
) -> Result<Response> {
    let id = id(&user)?;
    let of_user = page.clone();
    form.answer(
        page,
        async |fields| act(&visit, of_user, id, fields).await,
        async |page, fields, errors| view(&visit, page, id, fields, errors).await,
    )
    .await
}

async fn act(
    visit: &Visit<Administrator>,
    of_user: Page,
    id: UserId,
    fields: &Fields,
) -> Result<Response, Refused> {
    let proven = visit.prove_first_keeping(here(id), fields).await?;
    let reason =
        user_security::reason(&fields.reason).map_err(|why| Refused::invalid("reason", why))?;
    let actor = visit.actor(proven);
    match user_security::remove_second_factor(&visit.app, actor, id, &reason).await {
        Ok(()) => Ok(visit.go_saying(path(id), message::user_two_factor_removed()).await),
        Err(error) => {
            let view = async |page, errors| {
                users_page(visit, page, id, &TypedFields::default(), errors).await
            };
            Err(Refused::from(error).on(of_user, view).await)
        }
    }
}

fn here(id: UserId) -> SitePath {
    addresses::USER_REMOVE_SECOND_FACTOR.of(id)
}

async fn view(
    visit: &Visit<Administrator>,
    page: Page,
    id: UserId,
    fields: &Fields,
    errors: Errors,
) -> Result<Response> {
    let account = user_lookup::find(&visit.app, id).await?;
    let account = account.ok_or_else(|| no_such_user(&visit.app.config))?;
    let username = account.user.username.to_string();
    let view = View {
        title: page.t.user_remove_two_factor_title(&username).plain(),
        page,
        errors,
        fields,
        id,
        username,
        email: account.user.email.to_string(),
        is_own: visit.session().user_id == id,
        is_on: account.second_factor.is_some(),
    };
    Ok(view.into_response())
}
