//! Deleting somebody's account, or refusing a sign-up, which deletes it too: a page that asks first.

use askama::Template;
use askama_web::WebTemplate;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::acts::{Fields, Visit, actor, refuse};
use super::id;
use crate::app::App;
use crate::domain::addresses::{self, SitePath};
use crate::domain::id::UserId;
use crate::error::Result;
use crate::services::administration::user_lookup;
use crate::services::administration::user_status;
use crate::web::browser_state::BrowserState;
use crate::web::error::Problem;
use crate::web::form::Form;
use crate::web::identity::{Administrator, confirm_first, is_proven};
use crate::web::page::{Page, go_to};

#[derive(Template, WebTemplate)]
#[template(path = "pages/administration/user_delete.html")]
struct View {
    page: Page,
    way: Way,
    id: UserId,
    username: String,
    email: String,
}

/// Why an account goes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Delete,
    Refuse,
}

impl Way {
    fn path(self, id: UserId) -> SitePath {
        match self {
            Self::Delete => addresses::USER_DELETE.of(id),
            Self::Refuse => addresses::USER_REFUSE.of(id),
        }
    }
}

/// Who looks at the page about whom.
pub type Look = (Administrator, BrowserState, Page, Path<String>);

/// `GET /admin/users/{id}/delete`
pub async fn show(app: State<App>, look: Look) -> Result<Response> {
    ask(app, look, Way::Delete).await
}

/// `POST /admin/users/{id}/delete`
pub async fn submit(app: State<App>, visit: Visit, form: Form<Fields>) -> Result<Response> {
    take(app, visit, form, Way::Delete).await
}

/// `GET /admin/users/{id}/refuse`
pub async fn show_refusal(app: State<App>, look: Look) -> Result<Response> {
    ask(app, look, Way::Refuse).await
}

/// `POST /admin/users/{id}/refuse`
pub async fn submit_refusal(app: State<App>, visit: Visit, form: Form<Fields>) -> Result<Response> {
    take(app, visit, form, Way::Refuse).await
}

async fn ask(
    State(app): State<App>,
    (administrator, state, page, Path(user)): Look,
    way: Way,
) -> Result<Response> {
    let Some(id) = id(&user) else { return Ok(Problem::not_found().into_response()) };
    if !is_proven(&app, &administrator.0, &state).await {
        return Ok(confirm_first(&app, way.path(id)));
    }
    draw(&app, page, id, way, StatusCode::OK).await
}

async fn take(
    State(app): State<App>,
    (client, administrator, state, page, Path(user)): Visit,
    form: Form<Fields>,
    way: Way,
) -> Result<Response> {
    let Some(id) = id(&user) else { return Ok(Problem::not_found().into_response()) };
    if let Form::Stale(_) = form {
        return draw(&app, page.out_of_date(), id, way, StatusCode::FORBIDDEN).await;
    }
    if !is_proven(&app, &administrator.0, &state).await {
        return Ok(confirm_first(&app, way.path(id)));
    }
    let actor = actor(&administrator, &client);
    let done = match way {
        Way::Delete => {
            user_status::delete(&app, actor, id).await.map(|()| "The account has been deleted.")
        }
        Way::Refuse => user_status::refuse(&app, actor, id)
            .await
            .map(|()| "The sign-up is refused, and whoever it was is told by mail."),
    };
    match done {
        Ok(text) => {
            state.set_flash(text).await;
            Ok(go_to(&app, addresses::USERS))
        }
        Err(error) => refuse(&app, &administrator, &state, page, id, error, None).await,
    }
}

async fn draw(app: &App, page: Page, id: UserId, way: Way, status: StatusCode) -> Result<Response> {
    let Some(account) = user_lookup::find(app, id).await? else {
        return Ok(Problem::not_found().into_response());
    };
    if way == Way::Refuse && account.user.awaits_approval_since.is_none() {
        return Ok(Problem::not_found().into_response());
    }
    let (username, email) = (account.user.username.to_string(), account.user.email.to_string());
    Ok((status, View { page, way, id, username, email }).into_response())
}
