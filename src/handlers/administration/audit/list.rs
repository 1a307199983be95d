//! The audit log page, with filters.

use askama::Template;
use askama_web::WebTemplate;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::filter::{Fields, filter, query, read};
use crate::app::App;
use crate::domain::account::email::EmailAddress;
use crate::domain::addresses;
use crate::domain::audit_event::{Event, FullEntry, Outcome};
use crate::domain::id::UserId;
use crate::domain::paging::{PageOf, PageRequest, TimeCursor};
use crate::error::Result;
use crate::i18n::localized::Localized;
use crate::i18n::localizer::Localizer;
use crate::services::administration::audit_search;
use crate::web::forms::errors::Errors;
use crate::web::pages::list_pages::{ListAddress, ListPages, When, request};
use crate::web::pages::page::Page;
use crate::wording::devices::device;
use crate::wording::events;

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
    pages: ListPages,
}

/// An entry as the page shows it.
struct Listed {
    /// The event, how often it happened, and its details.
    what: Localized,
    refused: bool,
    /// Why it was refused, unless the event says so.
    why: Option<Localized>,
    at: When,
    /// The affected user; else the one who did it.
    who: Option<Person>,
    /// Who did it to another user.
    by: Option<Person>,
    /// The IP address, and the device in words. `None` for commands.
    client: Option<(String, Localized)>,
    user_agent: String,
    /// Empty for commands.
    request_id: String,
}

/// A user.
struct Person {
    /// The email address. Of a deleted account only the ID is known.
    name: String,
    /// The user's page; for a deleted account the rest of its entries.
    href: String,
}

/// `GET /admin/audit`: the entries that match the filters, newest first.
pub async fn show(
    State(app): State<App>,
    page: Page,
    RawQuery(sent): RawQuery,
) -> Result<Response> {
    let fields = read(sent.as_deref());
    let request: PageRequest<TimeCursor> = request(sent.as_deref());
    let mut errors = Errors::default();
    let filter = filter(&app, &page.t, &fields, &mut errors).await?;
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let found = match filter {
        Some(filter) => audit_search::page(&app, &filter, request).await?,
        None => PageOf::empty(),
    };
    let query = query(&fields);
    let list = ListAddress { filters: &query, ..ListAddress::default() };
    let export = |file| page.path(&format!("/admin/audit/export/{file}?"), &query);
    let view = View {
        csv: export("audit.csv"),
        json: export("audit.jsonl"),
        pages: ListPages::new(&app, &page.t, addresses::AUDIT, list, request.size, &found),
        query,
        entries: found.rows.into_iter().map(|it| listed(&app, &page.t, it)).collect(),
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
    all.sort_by_cached_key(|(_, name)| sorting_key(name));
    all
}

/// What a name is sorted by: its letters without marks, so that "Ä" stands beside "A".
fn sorting_key(name: &str) -> String {
    name.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).collect()
}

fn listed(app: &App, t: &Localizer, entry: FullEntry) -> Listed {
    let actor = entry.actor_id.map(|id| person(app, id, entry.actor));
    let affected = entry.subject_id.filter(|it| Some(*it) != entry.actor_id);
    let (who, by) = match affected.map(|id| person(app, id, entry.subject)) {
        Some(affected) => (Some(affected), actor),
        None => (actor, None),
    };
    let why = events::reasons(&entry.event, &entry.outcome);
    Listed {
        refused: entry.outcome == Outcome::Refused,
        what: t.say(&events::line(
            entry.event,
            entry.outcome,
            entry.count,
            entry.detail.as_deref(),
        )),
        why: why.map(|it| t.say(&it)),
        at: When::to_the_second(t, entry.at),
        who,
        by,
        // Only HTTP requests have an id.
        client: (!entry.request_id.is_empty())
            .then(|| (entry.address, t.say(&device(&entry.user_agent)))),
        user_agent: entry.user_agent,
        request_id: entry.request_id,
    }
}

fn person(app: &App, id: UserId, email: Option<EmailAddress>) -> Person {
    let url = &app.config.public_url;
    if let Some(email) = email {
        return Person { name: email.to_string(), href: url.path(addresses::USER.of(id)) };
    }
    let name = id.to_string();
    Person { href: url.path(addresses::AUDIT.with(&[("person", &name)])), name }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::languages::Languages;
    use crate::i18n::zone::Zone;

    #[test]
    fn letters_with_marks_are_sorted_beside_those_without() {
        let language = Languages::embedded().find("de").unwrap();
        let t = Localizer { language, zone: Zone::utc(), now: None };
        let all = all_events(&t);
        let place = |start: &str| all.iter().position(|(_, name)| name.starts_with(start)).unwrap();
        assert!(place("Andere Sitzung") < place("Änderung"), "{all:?}");
        assert!(place("Änderung") < place("Angemeldet"), "{all:?}");
    }
}
