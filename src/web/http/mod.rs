//! Requests and responses: addresses of clients, headers, bodies, cookies, refusals, redirects.

pub mod arrival;
pub mod body;
pub mod client;
pub mod cookies;
pub mod headers;
pub mod problem;
pub mod redirect;
pub mod resend;
