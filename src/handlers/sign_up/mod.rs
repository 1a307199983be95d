//! Signing up, and confirming the email address.

pub mod awaiting_approval;
pub mod check_mail;
pub mod first_administrator;
pub mod register;
pub mod verify_email;
