//! The pages of a signed-in user.

pub mod activity;
pub mod confirm_email;
pub mod dashboard;
pub mod delete;
pub mod email;
pub mod export;
pub mod not_me;
pub mod password;
pub mod profile;
pub mod recovery_codes;
pub mod sessions;
pub mod two_factor;
