//! The list of the user's sessions, and ending them.

use askama::Template;
use askama_web::WebTemplate;
use axum::extract::RawQuery;
use axum::response::{IntoResponse, Response, Result};
use serde::Deserialize;
use uuid::Uuid;

use crate::domain::addresses::{self, Address};
use crate::domain::id::SessionId;
use crate::domain::paging::{PageRequest, Position, TimeCursor};
use crate::domain::sign_in::session::ListedSession;
use crate::domain::sign_in::session_kind::SessionKind;
use crate::domain::stored::Stored;
use crate::i18n::message::{self, Argument, Message};
use crate::services::session::session_list;
use crate::services::session::session_management::{self, SessionRevocation};
use crate::web::forms::form::{Button, Form};
use crate::web::forms::refused::Refused;
use crate::web::http::problem::Problem;
use crate::web::pages::list_pages::{ListAddress, ListPages, When, query_of, request};
use crate::web::pages::page::Page;
use crate::web::visitor::identity::SignedIn;
use crate::web::visitor::visit::Visit;
use crate::wording::devices::device;

const PATH: Address = addresses::PROFILE_SESSIONS;

#[derive(Template, WebTemplate)]
#[template(path = "pages/account/sessions.html")]
struct View {
    page: Page,
    sessions: Vec<Listed>,
    has_others: bool,
    pages: ListPages,
    /// Where the form is sent that ends one of them and returns to this page of the list.
    action: String,
}

/// A session as the page shows it.
struct Listed {
    id: SessionId,
    device: Message,
    address: String,
    signed_in_at: When,
    last_seen_at: When,
    /// The day on which it ends if it is not used.
    ends_on: Argument,
    remember: bool,
    is_program: bool,
    is_this_one: bool,
}

/// The field of the button.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct RevokeFields {
    /// The ID of a session.
    id: String,
}

/// `GET /profile/sessions`
pub async fn show(
    visit: Visit<SignedIn>,
    page: Page,
    RawQuery(query): RawQuery,
) -> Result<Response> {
    view(&visit, page, request(query.as_deref())).await
}

/// `POST /profile/sessions/revoke`: with the query of a page of the list, returns to that page.
pub async fn revoke(
    visit: Visit<SignedIn>,
    page: Page,
    RawQuery(query): RawQuery,
    form: Form<RevokeFields>,
) -> Result<Response> {
    let request = request(query.as_deref());
    form.answer(
        page,
        async |fields| end(&visit, fields, request).await,
        async |page, _, _| view(&visit, page, request).await,
    )
    .await
}

async fn end(
    visit: &Visit<SignedIn>,
    fields: &RevokeFields,
    request: PageRequest<TimeCursor>,
) -> Result<Response, Refused> {
    let id = Uuid::parse_str(&fields.id).map(SessionId).map_err(|_| Problem::not_found())?;
    let revoked = session_management::revoke(&visit.app, visit.session(), id, visit.source()).await;
    let text = match revoked.map_err(Refused::instead)? {
        SessionRevocation::ThisOne => {
            visit.forget_session().await;
            return Ok(visit.go_saying(addresses::SIGN_IN, message::signed_out()).await);
        }
        SessionRevocation::Now => message::sessions_ended(),
        SessionRevocation::Before => message::sessions_ended_before(),
        SessionRevocation::Unknown => return Err(Problem::not_found().into()),
    };
    Ok(visit.go_saying(PATH.with_query(&query_of(&request, "")), text).await)
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
            Ok(visit.go_saying(PATH, message::sessions_others_ended()).await)
        },
        async |page, _, _| view(&visit, page, PageRequest::default()).await,
    )
    .await
}

async fn view(
    visit: &Visit<SignedIn>,
    page: Page,
    request: PageRequest<TimeCursor>,
) -> Result<Response> {
    let (this, idle) = (visit.session().id, visit.app.config.lifetimes.idle);
    let found = session_list::own_page(&visit.app, visit.session(), request).await?;
    let list = ListAddress::default();
    let pages = ListPages::new(&visit.app, &page.t, PATH, list, request.size, &found);
    // The page that is asked for may be gone. Then the first one is shown, and forms return to it.
    let is_first = found.previous.is_none();
    let shown =
        if is_first { PageRequest { position: Position::First, ..request } } else { request };
    let listed = |session: ListedSession| Listed {
        id: session.id,
        device: device(&session.user_agent),
        signed_in_at: When::new(&page.t, session.created_at),
        last_seen_at: When::new(&page.t, session.last_seen_at),
        ends_on: message::day(session.lives_until(idle)),
        remember: session.remember,
        is_program: session.kind.as_ref().and_then(Stored::known) == Some(SessionKind::Program),
        is_this_one: session.id == this,
        address: session.address,
    };
    let sessions: Vec<Listed> = found.rows.into_iter().map(listed).collect();
    let has_others = sessions.iter().any(|session| !session.is_this_one);
    let revoke = addresses::PROFILE_SESSIONS_REVOKE.with_query(&query_of(&shown, ""));
    let action = visit.app.config.public_url.path(revoke);
    Ok(View { page, sessions, has_others, pages, action }.into_response())
}
