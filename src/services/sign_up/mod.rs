//! Signing up: registration, invitations and approval.

pub mod approvals;
pub mod invitation_makers;
pub mod invitations;
pub mod registration;
