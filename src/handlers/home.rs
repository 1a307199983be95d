//! `/` and `/auth`: on to where the visitor belongs.

use axum::extract::State;
use axum::response::Response;

use crate::app::App;
use crate::web::identity::Visitor;
use crate::web::page::go_to;

/// `GET /`
pub async fn show(State(app): State<App>, visitor: Visitor) -> Response {
    go_to(&app, if visitor.signed_in().is_some() { "/dashboard" } else { "/auth/login" })
}

/// `GET /auth`
pub async fn auth(State(app): State<App>) -> Response {
    go_to(&app, "/auth/login")
}
