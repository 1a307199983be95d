//! The gate, which guards apps behind the reverse proxy.
//!
//! A visitor who is not signed in at a guarded host is redirected to the login host with the hash of a nonce, and returns with a ticket.
//! In exchange for ticket and nonce, the browser gets a token for the guarded host, in a cookie that no other host accepts.

pub mod guarded_app;
pub mod origin;
pub mod public_path;
pub mod requirement;
pub mod reserved;
pub mod rule;
pub mod target;
pub mod ticket;
pub mod token;
