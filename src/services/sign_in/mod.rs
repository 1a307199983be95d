//! Signing in: passwords and codes, until the session starts.

pub mod challenge;
pub mod completion;
pub mod hash_timing;
pub mod login;
pub mod password_check;
pub mod passwords;
