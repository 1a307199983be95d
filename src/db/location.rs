//! Where the data is stored (`DATABASE_URL`).

use std::path::PathBuf;

use super::postgres::server::Server;

/// The database that the operator chose.
#[derive(Clone, Debug)]
pub enum Location {
    /// The path of SQLite's file.
    Sqlite(PathBuf),
    /// A PostgreSQL server.
    Postgres(Box<Server>),
}

impl Location {
    /// Describes the database to the operator, without the password.
    #[must_use]
    pub fn describe(&self) -> String {
        match self {
            Self::Sqlite(path) => path.display().to_string(),
            Self::Postgres(server) => server.describe(),
        }
    }
}
