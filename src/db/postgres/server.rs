//! A PostgreSQL server as the operator configured it.
//!
//! The checks use the host and options that sqlx will use, not the text of the URL: sqlx also reads the variables of libpq (`PGHOST`,
//! `PGSSLMODE` and others).

use std::fmt;
use std::str::FromStr;

use sqlx::postgres::PgConnectOptions;

use super::authorities;
use super::server_error::ServerError;
use super::server_url::{SSLMODE, SSLROOTCERT, ServerUrl, several_hosts, unreadable, without_tls};
use super::tls_mode::{TlsMode, asked, is_loopback};
use crate::secret::Secret;
use crate::tls::{self, TlsFailure, Trust};

/// A server, with the role, the password and the database to use there.
#[derive(Clone)]
pub struct Server {
    url: Secret<String>,
    /// Holds the password: never printed.
    options: PgConnectOptions,
    connections: u32,
    tls: TlsMode,
    notes: Vec<String>,
}

impl Server {
    /// Parses a URL. The error never contains a secret. `ca_file`: the authorities to trust (`DATABASE_CA_FILE`).
    pub fn read(text: &str, connections: u32, ca_file: Option<&str>) -> Result<Self, ServerError> {
        let url = ServerUrl::parse(text)?;
        let asked =
            asked(url.parameter(&SSLMODE), variable("PGSSLMODE")).map_err(ServerError::Url)?;
        let options = PgConnectOptions::from_str(url.as_str()).map_err(|why| unreadable(&why))?;
        if options.get_host().contains(',') {
            return Err(several_hosts());
        }
        let is_socket = options.get_socket().is_some() || options.get_host().starts_with('/');
        let tls = TlsMode::choose(options.get_host(), is_socket, asked);
        // sqlx compares the certificate with the host as it is written, and an address in brackets never matches.
        let host = options.get_host().trim_matches(['[', ']']).to_owned();
        // Connection poolers refuse parameters that they do not know, and we store no floating-point numbers.
        let mut options = options.host(&host).ssl_mode(tls.into()).extra_float_digits(None);
        let mut notes = Vec::from_iter(url.note_about_unknown());
        notes.extend(url.note_about_repeated());

        let elsewhere =
            authorities::named_elsewhere(url.parameter(&SSLROOTCERT), variable("PGSSLROOTCERT"));
        // Read here and not by sqlx, which does not say what is wrong with the file.
        if let Some(file) = ca_file {
            options = options.ssl_root_cert_from_pem(authorities::of_file(file)?);
        } else if tls.verifies() {
            options = options.ssl_root_cert_from_pem(match &elsewhere {
                Some((name, value)) => authorities::of_setting(name, value)?,
                None => authorities::of_system(),
            });
        }
        let elsewhere = elsewhere.map(|(name, _)| name);
        notes.extend(note_about_authorities(tls, is_socket, ca_file.is_some(), elsewhere));
        if let Some(risk) = tls.risk().filter(|_| !is_socket && !is_loopback(&host)) {
            notes.push(format!("leads to {host} with sslmode={}: {risk}", tls.name()));
        }
        let url = Secret::new(text.to_owned());
        Ok(Self { url, options, connections, tls, notes })
    }

    /// The URL as configured; may contain a password.
    #[must_use]
    pub fn url(&self) -> &Secret<String> {
        &self.url
    }

    /// Warnings about settings that probably do not have the intended effect, or are less secure than they could be. Each completes a
    /// sentence that begins with the name of the setting.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Maximum number of connections.
    pub(super) fn connections(&self) -> u32 {
        self.connections
    }

    /// The options for sqlx, with the `application_name` `name`.
    pub(super) fn options(&self, name: &str) -> PgConnectOptions {
        self.options.clone().application_name(name)
    }

    /// Describes the server and the database to the operator, without the password.
    #[must_use]
    pub fn describe(&self) -> String {
        format!("PostgreSQL at {}, database {}", self.address(), self.database())
    }

    /// The host and the port, or the path of the socket.
    #[must_use]
    pub fn address(&self) -> String {
        let (host, port) = (self.options.get_host(), self.options.get_port());
        match self.options.get_socket() {
            Some(socket) => socket.display().to_string(),
            None if host.contains(':') => format!("[{host}]:{port}"),
            None => format!("{host}:{port}"),
        }
    }

    /// The name of the database.
    #[must_use]
    pub fn database(&self) -> &str {
        self.options.get_database().unwrap_or(self.options.get_username())
    }

    /// Why a connection could not be secured and what to do about it, if the error is about that.
    pub(super) fn refusal(&self, error: &sqlx::Error) -> Option<String> {
        if let sqlx::Error::Tls(why) = error
            && why.to_string() == NO_TLS
        {
            return Some(format!(
                "the server does not support TLS. Nothing was sent to it, not even the password. Turn TLS on there \
                 (ssl = on in postgresql.conf), or, if you control the whole network in between, {}",
                without_tls(self.url.reveal())
            ));
        }
        let failure = TlsFailure::of(error)?;
        if let TlsFailure::NoTls | TlsFailure::Refused(_) = failure {
            return Some(format!("TLS with the server does not work: {failure}"));
        }
        let fix = failure.fix(self.options.get_host(), Trust::Variable("DATABASE_CA_FILE"));
        let fix = fix.map(|fix| format!(". {fix}")).unwrap_or_default();
        let none = if failure == TlsFailure::UnknownIssuer && !tls::has_system_authorities() {
            " (it trusts none: check that ca-certificates is installed)"
        } else {
            ""
        };
        let by_name = if self.tls.verifies() {
            ". To skip this check, set sslmode=require. Then anyone on the network path can impersonate the server"
        } else {
            ""
        };
        Some(format!("the server could not prove its identity: {failure}{none}{fix}{by_name}"))
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Server").field(&self.describe()).field(&self.tls).finish()
    }
}

/// What sqlx 0.8 reports if the server answers `N` to a request for TLS.
const NO_TLS: &str = "server does not support TLS";

/// Warnings about settings for authorities that have no effect. `elsewhere`: the name of the setting other than `DATABASE_CA_FILE`.
fn note_about_authorities(
    tls: TlsMode,
    is_socket: bool,
    has_ca_file: bool,
    elsewhere: Option<&str>,
) -> Vec<String> {
    let mut notes = Vec::new();
    if let Some(name) = elsewhere.filter(|_| has_ca_file) {
        notes.push(format!("is used with DATABASE_CA_FILE, beside which {name} has no effect"));
    }
    let named = has_ca_file.then_some("DATABASE_CA_FILE").or(elsewhere);
    if let Some(name) = named.filter(|_| !tls.verifies()) {
        notes.push(if is_socket {
            format!("leads to a socket, where {name} has no effect")
        } else {
            format!(
                "makes {name} have no effect: with sslmode={} no certificate is checked. Write sslmode=verify-full",
                tls.name()
            )
        });
    }
    notes
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::*;

    #[test]
    fn notes_name_the_risks_of_a_url_and_never_its_password() {
        let server = |url: &str| Server::read(url, 2, None).unwrap();
        for (url, mode, said) in [
            ("postgres://ada:hunter2@db.example.org/x", TlsMode::VerifyFull, ""),
            ("postgres://ada:hunter2@localhost/x?sslmode=disable", TlsMode::Disable, ""),
            ("postgres:///x?host=/run/postgresql&password=hunter2", TlsMode::Disable, ""),
            (
                "postgres://ada:hunter2@%2Frun%2Fpostgresql/x?sslmode=verify-full",
                TlsMode::Disable,
                "",
            ),
            ("postgres://ada:hunter2@localhost/x?host=db.example.org", TlsMode::VerifyFull, ""),
            ("postgres://ada:hunter2@db.example.org/x?hostaddr=127.0.0.1", TlsMode::Prefer, ""),
            ("postgres://ada:hunter2@localhost/x?hostaddr=192.0.2.7", TlsMode::VerifyFull, ""),
            (
                "postgres://ada:hunter2@db.example.org/x?sslmode=disable",
                TlsMode::Disable,
                "leads to db.example.org with sslmode=disable: the connection is not encrypted",
            ),
            (
                "postgres://ada:hunter2@db.example.org/x?ssl-mode=prefer",
                TlsMode::Prefer,
                "can turn encryption off",
            ),
            (
                "postgres://ada:hunter2@localhost/x?hostaddr=192.0.2.7&sslmode=require",
                TlsMode::Require,
                "leads to 192.0.2.7 with sslmode=require",
            ),
            (
                "postgres://ada@db.example.org/x?pasword=hunter2",
                TlsMode::VerifyFull,
                "has parameters that have no effect: pasword",
            ),
            (
                "postgres://ada:12?se&hunter2@localhost/x",
                TlsMode::VerifyFull,
                "if the password has a ? in it, write %3F",
            ),
            ("postgres://ada@db.example.org/x?connect_timeout=5", TlsMode::VerifyFull, ""),
            (
                "postgres://ada@localhost/x?sslrootcert=/ca.pem",
                TlsMode::Prefer,
                "makes sslrootcert have no effect: with sslmode=prefer no certificate is checked",
            ),
            (
                "postgres:///x?host=/run/postgresql&sslrootcert=/ca.pem",
                TlsMode::Disable,
                "leads to a socket, where sslrootcert has no effect",
            ),
        ] {
            let server = server(url);
            assert_eq!(server.tls, mode, "{url}");
            let notes = server.notes().join("; ");
            assert!(notes.contains(said) && notes.is_empty() == said.is_empty(), "{url}: {notes}");
            let shown = format!("{server:?}{notes}{}", server.describe());
            assert!(!shown.contains("hunter2"), "{url}");
        }
        // Percent-encoded, every character may be in a password.
        let server = server("postgres://ada:12%2F%23%40,2@db.example.org/x");
        assert_eq!(server.describe(), "PostgreSQL at db.example.org:5432, database x");
    }

    #[test]
    fn a_parameter_that_is_given_twice_is_noted() {
        let url = "postgres://ada@localhost/x?sslmode=disable&sslmode=prefer";
        let server = Server::read(url, 2, None).unwrap();
        assert_eq!(server.tls, TlsMode::Prefer);
        assert_eq!(server.notes(), ["has sslmode twice; the last one counts"]);
    }

    #[test]
    fn a_refused_url_is_explained_without_its_password() {
        let unreadable = "cannot be read (";
        for (url, said) in [
            ("postgres://ada:hunter#2@localhost/x", unreadable),
            ("postgres://ada:/hunter2@localhost/x", unreadable),
            ("postgres://ada:12/hunter2@localhost/x", unreadable),
            ("postgres://ada:12#hunter2@localhost/x", unreadable),
            ("postgres://ada:#hunter2@localhost/x", unreadable),
            ("postgres://ada:hunter2@localhost/x#hunter2", unreadable),
            ("postgres://ada:1,2/hunter2@localhost/x", unreadable),
            ("postgres://ada:hunter2@db/x?sslmode=on", "sslmode must be one of"),
            ("postgres://ada:hunter2@one:5432,two:5432/x", "names several hosts"),
            ("postgres://ada:hunter2@one,two/x", "names several hosts"),
            ("postgres://one:5432,two:5432/x", "names several hosts"),
            ("postgres:///x?host=one,two&password=hunter2", "names several hosts"),
        ] {
            let why = Server::read(url, 2, None).unwrap_err().sentence("DATABASE_URL");
            assert!(why.contains(said) && !why.contains("hunter"), "{url}: {why}");
            let encoding = "percent-encode what is special in it: / as %2F";
            assert_eq!(why.contains(encoding), said == unreadable, "{why}");
        }
    }

    #[test]
    fn authorities_that_cannot_be_used_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        let key = rcgen::KeyPair::generate().unwrap();
        let params = rcgen::CertificateParams::new(Vec::new()).unwrap();
        let good = params.self_signed(&key).unwrap().pem();
        let broken =
            format!("{good}-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
        for (name, text) in [("good", &good), ("broken", &broken), ("none", &String::new())] {
            std::fs::write(at(name), text).unwrap();
        }
        let (missing, empty) = ("cannot be read (No such file", "contains no PEM certificate");
        let no_certificate = "contains an invalid certificate";
        for (value, wrong) in [
            (&at("good"), None),
            (&good, None),
            (&at("missing"), Some(missing)),
            (&at("none"), Some(empty)),
            (&at("broken"), Some(no_certificate)),
            (&broken, Some(no_certificate)),
        ] {
            let mut url = Url::parse("postgres://ada:hunter2@db.example.org/x").unwrap();
            url.query_pairs_mut().append_pair("sslrootcert", value);
            let by_url = Server::read(url.as_str(), 2, None);
            let by_variable = authorities::of_setting("PGSSLROOTCERT", value);
            let Some(wrong) = wrong else {
                assert!(by_url.is_ok() && by_variable.is_ok());
                continue;
            };
            let what = if value.starts_with('-') { "PEM text" } else { value };
            let why = by_url.unwrap_err().sentence("DATABASE_URL");
            let said = format!("DATABASE_URL has an sslrootcert ({what}) that {wrong}");
            assert!(why.starts_with(&said) && !why.contains("hunter2"), "{why}");
            let why = by_variable.unwrap_err().sentence("DATABASE_URL");
            assert!(why.starts_with(&format!("PGSSLROOTCERT ({what}) {wrong}")), "{why}");
            // With DATABASE_CA_FILE, this file is not read.
            let server = Server::read(url.as_str(), 2, Some(&at("good"))).unwrap();
            let note = "is used with DATABASE_CA_FILE, beside which sslrootcert has no effect";
            assert_eq!(server.notes(), [note]);
        }
    }
}
