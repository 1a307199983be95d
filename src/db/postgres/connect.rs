//! Connects to PostgreSQL, in time and as securely as was asked for.

use sqlx::Connection;
use sqlx::postgres::PgConnection;
use tokio::time::timeout;

use super::server::Server;
use crate::db::error::{Error, Result};
use crate::db::timeouts::ACQUIRE_TIMEOUT;

/// What connections call themselves (`application_name`), so that operators and commands can tell servers from commands.
pub const SERVER: &str = "authflow";
/// The same for commands.
pub const COMMAND: &str = "authflow command";

/// Connects as `name`. The password goes only to a server that is as secure as was asked for.
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

/// Awaits what the server answers, but not for long.
pub async fn in_time<T>(answer: impl Future<Output = sqlx::Result<T>>) -> Result<T> {
    match timeout(ACQUIRE_TIMEOUT, answer).await {
        Ok(answer) => Ok(answer?),
        Err(_) => Err(Error::TimedOut),
    }
}
