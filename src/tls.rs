//! TLS with the servers that authflow connects to: the trusted authorities, and why a certificate is refused.

use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::sync::OnceLock;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{CertificateError, Error as TlsError, RootCertStore};

/// The certificates of the authorities that this machine trusts (`SSL_CERT_FILE`, `SSL_CERT_DIR` or the system default).
pub fn system_authorities() -> &'static [CertificateDer<'static>] {
    static FOUND: OnceLock<Vec<CertificateDer<'static>>> = OnceLock::new();
    FOUND.get_or_init(|| {
        let mut store = RootCertStore::empty();
        let found = rustls_native_certs::load_native_certs().certs;
        found.into_iter().filter(|it| store.add(it.clone()).is_ok()).collect()
    })
}

/// Whether this machine has certificates of authorities. A container may have none; then email delivery trusts Mozilla's list, which is
/// built into the binary.
pub fn has_system_authorities() -> bool {
    !system_authorities().is_empty()
}

/// Reads the certificates in a PEM file. `Err`: the problem, to follow the name of the variable.
pub fn authorities(file: &str) -> Result<Vec<CertificateDer<'static>>, String> {
    let pem = std::fs::read(file).map_err(|error| format!("cannot be read ({error})"))?;
    authorities_in(&pem)
}

/// The certificates in PEM text.
pub fn authorities_in(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, String> {
    let mut store = RootCertStore::empty();
    let found = CertificateDer::pem_slice_iter(pem)
        .map(|found| found.ok().filter(|found| store.add(found.clone()).is_ok()))
        .collect::<Option<Vec<_>>>();
    match found {
        Some(found) if found.is_empty() => Err("contains no PEM certificate".to_owned()),
        Some(found) => Ok(found),
        None => Err("contains an invalid certificate".to_owned()),
    }
}

/// Why a TLS connection failed, usually because of the server's certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TlsFailure {
    /// The server does not speak TLS at this port.
    NoTls,
    /// The certificate is signed by an authority that is not trusted, or self-signed.
    UnknownIssuer,
    /// The certificate is that of an authority (`CA:TRUE`), as created by `openssl req -x509`.
    AuthorityAsServer,
    /// The certificate has X.509 version 1, as created by `openssl x509 -req` without extensions.
    Version1,
    /// The certificate is for other host names.
    OtherName {
        /// The expected name, if it is known.
        wanted: Option<String>,
        /// The names in the certificate.
        names: Vec<String>,
    },
    /// The certificate has expired.
    Expired,
    /// The certificate is not valid yet, or this machine's clock is wrong.
    NotYetValid,
    /// The server ended the handshake with this alert.
    Refused(String),
    /// Another reason, in the words of rustls.
    Other(String),
}

/// The source of the trusted authorities for a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// The PEM file in this variable, or else the system.
    Variable(&'static str),
    /// The system only.
    System,
}

impl TlsFailure {
    /// The TLS failure that caused this error, if any.
    pub fn of(error: &(dyn StdError + 'static)) -> Option<Self> {
        let mut deepest = error;
        loop {
            if let Some(error) = deepest.downcast_ref() {
                return Self::of_tls(error);
            }
            deepest = below(deepest)?;
        }
    }

    fn of_tls(error: &TlsError) -> Option<Self> {
        let what = match error {
            TlsError::InvalidCertificate(what) => what,
            TlsError::InvalidMessage(_) => return Some(Self::NoTls),
            TlsError::AlertReceived(alert) => return Some(Self::Refused(format!("{alert:?}"))),
            _ => return None,
        };
        let other = format!("{what:?}");
        Some(match what {
            CertificateError::UnknownIssuer | CertificateError::BadSignature => Self::UnknownIssuer,
            CertificateError::NotValidForNameContext { expected, presented } => Self::OtherName {
                wanted: Some(expected.to_str().into_owned()),
                names: presented.iter().map(|name| bare(name).to_owned()).collect(),
            },
            CertificateError::NotValidForName => {
                Self::OtherName { wanted: None, names: Vec::new() }
            }
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => Self::Expired,
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                Self::NotYetValid
            }
            _ if other.contains("CaUsedAsEndEntity") => Self::AuthorityAsServer,
            _ if other.contains("UnsupportedCertVersion") => Self::Version1,
            what => Self::Other(what.to_string()),
        })
    }

    /// How the operator can fix it. `host`: the name of the server in the configuration.
    #[must_use]
    pub fn fix(&self, host: &str, trust: Trust) -> Option<String> {
        let trust_it = |what: &str| match trust {
            Trust::Variable(name) => {
                format!("Set {name} to a PEM file with {what}. authflow then trusts only that")
            }
            Trust::System => format!(
                "Add {what} to this machine (copy the PEM file to /usr/local/share/ca-certificates/NAME.crt and run \
                 update-ca-certificates), or set SSL_CERT_FILE to a PEM file with all authorities to trust"
            ),
        };
        let kind = if host.parse::<std::net::IpAddr>().is_ok() { "IP" } else { "DNS" };
        let make = format!(
            "openssl req -new -newkey rsa:2048 -nodes -keyout server.key -out server.csr -subj '/CN={host}' && \
             openssl x509 -req -in server.csr -signkey server.key -days 825 -out server.crt -extfile <(echo \
             'subjectAltName={kind}:{host}')"
        );
        match self {
            Self::UnknownIssuer => Some(trust_it(
                "the certificate of the authority that signed it (for a self-signed certificate, the certificate itself)",
            )),
            Self::AuthorityAsServer | Self::Version1 => {
                let then = trust_it("that certificate");
                Some(format!("Make a certificate for the server alone: {make}. {then}"))
            }
            Self::OtherName { names, .. } if names.is_empty() => Some(format!(
                "Give the server a certificate with a subjectAltName; a name in the subject (CN) does not count. To make a self-signed \
                 one: {make}"
            )),
            Self::OtherName { .. } => Some(format!(
                "Use a name of the certificate, or give the server a certificate for {host}"
            )),
            Self::Expired => Some("Renew the certificate on the server".to_owned()),
            Self::NotYetValid => {
                Some("Check this machine's clock (timedatectl set-ntp true)".to_owned())
            }
            Self::NoTls | Self::Refused(_) | Self::Other(_) => None,
        }
    }
}

impl fmt::Display for TlsFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoTls => f.write_str("it does not begin with TLS"),
            Self::UnknownIssuer => f.write_str(
                "its certificate is not signed by an authority that this machine trusts",
            ),
            Self::AuthorityAsServer => f.write_str(
                "its certificate is that of an authority (CA:TRUE), which no server may use",
            ),
            Self::Version1 => {
                f.write_str("its certificate is of X.509 version 1, which names no host")
            }
            Self::OtherName { wanted: Some(wanted), names } if names.is_empty() => {
                write!(f, "its certificate names no host, so it is not for {wanted}")
            }
            Self::OtherName { wanted: Some(wanted), names } => {
                let names = names.join(", ");
                write!(f, "its certificate is for another name: for {names}, and not for {wanted}")
            }
            Self::OtherName { wanted: None, .. } => {
                f.write_str("its certificate is for another name")
            }
            Self::Expired => f.write_str("its certificate has expired"),
            Self::NotYetValid => f.write_str("its certificate is not valid yet"),
            Self::Refused(alert) => write!(f, "it ended the TLS handshake ({alert})"),
            Self::Other(what) => write!(f, "its certificate is not valid: {what}"),
        }
    }
}

/// The root cause of an error, in plain words for the operator.
pub fn cause(error: &(dyn StdError + 'static)) -> String {
    if let Some(failure) = TlsFailure::of(error) {
        return failure.to_string();
    }
    let mut deepest = error;
    while let Some(deeper) = below(deepest) {
        deepest = deeper;
    }
    match deepest.downcast_ref::<io::Error>().map(io::Error::kind) {
        Some(io::ErrorKind::ConnectionRefused) => "the connection was refused".into(),
        Some(io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset) => {
            "the connection was closed".into()
        }
        Some(io::ErrorKind::NetworkUnreachable | io::ErrorKind::HostUnreachable) => {
            "there is no route to it".into()
        }
        _ => deepest.to_string(),
    }
}

/// The root cause and, if known, its fix.
pub fn in_words(error: &(dyn StdError + 'static), host: &str, trust: Trust) -> String {
    let cause = cause(error);
    match TlsFailure::of(error).and_then(|failure| failure.fix(host, trust)) {
        Some(fix) => format!("{cause}. {fix}"),
        None => cause,
    }
}

/// The error that caused this one. `source()` alone would skip the error inside an `io::Error`.
fn below<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a (dyn StdError + 'static)> {
    let inner = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
    inner.map(|inner| inner as &(dyn StdError + 'static)).or_else(|| error.source())
}

/// The name in `DnsName("db.example.org")`, which is how rustls prints it.
fn bare(name: &str) -> &str {
    let inner = name.split_once('(').map_or(name, |(_, rest)| rest.trim_end_matches(')'));
    inner.trim_matches('"')
}
