//! One user: all that an administrator may see, and the forms of what they may do.

use askama::Template;
use askama_web::WebTemplate;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::acts::RolesFields;
use super::{id, path};
use crate::app::App;
use crate::domain::audit_event::Outcome;
use crate::domain::email::mail_state::MailState;
use crate::domain::id::UserId;
use crate::domain::user_agent;
use crate::error::Result;
use crate::services::administration::user_lookup::{self, UserDetails};
use crate::services::email::overview::OutboxEntry;
use crate::web::browser_state::BrowserState;
use crate::web::client::Client;
use crate::web::error::Problem;
use crate::web::form::Errors;
use crate::web::identity::{Administrator, is_proven};
use crate::web::page::Page;

#[derive(Template, WebTemplate)]
#[template(path = "pages/administration/user.html")]
#[expect(clippy::struct_excessive_bools, reason = "each says what the page shows")]
struct View {
    page: Page,
    errors: Errors,
    id: UserId,
    username: String,
    email: String,
    is_pending: bool,
    is_shut_out: bool,
    email_verified_at: Option<String>,
    created_at: String,
    disabled_at: Option<String>,
    waits_since: Option<String>,
    last_sign_in_at: Option<String>,
    second_factor: Option<(String, i64)>,
    roles: String,
    typed_roles: String,
    is_own: bool,
    /// Whether the administrator has shown lately enough who they are; the forms are there only then.
    may_act: bool,
    confirm: String,
    sessions: Vec<ListedSession>,
    mails: Vec<ListedMail>,
    entries: Vec<Entry>,
}

struct ListedSession {
    browser: String,
    address: String,
    signed_in_at: String,
    last_seen_at: String,
    has_second_factor: bool,
}

struct ListedMail {
    kind: String,
    recipient: String,
    state: &'static str,
    failed: bool,
    asked_at: String,
    error: Option<String>,
}

struct Entry {
    what: String,
    refused: bool,
    /// How often within a minute.
    count: i64,
    at: String,
    by: String,
    detail: Option<String>,
}

/// `GET /admin/users/{id}`
pub async fn show(
    State(app): State<App>,
    client: Client,
    administrator: Administrator,
    state: BrowserState,
    page: Page,
    Path(user): Path<String>,
) -> Result<Response> {
    let Some(id) = id(&user) else { return Ok(Problem::not_found().into_response()) };
    let session = administrator.0.session.id;
    let draft: Option<RolesFields> =
        if client.is_navigation { state.take_draft(session, path(id)).await } else { None };
    let look = Look { status: StatusCode::OK, typed: draft.map(|it| it.roles), ..Look::default() };
    draw(&app, &administrator, &state, page, id, look).await
}

/// What a page adds to what there is.
#[derive(Default)]
pub struct Look {
    /// The answer's status.
    pub status: StatusCode,
    /// Roles as typed, if they were.
    pub typed: Option<String>,
    /// What is wrong with what was typed.
    pub errors: Errors,
}

/// Draws the page as things stand.
pub async fn draw(
    app: &App,
    administrator: &Administrator,
    state: &BrowserState,
    page: Page,
    id: UserId,
    look: Look,
) -> Result<Response> {
    let Some(account) = user_lookup::find(app, id).await? else {
        return Ok(Problem::not_found().into_response());
    };
    let may_act = is_proven(app, &administrator.0, state).await;
    let UserDetails { user, second_factor, sessions, mails, entries, is_shut_out } = account;
    let roles: Vec<&str> = user.roles().collect();
    let roles = roles.join(" ");
    let return_to = app.config.public_url.path(path(id));
    let mut confirm = url::form_urlencoded::Serializer::new(String::new());
    confirm.append_pair("return_to", &return_to);
    let view = View {
        page,
        errors: look.errors,
        id,
        is_pending: user.activated_at.is_none(),
        is_shut_out,
        email_verified_at: user.email_verified_at.map(|at| at.to_string()),
        created_at: user.created_at.to_string(),
        disabled_at: user.disabled_at.map(|at| at.to_string()),
        waits_since: user.awaits_approval_since.map(|at| at.to_string()),
        last_sign_in_at: user.last_sign_in_at.map(|at| at.to_string()),
        second_factor: second_factor.map(|it| (it.since.to_string(), it.recovery_codes)),
        typed_roles: look.typed.unwrap_or_else(|| roles.clone()),
        roles,
        is_own: administrator.0.session.user_id == id,
        may_act,
        confirm: confirm.finish(),
        sessions: sessions.into_iter().map(listed_session).collect(),
        mails: mails.into_iter().map(listed_mail).collect(),
        entries: entries
            .into_iter()
            .map(|entry| Entry {
                what: entry.event.label(),
                refused: entry.outcome == Outcome::Refused,
                count: entry.count,
                at: entry.at.to_string(),
                by: format!("{}, from {}", user_agent::in_words(&entry.user_agent), entry.address),
                detail: entry.detail,
            })
            .collect(),
        username: user.username.to_string(),
        email: user.email.to_string(),
    };
    Ok((look.status, view).into_response())
}

fn listed_session(session: crate::domain::sign_in::session::ListedSession) -> ListedSession {
    ListedSession {
        browser: user_agent::in_words(&session.user_agent),
        has_second_factor: session.amr.split(' ').any(|it| it == "mfa"),
        address: session.address,
        signed_in_at: session.created_at.to_string(),
        last_seen_at: session.last_seen_at.to_string(),
    }
}

fn listed_mail(mail: OutboxEntry) -> ListedMail {
    ListedMail {
        kind: mail.kind.facts().label.to_owned(),
        recipient: mail.recipient,
        state: match mail.state {
            MailState::Waiting => "waits to be sent",
            MailState::Sent => "sent",
            MailState::Failed => "given up",
            MailState::Cancelled => "not needed any more",
        },
        failed: mail.state == MailState::Failed,
        asked_at: mail.created_at.to_string(),
        error: mail.last_error,
    }
}
