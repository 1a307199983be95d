//! For operators and machines: health checks, public keys, static files, emails in development.

pub mod assets;
pub mod dev_mail;
pub mod health;
pub mod jwks;
