//! Managing users: the list and the pages of one user.

pub mod acts;
pub mod delete;
pub mod list;
pub mod second_factor;
pub mod show;

use uuid::Uuid;

use crate::domain::addresses::{self, SitePath};
use crate::domain::id::UserId;
use crate::web::http::problem::Problem;

/// Parses the id in a path. An invalid id is 404.
fn id(text: &str) -> Result<UserId, Problem> {
    Uuid::parse_str(text).map(UserId).map_err(|_| Problem::not_found())
}

/// The path of a user's page.
fn path(id: UserId) -> SitePath {
    addresses::USER.of(id)
}
