//! The gate: `check` is what proxies ask, `start` is where browsers begin their way through it.

pub mod check;
pub mod start;
