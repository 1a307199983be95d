//! One file per page: `show` renders it, `submit` takes its form. In `api`, one file per resource of the JSON API.

pub mod account;
pub mod administration;
pub mod api;
pub mod gate;
pub mod home;
pub mod operations;
pub mod sign_in;
pub mod sign_up;
