//! Where the account is signed in, and ending that.

use askama::Template;
use askama_web::WebTemplate;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use uuid::Uuid;

use crate::app::App;
use crate::domain::addresses::{self, Address};
use crate::domain::id::SessionId;
use crate::domain::user_agent;
use crate::error::Result;
use crate::services::session::session_management::{self, SessionRevocation};
use crate::web::browser_state::BrowserState;
use crate::web::client::Client;
use crate::web::cookies::{Cookies, Name};
use crate::web::error::Problem;
use crate::web::form::Form;
use crate::web::identity::SignedIn;
use crate::web::page::{Page, go_to};

const PATH: Address = addresses::PROFILE_SESSIONS;

/// The forms: nothing but their token.
#[derive(Debug, Deserialize)]
pub struct Fields {}

#[derive(Template, WebTemplate)]
#[template(path = "pages/account/sessions.html")]
struct View {
    page: Page,
    sessions: Vec<Listed>,
    has_others: bool,
}

/// A session in words.
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
pub async fn show(State(app): State<App>, signed_in: SignedIn, page: Page) -> Result<Response> {
    Ok(view(&app, &signed_in, page).await?.into_response())
}

/// `POST /profile/sessions/{id}/revoke`
#[expect(clippy::too_many_arguments, reason = "all that an axum handler sees comes as arguments")]
pub async fn revoke(
    State(app): State<App>,
    client: Client,
    signed_in: SignedIn,
    cookies: Cookies,
    state: BrowserState,
    page: Page,
    Path(id): Path<String>,
    form: Form<Fields>,
) -> Result<Response> {
    if let Form::Stale(_) = form {
        return stale(&app, &signed_in, page).await;
    }
    let Ok(id) = Uuid::parse_str(&id).map(SessionId) else {
        return Ok(Problem::not_found().into_response());
    };
    let text =
        match session_management::revoke(&app, &signed_in.session, id, &client.source).await? {
            SessionRevocation::ThisOne => {
                cookies.clear(Name::Refresh);
                state.forget().await;
                state.set_flash("You are signed out.").await;
                return Ok(go_to(&app, addresses::SIGN_IN));
            }
            SessionRevocation::Now => "The session has been ended.",
            SessionRevocation::Before => "That session had ended already.",
            SessionRevocation::Unknown => return Ok(Problem::not_found().into_response()),
        };
    state.set_flash(text).await;
    Ok(go_to(&app, PATH))
}

/// `POST /profile/sessions/revoke-others`
pub async fn revoke_others(
    State(app): State<App>,
    client: Client,
    signed_in: SignedIn,
    state: BrowserState,
    page: Page,
    form: Form<Fields>,
) -> Result<Response> {
    if let Form::Stale(_) = form {
        return stale(&app, &signed_in, page).await;
    }
    session_management::revoke_others(&app, &signed_in.session, &client.source).await?;
    state.set_flash("All other sessions have been ended.").await;
    Ok(go_to(&app, PATH))
}

async fn stale(app: &App, signed_in: &SignedIn, page: Page) -> Result<Response> {
    let view = view(app, signed_in, page.out_of_date()).await?;
    Ok((StatusCode::FORBIDDEN, view).into_response())
}

async fn view(app: &App, signed_in: &SignedIn, page: Page) -> Result<View> {
    let (this, idle) = (signed_in.session.id, app.config.lifetimes.idle);
    let mut sessions: Vec<Listed> = session_management::list(app, &signed_in.session)
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
    Ok(View { page, sessions, has_others })
}
