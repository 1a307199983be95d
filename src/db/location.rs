//! Where the data is stored (`DATABASE_URL`).

use std::fs;
use std::path::{Path, PathBuf};

use super::postgres::server::Server;
use super::sqlite::mount;
use crate::folder;

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

    /// Whether there is nothing to open yet: SQLite's file does not exist. Only connecting shows that of a server.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        match self {
            Self::Sqlite(path) => !path.exists(),
            Self::Postgres(_) => false,
        }
    }

    /// Checks without opening the database that its file can be written, or created. `Err`: why not, for the operator.
    pub fn check_writable(&self) -> Result<(), String> {
        match self {
            Self::Sqlite(path) if self.is_missing() => {
                folder::check_writable(path.parent().unwrap_or(Path::new(".")))
            }
            Self::Sqlite(path) => match fs::OpenOptions::new().append(true).open(path) {
                Ok(_) => Ok(()),
                Err(error) => Err(format!("{} is not writable: {error}", path.display())),
            },
            Self::Postgres(_) => Ok(()),
        }
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
