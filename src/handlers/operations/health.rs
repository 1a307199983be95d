//! Health checks, for load balancers and monitoring.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::services::operations::health;
use crate::web::api::refusal::refusals;
use crate::web::http::problem::{BUSY, retry_after};

/// The health of the server.
#[derive(Serialize, ToSchema)]
pub struct Health {
    /// `ok` or `unavailable`.
    #[schema(example = "ok")]
    status: &'static str,
    /// Why it is not ready.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "the database does not respond")]
    message: Option<&'static str>,
}

const HEALTHY: Json<Health> = Json(Health { status: "ok", message: None });

refusals!(Refusals: [], BadRequest, InternalError);

/// Check that the process responds
#[utoipa::path(
    get,
    path = "/health",
    operation_id = "health",
    tag = "Service",
    responses(
        (status = 200, description = "The process responds.", body = Health, example = json!({ "status": "ok" })),
        Refusals,
    )
)]
pub async fn live() -> Response {
    HEALTHY.into_response()
}

/// Check that the server is ready
///
/// The server is ready when the database responds and has all migrations.
#[utoipa::path(
    get,
    path = "/health/ready",
    operation_id = "ready",
    tag = "Service",
    responses(
        (status = 200, description = "The server is ready.", body = Health, example = json!({ "status": "ok" })),
        (
            status = 503,
            description = "The server is not ready, or the database is unavailable.",
            body = Health,
            headers(("Retry-After" = u64, description = "Seconds after which to try again.")),
            example = json!({ "status": "unavailable", "message": "the database does not respond" }),
        ),
        Refusals,
    )
)]
pub async fn ready(State(app): State<App>) -> Response {
    if health::is_ready(&app).await {
        return HEALTHY.into_response();
    }
    unavailable("the database does not respond")
}

/// `/health/ready` until the database is open.
pub async fn starting() -> Response {
    unavailable("the server waits for its database")
}

fn unavailable(message: &'static str) -> Response {
    let body = Json(Health { status: "unavailable", message: Some(message) });
    let mut response = (StatusCode::SERVICE_UNAVAILABLE, body).into_response();
    retry_after(&mut response, BUSY);
    response
}
