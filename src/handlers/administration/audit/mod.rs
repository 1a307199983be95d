//! The audit log: its page, and the same entries as a file.

pub mod export;
mod filter;
pub mod list;
