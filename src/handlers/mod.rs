//! One file per page: `show` draws it, `submit` takes its form. One per resource of the JSON API in `api`.

pub mod account;
pub mod administration;
pub mod api;
pub mod gate;
pub mod home;
pub mod operations;
pub mod sign_in;
pub mod sign_up;
