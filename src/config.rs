//! The configuration: environment variables and a `.env` file, read once into types, all problems reported together.

mod public_url;
mod reader;
mod risk;
mod secret_file;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use argon2::Params;
use ipnet::IpNet;
use lettre::message::Mailbox;

pub use self::public_url::PublicUrl;
use self::reader::Reader;
pub use self::secret_file::SecretFile;
use crate::db::Location;
use crate::domain::account::user::User;
use crate::domain::gate::origin::GateOrigin;
use crate::domain::proxy::TrustedProxies;
use crate::domain::sign_in::access_token::{Audiences, JwtAlgorithm};
use crate::domain::sign_in::refresh_token::Rotation;
use crate::mail::{self, MailTransport};
use crate::secret::MasterKey;

/// The variables that this version reads; those of one kind of mail transport stand with it.
const KNOWN: [&str; 38] = [
    "HOST",
    "PORT",
    "PUBLIC_URL",
    "DATABASE_URL",
    "DATABASE_CONNECTIONS",
    "DATABASE_CA_FILE",
    "DATA_DIR",
    "SECRET_KEY",
    "MAIL_TRANSPORT",
    "MAIL_FROM",
    "MAIL_TIMEOUT",
    "EMAILS_PER_MINUTE",
    "REGISTRATION",
    "EMAIL_VERIFICATION",
    "ACCESS_TOKEN_TTL",
    "REFRESH_TOKEN_TTL",
    "SESSION_IDLE_TTL",
    "ROTATE_AFTER",
    "ROTATION_GRACE",
    "RESET_TOKEN_TTL",
    "AUDIT_RETENTION",
    "GATE_ORIGINS",
    "GATE_REMOTE_USER",
    "GATE_PROXIES",
    "CORS_ALLOWED_ORIGINS",
    "TRUSTED_PROXIES",
    "JWT_ALGORITHM",
    "JWT_AUDIENCE",
    "HSTS_INCLUDE_SUBDOMAINS",
    "ACCEPT_RISKS",
    "PASSWORD_MIN_LENGTH",
    "ARGON2_MEMORY_KIB",
    "ARGON2_ITERATIONS",
    "HASH_WORKERS",
    "HASH_QUEUE",
    "SITE_NAME",
    "LOG_FORMAT",
    "RUST_LOG",
];

/// `(variable, what to write in DATABASE_URL instead)`: what libraries read for themselves, and in the environment alone.
const ENVIRONMENT_ALONE: [(&str, Option<&str>); 14] = [
    ("PGHOST", Some("host")),
    ("PGHOSTADDR", Some("hostaddr")),
    ("PGPORT", Some("port")),
    ("PGUSER", Some("user")),
    ("PGPASSWORD", Some("password")),
    ("PGPASSFILE", None),
    ("PGDATABASE", Some("dbname")),
    ("PGOPTIONS", Some("options")),
    ("PGSSLMODE", Some("sslmode")),
    ("PGSSLROOTCERT", Some("sslrootcert")),
    ("PGSSLCERT", Some("sslcert")),
    ("PGSSLKEY", Some("sslkey")),
    ("SSL_CERT_FILE", None),
    ("SSL_CERT_DIR", None),
];

/// Everything that an operator decides.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where to listen.
    pub listen: SocketAddr,
    /// What browsers see.
    pub public_url: PublicUrl,
    /// Where the data lies.
    pub database: Location,
    /// The authorities to trust with PostgreSQL, for another database as well (`DATABASE_CA_FILE`).
    pub database_ca_file: Option<String>,
    /// The folder of the secret, of SQLite's file and of the mails of the `file` transport.
    pub data_dir: PathBuf,
    /// The root of all derived keys.
    pub master_key: MasterKey,
    /// Who the mails are from.
    pub mail_from: Mailbox,
    /// How mails leave.
    pub mail: Arc<dyn MailTransport>,
    /// How long the other side may take until it is ready for a mail, and again to take it (`MAIL_TIMEOUT`).
    pub mail_timeout: Duration,
    /// Most emails a minute that strangers can cause, of all instances together (`EMAILS_PER_MINUTE`).
    pub emails_per_minute: i64,
    /// Whether people may sign up.
    pub registration: Registration,
    /// Whether an address must be confirmed before it signs in.
    pub verification_required: bool,
    /// Lifetimes.
    pub lifetimes: Lifetimes,
    /// How long the log of what happened to accounts is kept (`AUDIT_RETENTION`).
    pub audit_retention: Duration,
    /// What the gate guards.
    pub gate_origins: Vec<GateOrigin>,
    /// What applications behind the gate know people by.
    pub gate_remote_user: RemoteUser,
    /// Other origins whose pages may read what the API answers, as browsers name them.
    pub cors_allowed_origins: Vec<String>,
    /// Peers whose `X-Forwarded-For` counts.
    pub trusted_proxies: TrustedProxies,
    /// Peers that may ask the gate.
    pub gate_proxies: Vec<IpNet>,
    /// Whether browsers are told to use https for all hosts below ours, too.
    pub hsts_include_subdomains: bool,
    /// Access tokens.
    pub jwt: JwtConfig,
    /// Passwords.
    pub passwords: PasswordConfig,
    /// What the site is called.
    pub site_name: String,
    /// How the log looks.
    pub log_format: LogFormat,
}

/// Lifetimes of tokens and sessions.
#[derive(Clone, Copy, Debug)]
pub struct Lifetimes {
    /// `ACCESS_TOKEN_TTL`.
    pub access_token: Duration,
    /// `REFRESH_TOKEN_TTL`: the absolute lifetime of a session.
    pub session: Duration,
    /// `SESSION_IDLE_TTL`: the lifetime of a remembered session without a request.
    pub idle: Duration,
    /// `RESET_TOKEN_TTL`.
    pub reset_token: Duration,
    /// `ROTATE_AFTER` and `ROTATION_GRACE`.
    pub rotation: Rotation,
}

/// What access tokens look like.
#[derive(Clone, Debug)]
pub struct JwtConfig {
    /// How they are signed.
    pub algorithm: JwtAlgorithm,
    /// What their `aud` may be.
    pub audiences: Audiences,
}

/// How passwords are judged and hashed.
#[derive(Clone, Debug)]
pub struct PasswordConfig {
    /// Fewest characters.
    pub min_length: usize,
    /// argon2id's memory, passes and lanes.
    pub argon2: Params,
    /// Threads that hash.
    pub workers: usize,
    /// Passwords that may wait for one of them.
    pub queue: usize,
}

/// Whether people may sign up by themselves (`REGISTRATION`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registration {
    /// Anybody may.
    Open,
    /// Whoever an administrator has invited.
    Invite,
    /// Whoever wants to, once an administrator has accepted them.
    Approval,
    /// Nobody may.
    Closed,
}

impl Registration {
    /// Whether a sign-up may become an account; asked when someone signs up and again when the account opens.
    #[must_use]
    pub fn admits(self, is_invited: bool) -> bool {
        match self {
            Self::Open | Self::Approval => true,
            Self::Invite => is_invited,
            Self::Closed => false,
        }
    }

    /// Whether a sign-up that began earlier may not become an account: what counts is the policy of the moment in which it would.
    #[must_use]
    pub fn shuts_out(self, user: &User) -> bool {
        user.is_pending() && !self.admits(user.invitation_id.is_some())
    }
}

/// What the header `Remote-User` holds (`GATE_REMOTE_USER`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RemoteUser {
    /// The address, for accounts that have confirmed it.
    Email,
    /// The account's id.
    Id,
}

/// How the log looks (`LOG_FORMAT`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object per line.
    Json,
}

/// Everything that is wrong with the configuration: one sentence each, which names the variable and the mend.
#[derive(Debug, PartialEq, Eq)]
pub struct Problems(pub Vec<String>);

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "The configuration cannot be used:")?;
        self.0.iter().try_for_each(|problem| writeln!(f, "  - {problem}"))
    }
}

impl std::error::Error for Problems {}

/// What a reading of the configuration gave.
#[derive(Debug)]
pub struct Loaded {
    /// The configuration.
    pub config: Config,
    /// What works, but probably not as meant.
    pub warnings: Vec<String>,
}

impl Config {
    /// Reads the environment and `.env`; what the environment says counts more.
    pub fn load(secret_file: SecretFile) -> Result<Loaded, Problems> {
        let mut variables = BTreeMap::new();
        match dotenvy::from_path_iter(".env") {
            Ok(lines) => {
                for line in lines {
                    let (name, value) = line.map_err(|error| Problems(vec![unreadable(&error)]))?;
                    variables.insert(name, value);
                }
            }
            Err(error) if error.not_found() => {}
            Err(error) => return Err(Problems(vec![unreadable(&error)])),
        }
        let mut substituted = substituted();
        let mut in_file = variables.clone();
        for (name, value) in std::env::vars_os() {
            let Some(name) = name.to_str() else { continue };
            in_file.remove(name);
            match value.into_string() {
                Ok(value) => {
                    substituted.retain(|it| it != name);
                    variables.insert(name.to_owned(), value);
                }
                Err(_) if is_known(name) => {
                    return Err(Problems(vec![format!("{name} is not valid UTF-8.")]));
                }
                Err(_) => {}
            }
        }
        let notes = substituted.into_iter().map(|name| {
            format!("{name} in .env holds a $, which stands for another variable there; put the value in single quotes, or write \\$.")
        });
        let notes = notes.chain(without_effect_in_file(&in_file));
        match Self::read(variables, secret_file) {
            Ok(mut loaded) => {
                loaded.warnings.extend(notes);
                Ok(loaded)
            }
            Err(mut problems) => {
                problems.0.extend(notes);
                Err(problems)
            }
        }
    }

    /// The folder that the mailbox of development shows, if there is one: mails that stay here, on a site that nobody but this
    /// machine can mean. Their links open accounts.
    #[must_use]
    pub fn mailbox(&self) -> Option<&Path> {
        let is_development = self.public_url.is_loopback() && !self.public_url.is_https();
        self.mail.folder().filter(|_| is_development)
    }

    /// Reads the configuration out of `variables`. An empty value counts as none.
    pub fn read(
        variables: BTreeMap<String, String>,
        secret_file: SecretFile,
    ) -> Result<Loaded, Problems> {
        Reader::new(variables).read(secret_file)
    }
}

/// Every variable that has a meaning.
fn known() -> impl Iterator<Item = &'static str> {
    KNOWN.into_iter().chain(mail::KINDS.into_iter().flat_map(|kind| kind.variables.iter().copied()))
}

fn is_known(name: &str) -> bool {
    known().any(|known| known == name)
}

/// What is written in `.env` alone and read from the environment alone.
fn without_effect_in_file(in_file: &BTreeMap<String, String>) -> impl Iterator<Item = String> {
    let found = ENVIRONMENT_ALONE.into_iter().filter(|(name, _)| in_file.contains_key(*name));
    found.map(|(name, parameter)| {
        let or =
            parameter.map(|it| format!(", or write {it}= in DATABASE_URL")).unwrap_or_default();
        format!("{name} in .env has no effect: set it in the environment{or}.")
    })
}

/// The variables in `.env` in whose value a `$` is taken for the beginning of another variable's name: many a password has one.
fn substituted() -> Vec<String> {
    let text = std::fs::read_to_string(".env").unwrap_or_default();
    let lines = text.lines().filter_map(|line| line.trim_start().split_once('='));
    let with_dollar = lines.filter(|(_, value)| {
        let value = value.trim_start();
        !value.starts_with('\'') && value.replace("\\$", "").contains('$')
    });
    let names = with_dollar.map(|(name, _)| name.trim().trim_start_matches("export ").to_owned());
    names.filter(|name| is_known(name)).collect()
}

/// What is wrong with `.env`, without the value of a line, which may be a secret.
fn unreadable(error: &dotenvy::Error) -> String {
    match error {
        dotenvy::Error::LineParse(..) => {
            ".env has a line that is not NAME=value; a value that contains blanks needs quotes around it.".into()
        }
        other => format!(".env cannot be read: {other}."),
    }
}
