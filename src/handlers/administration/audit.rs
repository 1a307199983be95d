//! The audit log: narrowed, page by page, and as a file.

use std::collections::BTreeMap;

use askama::Template;
use askama_web::WebTemplate;
use axum::body::{Body, Bytes};
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use http_body_util::channel::{Channel, Sender};

use super::users::acts::actor;
use crate::app::App;
use crate::clock::Timestamp;
use crate::domain::addresses;
use crate::domain::audit_event::{AuditCursor, AuditFilter, Event, FullEntry, Outcome};
use crate::domain::id::UserId;
use crate::domain::user_agent;
use crate::error::{Error, Result};
use crate::services::administration::audit_search;
use crate::web::browser_state::BrowserState;
use crate::web::client::Client;
use crate::web::csv;
use crate::web::error::Problem;
use crate::web::form::Errors;
use crate::web::identity::{Administrator, confirm_first, is_proven};
use crate::web::page::Page;

/// Entries on a page.
const PAGE: usize = 50;
/// Entries of a download that are read at a time.
const BATCH: u32 = 500;

/// The form, as typed.
#[derive(Default)]
struct Fields {
    person: String,
    event: String,
    outcome: String,
    from: String,
    until: String,
}

#[derive(Template, WebTemplate)]
#[template(path = "pages/administration/audit.html")]
struct View {
    page: Page,
    fields: Fields,
    errors: Errors,
    events: Vec<(&'static str, String)>,
    entries: Vec<Listed>,
    /// The query of this list.
    query: String,
    /// Where the next page begins, if there is one.
    next: Option<AuditCursor>,
    is_first: bool,
}

/// An entry in words.
struct Listed {
    what: String,
    refused: bool,
    at: String,
    actor: Option<Person>,
    /// To whom, where that is somebody else.
    subject: Option<Person>,
    detail: Option<String>,
    from: String,
    user_agent: String,
    request_id: String,
    /// How often within a minute.
    count: i64,
}

/// Somebody, who may be gone.
struct Person {
    id: UserId,
    email: Option<String>,
}

/// `GET /admin/audit`: the latest entries, or with `before` those before an entry.
pub async fn show(
    State(app): State<App>,
    _administrator: Administrator,
    page: Page,
    RawQuery(query): RawQuery,
) -> Result<Response> {
    let (fields, before) = read(query.as_deref());
    let mut errors = Errors::default();
    let filter = filter(&app, &fields, &mut errors).await?;
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let more = u32::try_from(PAGE + 1).unwrap_or(u32::MAX);
    let mut entries = match filter {
        Some(filter) => audit_search::page(&app, &filter, before, more).await?,
        None => Vec::new(),
    };
    let is_more = entries.len() > PAGE;
    entries.truncate(PAGE);
    let view = View {
        next: entries.last().filter(|_| is_more).map(FullEntry::place),
        is_first: before.is_none(),
        query: address(&fields),
        entries: entries.into_iter().map(listed).collect(),
        events: Event::ALL.iter().map(|event| (event.name(), event.label())).collect(),
        page,
        fields,
        errors,
    };
    Ok((status, view).into_response())
}

/// `GET /admin/audit/export/{file}`: all entries of the same list as `audit.csv` or `audit.jsonl`, the latest first, written as they are
/// read.
pub async fn export(
    State(app): State<App>,
    client: Client,
    administrator: Administrator,
    state: BrowserState,
    Path(file): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response> {
    let format = match file.as_str() {
        "audit.csv" => Format::Csv,
        "audit.jsonl" => Format::JsonLines,
        _ => return Ok(Problem::not_found().into_response()),
    };
    let (fields, _) = read(query.as_deref());
    let here = addresses::AUDIT.with_query(&address(&fields));
    let mut errors = Errors::default();
    let Some(filter) = filter(&app, &fields, &mut errors).await? else {
        let href = app.config.public_url.path(here);
        let text = "What the list is narrowed to cannot be read.";
        let problem = Problem::new(StatusCode::UNPROCESSABLE_ENTITY, text);
        return Ok(problem.with_way_on(href, "Back to the list").into_response());
    };
    if !is_proven(&app, &administrator.0, &state).await {
        return Ok(confirm_first(&app, here));
    }
    let what = address(&fields);
    let what = if what.is_empty() { "everything" } else { &what };
    audit_search::note_export(&app, actor(&administrator, &client), what).await?;
    let (sender, body) = Channel::new(1);
    tokio::spawn(send(app, filter, format, sender));
    let kind = match format {
        Format::Csv => "text/csv; charset=utf-8; header=present",
        Format::JsonLines => "application/jsonl",
    };
    let disposition = format!("attachment; filename=\"{file}\"");
    Ok(([(CONTENT_TYPE, kind), (CONTENT_DISPOSITION, &disposition)], Body::new(body))
        .into_response())
}

#[derive(Clone, Copy)]
enum Format {
    Csv,
    JsonLines,
}

/// Writes entry after entry. Between two batches no connection to the database is held, however slowly somebody reads; where the
/// database fails, the download breaks off, so that nobody takes a part for the whole.
async fn send(app: App, filter: AuditFilter, format: Format, mut sender: Sender<Bytes, Error>) {
    let mut before = None;
    let mut text = match format {
        Format::Csv => csv::row(COLUMNS),
        Format::JsonLines => String::new(),
    };
    loop {
        let entries = match audit_search::page(&app, &filter, before, BATCH).await {
            Ok(entries) => entries,
            Err(error) => {
                tracing::warn!(%error, "a download of the log broke off");
                sender.abort(error);
                return;
            }
        };
        before = entries.last().map(FullEntry::place);
        for entry in &entries {
            match format {
                Format::Csv => text += &to_row(entry),
                Format::JsonLines => match serde_json::to_string(entry) {
                    Ok(line) => {
                        text += &line;
                        text.push('\n');
                    }
                    Err(error) => return sender.abort(error.into()),
                },
            }
        }
        if !text.is_empty() && sender.send_data(std::mem::take(&mut text).into()).await.is_err() {
            return; // whoever wanted it has left
        }
        if before.is_none() {
            return;
        }
    }
}

const COLUMNS: [&str; 13] = [
    "id",
    "at",
    "event",
    "outcome",
    "actor_id",
    "actor",
    "subject_id",
    "subject",
    "detail",
    "address",
    "user_agent",
    "request_id",
    "count",
];

fn to_row(entry: &FullEntry) -> String {
    let id = |id: Option<UserId>| id.map_or(String::new(), |id| id.to_string());
    let (at, actor_id, subject_id) =
        (entry.at.to_rfc3339(), id(entry.actor_id), id(entry.subject_id));
    csv::row([
        entry.id.to_string().as_str(),
        &at,
        entry.event.name(),
        entry.outcome.name(),
        &actor_id,
        entry.actor.as_ref().map_or("", |it| it.as_str()),
        &subject_id,
        entry.subject.as_ref().map_or("", |it| it.as_str()),
        entry.detail.as_deref().unwrap_or_default(),
        &entry.address,
        &entry.user_agent,
        &entry.request_id,
        &entry.count.to_string(),
    ])
}

/// The form and where the page begins, out of a query.
fn read(query: Option<&str>) -> (Fields, Option<AuditCursor>) {
    let query = query.unwrap_or_default();
    let mut fields: BTreeMap<String, String> =
        url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let mut field = |name: &str| fields.remove(name).unwrap_or_default().trim().to_owned();
    let before = AuditCursor::parse(&field("before"));
    let fields = Fields {
        person: field("person"),
        event: field("event"),
        outcome: field("outcome"),
        from: field("from"),
        until: field("until"),
    };
    (fields, before)
}

/// What the form means; nothing if a field cannot be read, which is noted by it.
async fn filter(app: &App, fields: &Fields, errors: &mut Errors) -> Result<Option<AuditFilter>> {
    let mut filter = AuditFilter::default();
    if !fields.person.is_empty() {
        filter.person = audit_search::person(app, &fields.person).await?;
        if filter.person.is_none() {
            let text =
                "No account has this address. Of somebody who is gone the log knows the id alone.";
            errors.add("person", text);
        }
    }
    if !fields.event.is_empty() {
        filter.event = Event::named(&fields.event);
        if filter.event.is_none() {
            errors.add("event", "There is no such event.");
        }
    }
    if !fields.outcome.is_empty() {
        filter.outcome = Outcome::named(&fields.outcome);
        if filter.outcome.is_none() {
            errors.add("outcome", "There is no such outcome.");
        }
    }
    let mut day = |name, text: &str, days| {
        if text.is_empty() {
            return None;
        }
        let day = Timestamp::of_day(text, days);
        if day.is_none() {
            errors.add(name, "Write the day as year, month and day: 2026-11-24.");
        }
        day
    };
    filter.from = day("from", &fields.from, 0);
    filter.until = day("until", &fields.until, 1);
    Ok(errors.is_empty().then_some(filter))
}

/// The query that leads to the same list.
fn address(fields: &Fields) -> String {
    let all = [
        ("person", &fields.person),
        ("event", &fields.event),
        ("outcome", &fields.outcome),
        ("from", &fields.from),
        ("until", &fields.until),
    ];
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(all.iter().filter(|(_, value)| !value.is_empty()));
    query.finish()
}

fn listed(entry: FullEntry) -> Listed {
    let person = |id: Option<UserId>,
                  email: Option<crate::domain::account::email::EmailAddress>| {
        id.map(|id| Person { id, email: email.map(|email| email.to_string()) })
    };
    Listed {
        what: entry.event.label(),
        refused: entry.outcome == Outcome::Refused,
        at: entry.at.to_rfc3339(),
        actor: person(entry.actor_id, entry.actor),
        subject: person(entry.subject_id.filter(|it| Some(*it) != entry.actor_id), entry.subject),
        detail: entry.detail,
        // Only what comes over the network has a number.
        from: if entry.request_id.is_empty() {
            "the command line".to_owned()
        } else {
            format!("{}, {}", entry.address, user_agent::in_words(&entry.user_agent))
        },
        user_agent: entry.user_agent,
        request_id: entry.request_id,
        count: entry.count,
    }
}
