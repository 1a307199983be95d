//! What people do with their own account.

pub mod activity;
pub mod delete;
pub mod email;
pub mod export;
pub mod name;
pub mod password;
pub mod sessions;
pub mod two_factor;
