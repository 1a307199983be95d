//! Everybody who has an account: the list, and a page for each.

pub mod acts;
pub mod delete;
pub mod list;
pub mod second_factor;
pub mod show;

use uuid::Uuid;

use crate::domain::addresses::{self, SitePath};
use crate::domain::id::UserId;

/// Reads the id out of an address; nothing if it is none.
fn id(text: &str) -> Option<UserId> {
    Uuid::parse_str(text).ok().map(UserId)
}

/// The address of a user's page.
fn path(id: UserId) -> SitePath {
    addresses::USER.of(id)
}
