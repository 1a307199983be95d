//! Sends requests like a browser on this machine.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use reqwest::{Client, redirect};
use url::Url;

use super::reported::sentence;
use crate::config::Config;
use crate::installation::docs_page::DocsPage;
use crate::tls::{TlsFailure, Trust};

const TIMEOUT: Duration = Duration::from_secs(10);

pub fn client(config: &Config) -> reqwest::Result<Client> {
    let mut client = Client::builder().redirect(redirect::Policy::none()).timeout(TIMEOUT);
    let origins = config.guarded_apps.iter().map(|it| it.origin.as_str().to_owned());
    for origin in origins.chain([config.public_url.origin()]) {
        let host = Url::parse(&origin).ok().and_then(|url| url.domain().map(ToOwned::to_owned));
        // Browsers resolve these names to loopback, but not every system does (RFC 6761, section 6.3).
        if let Some(host) = host.filter(|host| host.ends_with(".localhost")) {
            let loopback = [Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()];
            client =
                client.resolve_to_addrs(&host, &loopback.map(|ip: IpAddr| SocketAddr::new(ip, 0)));
        }
    }
    client.build()
}

/// The error and its fix: that of the TLS error, if it is one, or else `fix`.
pub fn explain(error: &reqwest::Error, fix: &str) -> (String, String) {
    let host = error.url().and_then(Url::host_str).unwrap_or_default();
    match TlsFailure::of(error) {
        Some(failure @ TlsFailure::Refused(_)) => {
            let fix = format!(
                "The proxy probably has no certificate for {host} yet. Read its log. A proxy that obtains certificates itself needs a name that \
                 leads to it, and ports 80 and 443 open to the internet."
            );
            (failure.to_string(), fix)
        }
        Some(failure) => {
            let fix = failure.fix(host, Trust::System).unwrap_or_else(|| fix.to_owned());
            (failure.to_string(), sentence(&fix))
        }
        None => (causes(error), fix.to_owned()),
    }
}

/// The page that helps with the error.
pub fn help(error: &reqwest::Error, otherwise: DocsPage) -> DocsPage {
    match TlsFailure::of(error) {
        Some(TlsFailure::UnknownIssuer | TlsFailure::AuthorityAsServer) => DocsPage::Certificates,
        _ => otherwise,
    }
}

/// The error with its causes, which reqwest's own message leaves out.
pub fn causes(error: &reqwest::Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
