//! The audit log page, with filters.

use askama::Template;
use askama_web::WebTemplate;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::filter::{Fields, filter, query, read};
use crate::app::App;
use crate::domain::account::email::EmailAddress;
use crate::domain::addresses;
use crate::domain::audit_event::{Event, FullEntry, Outcome};
use crate::domain::id::UserId;
use crate::domain::paging::PageOf;
use crate::error::Result;
use crate::i18n::localized::Localized;
use crate::i18n::localizer::Localizer;
use crate::i18n::message;
use crate::services::administration::audit_search;
use crate::web::forms::errors::Errors;
use crate::web::pages::list_pages::PageLinks;
use crate::web::pages::page::Page;
use crate::wording::devices::device;
use crate::wording::events;

/// The number of entries per page.
const PAGE: usize = 50;

#[derive(Template, WebTemplate)]
#[template(path = "pages/administration/audit.html")]
struct View {
    page: Page,
    fields: Fields,
    errors: Errors,
    events: Vec<(&'static str, String)>,
    entries: Vec<Listed>,
    /// The query with the current filters.
    query: String,
    /// The addresses of the downloads of these entries.
    csv: String,
    json: String,
    links: PageLinks,
}

/// An entry as the page shows it.
struct Listed {
    what: Localized,
    refused: bool,
    at: String,
    /// The same with seconds, for programs.
    datetime: String,
    actor: Option<Person>,
    /// The affected user, unless the actor is the same.
    subject: Option<Person>,
    detail: Option<String>,
    source: Localized,
    user_agent: String,
    request_id: String,
    /// How often it happened within a minute.
    count: i64,
}

/// A user. If the account was deleted, only the id is known.
struct Person {
    id: UserId,
    email: Option<String>,
}

/// `GET /admin/audit`: the latest entries, or with `?before={cursor}` the following page.
pub async fn show(
    State(app): State<App>,
    page: Page,
    RawQuery(sent): RawQuery,
) -> Result<Response> {
    let (fields, before) = read(sent.as_deref());
    let mut errors = Errors::default();
    let filter = filter(&app, &page.t, &fields, &mut errors).await?;
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let found = match filter {
        Some(filter) => audit_search::page(&app, &filter, before, PAGE).await?,
        None => PageOf { rows: Vec::new(), next: None },
    };
    let (list, query) = (addresses::AUDIT, query(&fields));
    let export = |file| page.path(&format!("/admin/audit/export/{file}?"), &query);
    let view = View {
        csv: export("audit.csv"),
        json: export("audit.jsonl"),
        links: PageLinks::new(&app, list, &query, "before", before.is_none(), found.next),
        query,
        entries: found.rows.into_iter().map(|it| listed(&page.t, it)).collect(),
        events: all_events(&page.t),
        page,
        fields,
        errors,
    };
    Ok((status, view).into_response())
}

/// All events with their names, by name.
fn all_events(t: &Localizer) -> Vec<(&'static str, String)> {
    let named = |event: &Event| (event.name(), t.say(&events::name(*event)).plain());
    let mut all: Vec<_> = Event::ALL.iter().map(named).collect();
    all.sort_by_key(|(_, name)| name.to_lowercase());
    all
}

fn listed(t: &Localizer, entry: FullEntry) -> Listed {
    let person = |id: Option<UserId>, email: Option<EmailAddress>| {
        id.map(|id| Person { id, email: email.map(|email| email.to_string()) })
    };
    Listed {
        what: t.say(&events::event(entry.event, entry.outcome)),
        refused: entry.outcome == Outcome::Refused,
        at: t.time_ago(entry.at),
        datetime: entry.at.to_rfc3339(),
        actor: person(entry.actor_id, entry.actor),
        subject: person(entry.subject_id.filter(|it| Some(*it) != entry.actor_id), entry.subject),
        detail: entry.detail.map(|it| t.text(&events::detail(entry.event, &it))),
        // Only HTTP requests have an id.
        source: if entry.request_id.is_empty() {
            t.say(&message::audit_source_command_line())
        } else {
            t.audit_source_browser(entry.address, device(&entry.user_agent))
        },
        user_agent: entry.user_agent,
        request_id: entry.request_id,
        count: entry.count,
    }
}
