//! Diagnoses how a request reached this server: which proxy headers count, and what is wrong with the proxy's configuration.

use std::net::IpAddr;

use axum::http::HeaderMap;
use axum::http::header::HOST;
use serde::{Deserialize, Serialize};

use crate::config::Config;
use crate::domain::finding::Finding;
use crate::domain::proxy::{self, Hop, TrustedProxies};
use crate::domain::quantity::counted;
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
    pub remark: String,
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

/// `(header, why it is ignored)`
const IGNORED: [(&str, &str); 10] = [
    ("forwarded", "ignored: authflow reads X-Forwarded-For alone"),
    ("x-real-ip", "ignored: authflow reads X-Forwarded-For alone"),
    ("x-client-ip", "ignored: authflow reads X-Forwarded-For alone"),
    ("cf-connecting-ip", "ignored: authflow reads X-Forwarded-For alone"),
    ("true-client-ip", "ignored: authflow reads X-Forwarded-For alone"),
    ("x-forwarded-host", "ignored: links are built from PUBLIC_URL (the gate reads it)"),
    ("x-forwarded-port", "ignored: links are built from PUBLIC_URL"),
    ("x-forwarded-prefix", "ignored: the path is the one in PUBLIC_URL"),
    ("x-forwarded-uri", "ignored here (the gate reads it)"),
    ("remote-user", "ignored: nobody signs in to authflow by a header"),
];

/// Diagnoses a request.
#[must_use]
pub fn look(config: &Config, client: &Client, headers: &HeaderMap) -> Arrival {
    let ours =
        cookies::pairs(headers).map(|(name, _)| name).filter(|name| name.contains("authflow-"));
    Arrival {
        findings: [scheme(config, client, headers), host(config, headers)]
            .into_iter()
            .chain(address(config, client, headers))
            .collect(),
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
    const PART: &str = "scheme";
    let is_https = config.public_url.is_https();
    let told = one(headers, "x-forwarded-proto").filter(|_| client.is_proxy);
    match (told.as_deref(), is_https) {
        (Some("https"), true) => Finding::good(PART, "browsers come by https"),
        (Some("http") | None, false) => {
            Finding::good(PART, "browsers come by http, as PUBLIC_URL says")
        }
        (Some("https"), false) => Finding::bad(
            PART,
            "the proxy says that browsers come by https, but PUBLIC_URL begins with http: cookies are not Secure",
            format!("PUBLIC_URL={}", config.public_url.to_string().replacen("http", "https", 1)),
        ),
        (Some("http"), true) => Finding::bad(
            PART,
            "PUBLIC_URL begins with https, but this request came to the proxy by http: browsers keep no Secure cookies there",
            "send http on to https in the proxy; if that is so, a proxy before it ends TLS and X-Forwarded-Proto is lost on the way",
        ),
        (Some(other), _) => Finding::bad(
            PART,
            format!("the proxy says {other:?} in X-Forwarded-Proto"),
            "it must set the header to http or https itself",
        ),
        (None, true) => Finding::note(
            PART,
            "the proxy does not say by what scheme browsers come (no X-Forwarded-Proto that counts)",
            "authflow proxy prints a configuration that does",
        ),
    }
}

fn host(config: &Config, headers: &HeaderMap) -> Finding {
    const PART: &str = "host";
    let arrived = one(headers, HOST.as_str()).unwrap_or_default();
    let origin = config.public_url.origin();
    let own = origin.split("://").nth(1).unwrap_or_default();
    let usual = if config.public_url.is_https() { ":443" } else { ":80" };
    if arrived.trim_end_matches(usual).eq_ignore_ascii_case(own) {
        return Finding::good(PART, format!("the request came for {arrived}, as PUBLIC_URL says"));
    }
    Finding::note(
        PART,
        format!(
            "the request came for {arrived}, but PUBLIC_URL is {}: all links lead there",
            config.public_url
        ),
        "open the site by its public address; if you did, let the proxy pass on the Host header",
    )
}

fn address(config: &Config, client: &Client, headers: &HeaderMap) -> Vec<Finding> {
    const PART: &str = "client address";
    let (peer, address) = (client.peer, client.source.address);
    if let TrustedProxies::Hops(hops) = config.trusted_proxies {
        return vec![by_hops(hops, address, headers)];
    }
    match one(headers, "x-forwarded-for") {
        Some(told) if !client.is_proxy => vec![Finding::bad(
            PART,
            format!(
                "{address}, which is the proxy: it says {told:?} in X-Forwarded-For, but {peer} is not in TRUSTED_PROXIES"
            ),
            format!(
                "add {peer} to TRUSTED_PROXIES, if that is your proxy; otherwise everybody shares its limits"
            ),
        )],
        None if client.is_proxy && !peer.is_loopback() => vec![Finding::bad(
            PART,
            format!("{address}, which is the proxy: it does not send X-Forwarded-For"),
            "let it set the header (authflow proxy prints how); otherwise everybody shares its limits",
        )],
        Some(_) if address == peer && !peer.is_loopback() => vec![Finding::bad(
            PART,
            format!(
                "{address}, which is the proxy: X-Forwarded-For does not name a client that counts"
            ),
            "take addresses of clients out of TRUSTED_PROXIES, and let the proxy set X-Forwarded-For itself",
        )],
        _ => vec![Finding::good(PART, address.to_string())],
    }
}

/// The finding for `TRUSTED_PROXIES=hops:N`. More entries than hops are normal, because clients may send some themselves.
fn by_hops(hops: u8, address: IpAddr, headers: &HeaderMap) -> Finding {
    const PART: &str = "client address";
    let told = client::forwarded_for(headers);
    let entries: usize = told.iter().map(|value| value.split(',').count()).sum();
    match proxy::hop(hops, &told) {
        Hop::Client(_) => Finding::good(
            PART,
            format!("{address}, entry {hops} from the right of {entries} in X-Forwarded-For"),
        ),
        Hop::NoAddress => Finding::bad(
            PART,
            format!(
                "{address}, which is a proxy: entry {hops} from the right in X-Forwarded-For is no address"
            ),
            "let the proxy add the address of its peer",
        ),
        Hop::Missing => Finding::bad(
            PART,
            format!(
                "{address}, which is a proxy: TRUSTED_PROXIES=hops:{hops}, but X-Forwarded-For has {}",
                counted(entries, "entry", "entries")
            ),
            "set the number of proxies that stand before authflow and add to X-Forwarded-For",
        ),
    }
}

fn seen(config: &Config, client: &Client, headers: &HeaderMap) -> Vec<Seen> {
    let read = |name: &str, remark: &str| {
        let remark = if client.is_proxy {
            remark.to_owned()
        } else {
            format!("ignored: {} is not in TRUSTED_PROXIES", client.peer)
        };
        one(headers, name).map(|value| Seen { name: name.into(), value, remark })
    };
    let counting = match config.trusted_proxies {
        TrustedProxies::Networks(_) => {
            "read from the right, as far as its addresses are in TRUSTED_PROXIES".to_owned()
        }
        TrustedProxies::Hops(hops) => format!("entry {hops} from the right counts"),
    };
    let counted = [
        read("x-forwarded-for", &counting),
        read(
            "x-forwarded-proto",
            "compared with PUBLIC_URL on this page; nothing else hangs on it",
        ),
    ];
    let ignored = IGNORED.into_iter().filter_map(|(name, remark)| {
        one(headers, name).map(|value| Seen { name: name.into(), value, remark: remark.into() })
    });
    let host = one(headers, HOST.as_str());
    let host = host.map(|value| Seen {
        name: "host".into(),
        value,
        remark: "compared with PUBLIC_URL on this page; links are built from PUBLIC_URL".into(),
    });
    host.into_iter().chain(counted.into_iter().flatten()).chain(ignored).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    use crate::config::SecretFile;
    use crate::domain::source::Source;

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
            assert_eq!(finding.fix.is_none(), finding.word() == "good", "{finding:?}");
        }
        let wrong = arrival.findings.iter().filter(|it| it.word() != "good");
        wrong.map(|it| format!("{} {}", it.word(), it.part)).collect()
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
