//! `/admin`, which redirects to the list of users.

use axum::extract::State;
use axum::response::Redirect;

use crate::app::App;
use crate::domain::addresses;
use crate::web::http::redirect::go_to;

/// `GET /admin`
pub async fn show(State(app): State<App>) -> Redirect {
    go_to(&app, addresses::USERS)
}
