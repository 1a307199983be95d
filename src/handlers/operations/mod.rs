//! For operators and machines: health checks, public keys, emails in development.

pub mod dev_mail;
pub mod health;
pub mod jwks;
