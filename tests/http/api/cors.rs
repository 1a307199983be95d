//! CORS: which other origins may read responses of the API.

use reqwest::Method;

use crate::support::*;

const ALLOWED: &str = "https://app.example.org";

async fn server() -> TestApp {
    TestApp::with(&[("CORS_ALLOWED_ORIGINS", "https://app.example.org, http://localhost:5173")])
        .await
}

/// The CORS headers of a response.
fn said(page: &Page) -> Vec<(String, String)> {
    let all = page.headers.iter().filter(|(name, _)| name.as_str().starts_with("access-control-"));
    all.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect()
}

async fn preflight(app: &TestApp, origin: &str, path: &str) -> Page {
    let headers = [
        ("origin", origin),
        ("access-control-request-method", "POST"),
        ("access-control-request-headers", "authorization,content-type"),
    ];
    app.browser().send(Method::OPTIONS, path, &headers, None).await
}

#[tokio::test]
async fn allowed_origins_may_send_requests_and_read_responses() {
    let app = server().await;
    let browser = app.browser();
    for origin in [ALLOWED, "http://localhost:5173"] {
        let page = preflight(&app, origin, "/api/auth/login").await;
        assert_eq!(page.is(200).header("access-control-allow-origin"), origin);
        assert_eq!(page.header("access-control-allow-methods"), "GET,POST,DELETE");
        assert_eq!(page.header("access-control-allow-headers"), "authorization,content-type");
        assert_eq!(page.header("access-control-max-age"), "7200");
        assert!(page.header("vary").contains("origin") && page.body.is_empty());
        // Error responses can be read too: the client has to know the reason.
        for (method, path, status) in [
            (Method::GET, "/api/openapi.json", 200),
            (Method::GET, "/.well-known/jwks.json", 200),
            (Method::GET, "/api/auth/profile", 401),
            (Method::PUT, "/api/auth/profile", 405),
            (Method::GET, "/api/nothing", 404),
            (Method::POST, "/api/auth/login", 415),
        ] {
            let page = browser.send(method, path, &[("origin", origin)], None).await;
            assert_eq!(page.is(status).header("access-control-allow-origin"), origin, "{path}");
            assert!(page.header("access-control-expose-headers").contains("retry-after"), "{path}");
            assert!(page.header("vary").contains("origin"), "{path}");
        }
    }
    for _ in 0..240 {
        browser.send(Method::POST, "/api/auth/logout", &[], None).await;
    }
    let flood = browser.send(Method::POST, "/api/auth/logout", &[("origin", ALLOWED)], None).await;
    assert_eq!(flood.is(429).header("access-control-allow-origin"), ALLOWED);
    for page in [flood, preflight(&app, ALLOWED, "/api/auth/login").await] {
        assert_eq!(
            page.header("access-control-allow-credentials"),
            "",
            "credentials are never allowed"
        );
    }
}

#[tokio::test]
async fn origins_that_resemble_an_allowed_one_are_refused() {
    let app = server().await;
    for origin in [
        "https://evil.example",
        "null",
        "*",
        "",
        "http://app.example.org",
        "https://app.example.org:8443",
        "https://app.example.org.evil.example",
        "https://evilapp.example.org",
        "https://app.example.orgx",
        "https://sub.app.example.org",
        "https://example.org",
        "https://app_example.org",
        "https://app.example.org/",
        "https://app.example.org, https://evil.example",
        "https://APP.example.org",
        "http://localhost",
        "http://localhost:5174",
        "http://127.0.0.1:5173",
        "http://localhost:5000",
    ] {
        let page = preflight(&app, origin, "/api/auth/login").await;
        assert_eq!(page.header("access-control-allow-origin"), "", "{origin}");
        let headers = [("origin", origin)];
        let page = app.browser().send(Method::GET, "/api/openapi.json", &headers, None).await;
        assert_eq!(page.header("access-control-allow-origin"), "", "{origin}");
        assert!(page.header("vary").contains("origin"), "caches keep the responses apart");
    }
    let none = app.browser().get("/api/openapi.json").await;
    assert_eq!(none.header("access-control-allow-origin"), "");
}

#[tokio::test]
async fn other_origins_may_never_read_pages_nor_by_default_the_api() {
    let app = server().await;
    for path in ["/auth/login", "/dashboard", "/static/nothing"] {
        let headers = [("origin", ALLOWED)];
        let page = app.browser().send(Method::GET, path, &headers, None).await;
        assert!(said(&page).is_empty(), "{path}: {:?}", said(&page));
        assert!(said(preflight(&app, ALLOWED, path).await.is(405)).is_empty());
    }
    let app = TestApp::start().await;
    let page = preflight(&app, ALLOWED, "/api/auth/login").await;
    assert!(said(page.is(405)).is_empty());
    let headers = [("origin", ALLOWED)];
    let page = app.browser().send(Method::GET, "/api/openapi.json", &headers, None).await;
    assert!(said(page.is(200)).is_empty());
}
