//! Invitations: the list, the page of one invitation, and creating one.

pub mod invite;
pub mod list;
mod row;
pub mod show;
