//! Signing up: from the form to an active account.

pub mod activation;
pub mod approvals;
pub mod by_invitation;
pub mod confirmation;
pub mod first_administrator;
pub mod pending;
pub mod registration;
