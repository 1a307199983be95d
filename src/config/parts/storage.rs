//! The location of the data, and the secret that protects it.

use std::path::{Path, PathBuf};

use super::reader::Reader;
use crate::config::risk::Risk;
use crate::config::secret_file::{self, SECRET_LENGTH, SecretFile};
use crate::db::{Location, Server, ServerError};
use crate::domain::sign_in::guessable;
use crate::installation::authflow;
use crate::secret::{MasterKey, Secret};
use crate::tls;

/// The file with the secret, in `DATA_DIR`.
const SECRET_FILE: &str = "secret.key";

pub struct StorageSettings {
    pub data_dir: PathBuf,
    pub database: Option<Location>,
    /// [`Config::database_setting`](crate::config::Config::database_setting)
    pub database_setting: String,
    pub database_ca_file: Option<String>,
    /// [`Config::secret_file`](crate::config::Config::secret_file)
    pub secret_file: Option<PathBuf>,
    is_postgres: bool,
}

impl StorageSettings {
    pub fn read(reader: &mut Reader) -> Self {
        let data_dir = PathBuf::from(reader.text_or_default("DATA_DIR"));
        let url = reader.text("DATABASE_URL").map(ToOwned::to_owned);
        let is_postgres = url
            .as_deref()
            .is_some_and(|url| url.starts_with("postgres://") || url.starts_with("postgresql://"));
        let database = match &url {
            Some(url) if is_postgres => postgres(reader, url),
            Some(url) => sqlite(reader, url),
            None if reader.is_unreadable("DATABASE_URL") => None,
            None => Some(Location::Sqlite(data_dir.join("authflow.db"))),
        };
        if matches!(database, Some(Location::Sqlite(_))) {
            note_about_sqlite(reader);
        }
        let is_in_file = !is_postgres && reader.text("SECRET_KEY").is_none();
        Self {
            secret_file: is_in_file.then(|| absolute(&data_dir.join(SECRET_FILE))),
            data_dir,
            database,
            database_setting: reader.setting("DATABASE_URL"),
            database_ca_file: reader.text("DATABASE_CA_FILE").map(ToOwned::to_owned),
            is_postgres,
        }
    }

    /// Reads the secret. The file with the secret is created only if there is no problem so far.
    pub fn master_key(&self, reader: &mut Reader, file: SecretFile) -> Option<MasterKey> {
        if let Some(text) = reader.text("SECRET_KEY") {
            if text.len() >= SECRET_LENGTH {
                let text = Secret::new(text.to_owned());
                return Some(strong(reader, &text, "SECRET_KEY"));
            }
            reader.problem(format!(
                "SECRET_KEY must have at least {SECRET_LENGTH} characters; {MAKE_ONE}."
            ));
            return None;
        }
        let path = self.data_dir.join(SECRET_FILE);
        if self.is_postgres {
            let fix = if path.exists() {
                format!("after a move from SQLite, set SECRET_KEY_FILE to {}", path.display())
            } else {
                MAKE_ONE.to_owned()
            };
            let why = "with PostgreSQL, where all instances share one";
            reader.problem(format!("SECRET_KEY is required {why}; {fix}."));
            return None;
        }
        let Some(Location::Sqlite(database)) = &self.database else { return None };
        if reader.is_unreadable("SECRET_KEY") {
            return None;
        }
        let file = if reader.has_problems() { SecretFile::Look } else { file };
        key_of_file(reader, &path, database, file)
    }
}

/// The path from the root. Without a working directory, it stays as it is.
fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or(path.to_owned())
}

fn postgres(reader: &mut Reader, url: &str) -> Option<Location> {
    let connections = reader.number("DATABASE_CONNECTIONS");
    let ca_file = reader.text("DATABASE_CA_FILE").map(ToOwned::to_owned);
    match Server::read(url, connections.unwrap_or(2), ca_file.as_deref()) {
        Ok(server) => {
            for note in server.notes() {
                reader.warn(format!("DATABASE_URL {note}."));
            }
            connections.map(|_| Location::Postgres(Box::new(server)))
        }
        Err(why) => {
            reader.problem(why.sentence("DATABASE_URL"));
            let is_about_url = matches!(why, ServerError::Url(_));
            if let Some(Err(why)) = ca_file.filter(|_| is_about_url).map(|it| tls::authorities(&it))
            {
                reader.problem(format!("DATABASE_CA_FILE {why}."));
            }
            None
        }
    }
}

fn sqlite(reader: &mut Reader, url: &str) -> Option<Location> {
    let path = url.strip_prefix("sqlite://").or_else(|| url.strip_prefix("sqlite:"));
    match path.filter(|path| !path.is_empty()) {
        Some(path) if path.contains('?') => {
            reader.problem(
                "DATABASE_URL has a ? and parameters, which SQLite's file does not take here. Write sqlite://PATH alone.",
            );
            None
        }
        Some(path) if !path.contains(':') => Some(Location::Sqlite(PathBuf::from(path))),
        _ => {
            reader.problem(
                "DATABASE_URL must be sqlite://PATH or postgres://USER:PASSWORD@HOST/DATABASE.",
            );
            None
        }
    }
}

/// Reports settings of PostgreSQL.
fn note_about_sqlite(reader: &mut Reader) {
    if reader.text("DATABASE_CONNECTIONS").is_some() {
        reader.warn("DATABASE_CONNECTIONS has no effect with SQLite.");
    }
    if reader.text("DATABASE_CA_FILE").is_some() {
        reader.warn(format!(
            "DATABASE_CA_FILE has no effect with SQLite, except for {} db copy.",
            authflow()
        ));
    }
}

const MAKE_ONE: &str = "make one with: openssl rand -base64 48";

fn key_of_file(
    reader: &mut Reader,
    path: &Path,
    database: &Path,
    file: SecretFile,
) -> Option<MasterKey> {
    match secret_file::load(path, database, file) {
        Ok((text, warning)) => {
            if let Some(warning) = warning {
                reader.warn(warning);
            }
            Some(strong(reader, &text, &format!("The key in {}", path.display())))
        }
        Err(problem) => {
            reader.problem(problem);
            None
        }
    }
}

/// Derives the key, and reports a secret that is easy to guess. `what`: how to name the secret in that report.
fn strong(reader: &mut Reader, text: &Secret<String>, what: &str) -> MasterKey {
    if let Some(why) = guessable::why(text.reveal()) {
        reader.risk(
            Risk::WeakSecret,
            &format!("{what} can be guessed ({why}), and anyone who guesses it can sign in as every user"),
            "For a new installation make one with: openssl rand -base64 48; an existing database needs the key that it was created with",
        );
    }
    MasterKey::new(text.reveal().as_bytes().to_vec())
}
