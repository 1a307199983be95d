//! Two-factor authentication: checking codes, and turning it on and off.

pub mod enrolment;
pub mod second_factor;
