//! Passwords, sessions, tokens and rate limits.

pub mod access_token;
pub mod amr;
pub mod demand;
pub mod device;
pub mod emailed_code;
pub mod guessable;
pub mod hash_cost;
pub mod known_browser;
pub mod limit;
pub mod password;
pub mod proof;
pub mod refresh_token;
pub mod session;
pub mod session_kind;
pub mod sign_in_counts;
pub mod sign_in_name;
pub mod signing_key;
pub mod stored_password;
