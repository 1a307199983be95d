//! Taking the second factor away from somebody who has lost it: a page that asks for the reason, which the person is told.

use askama::Template;
use askama_web::WebTemplate;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use super::acts::{Visit, actor, refuse};
use super::{id, path};
use crate::app::App;
use crate::domain::addresses::{self, SitePath};
use crate::domain::id::UserId;
use crate::error::Result;
use crate::services::administration::user_lookup;
use crate::services::administration::user_security;
use crate::web::browser_state::BrowserState;
use crate::web::client::Client;
use crate::web::error::Problem;
use crate::web::form::{Errors, Form};
use crate::web::identity::{Administrator, confirm_first, is_proven};
use crate::web::page::{Page, go_to};

/// The form.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Fields {
    reason: String,
}

#[derive(Template, WebTemplate)]
#[template(path = "pages/administration/user_second_factor.html")]
struct View {
    page: Page,
    errors: Errors,
    fields: Fields,
    id: UserId,
    username: String,
    email: String,
}

/// `GET /admin/users/{id}/remove-second-factor`
pub async fn show(
    State(app): State<App>,
    client: Client,
    administrator: Administrator,
    state: BrowserState,
    page: Page,
    Path(user): Path<String>,
) -> Result<Response> {
    let Some(id) = id(&user) else { return Ok(Problem::not_found().into_response()) };
    if !is_proven(&app, &administrator.0, &state).await {
        return Ok(confirm_first(&app, here(id)));
    }
    let session = administrator.0.session.id;
    let draft: Option<Fields> =
        if client.is_navigation { state.take_draft(session, here(id)).await } else { None };
    draw(&app, page, id, StatusCode::OK, draft.unwrap_or_default(), Errors::default()).await
}

/// `POST /admin/users/{id}/remove-second-factor`
pub async fn submit(
    State(app): State<App>,
    (client, administrator, state, page, Path(user)): Visit,
    form: Form<Fields>,
) -> Result<Response> {
    let Some(id) = id(&user) else { return Ok(Problem::not_found().into_response()) };
    let mut errors = Errors::default();
    let fields = match form {
        Form::Genuine(fields) => fields,
        Form::Stale(fields) => {
            let page = page.out_of_date();
            return draw(&app, page, id, StatusCode::FORBIDDEN, fields, errors).await;
        }
    };
    if !is_proven(&app, &administrator.0, &state).await {
        state.set_draft(administrator.0.session.id, here(id), &fields).await;
        return Ok(confirm_first(&app, here(id)));
    }
    let Some(reason) = errors.check("reason", user_security::reason(&fields.reason)) else {
        return draw(&app, page, id, StatusCode::UNPROCESSABLE_ENTITY, fields, errors).await;
    };
    let actor = actor(&administrator, &client);
    match user_security::remove_second_factor(&app, actor, id, &reason).await {
        Ok(()) => {
            state
                .set_flash("Two-factor sign-in is off for this account, and its owner is told why.")
                .await;
            Ok(go_to(&app, path(id)))
        }
        Err(error) => refuse(&app, &administrator, &state, page, id, error, None).await,
    }
}

fn here(id: UserId) -> SitePath {
    addresses::USER_REMOVE_SECOND_FACTOR.of(id)
}

async fn draw(
    app: &App,
    page: Page,
    id: UserId,
    status: StatusCode,
    fields: Fields,
    errors: Errors,
) -> Result<Response> {
    let Some(account) = user_lookup::find(app, id).await? else {
        return Ok(Problem::not_found().into_response());
    };
    let (username, email) = (account.user.username.to_string(), account.user.email.to_string());
    Ok((status, View { page, errors, fields, id, username, email }).into_response())
}
