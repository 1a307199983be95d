//! Diagnoses how a request reached this server: which proxy headers count, and what is wrong with the proxy's configuration.

use std::net::IpAddr;

use axum::http::HeaderMap;
use axum::http::header::HOST;
use serde::{Deserialize, Serialize};

use crate::config::Config;
use crate::domain::proxy::{self, Hop, TrustedProxies};
use crate::i18n::message::{self, Message};
use crate::services::operations::finding::{CheckedPart, Finding};
use crate::web::http::client::{self, Client};
use crate::web::http::cookies;

/// A header that proxies set, and how it was used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// Its name.
    pub name: String,
    /// Its value, shortened to 200 characters.
    pub value: String,
    /// Whether it was used or ignored, and why.
    pub remark: Message,
}

/// The diagnosis of a request.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Arrival {
    /// The results of the checks.
    pub findings: Vec<Finding>,
    /// The headers that proxies set.
    pub headers: Vec<Seen>,
    /// The names of our cookies in the request.
    pub cookies: Vec<String>,
}

const LONGEST_VALUE: usize = 200;

/// A header, and why it is ignored.
type Ignored = (&'static str, fn() -> Message);

const IGNORED: [Ignored; 10] = [
    ("forwarded", message::health_header_forwarded),
    ("x-real-ip", message::health_header_forwarded),
    ("x-client-ip", message::health_header_forwarded),
    ("cf-connecting-ip", message::health_header_forwarded),
    ("true-client-ip", message::health_header_forwarded),
    ("x-forwarded-host", message::health_header_forwarded_host),
    ("x-forwarded-port", message::health_header_forwarded_port),
    ("x-forwarded-prefix", message::health_header_forwarded_prefix),
    ("x-forwarded-uri", message::health_header_forwarded_uri),
    ("remote-user", message::health_header_remote_user),
];

/// Diagnoses a request.
#[must_use]
pub fn look(config: &Config, client: &Client, headers: &HeaderMap) -> Arrival {
    let ours =
        cookies::pairs(headers).map(|(name, _)| name).filter(|name| name.contains("authflow-"));
    Arrival {
        findings: vec![
            scheme(config, client, headers),
            host(config, headers),
            address(config, client, headers),
        ],
        headers: seen(config, client, headers),
        cookies: ours.map(ToOwned::to_owned).collect(),
    }
}

fn one(headers: &HeaderMap, name: &str) -> Option<String> {
    let values: Vec<_> =
        headers.get_all(name).iter().map(|it| String::from_utf8_lossy(it.as_bytes())).collect();
    (!values.is_empty()).then(|| values.join(", ").chars().take(LONGEST_VALUE).collect())
}

fn scheme(config: &Config, client: &Client, headers: &HeaderMap) -> Finding {
    const PART: CheckedPart = CheckedPart::Scheme;
    let is_https = config.public_url.is_https();
    let told = one(headers, "x-forwarded-proto").filter(|_| client.is_proxy);
    match (told.as_deref(), is_https) {
        (Some("https"), true) => Finding::good(PART, message::health_https()),
        (Some("http") | None, false) => Finding::good(PART, message::health_http()),
        (Some("https"), false) => {
            let url = config.public_url.to_string().replacen("http", "https", 1);
            let fix = message::health_https_unexpected_fix(url);
            Finding::bad(PART, message::health_https_unexpected(), fix)
        }
        (Some("http"), true) => Finding::bad(
            PART,
            message::health_http_unexpected(),
            message::health_http_unexpected_fix(),
        ),
        (Some(other), _) => Finding::bad(
            PART,
            message::health_scheme_unknown(other),
            message::health_scheme_unknown_fix(),
        ),
        (None, true) => Finding::note(
            PART,
            message::health_scheme_missing(),
            message::health_scheme_missing_fix(),
        ),
    }
}

fn host(config: &Config, headers: &HeaderMap) -> Finding {
    const PART: CheckedPart = CheckedPart::Host;
    let arrived = one(headers, HOST.as_str()).unwrap_or_default();
    let origin = config.public_url.origin();
    let own = origin.split("://").nth(1).unwrap_or_default();
    let usual = if config.public_url.is_https() { ":443" } else { ":80" };
    if arrived.trim_end_matches(usual).eq_ignore_ascii_case(own) {
        return Finding::good(PART, message::health_host(arrived));
    }
    let text = message::health_host_differs(arrived, config.public_url.to_string());
    Finding::note(PART, text, message::health_host_differs_fix())
}

fn address(config: &Config, client: &Client, headers: &HeaderMap) -> Finding {
    const PART: CheckedPart = CheckedPart::ClientAddress;
    let (peer, address) = (client.peer, client.source.address);
    if let TrustedProxies::Hops(hops) = config.trusted_proxies {
        return by_hops(hops, address, headers);
    }
    let (is_direct, address) = (address == peer, address.to_string());
    match one(headers, "x-forwarded-for") {
        Some(told) if !client.is_proxy => {
            let peer = peer.to_string();
            let fix = message::health_address_untrusted_fix(&peer);
            Finding::bad(PART, message::health_address_untrusted(address, told, peer), fix)
        }
        None if client.is_proxy && !peer.is_loopback() => Finding::bad(
            PART,
            message::health_address_missing(address),
            message::health_address_missing_fix(),
        ),
        Some(_) if is_direct && !peer.is_loopback() => Finding::bad(
            PART,
            message::health_address_no_client(address),
            message::health_address_no_client_fix(),
        ),
        _ => Finding::good(PART, message::health_address(address)),
    }
}

/// The finding for `TRUSTED_PROXIES=hops:N`. More entries than hops are normal, because clients may send some themselves.
fn by_hops(hops: u8, address: IpAddr, headers: &HeaderMap) -> Finding {
    const PART: CheckedPart = CheckedPart::ClientAddress;
    let (told, address) = (client::forwarded_for(headers), address.to_string());
    let entries: usize = told.iter().map(|value| value.split(',').count()).sum();
    match proxy::hop(hops, &told) {
        Hop::Client(_) => Finding::good(PART, message::health_hops(address, entries, hops)),
        Hop::NoAddress => Finding::bad(
            PART,
            message::health_hops_no_address(address, hops),
            message::health_hops_no_address_fix(),
        ),
        Hop::Missing => Finding::bad(
            PART,
            message::health_hops_missing(address, entries, hops),
            message::health_hops_missing_fix(),
        ),
    }
}

fn seen(config: &Config, client: &Client, headers: &HeaderMap) -> Vec<Seen> {
    let header = |name: &str, remark: Message| {
        one(headers, name).map(|value| Seen { name: name.to_owned(), value, remark })
    };
    let of_proxy = |name: &str, remark: Message| {
        let untrusted = || message::health_header_untrusted(client.peer.to_string());
        header(name, if client.is_proxy { remark } else { untrusted() })
    };
    let counting = match config.trusted_proxies {
        TrustedProxies::Networks(_) => message::health_header_networks(),
        TrustedProxies::Hops(hops) => message::health_header_hops(hops),
    };
    let used = [
        header(HOST.as_str(), message::health_header_host()),
        of_proxy("x-forwarded-for", counting),
        of_proxy("x-forwarded-proto", message::health_header_forwarded_proto()),
    ];
    let ignored = IGNORED.into_iter().filter_map(|(name, why)| header(name, why()));
    used.into_iter().flatten().chain(ignored).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    use crate::config::SecretFile;
    use crate::domain::source::Source;
    use crate::services::operations::finding::Severity;

    /// The verdicts and parts of all bad findings for a request from this peer.
    fn wrong(public_url: &str, peer: &str, sent: &[(&'static str, &str)]) -> Vec<String> {
        let variables = [
            ("PUBLIC_URL", public_url),
            ("MAIL_TRANSPORT", "file"),
            ("SECRET_KEY", "a secret for tests, long enough to be taken"),
            ("TRUSTED_PROXIES", "127.0.0.1,10.0.0.0/8"),
        ];
        let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let config = Config::read(BTreeMap::from(variables), SecretFile::Look).unwrap().config;
        let mut headers = HeaderMap::new();
        for (name, value) in sent {
            headers.append(*name, value.parse().unwrap());
        }
        let peer: IpAddr = peer.parse().unwrap();
        let is_proxy = config.trusted_proxies.trusts(peer);
        let told = one(&headers, "x-forwarded-for").filter(|_| is_proxy);
        let address = told.and_then(|it| it.parse().ok()).unwrap_or(peer);
        let source = Source::new(address, "", String::new());
        let client = Client { source, is_navigation: true, peer, is_proxy, may_ask_gate: is_proxy };
        let arrival = look(&config, &client, &headers);
        for finding in &arrival.findings {
            assert_eq!(finding.fix.is_none(), finding.severity == Severity::Good, "{finding:?}");
        }
        let told: Arrival =
            serde_json::from_str(&serde_json::to_string(&arrival).unwrap()).unwrap();
        assert_eq!(
            told.findings, arrival.findings,
            "the command line reads what the server writes"
        );
        let wrong = arrival.findings.iter().filter(|it| it.severity != Severity::Good);
        wrong.map(|it| format!("{} {}", it.severity.word(), it.part.name())).collect()
    }

    #[test]
    fn each_misconfiguration_has_its_finding() {
        let (http, https) = ("http://localhost:5000", "https://login.example.org");
        let (host, proto, told) = ("host", "x-forwarded-proto", "x-forwarded-for");
        let own = (host, "login.example.org");
        for (url, peer, sent, found) in [
            (http, "127.0.0.1", &[(host, "localhost:5000")][..], &[][..]),
            (https, "127.0.0.1", &[own, (proto, "https"), (told, "198.51.100.7")], &[]),
            (
                https,
                "10.1.2.3",
                &[(host, "login.example.org:443"), (proto, "https"), (told, "198.51.100.7")],
                &[],
            ),
            (https, "127.0.0.1", &[own, (proto, "http"), (told, "198.51.100.7")], &["BAD scheme"]),
            (
                https,
                "127.0.0.1",
                &[own, (proto, "https, http"), (told, "198.51.100.7")],
                &["BAD scheme"],
            ),
            (https, "127.0.0.1", &[own, (told, "198.51.100.7")], &["note scheme"]),
            (https, "127.0.0.1", &[(host, "127.0.0.1:5000"), (proto, "https")], &["note host"]),
            (
                https,
                "192.0.2.9",
                &[own, (proto, "https"), (told, "198.51.100.7")],
                &["note scheme", "BAD client address"],
            ),
            (https, "10.1.2.3", &[own, (proto, "https")], &["BAD client address"]),
            (
                https,
                "10.1.2.3",
                &[own, (proto, "https"), (told, "nonsense")],
                &["BAD client address"],
            ),
            (http, "127.0.0.1", &[(host, "localhost:5000"), (proto, "https")], &["BAD scheme"]),
        ] {
            assert_eq!(wrong(url, peer, sent), found, "{url} {peer} {sent:?}");
        }
    }
}
