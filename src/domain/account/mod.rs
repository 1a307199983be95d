//! Users and what belongs to them.

pub mod email;
pub mod email_change;
mod email_domain;
pub mod first_administrator;
pub mod handle;
pub mod invitation;
pub mod preferences;
pub mod role;
pub mod user;
pub mod user_list;
pub mod username;
