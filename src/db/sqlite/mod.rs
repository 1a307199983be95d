//! SQLite: one file, one connection that writes, a pool that reads.

pub mod file;
pub mod mount;
pub mod open;
