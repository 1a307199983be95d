//! Which requests the gate accepts, and how it refuses the others.

use super::*;

#[tokio::test]
async fn scripts_programs_and_websockets_get_a_plain_401() {
    let websocket =
        [("upgrade", "websocket"), ("connection", "upgrade"), ("accept", "text/html, */*")];
    for is_nginx in [true, false] {
        let (_app, ada) = stage(is_nginx, &[]).await;
        for headers in [
            &SCRIPT[..],
            &websocket,
            &[("sec-fetch-mode", "websocket")],
            &[("sec-fetch-mode", "no-cors"), ("accept", "image/avif,image/webp,*/*")],
            &[("accept", "text/html"), ("x-requested-with", "XMLHttpRequest")],
            &[("accept", "application/json"), ("user-agent", "Mozilla/5.0")],
            &[],
        ] {
            for method in [Method::GET, Method::POST, Method::HEAD, Method::OPTIONS] {
                let page = ada.send(method, DEEP, headers, None).await;
                page.is(401);
                assert!(!page.headers.contains_key("location"), "{headers:?}");
                assert!(page.set_cookies().is_empty() && page.body.len() < 100);
                assert_eq!(page.header("cache-control"), "no-store");
            }
        }
        let login = ada.open(DEEP).await;
        ada.sign_in(&login, ADA).await.is(200);
        for headers in [&SCRIPT[..], &websocket, &[]] {
            for method in [Method::GET, Method::POST, Method::HEAD, Method::DELETE] {
                let there = ada.send(method, DEEP, headers, None).await;
                assert_eq!(there.is(200).header("remote-user"), ADA);
            }
        }
    }
}

/// The headers with which Caddy and Traefik describe the request to check.
const FORWARDED: [(&str, &str); 4] = [
    ("x-forwarded-method", "GET"),
    ("x-forwarded-proto", "https"),
    ("x-forwarded-host", "app.example.org"),
    ("x-forwarded-uri", "/"),
];
const ORIGINAL: [(&str, &str); 2] = [("x-original-url", DEEP), ("x-original-method", "GET")];

/// `FORWARDED` with another value for this header.
fn forwarded_with<'a>(name: &'a str, value: &'a str) -> Vec<(&'a str, &'a str)> {
    let others = FORWARDED.into_iter().filter(|(other, _)| *other != name);
    others.chain([(name, value)]).collect()
}

/// Asks the gate, as a proxy does, about a request of the signed-in Ada.
struct Proxy {
    _app: TestApp,
    browser: Browser,
    cookie: String,
}

impl Proxy {
    async fn start() -> Self {
        let (app, ada) = signed_in_to_app(false, &[]).await;
        let cookie = format!("{GATE}={}", ada.cookies(APP)[GATE]);
        Self { browser: app.browser(), _app: app, cookie }
    }

    async fn ask(&self, path: &str, headers: &[(&str, &str)]) -> Page {
        let headers = [headers, &[("cookie", &self.cookie)]].concat();
        self.browser.send(Method::GET, path, &headers, None).await
    }
}

#[tokio::test]
async fn a_wrong_endpoint_or_missing_header_of_a_proxy_is_reported() {
    let proxy = Proxy::start().await;
    proxy.ask("/gate/forward", &FORWARDED).await.is(200);
    proxy.ask("/gate/nginx", &ORIGINAL).await.is(200);

    let wrong = proxy.ask("/gate/nginx", &FORWARDED).await;
    wrong.is(403).says("x-original-url").says("/gate/forward");
    assert_eq!(wrong.header("authflow-reason"), "missing_header");
    proxy.ask("/gate/forward", &ORIGINAL).await.is(403).says("x-forwarded").says("/gate/nginx");
    for left_out in 0..FORWARDED.len() {
        let mut rest = FORWARDED.to_vec();
        let (name, _) = rest.remove(left_out);
        proxy.ask("/gate/forward", &rest).await.is(403).says(name);
    }
}

#[tokio::test]
async fn only_guarded_hosts_are_allowed_in_any_spelling() {
    let proxy = Proxy::start().await;
    for (name, value, reason) in [
        ("x-forwarded-host", "other.example.org", "unknown_host"),
        ("x-forwarded-host", "login.example.org", "unknown_host"),
        ("x-forwarded-host", "app.example.org:8443", "unknown_host"),
        ("x-forwarded-host", "app.example.org, other.example.org", "contradictory_headers"),
        ("x-forwarded-proto", "http", "other_scheme"),
        ("remote_user", "root", "contradictory_headers"),
    ] {
        let mut changed = forwarded_with(name, value);
        let refused = proxy.ask("/gate/forward", &changed).await;
        assert_eq!((refused.status.as_u16(), refused.header("authflow-reason")), (403, reason));
        assert!(!refused.headers.contains_key("remote-user"));
        changed.extend(NAVIGATION);
        let page = proxy.ask("/gate/forward", &changed).await;
        page.is(403).says("This app cannot be reached");
    }
    for (name, value) in [
        ("x-forwarded-proto", "wss"),
        ("x-forwarded-host", "APP.example.org"),
        ("x-forwarded-host", "app.example.org:443"),
    ] {
        proxy.ask("/gate/forward", &forwarded_with(name, value)).await.is(200);
    }
}

#[tokio::test]
async fn an_unknown_rule_is_refused() {
    let proxy = Proxy::start().await;
    for rule in ["roles=admin", "factor=1", "role="] {
        let refused = proxy.ask(&format!("/gate/forward?{rule}"), &FORWARDED).await;
        assert_eq!(refused.is(403).header("authflow-reason"), "unknown_rule");
    }
    // Probably the query of the original request in the wrong place.
    let with_query = forwarded_with("x-forwarded-uri", "/deep?a=b");
    proxy.ask("/gate/forward?a=b", &with_query).await.is(403).says("uri /gate/forward?");
}

#[tokio::test]
async fn only_gate_proxies_may_use_the_gate() {
    for (more, may_ask) in [
        (&[("TRUSTED_PROXIES", "192.0.2.0/24")][..], false),
        (&[("GATE_PROXIES", "192.0.2.0/24")], false),
        // Every peer may report client addresses, but only GATE_PROXIES may use the gate.
        (&[("TRUSTED_PROXIES", "hops:1"), ("GATE_PROXIES", "192.0.2.0/24")], false),
        (&[("TRUSTED_PROXIES", "hops:1")], true),
        (&[("TRUSTED_PROXIES", "192.0.2.0/24"), ("GATE_PROXIES", "127.0.0.0/8")], true),
    ] {
        let app = TestApp::with(&[&VARIABLES[..], more].concat()).await;
        for path in ["/gate/forward", "/gate/nginx"] {
            let headers = [
                ("x-forwarded-method", "GET"),
                ("x-forwarded-proto", "https"),
                ("x-forwarded-host", "app.example.org"),
                ("x-forwarded-uri", "/"),
                ("x-forwarded-for", "192.0.2.1"),
                ("x-original-url", DEEP),
                ("x-original-method", "GET"),
            ];
            let answer = app.browser().send(Method::GET, path, &headers, None).await;
            if may_ask {
                answer.is(401);
            } else {
                answer.is(403).says("GATE_PROXIES");
                assert_eq!(answer.header("authflow-reason"), "untrusted_peer");
            }
        }
    }
}
