//! Signing in, signing out, and resetting a forgotten password.

pub mod confirm_password;
pub mod confirm_with_code;
pub mod forgot_password;
pub mod login;
pub mod logout;
pub mod long_return;
pub mod reset_password;
pub mod two_factor;
