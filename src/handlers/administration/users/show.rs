//! The page of one user: the data that administrators may see, and the forms for their actions.

use askama::Template;
use askama_web::WebTemplate;
use axum::extract::{Path, RawQuery};
use axum::response::{IntoResponse, Response, Result};
use serde::{Deserialize, Serialize};

use super::{id, no_such_user, path};
use crate::domain::account::user_list::UserStanding;
use crate::domain::addresses;
use crate::domain::audit_event::{AuditEntry, Outcome};
use crate::domain::id::UserId;
use crate::domain::sign_in::amr::Method;
use crate::domain::sign_in::session::ListedSession;
use crate::handlers::administration::emails::row::EmailRow;
use crate::i18n::localized::Localized;
use crate::i18n::localizer::Localizer;
use crate::i18n::message;
use crate::services::administration::user_lookup::{self, DetailPages, UserDetails};
use crate::web::forms::errors::Errors;
use crate::web::pages::list_pages::{ListAddress, ListPages, When, position_query, request_in};
use crate::web::pages::page::Page;
use crate::web::visitor::identity::Administrator;
use crate::web::visitor::visit::Visit;
use crate::wording::devices::device;
use crate::wording::events;

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
    standing: UserStanding,
    /// Since when it is disabled or awaits approval.
    standing_since: Option<String>,
    last_sign_in_at: Option<String>,
    second_factor: Option<Localized>,
    /// Whether the user must have a second factor (`SECOND_FACTOR`).
    must_have_second_factor: bool,
    roles: String,
    typed_roles: String,
    /// `None` for a sign-up that is unconfirmed or awaiting approval.
    handle: Option<String>,
    typed_handle: String,
    is_own: bool,
    /// Whether the administrator has recently confirmed the password. Otherwise the page has no forms.
    may_act: bool,
    /// The address of the page that asks for it.
    confirm: String,
    sessions: Vec<SessionRow>,
    session_pages: ListPages,
    mails: Vec<EmailRow>,
    mail_pages: ListPages,
    entries: Vec<EntryRow>,
}

struct SessionRow {
    device: Localized,
    has_second_factor: bool,
    address: String,
    signed_in_at: When,
    last_seen_at: When,
}

struct EntryRow {
    /// The event, how often it happened, and its details.
    what: Localized,
    refused: bool,
    at: When,
    device: Localized,
    address: String,
}

/// The field of the roles form.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct RolesFields {
    /// Role names, separated by commas.
    pub roles: String,
}

/// The field of the handle form.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct HandleFields {
    /// The new handle.
    pub handle: String,
}

/// What was typed in one of the two forms.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct TypedFields {
    roles: Option<String>,
    handle: Option<String>,
}

impl From<&RolesFields> for TypedFields {
    fn from(fields: &RolesFields) -> Self {
        Self { roles: Some(fields.roles.clone()), handle: None }
    }
}

impl From<&HandleFields> for TypedFields {
    fn from(fields: &HandleFields) -> Self {
        Self { roles: None, handle: Some(fields.handle.clone()) }
    }
}

/// The IDs of the lists, with which the names in their query begin.
const SESSIONS: &str = "sessions";
const MAILS: &str = "emails";
const SESSIONS_QUERY: &str = "sessions_";
const MAILS_QUERY: &str = "emails_";

/// `GET /admin/users/{id}`. Its query says which pages of its lists it has.
pub async fn show(
    visit: Visit<Administrator>,
    page: Page,
    Path(user): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response> {
    let id = id(&user)?;
    let typed: TypedFields = visit.take_draft(path(id)).await.unwrap_or_default();
    let pages = DetailPages {
        sessions: request_in(query.as_deref(), SESSIONS_QUERY),
        mails: request_in(query.as_deref(), MAILS_QUERY),
    };
    view_at(&visit, page, id, &typed, Errors::default(), pages).await
}

/// Renders the user's page, also for forms on other pages that return to it. `typed`: the fields as entered in a refused form.
pub(super) async fn view(
    visit: &Visit<Administrator>,
    page: Page,
    id: UserId,
    typed: &TypedFields,
    errors: Errors,
) -> Result<Response> {
    view_at(visit, page, id, typed, errors, DetailPages::default()).await
}

async fn view_at(
    visit: &Visit<Administrator>,
    page: Page,
    id: UserId,
    typed: &TypedFields,
    errors: Errors,
    pages: DetailPages,
) -> Result<Response> {
    let app = &visit.app;
    let account =
        user_lookup::find_at(app, id, pages).await?.ok_or_else(|| no_such_user(&app.config))?;
    let may_act = visit.proven().await?.is_ok();
    let UserDetails { user, second_factor, sessions, mails, entries, is_shut_out } = account;
    let roles: Vec<&str> = user.roles().collect();
    let handle = user.handle.as_ref().map(ToString::to_string);
    let return_to = app.config.public_url.path(path(id));
    let confirm = addresses::CONFIRM_PASSWORD.with(&[("return_to", &return_to)]);
    let t = &page.t;
    let view = View {
        errors,
        id,
        is_pending: user.activated_at.is_none(),
        is_shut_out,
        email_verified_at: user.email_verified_at.map(|at| t.time(at)),
        created_at: t.time(user.created_at),
        standing: UserStanding::of(
            user.disabled_at,
            user.awaits_approval_since,
            user.email_verified_at,
        ),
        standing_since: user.disabled_at.or(user.awaits_approval_since).map(|at| t.time(at)),
        last_sign_in_at: user.last_sign_in_at.map(|at| t.time_ago(at)),
        second_factor: second_factor.map(|it| t.user_two_factor_since(it.recovery_codes, it.since)),
        must_have_second_factor: app.config.second_factor.demands(user.roles()),
        typed_roles: typed.roles.clone().unwrap_or_else(|| roles.join(", ")),
        roles: t.text(&message::list(roles)),
        typed_handle: typed.handle.as_ref().or(handle.as_ref()).cloned().unwrap_or_default(),
        handle,
        is_own: visit.session().user_id == id,
        may_act,
        confirm: app.config.public_url.path(confirm),
        session_pages: {
            // The list of emails stays where it is, and the other way round.
            let filters = &position_query(&pages.mails, MAILS_QUERY);
            let list = ListAddress { filters, section: SESSIONS };
            ListPages::new(app, t, path(id), list, pages.sessions.size, &sessions)
        },
        sessions: sessions.rows.into_iter().map(|it| session_row(t, it)).collect(),
        mail_pages: {
            let filters = &position_query(&pages.sessions, SESSIONS_QUERY);
            let list = ListAddress { filters, section: MAILS };
            ListPages::new(app, t, path(id), list, pages.mails.size, &mails)
        },
        mails: mails.rows.into_iter().map(|it| EmailRow::new(&app.config, t, it)).collect(),
        entries: entries.into_iter().map(|it| entry_row(t, it)).collect(),
        username: user.username.to_string(),
        email: user.email.to_string(),
        page,
    };
    Ok(view.into_response())
}

fn session_row(t: &Localizer, session: ListedSession) -> SessionRow {
    SessionRow {
        device: t.say(&device(&session.user_agent)),
        has_second_factor: session.amr.has(Method::Mfa),
        address: session.address,
        signed_in_at: When::new(t, session.created_at),
        last_seen_at: When::new(t, session.last_seen_at),
    }
}

fn entry_row(t: &Localizer, entry: AuditEntry) -> EntryRow {
    EntryRow {
        refused: entry.outcome == Outcome::Refused,
        what: t.say(&events::line(
            entry.event,
            entry.outcome,
            entry.count,
            entry.detail.as_deref(),
        )),
        at: When::to_the_second(t, entry.at),
        device: t.say(&device(&entry.user_agent)),
        address: entry.address,
    }
}
