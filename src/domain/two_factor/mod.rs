//! Two-factor authentication: its codes, and who must use it.

pub mod code;
pub mod policy;
pub mod recovery_code;
pub mod totp;
