//! Signing in: password, code, and the start of the session.

pub mod challenge;
pub mod completion;
pub mod emailed_code;
pub mod hash_timing;
pub mod login;
pub mod new_passwords;
pub mod password_check;
pub mod step_up;
