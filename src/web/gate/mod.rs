//! The gate: what proxies ask it, and how it responds.

pub mod answer;
pub mod asked;
pub mod cookies;
mod headers;
pub mod identity;
pub mod proxy;
pub mod unanswerable;
