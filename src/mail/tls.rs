//! Whom mail servers' certificates are signed by, and what is wrong with those that are not.

use std::error::Error as StdError;
use std::io;
use std::sync::OnceLock;

use rustls::{CertificateError, Error as TlsError};

/// Whether this machine keeps certificates of authorities. A container may have none; Mozilla's, which the program carries, stand
/// in for them then.
pub fn has_system_authorities() -> bool {
    static FOUND: OnceLock<bool> = OnceLock::new();
    *FOUND.get_or_init(|| !rustls_native_certs::load_native_certs().certs.is_empty())
}

/// Somebody else's certificate, or one of one's own.
pub const UNKNOWN_ISSUER: &str =
    "its certificate is not signed by an authority that this machine trusts";
/// Another protocol.
pub const NO_TLS: &str = "it does not begin with TLS";

/// What is at the bottom of an error, in words for an operator.
pub fn cause(error: &(dyn StdError + 'static)) -> String {
    let mut deepest = error;
    loop {
        if let Some(trouble) = tls_trouble(deepest) {
            return trouble;
        }
        // An error in an io::Error is not its source.
        let inner = deepest.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        match inner.map(|inner| inner as &(dyn StdError + 'static)).or_else(|| deepest.source()) {
            Some(deeper) => deepest = deeper,
            None => return plain(deepest),
        }
    }
}

fn tls_trouble(error: &(dyn StdError + 'static)) -> Option<String> {
    let what = match error.downcast_ref()? {
        TlsError::InvalidCertificate(what) => what,
        TlsError::InvalidMessage(_) => return Some(NO_TLS.to_owned()),
        _ => return None,
    };
    Some(match what {
        CertificateError::UnknownIssuer | CertificateError::BadSignature => UNKNOWN_ISSUER.into(),
        CertificateError::NotValidForNameContext { expected, presented } => {
            let presented = presented.join(", ");
            format!(
                "its certificate is for another name: for {presented}, and not for {}",
                expected.to_str()
            )
        }
        CertificateError::NotValidForName => "its certificate is for another name".into(),
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            "its certificate has expired".into()
        }
        other if format!("{other:?}").contains("CaUsedAsEndEntity") => {
            "its certificate is that of an authority (CA:TRUE), which no server may use".into()
        }
        other => format!("its certificate is not valid: {other}"),
    })
}

fn plain(error: &(dyn StdError + 'static)) -> String {
    match error.downcast_ref::<io::Error>().map(io::Error::kind) {
        Some(io::ErrorKind::ConnectionRefused) => "the connection was refused".into(),
        Some(io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset) => {
            "the connection was closed".into()
        }
        Some(io::ErrorKind::NetworkUnreachable | io::ErrorKind::HostUnreachable) => {
            "there is no way to it".into()
        }
        _ => error.to_string(),
    }
}
