//! The audit log: its page and its download.

pub mod export;
mod filter;
pub mod list;
