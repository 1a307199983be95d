//! What users can do with their own account.

pub mod activity;
pub mod attention;
pub mod deletion;
pub mod email_change;
pub mod enrolment;
pub mod export;
pub mod not_me;
pub mod password_reset;
pub mod profile;
