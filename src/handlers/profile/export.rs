//! Everything that is kept about the person, as a download.

use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};

use crate::app::App;
use crate::error::Result;
use crate::services::export;
use crate::web::client::Client;
use crate::web::identity::SignedIn;

/// `GET /profile/export`
pub async fn show(State(app): State<App>, client: Client, signed_in: SignedIn) -> Result<Response> {
    let export = export::of(&app, &signed_in.session, &client.source).await?;
    let headers = [
        (CONTENT_TYPE, "application/json; charset=utf-8"),
        (CONTENT_DISPOSITION, "attachment; filename=\"account.json\""),
    ];
    Ok((headers, serde_json::to_string_pretty(&export)?).into_response())
}
