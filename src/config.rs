//! The configuration: environment variables and a `.env` file, read once into types, all problems reported together.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::DirBuilder;
use std::io::Write;
use std::net::{IpAddr, SocketAddr};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use argon2::Params;
use ipnet::IpNet;
use lettre::message::Mailbox;
use url::{Host, Url};

use crate::db::Place;
use crate::domain::access_token::JwtAlgorithm;
use crate::domain::password;
use crate::domain::refresh_token::Rotation;
use crate::secret::{self, MasterKey, Secret};

/// Shortest `SECRET_KEY`, in bytes.
const SECRET_LENGTH: usize = 32;

/// The variables that this version reads.
const KNOWN: [&str; 27] = [
    "HOST",
    "PORT",
    "PUBLIC_URL",
    "DATABASE_URL",
    "DATA_DIR",
    "SECRET_KEY",
    "MAIL_TRANSPORT",
    "MAIL_FROM",
    "REGISTRATION",
    "EMAIL_VERIFICATION",
    "ACCESS_TOKEN_TTL",
    "REFRESH_TOKEN_TTL",
    "SESSION_IDLE_TTL",
    "ROTATE_AFTER",
    "ROTATION_GRACE",
    "RESET_TOKEN_TTL",
    "TRUSTED_PROXIES",
    "JWT_ALGORITHM",
    "JWT_AUDIENCE",
    "PASSWORD_MIN_LENGTH",
    "ARGON2_MEMORY_KIB",
    "ARGON2_ITERATIONS",
    "HASH_WORKERS",
    "HASH_QUEUE",
    "SITE_NAME",
    "LOG_FORMAT",
    "RUST_LOG",
];

/// Variables of the design whose part is not built yet: setting one is not an error, but must not go unnoticed.
const PLANNED: [&str; 6] = [
    "SMTP_URL",
    "RESEND_API_KEY",
    "RESEND_API_URL",
    "GATE_ORIGINS",
    "CORS_ALLOWED_ORIGINS",
    "GATE_REMOTE_USER",
];

/// Everything that an operator decides.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where to listen.
    pub listen: SocketAddr,
    /// What browsers see.
    pub public_url: PublicUrl,
    /// Where the data lies.
    pub database: Place,
    /// The folder of the secret, of SQLite's file and of the mails of the `file` transport.
    pub data_dir: PathBuf,
    /// The root of all derived keys.
    pub master_key: MasterKey,
    /// Who the mails are from.
    pub mail_from: Mailbox,
    /// Whether people may sign up.
    pub registration: Registration,
    /// Whether an address must be confirmed before it signs in.
    pub verification_required: bool,
    /// Lifetimes.
    pub lifetimes: Lifetimes,
    /// Peers whose `X-Forwarded-For` counts.
    pub trusted_proxies: Vec<IpNet>,
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
    /// Their `aud`.
    pub audience: String,
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
    /// Nobody may.
    Closed,
}

/// How the log looks (`LOG_FORMAT`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object per line.
    Json,
}

/// `PUBLIC_URL`, taken apart: an origin and a path without a slash at its end.
#[derive(Clone, Debug)]
pub struct PublicUrl {
    url: Url,
    base: String,
}

impl PublicUrl {
    /// Reads a public address.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let url = Url::parse(text).map_err(|_| "is no URL")?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err("must begin with http:// or https://");
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("must not contain a user name or password");
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err("must not contain '?' or '#'");
        }
        let base = url.path().trim_end_matches('/').to_owned();
        let plain = |c: char| c.is_ascii_alphanumeric() || "/-._~".contains(c);
        if base.contains("//") || !base.chars().all(plain) {
            return Err(
                "has a path with characters other than letters, digits, '-', '.', '_' and '~'",
            );
        }
        Ok(Self { url, base })
    }

    /// Scheme, host and port, without a path.
    #[must_use]
    pub fn origin(&self) -> String {
        self.url.origin().ascii_serialization()
    }

    /// The path that every route lies under: empty, or `/id`.
    #[must_use]
    pub fn base(&self) -> &str {
        &self.base
    }

    /// The host alone.
    #[must_use]
    pub fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    /// Whether browsers come by https: cookies are then Secure.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// Whether only this machine can mean it: development.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        match self.url.host() {
            Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        }
    }

    /// The address of one of our paths.
    #[must_use]
    pub fn link(&self, path: &str) -> String {
        format!("{}{}{path}", self.origin(), self.base)
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.link(""))
    }
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

/// Whether reading the configuration may leave something behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretFile {
    /// Make `secret.key` if it is not there.
    Create,
    /// Only look (`authflow check`): a throw-away key stands in for a file that is not there yet.
    Look,
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
        for (name, value) in std::env::vars_os() {
            let Some(name) = name.to_str() else { continue };
            match value.into_string() {
                Ok(value) => drop(variables.insert(name.to_owned(), value)),
                Err(_) if KNOWN.contains(&name) => {
                    return Err(Problems(vec![format!("{name} is not valid UTF-8.")]));
                }
                Err(_) => {}
            }
        }
        Self::read(variables, secret_file)
    }

    /// Where the `file` transport puts mails.
    #[must_use]
    pub fn mail_folder(&self) -> PathBuf {
        self.data_dir.join("mail")
    }

    /// Whether the mailbox of development is shown at all: only where nobody but this machine can mean the site. Its links
    /// open accounts.
    #[must_use]
    pub fn has_mailbox(&self) -> bool {
        self.public_url.is_loopback() && !self.public_url.is_https()
    }

    /// Reads the configuration out of `variables`. An empty value counts as none.
    pub fn read(
        variables: BTreeMap<String, String>,
        secret_file: SecretFile,
    ) -> Result<Loaded, Problems> {
        Reader { variables, problems: Vec::new(), warnings: Vec::new() }.read(secret_file)
    }
}

struct Reader {
    variables: BTreeMap<String, String>,
    problems: Vec<String>,
    warnings: Vec<String>,
}

impl Reader {
    fn read(mut self, secret_file: SecretFile) -> Result<Loaded, Problems> {
        self.name_the_unknown();
        let host = self.parsed("HOST", "127.0.0.1", |text| {
            text.parse::<IpAddr>()
                .map_err(|_| "must be an IP address, such as 127.0.0.1 or 0.0.0.0".into())
        });
        let port = self.number("PORT", 5_000, 0..=65_535);
        let public_url = self.parsed(
            "PUBLIC_URL",
            &format!("http://localhost:{}", port.unwrap_or(5_000)),
            |text| {
                let example = "such as https://login.example.org";
                PublicUrl::parse(text)
                    .map_err(|why| format!("{why}; write the address that browsers use, {example}"))
            },
        );
        let data_dir = PathBuf::from(self.text("DATA_DIR").unwrap_or("data"));
        let database = self.database(&data_dir);
        let master_key = self.master_key(&data_dir, database.as_ref(), secret_file);
        let site_name = self.site_name();
        let mail_from = self.mail_from(public_url.as_ref(), &site_name);
        self.mail_transport(public_url.as_ref());
        let registration = self.choice(
            "REGISTRATION",
            &[("open", Registration::Open), ("closed", Registration::Closed)],
        );
        let verification_required =
            self.choice("EMAIL_VERIFICATION", &[("required", true), ("off", false)]);
        let lifetimes = self.lifetimes();
        let trusted_proxies = self.parsed("TRUSTED_PROXIES", "127.0.0.0/8,::1/128", networks);
        let algorithm = self.choice(
            "JWT_ALGORITHM",
            &[("ES256", JwtAlgorithm::Es256), ("EdDSA", JwtAlgorithm::EdDsa)],
        );
        let audience = self.text("JWT_AUDIENCE").map(ToOwned::to_owned);
        let passwords = self.passwords();
        let log_format =
            self.choice("LOG_FORMAT", &[("text", LogFormat::Text), ("json", LogFormat::Json)]);

        let complete = (|| {
            let public_url = public_url?;
            let audience = audience.unwrap_or_else(|| public_url.to_string());
            Some(Config {
                listen: SocketAddr::new(host?, u16::try_from(port?).ok()?),
                public_url,
                database: database?,
                data_dir,
                master_key: master_key?,
                mail_from: mail_from?,
                registration: registration?,
                verification_required: verification_required?,
                lifetimes: lifetimes?,
                trusted_proxies: trusted_proxies?,
                jwt: JwtConfig { algorithm: algorithm?, audience },
                passwords: passwords?,
                site_name,
                log_format: log_format?,
            })
        })();
        match complete {
            Some(config) if self.problems.is_empty() => {
                Ok(Loaded { config, warnings: self.warnings })
            }
            _ => Err(Problems(self.problems)),
        }
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(|value| value.trim()).filter(|value| !value.is_empty())
    }

    /// The value of a variable, or of its default; a complaint does not repeat the value, which may be a secret.
    fn parsed<T>(
        &mut self,
        name: &str,
        default: &str,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Option<T> {
        match parse(self.text(name).unwrap_or(default)) {
            Ok(value) => Some(value),
            Err(why) => {
                self.problems.push(format!("{name} {why}."));
                None
            }
        }
    }

    fn number(
        &mut self,
        name: &str,
        default: u32,
        range: std::ops::RangeInclusive<u32>,
    ) -> Option<u32> {
        self.parsed(name, &default.to_string(), |text| {
            let number = text.parse().ok().filter(|number| range.contains(number));
            number.ok_or_else(|| {
                format!("must be a whole number from {} to {}", range.start(), range.end())
            })
        })
    }

    fn duration(
        &mut self,
        name: &str,
        default: &str,
        range: std::ops::RangeInclusive<Duration>,
    ) -> Option<Duration> {
        self.parsed(name, default, |text| {
            let duration = humantime::parse_duration(text).map_err(|_| {
                "must be a length of time with its unit, such as 90s, 5m, 12h or 30d".to_owned()
            })?;
            if range.contains(&duration) {
                Ok(duration)
            } else {
                let [least, most] =
                    [range.start(), range.end()].map(|it| humantime::format_duration(*it));
                Err(format!("must be from {least} to {most}"))
            }
        })
    }

    /// The first choice is the default.
    fn choice<T: Copy>(&mut self, name: &str, choices: &[(&str, T)]) -> Option<T> {
        self.parsed(name, choices[0].0, |text| {
            let chosen = choices.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
            chosen.ok_or_else(|| {
                let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
                format!("must be one of: {}", words.join(", "))
            })
        })
    }

    fn name_the_unknown(&mut self) {
        for name in self.variables.keys() {
            if PLANNED.contains(&name.as_str()) {
                self.warnings.push(format!("{name} has no effect in this version."));
            } else if !KNOWN.contains(&name.as_str()) {
                let bare = name.strip_prefix("AUTHFLOW_").unwrap_or(name);
                let near = KNOWN.iter().find(|known| bare == **known || is_misspelt(bare, known));
                if let Some(near) = near {
                    self.warnings.push(format!("{name} is not a variable of authflow and has no effect; did you mean {near}?"));
                } else if bare != name {
                    self.warnings
                        .push(format!("{name} is not a variable of authflow and has no effect."));
                }
            }
        }
    }

    fn database(&mut self, data_dir: &Path) -> Option<Place> {
        let Some(text) = self.text("DATABASE_URL") else {
            return Some(Place::Sqlite(data_dir.join("authflow.db")));
        };
        let path = text.strip_prefix("sqlite://").or_else(|| text.strip_prefix("sqlite:"));
        if let Some(path) = path.filter(|path| !path.is_empty() && !path.contains(['?', ':'])) {
            Some(Place::Sqlite(PathBuf::from(path)))
        } else if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            Some(Place::Postgres(Secret::new(text.to_owned())))
        } else {
            self.problems.push(
                "DATABASE_URL must be sqlite://PATH or postgres://USER:PASSWORD@HOST/DATABASE."
                    .into(),
            );
            None
        }
    }

    fn master_key(
        &mut self,
        data_dir: &Path,
        database: Option<&Place>,
        file: SecretFile,
    ) -> Option<MasterKey> {
        if let Some(text) = self.text("SECRET_KEY") {
            if text.len() >= SECRET_LENGTH {
                return Some(MasterKey::new(text.as_bytes().to_vec()));
            }
            let mend = "make one with: openssl rand -base64 48";
            self.problems
                .push(format!("SECRET_KEY must have at least {SECRET_LENGTH} characters; {mend}."));
            return None;
        }
        let database = match database? {
            Place::Sqlite(path) => path,
            Place::Postgres(_) => {
                let why = "with PostgreSQL, where all instances share one; make one with: openssl rand -base64 48";
                self.problems.push(format!("SECRET_KEY is required {why}."));
                return None;
            }
        };
        let path = data_dir.join("secret.key");
        match secret_file(&path, database, file) {
            Ok((key, warning)) => {
                self.warnings.extend(warning);
                Some(key)
            }
            Err(problem) => {
                self.problems.push(problem);
                None
            }
        }
    }

    fn site_name(&mut self) -> String {
        let name = self.text("SITE_NAME").unwrap_or("authflow").to_owned();
        if name.chars().count() > 60 || name.chars().any(char::is_control) {
            self.problems.push(
                "SITE_NAME must have at most 60 characters, none of them a control character."
                    .into(),
            );
        }
        name
    }

    fn mail_from(&mut self, public_url: Option<&PublicUrl>, site_name: &str) -> Option<Mailbox> {
        let host = public_url?.host();
        let host = if host.starts_with('[') || host.parse::<IpAddr>().is_ok() {
            "localhost"
        } else {
            host
        };
        let default = format!("no-reply@{host}");
        let mailbox = self.parsed("MAIL_FROM", &default, |text| {
            let example = "write noreply@example.org or My Site <noreply@example.org>";
            Mailbox::from_str(text).map_err(|_| format!("is no email address; {example}"))
        })?;
        let name = mailbox.name.unwrap_or_else(|| site_name.to_owned());
        Some(Mailbox::new(Some(name), mailbox.email))
    }

    fn mail_transport(&mut self, public_url: Option<&PublicUrl>) {
        match (self.text("MAIL_TRANSPORT"), public_url) {
            (None, Some(url)) if url.is_https() => self.problems.push(
                "MAIL_TRANSPORT is not set, and with an https PUBLIC_URL mails would silently stay in files under DATA_DIR/mail. \
                 If that is what you want, say so: MAIL_TRANSPORT=file."
                    .into(),
            ),
            (None | Some("file"), _) => {}
            (Some("smtp" | "resend"), _) => self.problems.push(
                "MAIL_TRANSPORT: smtp and resend are not part of this version yet; only file is.".into(),
            ),
            (Some(_), _) => self.problems.push("MAIL_TRANSPORT must be: file.".into()),
        }
    }

    fn lifetimes(&mut self) -> Option<Lifetimes> {
        let [minute, hour, day] = [60, 3_600, 86_400].map(Duration::from_secs);
        let second = Duration::from_secs(1);
        let access_token = self.duration("ACCESS_TOKEN_TTL", "5m", 10 * second..=hour);
        let session = self.duration("REFRESH_TOKEN_TTL", "30d", minute..=400 * day);
        let idle = self.duration("SESSION_IDLE_TTL", "7d", minute..=400 * day);
        let reset_token = self.duration("RESET_TOKEN_TTL", "30m", minute..=day);
        let after = self.duration("ROTATE_AFTER", "10m", minute..=30 * day);
        let grace = self.duration("ROTATION_GRACE", "60s", 5 * second..=hour);
        let rotation = Rotation { after: after?, grace: grace? };
        if rotation.after <= rotation.grace {
            self.problems.push("ROTATE_AFTER must be longer than ROTATION_GRACE.".into());
        }
        Some(Lifetimes {
            access_token: access_token?,
            session: session?,
            idle: idle?,
            reset_token: reset_token?,
            rotation,
        })
    }

    fn passwords(&mut self) -> Option<PasswordConfig> {
        let cores = std::thread::available_parallelism()
            .map_or(1, |cores| u32::try_from(cores.get()).unwrap_or(1));
        let most = u32::try_from(password::MAX_LENGTH / 2).unwrap_or(u32::MAX);
        let min_length = self.number("PASSWORD_MIN_LENGTH", 8, 8..=most);
        let memory = self.number("ARGON2_MEMORY_KIB", 19_456, 7_168..=4_194_304);
        let passes = self.number("ARGON2_ITERATIONS", 2, 1..=64);
        let workers = self.number("HASH_WORKERS", cores, 1..=1_024);
        let queue = self.number("HASH_QUEUE", 64, 1..=100_000);
        let (memory, passes) = (memory?, passes?);
        // ASVS 5.0, appendix C: 46 MiB once, 19 MiB twice, 12 MiB three times, 9 MiB four times or 7 MiB five times.
        let least = [(1, 47_104), (2, 19_456), (3, 12_288), (4, 9_216), (5, 7_168)];
        if let Some((_, least)) = least
            .into_iter()
            .rev()
            .find(|(from, _)| passes >= *from)
            .filter(|(_, least)| memory < *least)
        {
            self.problems.push(format!(
                "ARGON2_MEMORY_KIB must be at least {least} with ARGON2_ITERATIONS={passes}; less is too easy to crack."
            ));
        }
        Some(PasswordConfig {
            min_length: usize::try_from(min_length?).ok()?,
            argon2: Params::new(memory, passes, 1, None).ok()?,
            workers: usize::try_from(workers?).ok()?,
            queue: usize::try_from(queue?).ok()?,
        })
    }
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

/// Whether `name` is most likely a slip for `known`. Short names are left alone: too much else is called nearly `PORT`.
fn is_misspelt(name: &str, known: &str) -> bool {
    known.len() >= 8 && strsim::damerau_levenshtein(name, known) <= 2
}

fn networks(text: &str) -> Result<Vec<IpNet>, String> {
    let networks = text
        .split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .map(|part| part.parse::<IpNet>().or_else(|_| part.parse::<IpAddr>().map(IpNet::from)));
    networks.collect::<Result<_, _>>().map_err(|_| {
        "must be addresses or networks with commas between them, such as 10.0.0.0/8,::1".into()
    })
}

/// Reads `secret.key`, or makes it: 48 random bytes as text, readable by its owner alone.
fn secret_file(
    path: &Path,
    database: &Path,
    file: SecretFile,
) -> Result<(MasterKey, Option<String>), String> {
    let shown = path.display();
    let failed = |error: std::io::Error| {
        format!("SECRET_KEY is not set and {shown} cannot be used: {error}.")
    };
    match std::fs::read_to_string(path) {
        Ok(text) if text.trim().len() >= SECRET_LENGTH => {
            let mode = path.metadata().map_err(failed)?.permissions().mode();
            let warning = (mode & 0o077 != 0)
                .then(|| format!("{shown} can be read by others; mend it with: chmod 600 {shown}"));
            return Ok((MasterKey::new(text.trim().as_bytes().to_vec()), warning));
        }
        Ok(_) => {
            return Err(format!(
                "{shown} holds fewer than {SECRET_LENGTH} characters; put the former key back from your backup."
            ));
        }
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(failed(error)),
        Err(_) => {}
    }
    if database.exists() {
        return Err(format!(
            "{shown} is missing, but the database {} is there and needs it: put the file back from your backup, or set SECRET_KEY.",
            database.display()
        ));
    }
    let text = Secret::new(secret::encode(&secret::random::<48>()));
    let key = MasterKey::new(text.reveal().as_bytes().to_vec());
    if file == SecretFile::Look {
        return Ok((key, None));
    }
    // Written aside and linked into place: nobody ever reads half a key, and of two that start at once one wins.
    let folder = path.parent().unwrap_or(Path::new("."));
    DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(failed)?;
    let aside = folder.join(format!(".secret.key.{}", std::process::id()));
    let written = std::fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&aside)
        .and_then(|mut file| {
            file.write_all(text.reveal().as_bytes()).and_then(|()| file.sync_all())
        })
        .and_then(|()| std::fs::hard_link(&aside, path))
        .and_then(|()| std::fs::File::open(folder)?.sync_all());
    let _ = std::fs::remove_file(&aside);
    match written {
        Ok(()) => Ok((key, None)),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            let text = std::fs::read_to_string(path).map_err(failed)?;
            Ok((MasterKey::new(text.trim().as_bytes().to_vec()), None))
        }
        Err(error) => Err(failed(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<Loaded, Problems> {
        let variables =
            variables.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        Config::read(variables, SecretFile::Look)
    }

    fn problems(variables: &[(&str, &str)]) -> Vec<String> {
        read(variables).expect_err("must be refused").0
    }

    #[test]
    fn nothing_has_to_be_set() {
        let Loaded { config, warnings } = read(&[]).unwrap();
        assert!(warnings.is_empty());
        assert_eq!(config.public_url.to_string(), "http://localhost:5000");
        assert_eq!(config.listen.to_string(), "127.0.0.1:5000");
        assert!(
            matches!(config.database, Place::Sqlite(path) if path == Path::new("data/authflow.db"))
        );
        assert_eq!(config.mail_from.to_string(), "authflow <no-reply@localhost>");
        assert_eq!(config.jwt.audience, "http://localhost:5000");
    }

    #[test]
    fn all_problems_are_named_at_once_without_their_values() {
        let found = problems(&[
            ("HOST", "localhost"),
            ("PORT", "99999"),
            ("PUBLIC_URL", "ftp://x"),
            ("DATABASE_URL", "mysql://root:hunter2@db/x"),
            ("SECRET_KEY", "hunter2"),
            ("MAIL_TRANSPORT", "pigeon"),
            ("REGISTRATION", "maybe"),
            ("ROTATE_AFTER", "10"),
            ("RESET_TOKEN_TTL", "1y"),
            ("TRUSTED_PROXIES", "everyone"),
            ("JWT_ALGORITHM", "none"),
            ("ARGON2_MEMORY_KIB", "8000"),
            ("SITE_NAME", "a\u{1}"),
            ("LOG_FORMAT", "xml"),
        ]);
        let named = [
            "HOST",
            "PORT",
            "PUBLIC_URL",
            "DATABASE_URL",
            "SECRET_KEY",
            "MAIL_TRANSPORT",
            "REGISTRATION",
            "ROTATE_AFTER",
            "RESET_TOKEN_TTL",
            "TRUSTED_PROXIES",
            "JWT_ALGORITHM",
            "ARGON2_MEMORY_KIB",
            "SITE_NAME",
            "LOG_FORMAT",
        ];
        for name in named {
            assert!(
                found.iter().any(|problem| problem.starts_with(name)),
                "{name} is missing in {found:#?}"
            );
        }
        assert_eq!(found.len(), named.len(), "{found:#?}");
        assert!(!found.concat().contains("hunter2"));
    }

    #[test]
    fn rules_between_variables() {
        assert_eq!(
            problems(&[("ROTATE_AFTER", "1m"), ("ROTATION_GRACE", "1m")]),
            ["ROTATE_AFTER must be longer than ROTATION_GRACE."]
        );
        let [problem] = &problems(&[("PUBLIC_URL", "https://login.example.org")])[..] else {
            panic!()
        };
        assert!(problem.contains("MAIL_TRANSPORT=file"));
        assert!(
            read(&[("PUBLIC_URL", "https://login.example.org"), ("MAIL_TRANSPORT", "file")])
                .is_ok()
        );
        let [problem] = &problems(&[("DATABASE_URL", "postgres://localhost/x")])[..] else {
            panic!()
        };
        assert!(problem.starts_with("SECRET_KEY is required"));
        let weak = problems(&[("ARGON2_MEMORY_KIB", "19456"), ("ARGON2_ITERATIONS", "1")]);
        assert!(weak[0].contains("47104"), "{weak:?}");
        assert!(read(&[("ARGON2_MEMORY_KIB", "12288"), ("ARGON2_ITERATIONS", "3")]).is_ok());
        assert!(read(&[("ARGON2_MEMORY_KIB", "12288"), ("ARGON2_ITERATIONS", "9")]).is_ok());
    }

    #[test]
    fn slips_are_named() {
        let warnings = read(&[
            ("AUTHFLOW_PORT", "tcp://10.0.0.1:80"),
            ("AUTHFLOW_COLOUR", "blue"),
            ("PUBLIC_ULR", "https://x"),
            ("SMTP_URL", "smtp://x"),
            ("PATH", "/bin"),
            ("SPORT", "tennis"),
        ])
        .unwrap()
        .warnings;
        assert_eq!(
            warnings,
            [
                "AUTHFLOW_COLOUR is not a variable of authflow and has no effect.",
                "AUTHFLOW_PORT is not a variable of authflow and has no effect; did you mean PORT?",
                "PUBLIC_ULR is not a variable of authflow and has no effect; did you mean PUBLIC_URL?",
                "SMTP_URL has no effect in this version.",
            ]
        );
    }

    #[test]
    fn public_urls_are_taken_apart() {
        let url = PublicUrl::parse("https://Example.com:8443/id/").unwrap();
        assert_eq!(url.origin(), "https://example.com:8443");
        assert_eq!((url.base(), url.host(), url.is_https()), ("/id", "example.com", true));
        assert_eq!(url.link("/auth/login"), "https://example.com:8443/id/auth/login");
        assert_eq!(PublicUrl::parse("http://x:80").unwrap().origin(), "http://x");
        for text in [
            "x",
            "http://",
            "http://u:p@x",
            "http://x/?a",
            "http://x/#a",
            "http://x//y",
            "http://x/a%20b",
        ] {
            assert!(PublicUrl::parse(text).is_err(), "{text}");
        }
        for (text, loopback) in [
            ("http://localhost:5000", true),
            ("http://login.localhost", true),
            ("http://127.0.0.2", true),
            ("http://[::1]:5000", true),
            ("http://localhost.example.org", false),
            ("http://192.168.1.5", false),
        ] {
            assert_eq!(PublicUrl::parse(text).unwrap().is_loopback(), loopback, "{text}");
        }
    }

    #[test]
    fn the_secret_is_made_once_and_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/secret.key");
        let database = folder.path().join("authflow.db");
        let tag = |key: &MasterKey| key.mac_key(&[], "x").tag(b"x");

        secret_file(&path, &database, SecretFile::Look).unwrap();
        assert!(!path.exists(), "looking leaves nothing behind");
        let (made, _) = secret_file(&path, &database, SecretFile::Create).unwrap();
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        let (read, warning) = secret_file(&path, &database, SecretFile::Create).unwrap();
        assert_eq!((tag(&made), warning), (tag(&read), None));
        assert_eq!(path.parent().unwrap().read_dir().unwrap().count(), 1, "nothing is left aside");

        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        let (_, warning) = secret_file(&path, &database, SecretFile::Create).unwrap();
        assert!(warning.unwrap().contains("chmod 600"));

        std::fs::write(&path, "short").unwrap();
        assert!(secret_file(&path, &database, SecretFile::Create).unwrap_err().contains("backup"));
        std::fs::remove_file(&path).unwrap();
        std::fs::write(&database, "").unwrap();
        let problem = secret_file(&path, &database, SecretFile::Create).unwrap_err();
        assert!(problem.contains("is missing") && !path.exists(), "{problem}");
    }
}
