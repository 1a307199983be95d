//! The codes of two-factor authentication.

pub mod code;
pub mod recovery_code;
pub mod totp;
