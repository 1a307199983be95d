//! Two-factor authentication (2FA): checks codes, enables and disables it.

pub mod enrolment;
pub mod second_factor;
