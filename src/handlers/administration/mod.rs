//! Pages for administrators.

pub mod audit;
pub mod doctor;
pub mod invitations;
pub mod users;

use axum::extract::State;
use axum::response::Response;

use crate::app::App;
use crate::domain::addresses;
use crate::web::identity::Administrator;
use crate::web::page::go_to;

/// `GET /admin`
pub async fn home(State(app): State<App>, _administrator: Administrator) -> Response {
    go_to(&app, addresses::USERS)
}
