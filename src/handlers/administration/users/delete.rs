//! The confirmation page for deleting an account, and for rejecting a sign-up, which also deletes its account.

use askama::Template;
use askama_web::WebTemplate;
use axum::extract::Path;
use axum::response::{IntoResponse, Response, Result};

use super::show::{TypedFields, view as users_page};
use super::{id, no_such_user};
use crate::domain::addresses::{self, SitePath};
use crate::domain::id::UserId;
use crate::i18n::message::{self, Message};
use crate::services::administration::user_lookup;
use crate::services::administration::user_status;
use crate::services::audit::Actor;
use crate::web::forms::form::{Button, Form};
use crate::web::forms::refused::Refused;
use crate::web::http::problem::Problem;
use crate::web::pages::page::Page;
use crate::web::visitor::identity::Administrator;
use crate::web::visitor::visit::Visit;

#[derive(Template, WebTemplate)]
#[template(path = "pages/administration/user_delete.html")]
struct View {
    page: Page,
    way: Way,
    id: UserId,
    title: String,
    email: String,
    /// Whether it is the administrator's own account, which they can't delete here.
    is_own: bool,
    /// Whether the owner gets an email; not of a sign-up whose address is unconfirmed.
    is_emailed: bool,
}

/// Why the account is deleted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Delete,
    Reject,
}

impl Way {
    fn path(self, id: UserId) -> SitePath {
        match self {
            Self::Delete => addresses::USER_DELETE.of(id),
            Self::Reject => addresses::USER_REJECT.of(id),
        }
    }
}

/// `GET /admin/users/{id}/delete`
pub async fn show(visit: Visit<Administrator>, page: Page, user: Path<String>) -> Result<Response> {
    ask(&visit, page, user, Way::Delete).await
}

/// `POST /admin/users/{id}/delete`
pub async fn submit(
    visit: Visit<Administrator>,
    page: Page,
    user: Path<String>,
    form: Form<Button>,
) -> Result<Response> {
    take(&visit, page, user, &form, Way::Delete).await
}

/// `GET /admin/users/{id}/reject`
pub async fn show_rejection(
    visit: Visit<Administrator>,
    page: Page,
    user: Path<String>,
) -> Result<Response> {
    ask(&visit, page, user, Way::Reject).await
}

/// `POST /admin/users/{id}/reject`
pub async fn submit_rejection(
    visit: Visit<Administrator>,
    page: Page,
    user: Path<String>,
    form: Form<Button>,
) -> Result<Response> {
    take(&visit, page, user, &form, Way::Reject).await
}

async fn ask(
    visit: &Visit<Administrator>,
    page: Page,
    Path(user): Path<String>,
    way: Way,
) -> Result<Response> {
    let id = id(&user)?;
    visit.prove_first(way.path(id)).await?;
    view(visit, page, id, way).await
}

async fn take(
    visit: &Visit<Administrator>,
    page: Page,
    Path(user): Path<String>,
    form: &Form<Button>,
    way: Way,
) -> Result<Response> {
    let id = id(&user)?;
    let of_user = page.clone();
    form.answer(
        page,
        async |_| {
            let actor = visit.actor(visit.prove_first(way.path(id)).await?);
            match carry_out(visit, actor, id, way).await {
                Ok(text) => Ok(visit.go_saying(addresses::USERS, text).await),
                Err(refused) => {
                    let view = async |page, errors| {
                        users_page(visit, page, id, &TypedFields::default(), errors).await
                    };
                    Err(refused.on(of_user, view).await)
                }
            }
        },
        async |page, _, _| view(visit, page, id, way).await,
    )
    .await
}

/// Deletes the account and returns the message for the next page.
async fn carry_out(
    visit: &Visit<Administrator>,
    actor: Actor<'_>,
    id: UserId,
    way: Way,
) -> Result<Message, Refused> {
    match way {
        Way::Delete => {
            user_status::delete(&visit.app, actor, id).await?;
            Ok(message::users_deleted())
        }
        Way::Reject => {
            user_status::reject(&visit.app, actor, id).await?;
            Ok(message::users_rejected())
        }
    }
}

async fn view(visit: &Visit<Administrator>, page: Page, id: UserId, way: Way) -> Result<Response> {
    let account = user_lookup::find(&visit.app, id).await?;
    let user = account.ok_or_else(|| no_such_user(&visit.app.config))?.user;
    if way != Way::Delete && user.awaits_approval_since.is_none() {
        return Err(Problem::not_found().into());
    }
    let (name, email) = (user.username.to_string(), user.email.to_string());
    let title = match way {
        Way::Delete => page.t.user_delete_title(name).plain(),
        Way::Reject => page.t.user_reject_title(name).plain(),
    };
    let (is_own, is_emailed) = (visit.session().user_id == id, user.activated_at.is_some());
    Ok(View { page, way, id, title, email, is_own, is_emailed }.into_response())
}
