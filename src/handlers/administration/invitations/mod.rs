//! Invitations: the list, one with its link, and a new one.

pub mod invite;
pub mod list;
mod row;
pub mod show;
