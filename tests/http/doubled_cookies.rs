//! Two cookies with the same name, one set by a sibling domain or another app on the host. Both are ignored.

use reqwest::Method;
use tempfile::TempDir;

use super::support::*;

const REFRESH: &str = "authflow-refresh";
const CSRF: &str = "authflow-csrf";

/// Sends one request with only these cookies, each in its own header.
async fn with(browser: &Browser, path: &str, cookies: &[&str]) -> Page {
    let headers: Vec<_> = cookies.iter().map(|it| ("cookie", *it)).collect();
    browser.send(Method::GET, path, &headers, None).await
}

async fn live(app: &TestApp) -> i64 {
    app.active_sessions().await
}

#[tokio::test]
async fn a_doubled_session_cookie_signs_no_one_in_and_ends_nothing() {
    let app = TestApp::start().await;
    let ada = app.person(ADA).await;
    let eve = app.person("eve@example.org").await;
    let (own, planted) = (ada.cookie(REFRESH).unwrap(), eve.cookie(REFRESH).unwrap());
    let generation =
        async || app.count("SELECT CAST(SUM(generation) AS BIGINT) FROM sessions").await;
    app.wait(700); // a new token is due
    let before = generation().await;
    let doubled = [
        format!("{REFRESH}={own}; {REFRESH}={planted}"),
        format!("{REFRESH}={planted}; {REFRESH}={own}"),
        format!("{REFRESH}={own}; a=b; {REFRESH}={own}"),
        format!("{REFRESH}=; {REFRESH}={own}"),
    ];
    for cookies in &doubled {
        let page = with(&ada, "/dashboard", &[cookies]).await;
        page.goes_to("/auth/login?return_to=%2Fdashboard");
        assert!(!page.set_cookies().contains_key(REFRESH), "{cookies}");
    }
    let lines = [format!("{REFRESH}={own}"), format!("{REFRESH}={planted}")];
    let page = with(&ada, "/dashboard", &[&lines[0], &lines[1]]).await;
    page.goes_to("/auth/login?return_to=%2Fdashboard");
    let login = with(&ada, "/auth/login", &[&doubled[0]]).await;
    login.is(200).says("Your browser sent two cookies named authflow-refresh");
    login.says("Clear the cookies of this site");
    assert!(!login.body.contains(&own) && !login.body.contains(&planted));
    assert_eq!((generation().await, live(&app).await), (before, 2));

    // An old token next to the current one raises no alarm either.
    assert!(ada.is_signed_in().await);
    let current = ada.cookie(REFRESH).unwrap();
    assert_ne!(current, own);
    app.wait(120);
    with(&ada, "/dashboard", &[&format!("{REFRESH}={own}; {REFRESH}={current}")]).await.is(303);
    assert_eq!(live(&app).await, 2);
    assert!(ada.is_signed_in().await);
}

#[tokio::test]
async fn signing_in_with_a_planted_cookie_explains_what_to_do() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    let browser = app.browser();
    let form = browser.get("/auth/login").await.form("Sign in");
    let body = encode(&form.filled(&[("email", ADA), ("password", PASSWORD)])).into_bytes();
    let csrf = format!("{CSRF}={}", browser.cookie(CSRF).unwrap());
    let planted = format!("{csrf}; {REFRESH}=planted; {REFRESH}=planted");
    let headers = [("cookie", &*planted), ("content-type", "application/x-www-form-urlencoded")];
    let signed_in = browser.send(Method::POST, "/auth/login", &headers, Some(body)).await;
    let own = browser.cookie(REFRESH).unwrap();
    signed_in.goes_to("/dashboard");
    let beside = format!("{csrf}; {REFRESH}={own}; {REFRESH}=planted");
    let back = with(&browser, "/dashboard", &[&beside]).await;
    let login = with(&browser, back.header("location"), &[&beside]).await;
    login.is(200).says("two cookies named authflow-refresh");
    // Once the other cookie has been cleared, the session works.
    browser.get("/dashboard").await.is(200);
}

#[tokio::test]
async fn a_doubled_form_cookie_shows_the_form_again_with_the_reason() {
    let app = TestApp::start().await;
    let browser = app.browser();
    let form = browser.get("/auth/login").await.form("Sign in");
    let csrf = browser.cookie(CSRF).unwrap();
    let body = encode(&form.filled(&[("email", ADA), ("password", PASSWORD)])).into_bytes();
    let planted = format!("{CSRF}={csrf}; {CSRF}=planted");
    let headers = [("cookie", &*planted), ("content-type", "application/x-www-form-urlencoded")];
    let page = browser.send(Method::POST, "/auth/login", &headers, Some(body.clone())).await;
    page.is(403).says("two cookies named authflow-csrf");
    assert_eq!(page.value("email").as_deref(), Some(ADA));
    let single = format!("{CSRF}={csrf}");
    let headers = [("cookie", &*single), headers[1]];
    browser.send(Method::POST, "/auth/login", &headers, Some(body)).await.is(401);
}

#[tokio::test]
async fn below_a_path_the_cookies_have_other_names() {
    let variables = [("PUBLIC_URL", "https://example.org/id"), ("MAIL_TRANSPORT", "file")];
    let app = TestApp::with(&variables).await;
    let browser = app.browser();
    for (cookies, is_said) in [
        ("__Secure-authflow-refresh=a; __Secure-authflow-refresh=b", true),
        ("__Secure-authflow-refresh=a; authflow-refresh=b; __Host-authflow-refresh=c", false),
        ("authflow-refresh=a; authflow-refresh=b", false),
    ] {
        let page = with(&browser, "/id/auth/login", &[cookies]).await;
        let said = page.is(200).text().contains("two cookies named __Secure-authflow-refresh");
        assert_eq!(said, is_said, "{cookies}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_names_the_cookie_and_not_its_value() {
    let folder = TempDir::new().unwrap();
    let variables = [("GATE_ORIGINS", "http://app.localhost:8081")];
    let program = Program::start(folder.path(), &variables);
    let browser = program.browser();
    with(&browser, "/auth/login", &["authflow-refresh=valueone; authflow-refresh=valuetwo"])
        .await
        .is(200);
    wait_for_log(folder.path(), &["authflow-refresh", "sent twice", "127.0.0.1"]).await;
    // At a guarded host too, where a proxy that does not forward the ticket address is reported.
    let forwarded = [
        ("x-forwarded-method", "GET"),
        ("x-forwarded-proto", "http"),
        ("x-forwarded-host", "app.localhost:8081"),
        ("cookie", "authflow-gate=valuethree; authflow-gate=valuefour"),
    ];
    let ask = async |uri: &str| {
        let headers = [&forwarded[..], &[("x-forwarded-uri", uri)]].concat();
        browser.send(Method::GET, "/gate/forward", &headers, None).await
    };
    ask("/").await.is(401);
    wait_for_log(folder.path(), &["authflow-gate", "sent twice", "http://app.localhost:8081"])
        .await;
    ask("/.authflow/ticket?ticket=valuefive").await.is(403);
    wait_for_log(
        folder.path(),
        &["so no user can sign in at this origin; print it again", "http://app.localhost:8081"],
    )
    .await;
    let log = std::fs::read_to_string(folder.path().join("log")).unwrap();
    for value in ["one", "two", "three", "four", "five"] {
        assert!(!log.contains(&format!("value{value}")), "{log}");
    }
}
