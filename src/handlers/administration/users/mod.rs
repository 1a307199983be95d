//! Managing users: the list and the pages of one user.

pub mod acts;
pub mod delete;
pub mod list;
pub mod second_factor;
pub mod show;

use axum::http::StatusCode;
use uuid::Uuid;

use crate::config::Config;
use crate::domain::addresses::{self, SitePath};
use crate::domain::id::UserId;
use crate::i18n::message;
use crate::web::http::problem::Problem;

/// Parses the id in a path. An invalid id is 404.
fn id(text: &str) -> Result<UserId, Problem> {
    Uuid::parse_str(text).map(UserId).map_err(|_| Problem::not_found())
}

/// 404: the account of this page does not exist.
fn no_such_user(config: &Config) -> Problem {
    Problem::new(StatusCode::NOT_FOUND, message::user_gone())
        .titled(message::user_gone_title())
        .with_way_on(config.public_url.path(addresses::USERS), message::user_gone_back())
}

/// The path of a user's page.
fn path(id: UserId) -> SitePath {
    addresses::USER.of(id)
}
