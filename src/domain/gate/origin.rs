//! The origins of guarded apps (`GATE_ORIGINS`).

use std::fmt;

use url::{Host, Url};

/// Scheme, host and port of a guarded app, normalised as browsers do (RFC 6454).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GateOrigin {
    text: String,
    site: String,
    is_https: bool,
    is_loopback: bool,
}

impl GateOrigin {
    /// The origin of an http or https URL; `None` for any other.
    #[must_use]
    pub fn of(url: &Url) -> Option<Self> {
        let is_https = match url.scheme() {
            "https" => true,
            "http" => false,
            _ => return None,
        };
        let host = url.host_str()?;
        // Other characters in a host would have a special meaning in policies and configuration files.
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "-._[]:".contains(c);
        if !host.chars().all(is_plain) {
            return None;
        }
        Some(Self {
            text: url.origin().ascii_serialization(),
            site: format!("{}://{host}", url.scheme()),
            is_https,
            is_loopback: match url.host()? {
                Host::Domain(name) => name == "localhost" || name.ends_with(".localhost"),
                Host::Ipv4(address) => address.is_loopback(),
                Host::Ipv6(address) => address.is_loopback(),
            },
        })
    }

    /// Parses an origin: a URL with only a scheme, a host and maybe a port.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let url = Url::parse(text).ok().filter(|_| text.contains("://"))?;
        let is_bare = matches!(url.path(), "" | "/")
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none();
        Self::of(&url).filter(|_| is_bare)
    }

    /// For example `https://app.example.org`; with a port if it is not the default one.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Host and port, the latter if it is not the default one.
    #[must_use]
    pub fn authority(&self) -> &str {
        self.text.split_once("://").map_or(&self.text, |(_, authority)| authority)
    }

    /// Scheme and host without the port: cookies are shared between ports (RFC 6265, section 8.5).
    #[must_use]
    pub fn site(&self) -> &str {
        &self.site
    }

    /// Whether its cookies are Secure.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.is_https
    }

    /// Whether its host is a loopback address, `localhost` or a name below it.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        self.is_loopback
    }
}

impl AsRef<Self> for GateOrigin {
    fn as_ref(&self) -> &Self {
        self
    }
}

impl fmt::Display for GateOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
