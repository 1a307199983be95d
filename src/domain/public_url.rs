//! The URL at which browsers reach authflow.

use std::fmt;

use url::{Host, Url};

use crate::domain::addresses::SitePath;
use crate::domain::gate::reserved;

/// `PUBLIC_URL`: an origin and a path without a trailing slash.
#[derive(Clone, Debug)]
pub struct PublicUrl {
    url: Url,
    base: String,
}

impl PublicUrl {
    /// Parses a URL. The error completes a sentence that begins with the name of the setting.
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
        if reserved::is_reserved(&base) {
            return Err(
                "has the path /.authflow, which the gate needs on every host; choose another, such as /id",
            );
        }
        Ok(Self { url, base })
    }

    /// Scheme, host and port, without a path.
    #[must_use]
    pub fn origin(&self) -> String {
        self.url.origin().ascii_serialization()
    }

    /// The path before every route: empty, or `/id`.
    #[must_use]
    pub fn base(&self) -> &str {
        &self.base
    }

    /// The host without a trailing dot, unless it is an IP address.
    #[must_use]
    pub fn domain(&self) -> Option<&str> {
        self.url.domain().map(|domain| domain.trim_end_matches('.'))
    }

    /// Whether browsers use https: cookies are then `Secure`.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// Whether only browsers on this machine can reach it, as in development.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        match self.url.host() {
            Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        }
    }

    /// A path of this site relative to the host's root, for links in pages and redirects.
    #[must_use]
    pub fn path(&self, path: impl Into<SitePath>) -> String {
        format!("{}{}", self.base, path.into())
    }

    /// The absolute URL of a path of this site, for emails and other hosts.
    #[must_use]
    pub fn link(&self, path: impl Into<SitePath>) -> String {
        format!("{}{}", self.origin(), self.path(path))
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.origin(), self.base)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::addresses;

    #[test]
    fn a_public_url_has_an_origin_and_a_base_path() {
        let url = PublicUrl::parse("https://Example.com:8443/id/").unwrap();
        assert_eq!(url.origin(), "https://example.com:8443");
        assert_eq!((url.base(), url.is_https()), ("/id", true));
        assert_eq!(url.link(addresses::SIGN_IN), "https://example.com:8443/id/auth/login");
        assert_eq!(PublicUrl::parse("http://x:80").unwrap().origin(), "http://x");
        for (text, domain) in [
            ("https://Example.com.", Some("example.com")),
            ("https://192.0.2.1", None),
            ("https://[2001:db8::1]", None),
        ] {
            assert_eq!(PublicUrl::parse(text).unwrap().domain(), domain, "{text}");
        }
        for text in [
            "x",
            "http://",
            "http://u:p@x",
            "http://x/?a",
            "http://x/#a",
            "http://x//y",
            "http://x/a%20b",
            "http://x/.authflow",
            "http://x/.authflow/id",
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
}
