//! The list of the user's sessions, and ending them.

use askama::Template;
use askama_web::WebTemplate;
use axum::extract::Path;
use axum::response::{IntoResponse, Response, Result};
use uuid::Uuid;

use crate::domain::addresses::{self, Address};
use crate::domain::id::SessionId;
use crate::domain::user_agent;
use crate::services::session::session_management::{self, SessionRevocation};
use crate::web::forms::form::{Button, Form};
use crate::web::forms::refused::Refused;
use crate::web::http::problem::Problem;
use crate::web::pages::page::Page;
use crate::web::visitor::identity::SignedIn;
use crate::web::visitor::visit::Visit;

const PATH: Address = addresses::PROFILE_SESSIONS;

#[derive(Template, WebTemplate)]
#[template(path = "pages/account/sessions.html")]
struct View {
    page: Page,
    sessions: Vec<Listed>,
    has_others: bool,
}

/// A session as the page shows it.
struct Listed {
    id: SessionId,
    browser: String,
    address: String,
    signed_in_at: String,
    last_seen_at: String,
    lives_until: String,
    remember: bool,
    is_this_one: bool,
}

/// `GET /profile/sessions`
pub async fn show(visit: Visit<SignedIn>, page: Page) -> Result<Response> {
    view(&visit, page).await
}

/// `POST /profile/sessions/{id}/revoke`
pub async fn revoke(
    visit: Visit<SignedIn>,
    page: Page,
    Path(id): Path<String>,
    form: Form<Button>,
) -> Result<Response> {
    form.answer(page, async |_| end(&visit, &id).await, async |page, _, _| view(&visit, page).await)
        .await
}

async fn end(visit: &Visit<SignedIn>, id: &str) -> Result<Response, Refused> {
    let id = Uuid::parse_str(id).map(SessionId).map_err(|_| Problem::not_found())?;
    let revoked = session_management::revoke(&visit.app, visit.session(), id, visit.source()).await;
    let text = match revoked.map_err(Refused::instead)? {
        SessionRevocation::ThisOne => {
            visit.forget_session().await;
            return Ok(visit.go_saying(addresses::SIGN_IN, "You are signed out.").await);
        }
        SessionRevocation::Now => "The session has been ended.",
        SessionRevocation::Before => "That session had ended already.",
        SessionRevocation::Unknown => return Err(Problem::not_found().into()),
    };
    Ok(visit.go_saying(PATH, text).await)
}

/// `POST /profile/sessions/revoke-others`
pub async fn revoke_others(
    visit: Visit<SignedIn>,
    page: Page,
    form: Form<Button>,
) -> Result<Response> {
    form.answer(
        page,
        async |_| {
            let done =
                session_management::revoke_others(&visit.app, visit.session(), visit.source())
                    .await;
            done.map_err(Refused::instead)?;
            Ok(visit.go_saying(PATH, "All other sessions have been ended.").await)
        },
        async |page, _, _| view(&visit, page).await,
    )
    .await
}

async fn view(visit: &Visit<SignedIn>, page: Page) -> Result<Response> {
    let (this, idle) = (visit.session().id, visit.app.config.lifetimes.idle);
    let mut sessions: Vec<Listed> = session_management::list(&visit.app, visit.session())
        .await?
        .into_iter()
        .map(|session| Listed {
            id: session.id,
            browser: user_agent::in_words(&session.user_agent),
            signed_in_at: session.created_at.to_string(),
            last_seen_at: session.last_seen_at.to_string(),
            lives_until: session.lives_until(idle).to_string(),
            remember: session.remember,
            is_this_one: session.id == this,
            address: session.address,
        })
        .collect();
    sessions.sort_by_key(|session| !session.is_this_one);
    let has_others = sessions.iter().any(|session| !session.is_this_one);
    Ok(View { page, sessions, has_others }.into_response())
}
