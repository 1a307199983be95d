//! PostgreSQL and compatible servers: no extensions, no superuser, no advisory locks.

mod authorities;
mod connect;
pub mod migrate;
pub mod open;
pub mod server;
pub mod server_error;
mod server_url;
mod tls_mode;
