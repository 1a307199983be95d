//! Two-factor authentication (2FA): checks codes, enables and disables it.

pub mod code_set;
pub mod second_factor;
