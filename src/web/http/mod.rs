//! Requests and responses: client addresses, headers, bodies, cookies, errors and redirects.

pub mod arrival;
pub mod body;
pub mod client;
pub mod cookies;
pub mod headers;
pub mod oversized;
pub mod problem;
pub mod query;
pub mod redirect;
pub mod resend;
pub mod return_to;
