//! The JSON API.

mod access_tokens;
mod accounts;
mod bad_input;
mod cors;
mod description;
mod refresh;
mod sessions;
mod walkthrough;
