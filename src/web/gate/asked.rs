//! What a proxy asks: for which address, by which method, and whether a person is looking.

use std::borrow::Cow;

use axum::http::header::{ACCEPT, REFERER, UPGRADE};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};

use crate::domain::gate::origin::GateOrigin;
use crate::domain::gate::rule::Rule;
use crate::domain::gate::target::{NoTarget, Target, is_ticket_address};
use crate::web::gate::identity;

/// A kind of proxy: what it tells, and what it makes of the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proxy {
    /// nginx with `auth_request`: takes no answers but 2xx, 401 and 403, and none of their bodies.
    Nginx,
    /// Caddy's `forward_auth` and Traefik's `ForwardAuth`: pass on what is not 2xx.
    Forward,
}

impl Proxy {
    /// The status that makes this proxy send the browser elsewhere. `is_safe`: it asked with GET or HEAD; anything else must become a
    /// GET there.
    #[must_use]
    pub fn redirect(self, is_safe: bool) -> StatusCode {
        match self {
            // nginx makes a 3xx a 500: its configuration makes a redirect of the address.
            Self::Nginx => StatusCode::UNAUTHORIZED,
            Self::Forward if is_safe => StatusCode::FOUND,
            Self::Forward => StatusCode::SEE_OTHER,
        }
    }
}

const URL: &str = "x-original-url";
const ORIGINAL_METHOD: &str = "x-original-method";
const METHOD: &str = "x-forwarded-method";
const PROTO: &str = "x-forwarded-proto";
const HOST: &str = "x-forwarded-host";
const URI: &str = "x-forwarded-uri";
const FOR: &str = "x-forwarded-for";

/// A question that can be answered.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The address.
    pub target: Target,
    /// Whether it is where tickets go, spelt as in their addresses.
    pub is_ticket_address: bool,
    /// The method.
    pub method: Method,
    /// Whether the answer becomes a page that a person looks at.
    pub is_navigation: bool,
    /// The page of the same application that the request came from.
    pub referer: Option<Target>,
}

/// Why a question cannot be answered: mostly a slip in somebody's configuration, sometimes an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unanswerable {
    /// The peer is not in `GATE_PROXIES`.
    Untrusted,
    /// A header is missing.
    Missing(&'static str, Proxy),
    /// A header has several values, or one that cannot be.
    Contradictory(String),
    /// Not one of `GATE_ORIGINS`.
    Unknown(String),
    /// One of `GATE_ORIGINS`, but for its scheme; that one's text.
    OtherScheme(String),
    /// The rule in the query has a part that the gate does not know.
    Rule(String),
    /// The rule is the query of the request itself.
    RuleOfRequest,
}

impl Unanswerable {
    /// One word for programs.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Untrusted => "untrusted_peer",
            Self::Missing(..) => "missing_header",
            Self::Contradictory(_) => "contradictory_headers",
            Self::Unknown(_) => "unknown_host",
            Self::OtherScheme(_) => "other_scheme",
            Self::Rule(_) | Self::RuleOfRequest => "unknown_rule",
        }
    }

    /// What is wrong and how to mend it, for whoever runs the site.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::Untrusted => "The request came to the gate from an address that is not in GATE_PROXIES (by default the networks of \
                                TRUSTED_PROXIES, or loopback with hops:N). Add the proxy's address there; nobody else may ask the gate."
                .into(),
            Self::Missing(header, proxy) => {
                let other = match proxy {
                    Proxy::Nginx => "Caddy and Traefik ask at /gate/forward",
                    Proxy::Forward => "nginx asks at /gate/nginx",
                };
                format!("The proxy did not send the header {header}. Compare its configuration with what authflow proxy prints ({other}).")
            }
            Self::Contradictory(header) => format!(
                "The header {header} has more than one value, or one that does not belong there. The proxy must set it itself, instead of \
                 passing on what the client sent."
            ),
            Self::Unknown(origin) => {
                format!("{origin} is not in GATE_ORIGINS. Add it there, or ask for the application by its right name.")
            }
            Self::OtherScheme(origin) => format!(
                "GATE_ORIGINS has {origin}, but the proxy says that the request came by the other scheme. Send browsers to {origin}; if they \
                 are there, a proxy before yours keeps the scheme to itself."
            ),
            Self::RuleOfRequest => "The proxy asks with the query of the request itself, where its rule should be. With Caddy write a question mark \
                                    behind the gate's address: uri /gate/forward? (authflow proxy caddy prints it)."
                .into(),
            Self::Rule(part) => format!(
                "The address at which the proxy asks has {part:?}, which is no rule; there are role=NAME, factor=2 and token=1."
            ),
        }
    }
}

impl Asked {
    /// Reads the headers of one kind of proxy.
    pub fn read(
        proxy: Proxy,
        guarded: &[GateOrigin],
        headers: &HeaderMap,
    ) -> Result<Self, Unanswerable> {
        refuse_look_alikes(headers)?;
        refuse_other_protocols(headers)?;
        let (address, method) = match proxy {
            Proxy::Nginx => {
                (text(headers, URL, proxy)?.into_owned(), word(headers, ORIGINAL_METHOD, proxy)?)
            }
            Proxy::Forward => {
                let root = forwarded(headers)?;
                let uri = text(headers, URI, proxy)?;
                // OPTIONS may ask for all of a server (RFC 9112, section 3.2.4).
                let uri = if uri == "*" { Cow::Borrowed("/") } else { uri };
                if !uri.starts_with('/') {
                    return Err(Unanswerable::Contradictory(URI.into()));
                }
                (format!("{root}{uri}"), word(headers, METHOD, proxy)?)
            }
        };
        let method = Method::from_bytes(method.as_bytes());
        let wrong = match proxy {
            Proxy::Nginx => (URL, ORIGINAL_METHOD),
            Proxy::Forward => (HOST, METHOD),
        };
        let method = method.map_err(|_| Unanswerable::Contradictory(wrong.1.into()))?;
        let target = Target::parse(guarded, &address).map_err(|why| unanswerable(why, wrong.0))?;
        let referer = headers.get(REFERER).and_then(|value| value.to_str().ok());
        let own = std::slice::from_ref(&target.origin);
        let referer = referer.and_then(|referer| Target::parse(own, referer).ok());
        Ok(Self {
            target,
            is_ticket_address: is_ticket_address(&address),
            method,
            is_navigation: Self::is_navigation(headers),
            referer,
        })
    }

    /// The guarded host whose request a proxy has passed to us as it is, by the headers that it sets.
    pub fn origin(guarded: &[GateOrigin], headers: &HeaderMap) -> Result<GateOrigin, Unanswerable> {
        refuse_look_alikes(headers)?;
        let root = forwarded(headers)?;
        let target = Target::parse(guarded, &root).map_err(|why| unanswerable(why, HOST))?;
        Ok(target.origin)
    }

    /// Reads the rule that the proxy asks by.
    pub fn rule(query: &str, headers: &HeaderMap) -> Result<Rule, Unanswerable> {
        Rule::parse(query).map_err(|part| {
            let uri = headers.get(URI).map(HeaderValue::as_bytes).unwrap_or_default();
            let is_of_request =
                uri.splitn(2, |byte| *byte == b'?').nth(1) == Some(query.as_bytes());
            if is_of_request { Unanswerable::RuleOfRequest } else { Unanswerable::Rule(part) }
        })
    }

    /// Where to return to after signing in: the address itself, or if what was sent there is lost, the page that it was sent from.
    #[must_use]
    pub fn return_to(&self) -> Target {
        if self.is_safe() {
            return self.target.clone();
        }
        self.referer.clone().unwrap_or_else(|| Target::root(self.target.origin.clone()))
    }

    /// Whether a person looks at the answer. Fetch Metadata says it; where a browser does not send that, what it accepts does. The
    /// name that it gives itself says nothing.
    #[must_use]
    pub fn is_navigation(headers: &HeaderMap) -> bool {
        if let Some(mode) = headers.get("sec-fetch-mode") {
            return mode == "navigate";
        }
        let accepts = |value: &HeaderValue| {
            value.to_str().is_ok_and(|value| value.to_ascii_lowercase().contains("text/html"))
        };
        headers.get_all(ACCEPT).iter().any(accepts)
            && !headers.contains_key("x-requested-with")
            && !headers.contains_key(UPGRADE)
    }

    /// Whether nothing is lost by asking again (GET, HEAD).
    #[must_use]
    pub fn is_safe(&self) -> bool {
        matches!(self.method, Method::GET | Method::HEAD)
    }
}

fn unanswerable(why: NoTarget, header: &'static str) -> Unanswerable {
    match why {
        NoTarget::Unreadable => Unanswerable::Contradictory(header.into()),
        NoTarget::Unknown(origin) => Unanswerable::Unknown(origin),
        NoTarget::OtherScheme(origin) => Unanswerable::OtherScheme(origin),
    }
}

/// Scheme and host that browsers use, as Caddy and Traefik tell them.
fn forwarded(headers: &HeaderMap) -> Result<String, Unanswerable> {
    let (proto, host) =
        (word(headers, PROTO, Proxy::Forward)?, word(headers, HOST, Proxy::Forward)?);
    if !matches!(&*proto, "http" | "https" | "ws" | "wss") {
        return Err(Unanswerable::Contradictory(PROTO.into()));
    }
    if host.contains(['/', '\\', '?', '#', '@']) {
        return Err(Unanswerable::Contradictory(HOST.into()));
    }
    Ok(format!("{proto}://{host}"))
}

/// A header's one value.
fn text<'a>(
    headers: &'a HeaderMap,
    name: &'static str,
    proxy: Proxy,
) -> Result<Cow<'a, str>, Unanswerable> {
    let mut values = headers.get_all(name).iter();
    let value = values.next().filter(|value| !value.is_empty());
    let value = value.ok_or(Unanswerable::Missing(name, proxy))?;
    let text = String::from_utf8_lossy(value.as_bytes());
    if values.next().is_some() || text.chars().any(char::is_control) {
        return Err(Unanswerable::Contradictory(name.into()));
    }
    Ok(text)
}

/// A header's one value that is no list.
fn word<'a>(
    headers: &'a HeaderMap,
    name: &'static str,
    proxy: Proxy,
) -> Result<Cow<'a, str>, Unanswerable> {
    let text = text(headers, name, proxy)?;
    if text.contains([',', ' ']) {
        return Err(Unanswerable::Contradictory(name.into()));
    }
    Ok(text)
}

/// Web sockets alone: in a connection that changes to HTTP/2 nobody would ask the gate about what follows.
fn refuse_other_protocols(headers: &HeaderMap) -> Result<(), Unanswerable> {
    let mut upgrades = headers.get_all(UPGRADE).iter();
    if upgrades.all(|it| it.as_bytes().eq_ignore_ascii_case(b"websocket")) {
        return Ok(());
    }
    Err(Unanswerable::Contradictory(UPGRADE.to_string()))
}

/// `Remote_User` and `Remote-User` are the same to many an application (RFC 3875, section 4.1.18), but not to the proxy that removes one
/// of them.
fn refuse_look_alikes(headers: &HeaderMap) -> Result<(), Unanswerable> {
    let read = [URL, ORIGINAL_METHOD, METHOD, PROTO, HOST, URI, FOR, identity::TOKEN];
    let is_ours = |name: &str| read.contains(&name) || identity::HEADERS.contains(&name);
    let look_alike = headers.keys().map(HeaderName::as_str).find(|name| {
        !is_ours(name) && is_ours(&name.replace(|c: char| !c.is_ascii_alphanumeric(), "-"))
    });
    look_alike.map_or(Ok(()), |name| Err(Unanswerable::Contradictory(name.to_owned())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use url::Url;

    fn guarded() -> Vec<GateOrigin> {
        ["https://app.example.org", "http://app.localhost:8081"]
            .map(|text| GateOrigin::of(&Url::parse(text).unwrap()).unwrap())
            .to_vec()
    }

    fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(
                HeaderName::from_bytes(name.as_bytes()).unwrap(),
                HeaderValue::from_bytes(value.as_bytes()).unwrap(),
            );
        }
        headers
    }

    const CADDY: [(&str, &str); 4] =
        [(METHOD, "GET"), (PROTO, "https"), (HOST, "app.example.org"), (URI, "/deep?a=b&c=%2F")];

    /// Caddy's headers, with one of them changed; an empty value takes it away.
    fn forward(name: &str, value: &str) -> Result<Asked, Unanswerable> {
        let others = CADDY.into_iter().filter(|(other, _)| *other != name);
        let changed = (!value.is_empty()).then_some((name, value));
        let all: Vec<_> = others.chain(changed).collect();
        Asked::read(Proxy::Forward, &guarded(), &headers(&all))
    }

    fn nginx(url: &str) -> Result<Asked, Unanswerable> {
        let all = headers(&[(URL, url), (ORIGINAL_METHOD, "GET")]);
        Asked::read(Proxy::Nginx, &guarded(), &all)
    }

    #[test]
    fn addresses_are_put_together() {
        let whole = "https://app.example.org/deep?a=b&c=%2F";
        assert_eq!(forward("x-other", "1").unwrap().target.clean(), whole);
        assert_eq!(nginx(whole).unwrap().target.clean(), whole);
        for (name, value, address) in [
            (PROTO, "wss", whole),
            (HOST, "APP.example.org:443", whole),
            (URI, "*", "https://app.example.org/"),
            (URI, "//evil.example/", "https://app.example.org//evil.example/"),
            (URI, "/\u{fc}", "https://app.example.org/%C3%BC"),
            (URI, "/@evil.example", "https://app.example.org/@evil.example"),
        ] {
            assert_eq!(forward(name, value).unwrap().target.clean(), address, "{name}: {value}");
        }
    }

    #[test]
    fn what_is_missing_or_contradictory_is_named() {
        for (name, _) in CADDY {
            assert_eq!(forward(name, "").unwrap_err(), Unanswerable::Missing(name, Proxy::Forward));
            let twice: Vec<_> = CADDY.into_iter().chain([(name, "/x")]).collect();
            let refused = Asked::read(Proxy::Forward, &guarded(), &headers(&twice));
            assert_eq!(refused.unwrap_err(), Unanswerable::Contradictory(name.into()));
        }
        for (name, value) in [
            (PROTO, "https, http"),
            (PROTO, "ftp"),
            (HOST, "app.example.org,evil.example"),
            (HOST, "evil.example/app.example.org"),
            (HOST, "app.example.org@evil.example"),
            (HOST, "app.example.org#x"),
            (HOST, "app.example.org\\x"),
            (HOST, "app.example.org\tx"),
            (URI, "http://evil.example/"),
            (URI, "deep"),
            (METHOD, "GE T"),
            (METHOD, "(GET)"),
            ("remote_user", "root"),
            ("x_forwarded_host", "app.example.org"),
            ("x-original_url", "/"),
            ("remote.user", "root"),
            ("remote!groups", "admin"),
            ("upgrade", "h2c"),
            ("upgrade", "websocket, h2c"),
        ] {
            let refused = forward(name, value).unwrap_err();
            assert_eq!(refused, Unanswerable::Contradictory(name.into()), "{value}");
        }
        assert_eq!(
            Asked::read(Proxy::Nginx, &guarded(), &headers(&CADDY)).unwrap_err(),
            Unanswerable::Missing(URL, Proxy::Nginx)
        );
        assert_eq!(
            Asked::read(Proxy::Nginx, &guarded(), &headers(&[(URL, "https://app.example.org/")]))
                .unwrap_err(),
            Unanswerable::Missing(ORIGINAL_METHOD, Proxy::Nginx)
        );
        for url in ["/deep", "app.example.org", "https://", "https://x@app.example.org/"] {
            assert_eq!(nginx(url).unwrap_err(), Unanswerable::Contradictory(URL.into()), "{url}");
        }
        let unknown = Unanswerable::Unknown("https://other.example.org".into());
        assert_eq!(forward(HOST, "other.example.org").unwrap_err(), unknown);
        let other = Unanswerable::OtherScheme("https://app.example.org".into());
        assert_eq!(forward(PROTO, "http").unwrap_err(), other);
    }

    #[test]
    fn navigations_are_told_from_scripts() {
        for (sent, is_page) in [
            (&[][..], false),
            (&[("accept", "*/*")], false),
            (&[("accept", "text/html,application/xhtml+xml,*/*;q=0.8")], true),
            (&[("accept", "Text/HTML")], true),
            (&[("accept", "application/json")], false),
            (&[("accept", "text/html"), ("x-requested-with", "XMLHttpRequest")], false),
            (&[("accept", "text/html"), ("upgrade", "websocket")], false),
            (&[("sec-fetch-mode", "navigate")], true),
            (&[("sec-fetch-mode", "navigate"), ("x-requested-with", "x"), ("accept", "*/*")], true),
            (&[("sec-fetch-mode", "cors"), ("accept", "text/html")], false),
            (&[("sec-fetch-mode", "no-cors"), ("accept", "text/html")], false),
            (&[("sec-fetch-mode", "websocket"), ("accept", "text/html")], false),
            (&[("user-agent", "Mozilla/5.0 (X11; Linux x86_64)")], false),
        ] {
            assert_eq!(Asked::is_navigation(&headers(sent)), is_page, "{sent:?}");
        }
    }

    #[test]
    fn what_was_sent_is_lost_so_the_form_is_where_to_return_to() {
        let whole = "https://app.example.org/deep?a=b&c=%2F";
        let (root, form) = ("https://app.example.org/", "https://app.example.org/form?x=1");
        for (method, referer, address) in [
            ("GET", form, whole),
            ("HEAD", form, whole),
            ("POST", form, form),
            ("PUT", form, form),
            ("POST", "", root),
            ("POST", "https://evil.example/form", root),
            ("POST", "http://app.localhost:8081/form", root),
            ("POST", "nonsense", root),
            ("POST", "https://app.example.org/form?__gate=T", "https://app.example.org/form"),
        ] {
            let mut all = headers(&CADDY);
            all.insert(METHOD, method.parse().unwrap());
            all.insert(REFERER, referer.parse().unwrap());
            let asked = Asked::read(Proxy::Forward, &guarded(), &all).unwrap();
            assert_eq!(asked.return_to().return_address(), address, "{method} {referer}");
        }
    }

    proptest! {
        #[test]
        fn nothing_that_is_read_leads_elsewhere(
            proto in "(https?|wss?|ftp|)", host in "(app\\.example\\.org|evil\\.example)?[:@/.,#?\\\\a1]{0,4}",
            uri in "[/@:.?#\\\\a%]{0,12}", referer in "(https://app\\.example\\.org)?[/@:.?#\\\\a]{0,9}",
        ) {
            let all = headers(&[(METHOD, "POST"), (PROTO, &proto), (HOST, &host), (URI, &uri), (REFERER.as_str(), &referer)]);
            if let Ok(asked) = Asked::read(Proxy::Forward, &guarded(), &all) {
                for address in [asked.target.clean(), asked.return_to().return_address(), asked.target.ticket_address("t")] {
                    let url = Url::parse(&address).unwrap();
                    prop_assert!(guarded().iter().any(|it| it.as_str() == url.origin().ascii_serialization()));
                }
            }
        }
    }
}
