//! Whether the server is well, for machines.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::app::App;
use crate::services::health;
use crate::web::error::{BUSY, retry_after};

/// `GET /health`: the process answers.
pub async fn live() -> Response {
    Json(json!({ "status": "ok" })).into_response()
}

/// `GET /health/ready`: the database answers as well, and has all migrations.
pub async fn ready(State(app): State<App>) -> Response {
    if health::is_ready(&app).await {
        return Json(json!({ "status": "ok" })).into_response();
    }
    unavailable("the database does not answer")
}

/// The same before there is a database.
pub async fn starting() -> Response {
    unavailable("the server waits for its database")
}

fn unavailable(message: &str) -> Response {
    let body = Json(json!({ "status": "unavailable", "message": message }));
    let mut response = (StatusCode::SERVICE_UNAVAILABLE, body).into_response();
    retry_after(&mut response, BUSY);
    response
}
