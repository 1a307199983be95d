//! The gate: the requests of proxies and the responses to them.

pub mod answer;
pub mod asked;
pub mod cookies;
mod headers;
pub mod identity;
pub mod proxy;
pub mod unanswerable;
