//! Routes for operators and programs: health checks, public keys, static files, and the development mailbox.

pub mod assets;
pub mod dev_mail;
pub mod health;
pub mod jwks;
