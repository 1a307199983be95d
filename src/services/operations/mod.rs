//! Operating the server: health, signing keys, cleanup, backup, diagnosis.

pub mod doctor;
pub mod finding;
pub mod health;
pub mod key_rotation;
pub mod retention;
pub mod set_back;
pub mod setup;
pub mod site_overview;
pub mod transfer;
