//! One file per page: `show` renders it, and `submit` handles its form. `api` has one file per resource of the JSON API.

pub mod account;
pub mod administration;
pub mod api;
pub mod browser_choices;
pub mod gate;
pub mod home;
pub mod operations;
pub mod sign_in;
pub mod sign_up;
