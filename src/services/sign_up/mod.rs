//! Signing up, until there is an account that can be used.

pub mod activation;
pub mod approvals;
pub mod by_invitation;
pub mod confirmation;
pub mod pending;
pub mod registration;
