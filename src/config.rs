//! The configuration: environment variables and a `.env` file, read once into types, all problems reported together.

mod public_url;
mod reader;
mod secret_file;

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
use crate::db::Place;
use crate::domain::access_token::JwtAlgorithm;
use crate::domain::refresh_token::Rotation;
use crate::mail::{self, MailTransport};
use crate::secret::MasterKey;

/// The variables that this version reads; those of one kind of mail transport stand with it.
const KNOWN: [&str; 30] = [
    "HOST",
    "PORT",
    "PUBLIC_URL",
    "DATABASE_URL",
    "DATABASE_CONNECTIONS",
    "DATA_DIR",
    "SECRET_KEY",
    "MAIL_TRANSPORT",
    "MAIL_FROM",
    "MAIL_TIMEOUT",
    "REGISTRATION",
    "EMAIL_VERIFICATION",
    "ACCESS_TOKEN_TTL",
    "REFRESH_TOKEN_TTL",
    "SESSION_IDLE_TTL",
    "ROTATE_AFTER",
    "ROTATION_GRACE",
    "RESET_TOKEN_TTL",
    "AUDIT_RETENTION",
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
    /// How mails leave.
    pub mail: Arc<dyn MailTransport>,
    /// How long the other side may take until it is ready for a mail, and again to take it (`MAIL_TIMEOUT`).
    pub mail_timeout: Duration,
    /// Whether people may sign up.
    pub registration: Registration,
    /// Whether an address must be confirmed before it signs in.
    pub verification_required: bool,
    /// Lifetimes.
    pub lifetimes: Lifetimes,
    /// How long the log of what happened to accounts is kept (`AUDIT_RETENTION`).
    pub audit_retention: Duration,
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
        for (name, value) in std::env::vars_os() {
            let Some(name) = name.to_str() else { continue };
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
        let key = ("SECRET_KEY", "as long as it has to be, and then some");
        let [problem] =
            &problems(&[("DATABASE_URL", "postgres://ada:hunter#2@localhost/x"), key])[..]
        else {
            panic!()
        };
        assert!(problem.contains("percent-encode") && !problem.contains("hunter"), "{problem}");
        let weak = problems(&[("ARGON2_MEMORY_KIB", "19456"), ("ARGON2_ITERATIONS", "1")]);
        assert!(weak[0].contains("47104"), "{weak:?}");
        assert!(read(&[("ARGON2_MEMORY_KIB", "12288"), ("ARGON2_ITERATIONS", "3")]).is_ok());
        assert!(read(&[("ARGON2_MEMORY_KIB", "12288"), ("ARGON2_ITERATIONS", "9")]).is_ok());
    }

    #[test]
    fn how_mails_leave() {
        let url = ("PUBLIC_URL", "https://login.example.org");
        let described = |variables: &[(&str, &str)]| {
            let config = read(variables).unwrap().config;
            (config.mail.describe(), config.mail_from.to_string())
        };
        let from = "authflow <no-reply@login.example.org>".to_owned();
        let smtp = ("MAIL_TRANSPORT", "smtp");
        assert_eq!(
            described(&[url, smtp, ("SMTP_URL", "smtp://ada:hunter2@mail.example.org")]),
            ("SMTP to mail.example.org:587, STARTTLS".to_owned(), from.clone())
        );
        assert_eq!(
            described(&[url, smtp, ("SMTP_URL", "smtp://[2001:db8::1]?tls=off")]).0,
            "SMTP to [2001:db8::1]:25, UNENCRYPTED"
        );
        let resend = ("MAIL_TRANSPORT", "resend");
        assert_eq!(
            described(&[url, resend, ("RESEND_API_KEY", "re_hunter2")]),
            ("Resend by https://api.resend.com".to_owned(), from.clone())
        );
        // Where no mail can come from, nobody has to say so unless mails are sent.
        for site in ["http://10.0.0.1", "https://my_login.example.org", "http://localhost:5000"] {
            let file = [("PUBLIC_URL", site), ("MAIL_TRANSPORT", "file")];
            assert_eq!(described(&file).1, "authflow <no-reply@localhost>", "{site}");
        }
        let dot = ("PUBLIC_URL", "https://login.example.org.");
        assert_eq!(described(&[dot, resend, ("RESEND_API_KEY", "x")]).1, from);
        for (written, read) in [
            ("ada@Example.org", "authflow <ada@example.org>"),
            ("\"\" <ada@example.org>", "authflow <ada@example.org>"),
            (
                "\"Müller, Köln\" <ada@bücher.example>",
                "\"Müller, Köln\" <ada@xn--bcher-kva.example>",
            ),
        ] {
            assert_eq!(described(&[("MAIL_FROM", written)]).1, read);
        }
        for wrong in
            ["ada", "Müller, Köln <ada@example.org>", "nö@example.org", "a\u{7}b <ada@example.org>"]
        {
            let found = problems(&[("MAIL_FROM", wrong)]);
            assert!(found[0].starts_with("MAIL_FROM ") && found.len() == 1, "{wrong}: {found:?}");
        }
        for name in ["\"a\u{7}b\"".to_owned(), "ä".repeat(61)] {
            let found = problems(&[("MAIL_FROM", &format!("{name} <ada@example.org>"))]);
            assert!(found[0].starts_with("MAIL_FROM has a name that is longer"), "{found:?}");
        }
        let config = read(&[url, resend, ("RESEND_API_KEY", "re_hunter2")]).unwrap().config;
        assert!(!format!("{config:?}").contains("hunter2"), "{config:?}");
        assert!(config.mailbox().is_none());
        assert!(read(&[]).unwrap().config.mailbox().is_some());

        for (variables, problem) in [
            (&[url, smtp][..], "SMTP_URL is required with MAIL_TRANSPORT=smtp"),
            (&[url, smtp, ("SMTP_URL", "mail.example.org")], "SMTP_URL is no URL"),
            (
                &[url, smtp, ("SMTP_URL", "smtps://x"), ("SMTP_CA_FILE", "/nowhere")],
                "SMTP_CA_FILE cannot be read",
            ),
            (
                &[url, smtp, ("SMTP_URL", "smtps://x"), ("SMTP_CA_FILE", "/dev/null")],
                "SMTP_CA_FILE holds no certificates",
            ),
            (&[url, resend], "RESEND_API_KEY is required"),
            (&[url, resend, ("RESEND_API_KEY", "re hunter2")], "RESEND_API_KEY holds characters"),
            (
                &[url, resend, ("RESEND_API_KEY", "x"), ("RESEND_API_URL", "http://example.org")],
                "RESEND_API_URL must begin with https://",
            ),
            (
                &[
                    url,
                    resend,
                    ("RESEND_API_KEY", "x"),
                    ("RESEND_API_URL", "http://127.evil.example"),
                ],
                "RESEND_API_URL must begin with https://",
            ),
            (
                &[url, resend, ("RESEND_API_KEY", "x"), ("RESEND_API_URL", "https://u:hunter2@x")],
                "RESEND_API_URL must begin with https://",
            ),
            (
                &[url, ("MAIL_TRANSPORT", "pigeon")],
                "MAIL_TRANSPORT must be one of: file, smtp, resend",
            ),
            (&[smtp, ("SMTP_URL", "smtp://mail.example.org")], "MAIL_FROM is required"),
            (
                &[url, smtp, ("SMTP_URL", "smtp://x"), ("MAIL_TIMEOUT", "1h")],
                "MAIL_TIMEOUT must be from 1s to 10m",
            ),
        ] {
            let found = problems(variables);
            assert!(found.len() == 1 && found[0].starts_with(problem), "{problem}: {found:?}");
            assert!(!found[0].contains("hunter2"));
        }
        let warnings =
            read(&[("SMTP_URL", "smtp://x"), ("SMTP_ULR", "smtp://x")]).unwrap().warnings;
        let expected =
            "SMTP_URL has no effect with MAIL_TRANSPORT=file; did you mean MAIL_TRANSPORT=smtp?";
        assert!(warnings.contains(&expected.to_owned()), "{warnings:?}");
        assert!(warnings.iter().any(|it| it.ends_with("did you mean SMTP_URL?")), "{warnings:?}");
    }

    #[test]
    fn slips_are_named() {
        let warnings = read(&[
            ("AUTHFLOW_PORT", "tcp://10.0.0.1:80"),
            ("AUTHFLOW_COLOUR", "blue"),
            ("PUBLIC_ULR", "https://x"),
            ("GATE_ORIGINS", "https://x"),
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
                "GATE_ORIGINS has no effect in this version.",
                "PUBLIC_ULR is not a variable of authflow and has no effect; did you mean PUBLIC_URL?",
            ]
        );
    }
}
