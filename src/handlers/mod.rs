//! One file per page: `show` draws it, `submit` takes its form. One per resource of the JSON API in `api`.

pub mod admin;
pub mod api;
pub mod awaiting_approval;
pub mod check_mail;
pub mod confirm_email;
pub mod confirm_password;
pub mod dashboard;
pub mod dev_mail;
pub mod forgot_password;
pub mod gate;
pub mod health;
pub mod home;
pub mod jwks;
pub mod login;
pub mod logout;
pub mod not_me;
pub mod profile;
pub mod register;
pub mod reset_password;
pub mod two_factor;
pub mod verify_email;
