//! Codes of two-factor authentication.

pub mod recovery_code;
pub mod second_factor;
pub mod totp;
