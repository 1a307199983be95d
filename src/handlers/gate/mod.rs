//! The gate. `check` decides requests for proxies, `start` runs on the login host and issues tickets, and `ticket` runs on the guarded
//! host and redeems them.

pub mod check;
pub mod start;
pub mod ticket;
mod way;
