//! A PostgreSQL server as the operator names it, and how a connection to it is secured.
//!
//! The host and the rest are judged by what sqlx will use, which also reads the variables of libpq (`PGHOST`, `PGSSLMODE` and
//! others), and not by the text of the URL.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rustls::pki_types::CertificateDer;
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use url::Url;

use crate::secret::Secret;
use crate::tls::{self, Trouble, Trust};

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

/// How far a connection is protected (libpq's `sslmode`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum TlsMode {
    Disable,
    Allow,
    Prefer,
    Require,
    VerifyCa,
    VerifyFull,
}

/// What sqlx reads in a URL. It prints any other parameter with its value, which may be a mistyped password.
const PARAMETERS: [&str; 18] = [
    "sslmode",
    "ssl-mode",
    "sslrootcert",
    "ssl-root-cert",
    "ssl-ca",
    "sslcert",
    "ssl-cert",
    "sslkey",
    "ssl-key",
    "statement-cache-capacity",
    "host",
    "hostaddr",
    "port",
    "dbname",
    "user",
    "password",
    "application_name",
    "options",
];

/// The names of `sslmode`.
const MODE: [&str; 2] = ["sslmode", "ssl-mode"];

/// What libpq reads and no one misses here: we have time limits of our own, and a checked certificate proves more.
const UNNEEDED: [&str; 2] = ["connect_timeout", "channel_binding"];

/// Why a server cannot be used as it is named. Never holds a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServerError {
    /// Something in the URL, or in a variable that goes with it.
    Url(String),
    /// A variable with the authorities to trust: its name, and what is wrong with it.
    Authorities(&'static str, String),
}

impl ServerError {
    /// A sentence for the operator, who gave the URL as `what`.
    #[must_use]
    pub fn sentence(&self, what: &str) -> String {
        match self {
            Self::Url(why) => format!("{what} {why}."),
            Self::Authorities(name, why) => format!("{name} {why}."),
        }
    }
}

impl Server {
    /// Reads a URL, or says what is wrong with it without a secret. `ca_file`: the authorities to trust (`DATABASE_CA_FILE`).
    pub fn read(text: &str, connections: u32, ca_file: Option<&str>) -> Result<Self, ServerError> {
        let fix = "percent-encode what is special in it: / as %2F, # as %23, + as %2B";
        let unreadable =
            |why: &dyn fmt::Display| ServerError::Url(format!("cannot be read ({why}); {fix}"));
        if names_several_hosts(text) {
            return Err(ServerError::Url(SEVERAL_HOSTS.to_owned()));
        }
        let mut url = Url::parse(text).map_err(|why| unreadable(&why))?;
        // Both mean that the password ended too early: the rest of it would be taken for the name of the database.
        if url.fragment().is_some() || url.path().contains('@') {
            return Err(unreadable(&"it has a # or an @ behind the host"));
        }
        let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        let (known, unknown): (Vec<_>, Vec<_>) = pairs.into_iter().partition(|(name, _)| {
            PARAMETERS.contains(&name.as_str()) || name.starts_with("options[")
        });
        url.set_query(None);
        for (name, value) in &known {
            url.query_pairs_mut().append_pair(name, value);
        }
        let last = |names: &[&str]| {
            let found = known.iter().rev().find(|(name, _)| names.contains(&name.as_str()));
            found.map(|(_, value)| value.clone())
        };
        let asked = asked(last(&MODE), variable("PGSSLMODE")).map_err(ServerError::Url)?;
        let options = PgConnectOptions::from_str(url.as_str()).map_err(|why| unreadable(&why))?;

        if options.get_host().contains(',') {
            return Err(ServerError::Url(SEVERAL_HOSTS.to_owned()));
        }
        let is_socket = options.get_socket().is_some() || options.get_host().starts_with('/');
        let tls = tls_mode(options.get_host(), is_socket, asked);
        // sqlx compares a certificate with the host as it is written, and an address in brackets is no name.
        let host = options.get_host().trim_matches(['[', ']']).to_owned();
        let mut options = options.host(&host).ssl_mode(tls.into());
        let mut notes = Vec::from_iter(without_effect(&unknown));
        let own = own_authorities(
            last(&["sslrootcert", "ssl-root-cert", "ssl-ca"]),
            variable("PGSSLROOTCERT"),
        );
        if let Some(file) = ca_file {
            let found = tls::authorities(file)
                .map_err(|why| ServerError::Authorities("DATABASE_CA_FILE", why))?;
            options = options.ssl_root_cert_from_pem(to_pem(&found));
            if let Some((name, _)) = &own {
                notes.push(format!(
                    "is used with DATABASE_CA_FILE, beside which {name} has no effect"
                ));
            }
        } else if tls.verifies() {
            // Read here and not by sqlx, which tells no one what is wrong with the file.
            let pem = match &own {
                Some((name, value)) => to_pem(&read_authorities(name, value)?),
                None => to_pem(tls::system_authorities()),
            };
            options = options.ssl_root_cert_from_pem(pem);
        }
        let roots = ca_file.map(|_| "DATABASE_CA_FILE").or(own.map(|(name, _)| name));
        if let Some(roots) = roots.filter(|_| !tls.verifies()) {
            notes.push(if is_socket {
                format!("leads to a socket, where {roots} has no effect")
            } else {
                format!(
                    "makes {roots} have no effect: with sslmode={} no certificate is checked. Write sslmode=verify-full",
                    tls.name()
                )
            });
        }
        if let Some(risk) = tls.risk().filter(|_| !is_socket && !is_loopback(&host)) {
            notes.push(format!("leads to {host} with sslmode={}: {risk}", tls.name()));
        }
        let url = Secret::new(text.to_owned());
        Ok(Self { url, options, connections, tls, notes })
    }

    /// The URL as it was given; may hold a password.
    #[must_use]
    pub fn url(&self) -> &Secret<String> {
        &self.url
    }

    /// What works, but probably not as meant, or less safely than it could: the ends of sentences about the URL.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Most connections at a time.
    pub(super) fn connections(&self) -> u32 {
        self.connections
    }

    /// For sqlx: connections that call themselves `name`.
    pub(super) fn options(&self, name: &str) -> PgConnectOptions {
        self.options.clone().application_name(name)
    }

    /// Where it is, for people: never the password.
    pub(super) fn describe(&self) -> String {
        let (host, port) = (self.options.get_host(), self.options.get_port());
        let host = match self.options.get_socket() {
            Some(socket) => socket.display().to_string(),
            None if host.contains(':') => format!("[{host}]:{port}"),
            None => format!("{host}:{port}"),
        };
        let database = self.options.get_database().unwrap_or(self.options.get_username());
        format!("PostgreSQL at {host}, database {database}")
    }

    /// Why a connection could not be secured, and what to do about it, if that is what the error is about.
    pub(super) fn refusal(&self, error: &sqlx::Error) -> Option<String> {
        if let sqlx::Error::Tls(why) = error
            && why.to_string() == NO_TLS
        {
            return Some(format!(
                "the server answered that it does no TLS; nothing was sent to it, so the password stayed here. Turn TLS on there \
                 (ssl = on in postgresql.conf), or, if the network between is yours alone, {}",
                without_tls(self.url.reveal())
            ));
        }
        let trouble = Trouble::of(error)?;
        if let Trouble::NoTls | Trouble::Refused(_) = trouble {
            return Some(format!("TLS with the server does not work: {trouble}"));
        }
        let fix = trouble.fix(self.options.get_host(), Trust::Variable("DATABASE_CA_FILE"));
        let fix = fix.map(|fix| format!(". {fix}")).unwrap_or_default();
        let nobody = if trouble == Trouble::UnknownIssuer && !tls::has_system_authorities() {
            " (it has none: see whether ca-certificates is installed)"
        } else {
            ""
        };
        let by_name = if self.tls.verifies() {
            ". To go without that proof, ask for it by name: sslmode=require, with which anyone on the way can pose as the server"
        } else {
            ""
        };
        Some(format!("the server could not prove who it is: {trouble}{nobody}{fix}{by_name}"))
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Server").field(&self.describe()).field(&self.tls).finish()
    }
}

/// What sqlx 0.8 says of a server that answers `N` when TLS is asked for.
const NO_TLS: &str = "server does not support TLS";

/// How to go without TLS: what the URL says counts more than the variable.
fn without_tls(url: &str) -> &'static str {
    let query = url.split_once('?').map(|(_, query)| query);
    let parameters = query.unwrap_or_default().split('&');
    let mut names = parameters.map(|it| it.split('=').next().unwrap_or_default());
    if names.any(|name| MODE.contains(&name)) {
        "write sslmode=disable in the URL"
    } else if query.is_some() {
        "add &sslmode=disable to the URL or set PGSSLMODE=disable"
    } else {
        "add ?sslmode=disable to the URL or set PGSSLMODE=disable"
    }
}

const SEVERAL_HOSTS: &str = "names several hosts, but authflow connects to one. Name one that is always the primary, such as an address \
                             that moves with it";

/// Whether there is a list of hosts with ports, which libpq reads and which is no URL. Passwords may well have commas.
fn names_several_hosts(text: &str) -> bool {
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let hosts = match authority.rsplit_once('@') {
        Some((_, hosts)) => hosts,
        None if rest.contains('@') => "",
        None => authority,
    };
    hosts.contains(',')
}

/// Where the operator named authorities beside `DATABASE_CA_FILE`, and what is said there; the URL counts more.
fn own_authorities(
    url: Option<String>,
    variable: Option<String>,
) -> Option<(&'static str, String)> {
    let url = url.map(|value| ("sslrootcert", value));
    let own = url.or_else(|| variable.map(|value| ("PGSSLROOTCERT", value)));
    own.filter(|(_, value)| value != "system")
}

/// The authorities that `sslrootcert` or `PGSSLROOTCERT` names: a PEM file, or its text.
fn read_authorities(
    name: &'static str,
    value: &str,
) -> Result<Vec<CertificateDer<'static>>, ServerError> {
    let is_text = value.trim_start().starts_with("-----BEGIN");
    let found =
        if is_text { tls::authorities_in(value.as_bytes()) } else { tls::authorities(value) };
    let what = if is_text { "PEM text" } else { value };
    found.map_err(|why| match name {
        "sslrootcert" => ServerError::Url(format!("has an sslrootcert ({what}) that {why}")),
        name => ServerError::Authorities(name, format!("({what}) {why}")),
    })
}

/// Parameters that nothing reads. A password with a `?` in it ends the address, and the rest of it looks like a parameter: then no name
/// is told.
fn without_effect(unknown: &[(String, String)]) -> Option<String> {
    let names: Vec<&str> = unknown.iter().map(|(name, _)| name.as_str()).collect();
    let is_plain =
        |name: &&str| name.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c));
    if !names.iter().all(is_plain) {
        let text = "has parameters that have no effect; if the password has a ? in it, write %3F";
        return Some(text.to_owned());
    }
    let names: Vec<&str> = names.into_iter().filter(|name| !UNNEEDED.contains(name)).collect();
    (!names.is_empty()).then(|| format!("has parameters that have no effect: {}", names.join(", ")))
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// The mode that the operator asked for by name: in the URL, or in PGSSLMODE where a platform makes the URL.
fn asked(url: Option<String>, variable: Option<String>) -> Result<Option<TlsMode>, String> {
    let (text, place) = match (url, variable) {
        (Some(text), _) => (text, "sslmode"),
        (None, Some(text)) => (text, "PGSSLMODE"),
        (None, None) => return Ok(None),
    };
    let all = TlsMode::ALL.map(TlsMode::name);
    let found = TlsMode::ALL.into_iter().find(|it| it.name().eq_ignore_ascii_case(&text));
    found
        .map(Some)
        .ok_or_else(|| format!("cannot be used: {place} must be one of {}", all.join(", ")))
}

/// A socket needs no TLS and PostgreSQL does none there. No one is between a server on this machine and us. Any other server has to
/// prove who it is, unless less was asked for.
fn tls_mode(host: &str, is_socket: bool, asked: Option<TlsMode>) -> TlsMode {
    match asked {
        _ if is_socket => TlsMode::Disable,
        Some(asked) => asked,
        None if is_loopback(host) => TlsMode::Prefer,
        None => TlsMode::VerifyFull,
    }
}

/// Whether a host can only be this machine. Other names that lead here are not looked up: what they lead to may change.
fn is_loopback(host: &str) -> bool {
    let host = host.trim_matches(['[', ']']);
    match host.parse::<IpAddr>() {
        Ok(address) => address.to_canonical().is_loopback(),
        Err(_) => host.eq_ignore_ascii_case("localhost"),
    }
}

impl TlsMode {
    const ALL: [Self; 6] =
        [Self::Disable, Self::Allow, Self::Prefer, Self::Require, Self::VerifyCa, Self::VerifyFull];

    fn name(self) -> &'static str {
        match self {
            Self::Disable => "disable",
            Self::Allow => "allow",
            Self::Prefer => "prefer",
            Self::Require => "require",
            Self::VerifyCa => "verify-ca",
            Self::VerifyFull => "verify-full",
        }
    }

    /// Whether the server's certificate is looked at.
    fn verifies(self) -> bool {
        matches!(self, Self::VerifyCa | Self::VerifyFull)
    }

    /// What can happen on the way to another machine.
    fn risk(self) -> Option<&'static str> {
        match self {
            // sqlx never asks for TLS in this mode.
            Self::Disable | Self::Allow => Some(
                "the connection is not encrypted. Anyone on the way can read and change all data, and learn the password",
            ),
            Self::Prefer => Some(
                "anyone on the way can turn encryption off, read and change all data, and learn the password",
            ),
            Self::Require => Some(
                "the connection is encrypted, but the server's certificate is not checked. Anyone on the way can pose as the server, \
                 read and change all data, and learn the password",
            ),
            Self::VerifyCa | Self::VerifyFull => None,
        }
    }
}

impl From<TlsMode> for PgSslMode {
    fn from(mode: TlsMode) -> Self {
        match mode {
            TlsMode::Disable => Self::Disable,
            TlsMode::Allow => Self::Allow,
            TlsMode::Prefer => Self::Prefer,
            TlsMode::Require => Self::Require,
            // sqlx 0.8 does not leave out the name as it means to; this says what happens.
            TlsMode::VerifyCa | TlsMode::VerifyFull => Self::VerifyFull,
        }
    }
}

fn to_pem(certificates: &[CertificateDer<'_>]) -> Vec<u8> {
    let pem = certificates.iter().map(|it| {
        let text = STANDARD.encode(it.as_ref());
        format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n")
    });
    pem.collect::<String>().into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_machines_prove_who_they_are_unless_less_is_asked_for() {
        use TlsMode::{Disable, Prefer, Require, VerifyCa, VerifyFull};
        for (host, is_socket, asked, mode) in [
            ("db.example.org", false, None, VerifyFull),
            ("192.0.2.7", false, None, VerifyFull),
            ("10.0.0.5", false, None, VerifyFull),
            ("0.0.0.0", false, None, VerifyFull),
            ("[2001:db8::1]", false, None, VerifyFull),
            ("localhost.example.org", false, None, VerifyFull),
            ("localhost,db.example.org", false, None, VerifyFull),
            ("127.1", false, None, VerifyFull),
            ("", false, None, VerifyFull),
            ("localhost", false, None, Prefer),
            ("LocalHost", false, None, Prefer),
            ("127.0.0.1", false, None, Prefer),
            ("127.255.0.3", false, None, Prefer),
            ("::1", false, None, Prefer),
            ("[::1]", false, None, Prefer),
            ("::ffff:127.0.0.1", false, None, Prefer),
            ("/run/postgresql", true, None, Disable),
            ("localhost", true, Some(VerifyFull), Disable),
            ("localhost", false, Some(VerifyFull), VerifyFull),
            ("db.example.org", false, Some(Require), Require),
            ("db.example.org", false, Some(Disable), Disable),
            ("db.example.org", false, Some(VerifyCa), VerifyCa),
        ] {
            assert_eq!(tls_mode(host, is_socket, asked), mode, "{host} {is_socket} {asked:?}");
        }
    }

    #[test]
    fn the_url_says_more_than_the_variable_and_both_must_make_sense() {
        let some = |text: &str| Some(text.to_owned());
        for (url, variable, mode) in [
            (None, None, None),
            (some("require"), None, Some(TlsMode::Require)),
            (some("VERIFY-FULL"), some("disable"), Some(TlsMode::VerifyFull)),
            (None, some("disable"), Some(TlsMode::Disable)),
        ] {
            assert_eq!(asked(url, variable), Ok(mode));
        }
        assert!(asked(some("sometimes"), some("disable")).unwrap_err().contains("sslmode must be"));
        assert!(asked(None, some("on")).unwrap_err().contains("PGSSLMODE must be one of disable"));
    }

    #[test]
    fn a_url_says_what_is_risky_about_it_and_never_its_password() {
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
            assert!(
                !format!("{server:?}{notes}{}", server.describe()).contains("hunter2"),
                "{url}"
            );
        }
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
        // Encoded, all of them may be in a password.
        let server = server("postgres://ada:12%2F%23%40,2@db.example.org/x");
        assert_eq!(server.describe(), "PostgreSQL at db.example.org:5432, database x");
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
        let (missing, empty) = ("cannot be read (No such file", "holds no certificates in PEM");
        let no_certificate = "holds something that is no certificate";
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
            let by_variable = read_authorities("PGSSLROOTCERT", value);
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
            // No other authority counts, so that no one reads the file.
            let server = Server::read(url.as_str(), 2, Some(&at("good"))).unwrap();
            let note = "is used with DATABASE_CA_FILE, beside which sslrootcert has no effect";
            assert_eq!(server.notes(), [note]);
        }
        let some = |text: &str| Some(text.to_owned());
        for (url, variable, own) in [
            (None, None, None),
            (some("a"), some("b"), some("a").map(|it| ("sslrootcert", it))),
            (None, some("b"), some("b").map(|it| ("PGSSLROOTCERT", it))),
            (some("system"), some("b"), None),
        ] {
            assert_eq!(own_authorities(url, variable), own);
        }
    }

    #[test]
    fn how_to_go_without_tls_fits_the_url() {
        for (url, advice) in [
            ("postgres://db/x", "add ?sslmode=disable to the URL or set PGSSLMODE=disable"),
            (
                "postgres://db/x?user=ada",
                "add &sslmode=disable to the URL or set PGSSLMODE=disable",
            ),
            ("postgres://db/x?sslmode=require", "write sslmode=disable in the URL"),
            ("postgres://db/x?user=a&ssl-mode=verify-full", "write sslmode=disable in the URL"),
        ] {
            assert_eq!(without_tls(url), advice, "{url}");
        }
    }

    /// sqlx adds the authorities of `webpki-roots` to those that are configured. Ours has none.
    #[test]
    fn sqlx_knows_no_authorities_of_its_own() {
        let lock = include_str!("../../Cargo.lock");
        let package = |name: &str, version: &str| {
            let head = format!("name = \"{name}\"\nversion = \"{version}");
            let mut found = lock.split("[[package]]\n").filter(|it| it.starts_with(&head));
            let package = found.next().unwrap();
            assert_eq!(found.next(), None, "two of {name} {version}");
            package
        };
        let ours = "0.26.99\"";
        assert!(!package("webpki-roots", ours).contains("source = "), "ours is in this repository");
        assert!(package("sqlx-core", "").contains("\"webpki-roots 0.26.99\""));
    }
}
