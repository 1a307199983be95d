//! A download of all data stored about the user.

use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response, Result};

use crate::domain::addresses;
use crate::error::Error;
use crate::services::account::export::{self, ExportError};
use crate::web::http::problem::Problem;
use crate::web::visitor::identity::SignedIn;
use crate::web::visitor::visit::Visit;

/// `GET /profile/export`: requires a recent proof of identity, which returns to the page with the link.
pub async fn show(visit: Visit<SignedIn>) -> Result<Response> {
    if !visit.client.is_navigation {
        return Ok(StatusCode::NO_CONTENT.into_response()); // a prefetch must not appear as an export in the audit log
    }
    let proven = visit.prove_first(addresses::PROFILE_DELETE).await?;
    let export = match export::of(&visit.app, proven, visit.source()).await {
        Ok(export) => export,
        Err(ExportError::TooMany(wait)) => return Err(Problem::too_many(wait).into()),
        Err(ExportError::Failed(error)) => return Err(error.into()),
    };
    let headers = [
        (CONTENT_TYPE, "application/json; charset=utf-8"),
        (CONTENT_DISPOSITION, "attachment; filename=\"account.json\""),
    ];
    let json = serde_json::to_string_pretty(&export).map_err(Error::from)?;
    Ok((headers, json).into_response())
}
