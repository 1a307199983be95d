//! The gate: what other applications behind the reverse proxy are guarded with (DESIGN.md, section 5).
//!
//! A browser that is not signed in at a guarded host is sent to the login host with the hash of a nonce, and comes back with a
//! ticket; for ticket and nonce together the guarded host gets a token of its own, in a cookie that is worth nothing elsewhere.

pub mod origin;
pub mod rule;
pub mod target;
pub mod ticket;
pub mod token;
