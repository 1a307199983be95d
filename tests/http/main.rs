//! The whole server on a free port with a fresh database, driven as people drive it: through the forms on its pages.

mod abuse;
mod bad_input;
mod confirm_password;
mod durability;
mod email_change;
mod forms;
mod instances;
mod login;
mod notices;
mod outbox;
mod own_data;
mod pages;
mod password_reset;
mod plans;
mod process;
mod profile;
mod refresh;
mod registration;
mod retention;
mod second_factor;
mod sessions;
mod sub_path;
mod support;
mod transfer;
mod trouble;
