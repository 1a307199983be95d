//! A download of all data stored about the user.

use axum::body::{Body, Bytes};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response, Result};
use http_body_util::channel::{Channel, Sender};

use crate::app::App;
use crate::domain::addresses;
use crate::domain::sign_in::session::Session;
use crate::error::Error;
use crate::services::account::export::{self, ExportError, ExportList, PersonalData};
use crate::web::http::problem::Problem;
use crate::web::visitor::identity::SignedIn;
use crate::web::visitor::visit::Visit;

/// `GET /profile/export`, streamed: requires a recent proof of identity, which returns to the page with the link.
pub async fn show(visit: Visit<SignedIn>) -> Result<Response> {
    if !visit.client.is_navigation {
        return Ok(StatusCode::NO_CONTENT.into_response()); // a prefetch must not appear as an export in the audit log
    }
    let proven = visit.prove_first(addresses::PROFILE_DELETE).await?;
    let data = match export::begin(&visit.app, proven, visit.source()).await {
        Ok(data) => data,
        Err(ExportError::TooMany(wait)) => return Err(Problem::too_many(wait).into()),
        Err(ExportError::Failed(error)) => return Err(error.into()),
    };
    let headers = [
        (CONTENT_TYPE, "application/json; charset=utf-8"),
        (CONTENT_DISPOSITION, "attachment; filename=\"account.json\""),
    ];
    let (sender, body) = Channel::new(1);
    tokio::spawn(send(visit.app.clone(), visit.session().clone(), data, sender));
    Ok((headers, Body::new(body)).into_response())
}

/// Sends the document. If the database fails, it aborts the download, so that an incomplete file is not mistaken for all data.
async fn send(app: App, session: Session, data: PersonalData, mut sender: Sender<Bytes, Error>) {
    if let Err(error) = write(&app, &session, &data, &mut sender).await {
        tracing::warn!(%error, "aborted a download of personal data");
        sender.abort(error);
    }
}

/// Writes the document in batches of rows, each on a line of its own. Between batches it holds no database connection.
async fn write(
    app: &App,
    session: &Session,
    data: &PersonalData,
    sender: &mut Sender<Bytes, Error>,
) -> Result<(), Error> {
    let mut text = serde_json::to_string_pretty(data)?;
    text.truncate(text.trim_end_matches(['}', '\n']).len()); // lists follow
    for list in ExportList::ALL {
        for part in [",\n  \"", list.name(), "\": ["] {
            text.push_str(part);
        }
        let (mut before, mut separator) = (None, "\n");
        loop {
            let found = export::rows(app, session, list, before).await?;
            for row in &found.rows {
                for part in [separator, "    ", &serde_json::to_string(row)?] {
                    text.push_str(part);
                }
                separator = ",\n";
            }
            if sender.send_data(std::mem::take(&mut text).into()).await.is_err() {
                return Ok(()); // the client has disconnected
            }
            before = found.next;
            if before.is_none() {
                break;
            }
        }
        text += "\n  ]";
    }
    text += "\n}\n";
    // An error means that the client has disconnected.
    sender.send_data(text.into()).await.ok();
    Ok(())
}
