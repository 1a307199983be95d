//! Signing in: passwords, second steps, sessions and the tokens that carry them.

pub mod access_tokens;
pub mod challenge;
pub mod hash_costs;
pub mod login;
pub mod password_check;
pub mod passwords;
pub mod sessions;
pub mod token_pairs;
