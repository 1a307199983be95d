//! The gate: `check` is what proxies ask, `start` is where browsers begin their way through it, `ticket` is where they come back to the
//! guarded host.

pub mod check;
pub mod start;
pub mod ticket;
mod way;
