//! Running the server: health, signing keys, cleanup, backup, diagnosis.

pub mod doctor;
pub mod health;
pub mod keys;
pub mod retention;
pub mod transfer;
