//! Static files.

use axum::extract::Path;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::web::http::problem::Problem;
use crate::web::pages::assets::{MARK, STYLESHEET};

/// `GET /static/{name}`
pub async fn serve(Path(name): Path<String>) -> Response {
    let Some(asset) = [&*STYLESHEET, &*MARK].into_iter().find(|asset| asset.name == name) else {
        return Problem::not_found().into_response();
    };
    let headers: [(HeaderName, &'static str); 2] = [
        (CONTENT_TYPE, asset.content_type),
        (CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    (StatusCode::OK, headers, asset.bytes.clone()).into_response()
}
