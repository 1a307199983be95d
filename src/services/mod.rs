//! Use cases, one file each: no HTTP, no SQL.
//!
//! A folder may use only the folders before it: `session`, `two_factor`, `sign_in`, `sign_up`, `account`, `administration`, `operations`.
//! All of them use `email` and the files at this level.

pub mod accepted_forms;
pub mod account;
pub mod administration;
pub mod administrators;
pub mod audit;
pub mod email;
pub mod former_address;
pub mod gate;
pub mod gate_requirements;
pub mod links;
pub mod long_addresses;
pub mod operations;
pub mod session;
pub mod sign_in;
pub mod sign_up;
pub mod throttle;
pub mod two_factor;
