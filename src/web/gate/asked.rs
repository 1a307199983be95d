//! The request that a proxy asks the gate about: its URL, its method, and whether it is a page view.

use axum::http::header::{ACCEPT, REFERER, UPGRADE};
use axum::http::{HeaderMap, HeaderValue, Method};

use crate::domain::gate::guarded_app::GuardedApp;
use crate::domain::gate::origin::GateOrigin;
use crate::domain::gate::reserved::is_ticket_address;
use crate::domain::gate::rule::Rule;
use crate::domain::gate::target::Target;
use crate::web::gate::headers::{
    HOST, METHOD, ORIGINAL_METHOD, URI, URL, address, ascii, forwarded, refuse_look_alikes,
    refuse_other_protocols, word,
};
use crate::web::gate::proxy::Proxy;
use crate::web::gate::unanswerable::Unanswerable;

/// The value of `X-Requested-With` by which scripts identify themselves.
const SCRIPT: &[u8] = b"XMLHttpRequest";

/// A client's request for a guarded app, as described by the proxy's headers.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The URL, which is at a guarded origin.
    pub target: Target,
    /// The path as the client sent it, which the proxy passes on to the app.
    pub path: String,
    /// Whether it is the ticket URL in its exact spelling.
    pub is_ticket_address: bool,
    /// The method.
    pub method: Method,
    /// Whether the browser shows the response as a page.
    pub is_navigation: bool,
    /// The `Referer`, if it is at the same origin.
    pub referer: Option<Target>,
}

impl Asked {
    /// Reads the headers that this kind of proxy sets.
    pub fn read(
        proxy: Proxy,
        guarded: &[GuardedApp],
        headers: &HeaderMap,
    ) -> Result<Self, Unanswerable> {
        refuse_look_alikes(headers)?;
        refuse_other_protocols(headers)?;
        let (address, method) = match proxy {
            Proxy::Nginx => (address(headers, URL, proxy)?, word(headers, ORIGINAL_METHOD, proxy)?),
            Proxy::Forward => {
                let root = forwarded(headers)?;
                let uri = address(headers, URI, proxy)?;
                // `OPTIONS *` is about the whole server (RFC 9112, section 3.2.4).
                let uri = if uri == "*" { "/".to_owned() } else { uri };
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
        let target = Target::parse(guarded, &address)
            .map_err(|why| Unanswerable::of_target(why, wrong.0))?;
        let referer = headers.get(REFERER).map(|value| ascii(value.as_bytes()));
        let own = std::slice::from_ref(&target.origin);
        let referer = referer.and_then(|referer| Target::parse(own, &referer).ok());
        Ok(Self {
            target,
            path: sent_path(&address).to_owned(),
            is_ticket_address: is_ticket_address(&address),
            method,
            is_navigation: Self::is_navigation(headers),
            referer,
        })
    }

    /// The guarded origin of a request that the proxy forwarded to us, according to the proxy's headers.
    pub fn origin(guarded: &[GuardedApp], headers: &HeaderMap) -> Result<GateOrigin, Unanswerable> {
        refuse_look_alikes(headers)?;
        let root = forwarded(headers)?;
        let target =
            Target::parse(guarded, &root).map_err(|why| Unanswerable::of_target(why, HOST))?;
        Ok(target.origin)
    }

    /// Reads the rule in the query of the gate's own URL.
    pub fn rule(query: &str, headers: &HeaderMap) -> Result<Rule, Unanswerable> {
        let uri = headers.get(URI).map(HeaderValue::as_bytes).unwrap_or_default();
        let is_of_request = uri.splitn(2, |byte| *byte == b'?').nth(1) == Some(query.as_bytes());
        match Rule::parse(query) {
            Err(_) if is_of_request => Err(Unanswerable::RuleOfRequest),
            Err(part) => Err(Unanswerable::Rule(part)),
            // A client must not open paths for itself.
            Ok(rule) if is_of_request && !rule.public.is_empty() => {
                Err(Unanswerable::RuleOfRequest)
            }
            Ok(rule) => Ok(rule),
        }
    }

    /// The URL to return to after signing in: the requested one. For a posted form, whose content is lost, the page of the form.
    #[must_use]
    pub fn return_to(&self) -> Target {
        if self.is_safe() {
            return self.target.clone();
        }
        self.referer.clone().unwrap_or_else(|| Target::root(self.target.origin.clone()))
    }

    /// Whether the browser shows the response as a page, according to Fetch Metadata or, without it, `Accept`. `User-Agent` is
    /// ignored, because it proves nothing.
    #[must_use]
    pub fn is_navigation(headers: &HeaderMap) -> bool {
        if let Some(mode) = headers.get("sec-fetch-mode") {
            return mode == "navigate";
        }
        let accepts = |value: &HeaderValue| {
            value.to_str().is_ok_and(|value| value.to_ascii_lowercase().contains("text/html"))
        };
        // Android's WebView sends the name of its app in this header, with every page view.
        let is_script = |value: &HeaderValue| value.as_bytes().eq_ignore_ascii_case(SCRIPT);
        headers.get_all(ACCEPT).iter().any(accepts)
            && !headers.get_all("x-requested-with").iter().any(is_script)
            && !headers.contains_key(UPGRADE)
    }

    /// Whether the method is GET or HEAD, so that the request can be repeated after signing in.
    #[must_use]
    pub fn is_safe(&self) -> bool {
        matches!(self.method, Method::GET | Method::HEAD)
    }
}

/// The path of an address as it was written. Empty if it does not begin with a slash.
fn sent_path(address: &str) -> &str {
    let rest = address.split_once("://").map_or("", |(_, rest)| rest);
    let path = rest.find(['/', '\\', '?', '#']).map_or("", |at| &rest[at..]);
    path.split('?').next().filter(|path| path.starts_with('/')).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderName;
    use proptest::prelude::*;
    use url::Url;

    use super::*;
    use crate::web::gate::headers::PROTO;

    fn guarded() -> Vec<GuardedApp> {
        ["https://app.example.org", "http://app.localhost:8081"]
            .map(|text| GuardedApp { name: None, origin: GateOrigin::parse(text).unwrap() })
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

    /// Caddy's headers with one of them changed. An empty value removes the header.
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
    fn the_url_is_assembled_from_the_headers() {
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
            (URI, "/it's/%2e/x?", "https://app.example.org/it's/%2e/x?"),
        ] {
            assert_eq!(forward(name, value).unwrap().target.clean(), address, "{name}: {value}");
        }
    }

    #[test]
    fn the_path_is_the_one_that_the_app_gets() {
        for (sent, path) in [
            ("/a?b", "/a"),
            ("/a%2Fb/../c;d", "/a%2Fb/../c;d"),
            ("/a#/b?c", "/a#/b"),
            ("//a", "//a"),
            ("", ""),
            ("?x=/a", ""),
            ("#/a", ""),
            ("\\a/b", ""),
        ] {
            let asked = nginx(&format!("https://app.example.org{sent}")).unwrap();
            assert_eq!(asked.path, path, "{sent}");
        }
    }

    #[test]
    fn a_request_cannot_open_its_own_path() {
        let rule = |query: &str, uri: &str| Asked::rule(query, &headers(&[(URI, uri)]));
        assert!(rule("public=%2Fhooks", "/hooks").is_ok());
        assert!(rule("role=a", "/x?role=a").is_ok());
        let own = rule("public=%2Fadmin", "/admin?public=%2Fadmin");
        assert_eq!(own, Err(Unanswerable::RuleOfRequest));
    }

    #[test]
    fn the_error_names_the_missing_or_contradictory_header() {
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
    fn page_views_are_distinguished_from_scripts() {
        for (sent, is_page) in [
            (&[][..], false),
            (&[("accept", "*/*")], false),
            (&[("accept", "text/html,application/xhtml+xml,*/*;q=0.8")], true),
            (&[("accept", "Text/HTML")], true),
            (&[("accept", "application/json")], false),
            (&[("accept", "text/html"), ("x-requested-with", "XMLHttpRequest")], false),
            (&[("accept", "text/html"), ("x-requested-with", "xmlhttprequest")], false),
            (&[("accept", "text/html"), ("x-requested-with", "org.example.app")], true),
            (&[("accept", "text/html"), ("x-requested-with", "")], true),
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
    fn after_a_posted_form_the_user_returns_to_the_page_of_the_form() {
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
            assert_eq!(asked.return_to().clean(), address, "{method} {referer}");
        }
    }

    proptest! {
        #[test]
        fn no_header_leads_to_an_unguarded_origin(
            proto in "(https?|wss?|ftp|)", host in "(app\\.example\\.org|evil\\.example)?[:@/.,#?\\\\a1]{0,4}",
            uri in "[/@:.?#\\\\a%]{0,12}", referer in "(https://app\\.example\\.org)?[/@:.?#\\\\a]{0,9}",
        ) {
            let all = headers(&[(METHOD, "POST"), (PROTO, &proto), (HOST, &host), (URI, &uri), (REFERER.as_str(), &referer)]);
            if let Ok(asked) = Asked::read(Proxy::Forward, &guarded(), &all) {
                for address in [asked.target.clean(), asked.return_to().clean(), asked.target.ticket_address("t", None)] {
                    let url = Url::parse(&address).unwrap();
                    prop_assert!(guarded().iter().any(|it| it.origin.as_str() == url.origin().ascii_serialization()));
                }
            }
        }
    }
}
