//! Headers, error pages, cookies, the development mailbox and endpoints for machines.

use super::support::*;
use reqwest::Method;

#[tokio::test]
async fn every_response_has_the_security_headers() {
    let app = TestApp::start().await;
    let browser = app.browser();
    let style = browser.get("/auth/login").await.select("link[rel=stylesheet]")[0]["href"].clone();
    for (path, status) in [
        ("/auth/login", 200),
        ("/auth/register", 200),
        ("/dashboard", 303),
        ("/", 303),
        ("/nothing-here", 404),
        ("/auth/logout", 303),
        ("/gate/start", 403),
        ("/auth/reset-password/x", 410),
        ("/auth/not-me/x", 410),
        ("/auth/confirm-email/x", 410),
        ("/auth/two-factor", 303),
        ("/auth/confirm-password", 303),
        ("/profile/export", 303),
        ("/profile/two-factor/disable", 405),
        ("/health", 200),
        ("/health/ready", 200),
        ("/.well-known/jwks.json", 200),
        (style.as_str(), 200),
        ("/static/../Cargo.toml", 404),
        ("/.env", 404),
        ("/.git/HEAD", 404),
        ("/static/", 404),
        ("/dashboard/x.css", 404),
    ] {
        let page = browser.get(path).await;
        assert_eq!(page.status.as_u16(), status, "{path}");
        let policy = page.header("content-security-policy");
        for rule in [
            "default-src 'none'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        ] {
            assert!(policy.contains(rule), "{path}: {policy}");
        }
        assert!(!policy.contains("unsafe") && !policy.contains("script-src"), "{path}");
        assert_eq!(page.header("x-content-type-options"), "nosniff", "{path}");
        assert!(["same-origin", "no-referrer"].contains(&page.header("referrer-policy")), "{path}");
        assert_eq!(page.header("cross-origin-opener-policy"), "same-origin", "{path}");
        assert_eq!(page.header("cross-origin-resource-policy"), "same-origin", "{path}");
        assert!(!page.header("permissions-policy").is_empty(), "{path}");
        assert!(
            page.headers.get("server").is_none()
                && page.headers.get("strict-transport-security").is_none()
        );
        assert_eq!(page.header("x-request-id").len(), 32, "{path}");
        let stored = path == style || path.ends_with("jwks.json");
        assert_eq!(page.header("cache-control") == "no-store", !stored, "{path}");
    }
    let page = browser.get(&style).await;
    assert_eq!(page.header("content-type"), "text/css; charset=utf-8");
    assert!(page.header("cache-control").contains("immutable"));
}

#[tokio::test]
async fn errors_are_pages_in_the_sites_layout() {
    let app = TestApp::with(&[("SITE_NAME", "Lovelace & Co")]).await;
    let browser = app.browser();
    let form = ("content-type", "application/x-www-form-urlencoded");
    for (method, path, header, body, status) in [
        (Method::GET, "/nothing-here", None, None, 404),
        (Method::DELETE, "/auth/login", None, None, 405),
        (Method::TRACE, "/auth/login", None, None, 405),
        (Method::GET, "/auth/verify-email/x", None, None, 410),
        (Method::POST, "/auth/login", Some(form), Some("x".repeat(70_000)), 413),
        (
            Method::POST,
            "/auth/login",
            Some(("content-type", "application/json")),
            Some("{}".into()),
            415,
        ),
        (Method::POST, "/auth/login", None, Some("email=x".into()), 415),
        (Method::POST, "/auth/login", Some(form), Some("email=a&email=b".into()), 422),
        (Method::POST, "/auth/login", Some(form), Some("email=%ff".into()), 400),
        (Method::POST, "/auth/login", Some(form), Some("email=a".into()), 403),
    ] {
        let headers: Vec<_> = header.into_iter().collect();
        let page = browser.send(method.clone(), path, &headers, body.map(String::into_bytes)).await;
        assert_eq!(page.status.as_u16(), status, "{method} {path}: {}", page.text());
        assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
        assert!(
            page.body.contains("<title>") && page.body.contains("Lovelace &#38; Co"),
            "{}",
            page.body
        );
        assert_eq!(page.select("h1").len(), 1);
        if status == 405 {
            assert!(page.header("allow").contains("GET"), "{:?}", page.headers);
        }
    }
}

/// Whether the header names the signed-in visitor's pages.
fn is_header_of_user(page: &Page) -> bool {
    page.select("header a[href='/dashboard']").len() == 1
        && page.select("header form[action='/auth/logout']").len() == 1
}

#[tokio::test]
async fn the_navigation_marks_where_a_page_is() {
    let app = TestApp::start().await;
    let root = app.person(ADA).await;
    app.give_role(ADA, "admin").await;
    // Each link that is marked, the more general first.
    let marked = |page: &Page| -> Vec<(String, String)> {
        let links = page.select("header nav [aria-current], .sections [aria-current]").into_iter();
        links.map(|mut it| (it["href"].clone(), it.remove("aria-current").unwrap())).collect()
    };
    for (path, expected) in [
        ("/dashboard", &[("/dashboard", "page")][..]),
        ("/profile", &[("/profile", "page"), ("/profile", "page")]),
        ("/profile/email", &[("/profile", "true"), ("/profile/email", "page")]),
        ("/admin/users/invite", &[("/admin", "true"), ("/admin/invitations", "true")]),
        ("/auth/logout", &[]),
    ] {
        let page = root.get(path).await;
        let expected: Vec<_> =
            expected.iter().map(|(to, how)| ((*to).to_owned(), (*how).to_owned())).collect();
        assert_eq!(marked(&page), expected, "{path}");
    }
    root.enable_two_factor(&app).await;
    let page = root.get("/profile/two-factor?turn_off=on").await;
    let form = page.form_to("/profile/two-factor/disable", &[("code", "")]);
    let refused = root.post(&form.action, &form.filled(&[("code", "1")])).await;
    let refused = marked(refused.is(422));
    assert_eq!(refused.last().unwrap(), &("/profile".into(), "true".into()));
}

#[tokio::test]
async fn error_pages_know_the_signed_in_user() {
    let app = TestApp::start().await;
    let (browser, stranger) = (app.person(ADA).await, app.browser());
    let form = ("content-type", "application/x-www-form-urlencoded");
    let json = ("content-type", "application/json");
    let cross = ("sec-fetch-site", "cross-site");
    for (method, path, headers, body, status) in [
        (Method::GET, "/nothing-here", &[][..], "", 404),
        (Method::POST, "/nothing-here", &[form], "a=b", 404),
        (Method::GET, "/dev/mail/x", &[], "", 404),
        (Method::GET, "/gate/start", &[], "", 403),
        (Method::GET, "/admin/users", &[], "", 403),
        (Method::PUT, "/dashboard", &[], "", 405),
        (Method::DELETE, "/profile", &[], "", 405),
        (Method::GET, "/profile/email/withdraw", &[], "", 405),
        (Method::POST, "/profile", &[form, cross], "username=x", 403),
        (Method::POST, "/profile", &[json], "{}", 415),
        (Method::POST, "/profile", &[form], "a=%ff", 400),
        (Method::POST, "/profile", &[form], "a=1&a=2", 422),
        (Method::POST, "/profile", &[form], &"x".repeat(70_000), 413),
    ] {
        let body = || (!body.is_empty()).then(|| body.as_bytes().to_vec());
        let page = browser.send(method.clone(), path, headers, body()).await;
        // A browser navigates with GET and POST alone.
        let is_shown = method == Method::GET || method == Method::POST || status == 405;
        assert_eq!(is_header_of_user(page.is(status)), is_shown, "{method} {path}: {}", page.body);
        assert_eq!(page.header("cache-control"), "no-store");
        let theirs = stranger.send(method.clone(), path, headers, body()).await;
        assert!(!is_header_of_user(&theirs), "{method} {path}: {}", theirs.body);
    }
    let page = browser.get("/nothing-here").await;
    browser.press_on(&page, "Sign out", &[]).await.goes_to("/auth/login");
    assert!(!browser.is_signed_in().await);
    assert!(!is_header_of_user(&browser.get("/nothing-here").await));
}

#[tokio::test]
async fn only_page_views_with_a_session_cost_a_query_at_an_unknown_address() {
    let app = TestApp::start().await;
    let signed_in = app.person(ADA).await;
    app.app.db.close().await;
    let script = [("sec-fetch-mode", "no-cors")];
    for page in [
        signed_in.get("/nothing-here").await,
        signed_in.get("/static/nothing.css").await,
        signed_in.send(Method::GET, "/favicon.ico", &script, None).await,
    ] {
        assert!(!is_header_of_user(page.is(404)), "{}", page.body);
    }
    assert!(!is_header_of_user(signed_in.get("/dashboard").await.is(503)));
}

#[tokio::test]
async fn a_panic_in_a_handler_is_an_error_page_and_the_server_keeps_running() {
    use axum::{Router, middleware::from_fn_with_state, routing::get};
    use tower::ServiceExt;
    let app = TestApp::start().await;
    let panics = get(|| async { String::from(["a page", "no page"][std::hint::black_box(2)]) });
    let router: Router = Router::new()
        .route("/panic", panics.clone())
        .route("/api/panic", panics)
        .layer(tower_http::catch_panic::CatchPanicLayer::custom(
            authflow::web::middleware::error_pages::panicked,
        ))
        .layer(from_fn_with_state(app.app.clone(), authflow::web::middleware::error_pages::render))
        .layer(from_fn_with_state(app.app.clone(), authflow::web::http::client::identify))
        .layer(axum::extract::connect_info::MockConnectInfo(app.address));
    for (path, shape) in [("/panic", "<!DOCTYPE html>"), ("/api/panic", "\"internal_error\"")] {
        let request = axum::http::Request::get(path).body(axum::body::Body::empty()).unwrap();
        let response = router.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), 500);
        let body = axum::body::to_bytes(response.into_body(), 100_000).await.unwrap();
        let body = String::from_utf8(body.to_vec()).unwrap();
        assert!(body.to_lowercase().contains(&shape.to_lowercase()), "{body}");
        assert!(
            body.contains("Something went wrong") && !body.contains("index out of bounds"),
            "{body}"
        );
    }
}

#[tokio::test]
async fn cookies_are_httponly_lax_and_prefixed_over_https() {
    let attributes = |line: &str| line.split("; ").skip(1).map(str::to_owned).collect::<Vec<_>>();
    let app = TestApp::start().await;
    let line =
        app.browser().get("/auth/login").await.set_cookies().remove("authflow-csrf").unwrap();
    assert_eq!(attributes(&line), ["HttpOnly", "SameSite=Lax", "Path=/"]);

    for (url, prefix, base) in [
        ("https://login.example.org", "__Host-", ""),
        ("https://example.org/id", "__Secure-", "/id"),
    ] {
        let mut variables =
            vec![("PUBLIC_URL", url), ("MAIL_TRANSPORT", "file"), ("EMAIL_VERIFICATION", "off")];
        let app = TestApp::with(&variables).await;
        let browser = app.browser();
        let path = format!("{base}/auth/register");
        let page = browser.get(&path).await;
        assert_eq!(page.header("strict-transport-security"), "max-age=31536000");
        variables.push(("HSTS_INCLUDE_SUBDOMAINS", "on"));
        let wider = TestApp::with(&variables).await.browser().get(&path).await;
        let hsts = wider.header("strict-transport-security");
        assert_eq!(hsts, "max-age=31536000; includeSubDomains");
        let csrf = page.set_cookies().remove(&format!("{prefix}authflow-csrf")).unwrap();
        let pair = csrf.split(';').next().unwrap();
        let fields = [
            ("username", "Ada"),
            ("email", ADA),
            ("password", PASSWORD),
            ("confirm_password", PASSWORD),
        ];
        let form = page.form("Create account");
        let headers = [("content-type", "application/x-www-form-urlencoded"), ("cookie", pair)];
        let body = encode(&form.filled(&fields)).into_bytes();
        let signed_up = browser.send(Method::POST, &path, &headers, Some(body)).await;
        signed_up.goes_to(&format!("{base}/dashboard"));
        let cookies = signed_up.set_cookies();
        for name in ["refresh", "device", "session"] {
            let line = &cookies[&format!("{prefix}authflow-{name}")];
            let attributes = attributes(line);
            for wanted in [
                "HttpOnly",
                "Secure",
                "SameSite=Lax",
                &format!("Path={}", if base.is_empty() { "/" } else { base }),
            ] {
                assert!(attributes.iter().any(|it| it == wanted), "{line}");
            }
            assert!(!line.contains("Domain") && line.len() < 1_024, "{line}");
        }
    }
}

#[tokio::test]
async fn the_mailbox_shows_emails_with_working_links() {
    let app = TestApp::start().await;
    let browser = app.browser();
    browser.get("/dev/mail").await.is(200).says("No emails yet.");
    browser.sign_up(ADA).await;
    let check = browser.get("/auth/check-mail").await;
    assert_eq!(check.select("main a[href='/dev/mail']").len(), 1);
    app.mails().await;
    let list = browser.get("/dev/mail").await;
    list.is(200).says("confirm your email address").says(ADA);
    let english = authflow::i18n::localizer::Localizer::english(None);
    let now = english.time_without_zone(app.app.clock.now());
    assert_eq!(list.each(".list td:last-child"), [format!("just now {now}")]);
    let mail = browser.get(&list.select(".list a")[0]["href"]).await;
    mail.is(200).says("Thanks for signing up at authflow");
    let link = &mail.select("pre a")[0]["href"];
    let path = link.strip_prefix("http://localhost:5000").unwrap();
    browser.press(path, "Confirm and sign in", &[]).await.goes_to("/dashboard");
    for path in
        ["/dev/mail/x", "/dev/mail/../secret.key", "/dev/mail/00000000-0000-0000-0000-000000000000"]
    {
        browser.get(path).await.is(404);
    }
}

#[tokio::test]
async fn the_mailbox_refuses_other_machines_and_host_names() {
    let app = TestApp::start().await;
    let browser = app.browser();
    let get = async |headers: &[(&str, &str)]| {
        browser.send(Method::GET, "/dev/mail", headers, None).await
    };
    get(&[("host", "localhost:5000")]).await.is(200);
    get(&[("host", "evil.example")]).await.is(404);
    get(&[("x-forwarded-for", "198.51.100.7")]).await.is(404);
}

#[tokio::test]
async fn a_missing_page_still_renews_the_cookie() {
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    app.wait(700);
    let page = browser.get("/dev/mail/x").await;
    assert!(page.is(404).set_cookies().contains_key("authflow-refresh"));
    assert_eq!(page.header("cache-control"), "no-store");
}

#[tokio::test]
async fn the_mailbox_is_disabled_on_a_public_site() {
    for (url, base) in [
        ("https://login.example.org", ""),
        ("http://192.168.1.5:5000", ""),
        ("https://localhost/id", "/id"),
    ] {
        let risk = ("ACCEPT_RISKS", "plain-http");
        let app = TestApp::with(&[("PUBLIC_URL", url), ("MAIL_TRANSPORT", "file"), risk]).await;
        let browser = app.browser();
        browser.get(&format!("{base}/dev/mail")).await.is(404);
        let check = browser.get(&format!("{base}/auth/check-mail")).await;
        assert!(!check.is(200).body.contains("/dev/mail"));
    }
}

#[tokio::test]
async fn stored_emails_contain_no_secret_but_the_link() {
    let app = TestApp::start().await;
    let browser = app.browser();
    browser.sign_up(ADA).await;
    let link = app.mailed_path(ADA).await;
    browser.press(&link, "Confirm and sign in", &[]).await.goes_to("/dashboard");
    let authflow::db::Location::Sqlite(path) = &app.app.config.database else {
        return; // only SQLite has a file to read; PostgreSQL stores the same values
    };
    let mut dump = std::fs::read(path).unwrap();
    dump.extend(std::fs::read(path.with_extension("db-wal")).unwrap_or_default());
    let holds = |secret: &[u8]| dump.windows(secret.len()).any(|window| window == secret);
    assert!(holds(ADA.as_bytes()), "the file contains the data");
    let token = link.rsplit('/').next().unwrap();
    let refresh = browser.cookie("authflow-refresh").unwrap();
    for secret in [token, refresh.as_str(), PASSWORD] {
        assert!(!holds(secret.as_bytes()));
        if let Some(bytes) = authflow::secret::decode(secret) {
            assert!(!holds(&bytes));
            assert!(!holds(&bytes[bytes.len() - 32..]));
        }
    }
}

#[tokio::test]
async fn ambiguous_http_framing_is_refused() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let app = TestApp::start().await;
    let ask = async |request: &str| {
        let mut stream = tokio::net::TcpStream::connect(app.address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = vec![0; 12];
        stream.read_exact(&mut answer).await.unwrap();
        String::from_utf8(answer).unwrap()
    };
    let ok = "GET /health HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    assert_eq!(ask(ok).await, "HTTP/1.1 200");
    for request in [
        "GET /health HTTP/1.1\r\nconnection: close\r\n\r\n",
        "GET /health HTTP/1.1\r\nhost: x\r\nhost: y\r\nconnection: close\r\n\r\n",
        "GET / HTTP/1.1\r\nhost: x\r\nbroken header\r\n\r\n",
    ] {
        assert_eq!(ask(request).await, "HTTP/1.1 400", "{request:?}");
    }
    let large = format!("GET /health HTTP/1.1\r\nhost: x\r\nx: {}\r\n\r\n", "x".repeat(20_000));
    assert_eq!(ask(&large).await, "HTTP/1.1 431");

    let mut stream = tokio::net::TcpStream::connect(app.address).await.unwrap();
    let two_hosts = "GET /auth/login HTTP/1.1\r\nhost: x\r\nhost: y\r\nconnection: close\r\n\r\n";
    stream.write_all(two_hosts.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.contains("not valid HTTP"), "{answer}");

    // With two lengths, the rest of the body is not read as another request.
    let two = "POST /auth/login HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n";
    let mut stream = tokio::net::TcpStream::connect(app.address).await.unwrap();
    stream.write_all(format!("{two}{ok}").as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 415"), "{answer}");
    assert_eq!(answer.matches("HTTP/1.1").count(), 1, "{answer}");
}

#[tokio::test]
async fn too_many_cookies_are_refused_with_the_reason() {
    let app = TestApp::start().await;
    let browser = app.browser();
    let style = browser.get("/auth/login").await.select("link[rel=stylesheet]")[0]["href"].clone();
    let cookies = format!("a=1; other_app={}", "x".repeat(20_000));
    let headers = [("cookie", cookies.as_str())];
    for path in ["/", "/auth/login", "/dashboard", "/admin/users", "/auth/verify-email/x"] {
        let page = browser.send(Method::GET, path, &headers, None).await;
        page.is(431).says("The largest is “other_app” with 20 KiB").says("Delete the cookies");
        assert!(page.set_cookies().is_empty() && page.header("content-type").contains("html"));
    }
    for path in ["/api/account", "/health"] {
        let page = browser.send(Method::GET, path, &headers, None).await;
        assert!(page.is(431).body.contains("\"headers_too_large\""), "{}", page.body);
    }
    // The page keeps its style, and apps behind the gate may have such cookies.
    browser.send(Method::GET, &style, &headers, None).await.is(200);
    browser.send(Method::GET, "/gate/forward", &headers, None).await.is(403);
    browser.send(Method::GET, "/.authflow/x", &headers, None).await.is(404);
    let fewer = format!("a={}", "x".repeat(15_000));
    browser.send(Method::GET, "/auth/login", &[("cookie", &fewer)], None).await.is(200);
    let long = format!("/auth/login?a={}", "x".repeat(33_000));
    browser.get(&long).await.is(414).says("longer than 32 KiB");
    let many: Vec<(&str, &str)> = (0..300).map(|_| ("x-many", "x")).collect();
    let page = browser.send(Method::GET, "/auth/login", &many, None).await;
    page.is(431).says("more than 100 headers");
    browser.send(Method::GET, "/gate/forward", &many, None).await.is(403);
}

#[tokio::test]
async fn a_link_that_does_not_work_leads_on_for_this_visitor() {
    let app = TestApp::start().await;
    let ada = app.person(ADA).await;
    let visitor = app.browser();
    let unknown = "a".repeat(43);
    for path in ["reset-password", "not-me", "verify-email"] {
        for token in ["x", &unknown] {
            let path = format!("/auth/{path}/{token}");
            let signed_in = ada.get(&path).await;
            let links = signed_in.is(410).each("main a[href='/dashboard']");
            assert_eq!(links, ["Back to your apps"], "{path}");
            assert!(signed_in.select("main a[href='/auth/login']").is_empty(), "{path}");
            let page = visitor.get(&path).await;
            assert!(!page.is(410).select("main a[href='/auth/login']").is_empty(), "{path}");
            assert!(page.select("main a[href='/dashboard']").is_empty(), "{path}");
        }
    }
}
