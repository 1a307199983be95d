//! How a connection to PostgreSQL is protected (libpq's `sslmode`).

use std::net::IpAddr;

use sqlx::postgres::PgSslMode;

/// libpq's modes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TlsMode {
    Disable,
    Allow,
    Prefer,
    Require,
    VerifyCa,
    VerifyFull,
}

/// The mode that the operator set explicitly: in the URL, or in `PGSSLMODE` if a platform generates the URL.
pub fn asked(url: Option<String>, variable: Option<String>) -> Result<Option<TlsMode>, String> {
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

/// Whether a host is a loopback address or `localhost`. Other names are not resolved, because their addresses may change.
pub fn is_loopback(host: &str) -> bool {
    let host = host.trim_matches(['[', ']']);
    match host.parse::<IpAddr>() {
        Ok(address) => address.to_canonical().is_loopback(),
        Err(_) => host.eq_ignore_ascii_case("localhost"),
    }
}

impl TlsMode {
    const ALL: [Self; 6] =
        [Self::Disable, Self::Allow, Self::Prefer, Self::Require, Self::VerifyCa, Self::VerifyFull];

    /// PostgreSQL has no TLS on sockets, and loopback connections cannot be intercepted on the network. Every other server has to prove its
    /// identity, unless the operator asked for less.
    pub fn choose(host: &str, is_socket: bool, asked: Option<Self>) -> Self {
        match asked {
            _ if is_socket => Self::Disable,
            Some(asked) => asked,
            None if is_loopback(host) => Self::Prefer,
            None => Self::VerifyFull,
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Disable => "disable",
            Self::Allow => "allow",
            Self::Prefer => "prefer",
            Self::Require => "require",
            Self::VerifyCa => "verify-ca",
            Self::VerifyFull => "verify-full",
        }
    }

    /// Whether the server's certificate is checked.
    pub fn verifies(self) -> bool {
        matches!(self, Self::VerifyCa | Self::VerifyFull)
    }

    /// What an attacker on the network can do.
    pub fn risk(self) -> Option<&'static str> {
        match self {
            // sqlx never asks for TLS in this mode.
            Self::Disable | Self::Allow => Some(
                "the connection is not encrypted. Anyone on the way can read and change all data, and learn the password",
            ),
            Self::Prefer => Some(
                "anyone on the network path can turn encryption off, read and change all data, and learn the password",
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
            // sqlx 0.8 also compares the host name with `VerifyCa`, although it does not mean to. `VerifyFull` makes that explicit.
            TlsMode::VerifyCa | TlsMode::VerifyFull => Self::VerifyFull,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remote_servers_must_prove_their_identity_by_default() {
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
            assert_eq!(
                TlsMode::choose(host, is_socket, asked),
                mode,
                "{host} {is_socket} {asked:?}"
            );
        }
    }

    #[test]
    fn the_url_overrides_the_variable_and_both_must_be_valid() {
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
}
