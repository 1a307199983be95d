//! The audit log as a download. It is streamed, so its size does not matter.

use axum::Extension;
use axum::body::{Body, Bytes};
use axum::extract::{Path, RawQuery};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response, Result};
use http_body_util::channel::{Channel, Sender};

use super::filter::{filter, query, read};
use crate::app::App;
use crate::domain::addresses;
use crate::domain::audit_event::{AuditFilter, FullEntry};
use crate::domain::id::UserId;
use crate::error::Error;
use crate::i18n::localizer::Localizer;
use crate::i18n::message;
use crate::services::administration::audit_search;
use crate::web::forms::errors::Errors;
use crate::web::http::problem::Problem;
use crate::web::pages::csv;
use crate::web::visitor::identity::Administrator;
use crate::web::visitor::visit::Visit;

/// The number of entries per query.
const BATCH: usize = 500;

/// `GET /admin/audit/export/{file}`: the entries that match the filters, newest first. `file` is `audit.csv` or `audit.jsonl`.
pub async fn show(
    visit: Visit<Administrator>,
    Extension(t): Extension<Localizer>,
    Path(file): Path<String>,
    RawQuery(sent): RawQuery,
) -> Result<Response> {
    let format = match file.as_str() {
        "audit.csv" => Format::Csv,
        "audit.jsonl" => Format::JsonLines,
        _ => return Err(Problem::not_found().into()),
    };
    let app = &visit.app;
    let fields = read(sent.as_deref());
    let query = query(&fields);
    let here = addresses::AUDIT.with_query(&query);
    let mut errors = Errors::default();
    let Some(filter) = filter(app, &t, &fields, &mut errors).await? else {
        let href = app.config.public_url.path(here);
        let text = message::audit_export_refused();
        let problem = Problem::new(StatusCode::UNPROCESSABLE_ENTITY, text);
        return Err(problem.with_way_on(href, message::audit_back()).into());
    };
    let proven = visit.prove_first(here).await?;
    let what = if query.is_empty() { "everything" } else { &query };
    audit_search::note_export(app, visit.actor(proven), what).await?;
    let (sender, body) = Channel::new(1);
    tokio::spawn(send(app.clone(), filter, format, sender));
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

/// Sends the entries in batches. Between batches it holds no database connection, so slow clients block none. If the database fails, it
/// aborts the download, so that an incomplete file is not mistaken for the whole log.
async fn send(app: App, filter: AuditFilter, format: Format, mut sender: Sender<Bytes, Error>) {
    let mut last = None;
    let mut text = match format {
        Format::Csv => csv::row(COLUMNS),
        Format::JsonLines => String::new(),
    };
    loop {
        let found = match audit_search::after(&app, &filter, last, BATCH).await {
            Ok(found) => found,
            Err(error) => {
                tracing::warn!(%error, "aborted a download of the audit log");
                sender.abort(error);
                return;
            }
        };
        last = found.next;
        for entry in &found.rows {
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
            return; // the client has disconnected
        }
        if last.is_none() {
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
