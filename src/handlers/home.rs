//! `/` and `/auth`: on to where the visitor belongs.

use axum::extract::State;
use axum::response::Response;

use crate::app::App;
use crate::domain::addresses;
use crate::web::identity::Visitor;
use crate::web::page::go_to;

/// `GET /`
pub async fn show(State(app): State<App>, visitor: Visitor) -> Response {
    let is_signed_in = visitor.signed_in().is_some();
    go_to(&app, if is_signed_in { addresses::DASHBOARD } else { addresses::SIGN_IN })
}

/// `GET /auth`
pub async fn auth(State(app): State<App>) -> Response {
    go_to(&app, addresses::SIGN_IN)
}
