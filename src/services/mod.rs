//! What people do with accounts, one file per use case: no HTTP, no SQL.

pub mod access_tokens;
pub mod audit;
pub mod health;
pub mod keys;
pub mod links;
pub mod login;
pub mod outbox;
pub mod password_reset;
pub mod passwords;
pub mod profile;
pub mod registration;
pub mod sessions;
pub mod throttle;
