//! The emails of the outbox: the list, and retrying failed ones.

pub mod list;
pub mod retry;
pub(super) mod row;
