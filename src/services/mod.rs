//! What people do with accounts, one file per use case: no HTTP, no SQL.

pub mod access_tokens;
pub mod activity;
pub mod audit;
pub mod challenge;
pub mod deletion;
pub mod email_change;
pub mod export;
pub mod former_address;
pub mod health;
pub mod keys;
pub mod links;
pub mod login;
pub mod not_me;
pub mod outbox;
pub mod password_check;
pub mod password_reset;
pub mod passwords;
pub mod profile;
pub mod registration;
pub mod retention;
pub mod second_factor;
pub mod second_factor_change;
pub mod sessions;
pub mod test_mail;
pub mod throttle;
pub mod transfer;
