//! Connects to PostgreSQL within a timeout, and only as securely as `sslmode` demands.

use sqlx::Connection;
use sqlx::postgres::PgConnection;
use tokio::time::timeout;

use super::server::Server;
use crate::db::error::{Error, Result};
use crate::db::timeouts::ACQUIRE_TIMEOUT;

/// The `application_name` of a server's connections. With it, operators and commands can tell servers from commands.
pub const SERVER: &str = "authflow";
/// The `application_name` of a command's connections.
pub const COMMAND: &str = "authflow command";

/// Connects with the `application_name` `name`. The password is only sent over a connection that is as secure as `sslmode` demands.
pub async fn connect(server: &Server, name: &str) -> Result<PgConnection> {
    let options = server.options(name);
    let Ok(connected) = timeout(ACQUIRE_TIMEOUT, PgConnection::connect_with(&options)).await else {
        return Err(Error::TimedOut);
    };
    connected.map_err(|error| match server.refusal(&error) {
        Some(why) => Error::Insecure(why),
        None => error.into(),
    })
}

/// Awaits the server's response for at most [`ACQUIRE_TIMEOUT`].
pub async fn in_time<T>(answer: impl Future<Output = sqlx::Result<T>>) -> Result<T> {
    match timeout(ACQUIRE_TIMEOUT, answer).await {
        Ok(answer) => Ok(answer?),
        Err(_) => Err(Error::TimedOut),
    }
}
