//! The whole server on a free port with a fresh database, driven as people drive it: through the forms on its pages.

mod abuse;
mod bad_input;
mod forms;
mod login;
mod outbox;
mod pages;
mod password_reset;
mod process;
mod profile;
mod refresh;
mod registration;
mod sub_path;
mod support;
