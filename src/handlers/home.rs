//! `/` and `/auth`, which redirect to the dashboard or the sign-in page.

use axum::extract::State;
use axum::response::Redirect;

use crate::app::App;
use crate::domain::addresses;
use crate::web::http::redirect::go_to;
use crate::web::visitor::identity::Visitor;

/// `GET /`
pub async fn show(State(app): State<App>, visitor: Visitor) -> Redirect {
    let is_signed_in = visitor.signed_in().is_some();
    go_to(&app, if is_signed_in { addresses::DASHBOARD } else { addresses::SIGN_IN })
}

/// `GET /auth`
pub async fn auth(State(app): State<App>) -> Redirect {
    go_to(&app, addresses::SIGN_IN)
}
