//! The location of the data, and the secret that protects it.

use std::path::{Path, PathBuf};

use super::reader::Reader;
use crate::config::risk::Risk;
use crate::config::secret_file::{self, SECRET_LENGTH, SecretFile};
use crate::db::{Location, Server};
use crate::domain::sign_in::guessable;
use crate::secret::{MasterKey, Secret};

pub struct StorageSettings {
    pub data_dir: PathBuf,
    pub database: Option<Location>,
    pub database_ca_file: Option<String>,
    pub master_key: Option<MasterKey>,
}

impl StorageSettings {
    pub fn read(reader: &mut Reader, secret_file: SecretFile) -> Self {
        let data_dir = PathBuf::from(reader.text("DATA_DIR").unwrap_or("data"));
        let database = database(reader, &data_dir);
        let master_key = master_key(reader, &data_dir, database.as_ref(), secret_file);
        let database_ca_file = reader.text("DATABASE_CA_FILE").map(ToOwned::to_owned);
        Self { data_dir, database, database_ca_file, master_key }
    }
}

fn database(reader: &mut Reader, data_dir: &Path) -> Option<Location> {
    let Some(text) = reader.text("DATABASE_URL") else {
        return Some(Location::Sqlite(data_dir.join("authflow.db")));
    };
    let path = text.strip_prefix("sqlite://").or_else(|| text.strip_prefix("sqlite:"));
    if let Some(path) = path.filter(|path| !path.is_empty() && !path.contains(['?', ':'])) {
        Some(Location::Sqlite(PathBuf::from(path)))
    } else if text.starts_with("postgres://") || text.starts_with("postgresql://") {
        let text = text.to_owned();
        let connections = reader.number("DATABASE_CONNECTIONS", 16, 2..=1_000)?;
        match Server::read(&text, connections, reader.text("DATABASE_CA_FILE")) {
            Ok(server) => {
                for note in server.notes() {
                    reader.warn(format!("DATABASE_URL {note}."));
                }
                Some(Location::Postgres(Box::new(server)))
            }
            Err(why) => {
                reader.problem(why.sentence("DATABASE_URL"));
                None
            }
        }
    } else {
        reader.problem(
            "DATABASE_URL must be sqlite://PATH or postgres://USER:PASSWORD@HOST/DATABASE.",
        );
        None
    }
}

const MAKE_ONE: &str = "make one with: openssl rand -base64 48";

fn master_key(
    reader: &mut Reader,
    data_dir: &Path,
    database: Option<&Location>,
    file: SecretFile,
) -> Option<MasterKey> {
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
    let path = data_dir.join("secret.key");
    let database = match database? {
        Location::Sqlite(path) => path,
        Location::Postgres(_) => {
            let fix = if path.exists() {
                format!("after a move from SQLite it is the text in {}", path.display())
            } else {
                MAKE_ONE.to_owned()
            };
            let why = "with PostgreSQL, where all instances share one";
            reader.problem(format!("SECRET_KEY is required {why}; {fix}."));
            return None;
        }
    };
    match secret_file::load(&path, database, file) {
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
