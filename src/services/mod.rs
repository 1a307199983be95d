//! What people do with accounts, one file per use case: no HTTP, no SQL.

pub mod account;
pub mod administration;
pub mod audit;
pub mod email;
pub mod gate;
pub mod links;
pub mod operations;
pub mod sign_in;
pub mod sign_up;
pub mod throttle;
pub mod two_factor;
