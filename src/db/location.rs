//! Where the data is stored (`DATABASE_URL`).

use std::path::{Path, PathBuf};

use super::error::{Error, Result};
use super::postgres::server::Server;
use super::sqlite::file::{LOGS, with_suffix};
use super::sqlite::mount;
use crate::file_access;

/// The database that the operator chose.
#[derive(Clone, Debug)]
pub enum Location {
    /// The path of SQLite's file.
    Sqlite(PathBuf),
    /// A PostgreSQL server.
    Postgres(Box<Server>),
}

/// Where the data is, without the password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DatabasePlace {
    /// The path of a file.
    File(String),
    /// A PostgreSQL server.
    Server {
        /// The host and the port, or the path of the socket.
        address: String,
        /// The name of the database.
        database: String,
    },
}

impl Location {
    /// Where the data is.
    #[must_use]
    pub fn place(&self) -> DatabasePlace {
        match self {
            Self::Sqlite(path) => DatabasePlace::File(path.display().to_string()),
            Self::Postgres(server) => DatabasePlace::Server {
                address: server.address(),
                database: server.database().to_owned(),
            },
        }
    }

    /// Describes the database to the operator, without the password.
    #[must_use]
    pub fn describe(&self) -> String {
        match self {
            Self::Sqlite(path) => path.display().to_string(),
            Self::Postgres(server) => server.describe(),
        }
    }

    /// Whether there is nothing to open yet: SQLite's file does not exist. Only connecting shows that of a server.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        match self {
            Self::Sqlite(path) => !path.exists(),
            Self::Postgres(_) => false,
        }
    }

    /// Checks without opening the database that this process may write its files and create others beside them, as SQLite does.
    pub fn check_writable(&self) -> Result<()> {
        let Self::Sqlite(path) = self else { return Ok(()) };
        let beside = LOGS.iter().map(|suffix| with_suffix(path, suffix));
        let existing =
            [path.clone()].into_iter().chain(beside).filter(|it| it.symlink_metadata().is_ok());
        let mut refused: Vec<_> =
            existing.filter_map(|it| file_access::check_file(&it).err()).collect();
        refused.extend(file_access::check_folder(path.parent().unwrap_or(Path::new("."))).err());
        if refused.is_empty() { Ok(()) } else { Err(Error::NoAccess(refused.join(". "))) }
    }

    /// The kind of network file system that the database is on, where SQLite cannot rely on file locks.
    #[must_use]
    pub fn network_file_system(&self) -> Option<String> {
        match self {
            Self::Sqlite(path) => mount::network_file_system(path),
            Self::Postgres(_) => None,
        }
    }
}
