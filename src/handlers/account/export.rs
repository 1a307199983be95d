//! Everything that is kept about the person, as a download.

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};

use crate::app::App;
use crate::domain::addresses;
use crate::error::{Error, Result};
use crate::services::account::export::{self, ExportError};
use crate::web::browser_state::BrowserState;
use crate::web::client::Client;
use crate::web::error::Problem;
use crate::web::identity::{SignedIn, confirm_first, is_proven};

/// `GET /profile/export`: for whoever has just shown who they are, and back to the page with the link if not.
pub async fn show(
    State(app): State<App>,
    client: Client,
    signed_in: SignedIn,
    state: BrowserState,
) -> Result<Response> {
    if !client.is_navigation {
        return Ok(StatusCode::NO_CONTENT.into_response()); // nothing is put together, or noted, that nobody asked for
    }
    if !is_proven(&app, &signed_in, &state).await {
        return Ok(confirm_first(&app, addresses::PROFILE_DELETE));
    }
    let export = match export::of(&app, &signed_in.session, &client.source).await {
        Ok(export) => export,
        Err(ExportError::TooMany(wait)) => return Ok(Problem::too_many(wait).into_response()),
        Err(ExportError::Failed(error)) => return Err(error),
    };
    let headers = [
        (CONTENT_TYPE, "application/json; charset=utf-8"),
        (CONTENT_DISPOSITION, "attachment; filename=\"account.json\""),
    ];
    let json = serde_json::to_string_pretty(&export).map_err(Error::from)?;
    Ok((headers, json).into_response())
}
