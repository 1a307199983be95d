//! The rules for every form.

use super::support::*;
use reqwest::Method;

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

type Typed = &'static [(&'static str, &'static str)];

/// `(path, button, fields whose input is kept)` of every form that an anonymous visitor can open.
const FORMS: [(&str, &str, Typed); 3] = [
    ("/auth/login", "Sign in", &[("email", ADA), ("password", PASSWORD), ("remember", "on")]),
    (
        "/auth/register",
        "Create account",
        &[
            ("username", "Ada"),
            ("email", ADA),
            ("password", PASSWORD),
            ("confirm_password", PASSWORD),
        ],
    ),
    ("/auth/forgot-password", "Send reset link", &[("email", ADA)]),
];

#[tokio::test]
async fn a_form_without_a_valid_token_is_shown_again_filled_in_and_then_works() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    for (path, button, fields) in FORMS {
        let browser = app.browser();
        let other = app.browser().get(path).await.value("csrf_token").unwrap();
        for token in ["", "x", &"A".repeat(43), other.as_str()] {
            let page = browser.get(path).await;
            let form = page.form(button);
            let mut sent = form.filled(fields);
            sent.retain(|(name, _)| *name != "csrf_token");
            sent.push(("csrf_token", token));
            let stale = browser.post(path, &sent).await;
            stale.is(403).says("This page had expired");
            for (name, value) in fields {
                match *name {
                    "password" | "confirm_password" => assert!(!stale.body.contains(value)),
                    "remember" => assert!(stale.select("[name=remember][checked]").len() == 1),
                    _ => assert_eq!(stale.value(name).as_deref(), Some(*value)),
                }
            }
            assert_ne!(stale.value("csrf_token").as_deref(), Some(token));
        }
        // Without the cookie no token is valid. The response sets the cookie and a matching token.
        let page = browser.get(path).await;
        browser.forget_cookie("authflow-csrf");
        let stale = browser.post(path, &page.form(button).filled(fields)).await;
        stale.is(403);
        let again = browser.press_on(&stale, button, fields).await;
        assert_eq!(again.status, 303, "{path}: {}", again.text());
    }
}

#[tokio::test]
async fn signed_in_forms_need_a_token_too() {
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    let stale = browser.post("/profile", &[("username", "Eve")]).await;
    stale.is(403);
    assert_eq!(stale.value("username").as_deref(), Some("Eve"), "the input is kept");
    browser.get("/dashboard").await.says("Ada Lovelace");
    let stale = browser.post("/auth/logout", &[]).await;
    stale.is(403);
    assert!(browser.is_signed_in().await);
    browser.press_on(&stale, "Sign out", &[]).await.goes_to("/auth/login");
}

#[tokio::test]
async fn forms_in_other_tabs_still_work_after_sign_in_and_sign_out() {
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    let old_tab = browser.get("/profile").await;
    browser.press("/dashboard", "Sign out", &[]).await;
    let login_tab = browser.get("/auth/login").await;
    browser.sign_in(ADA, PASSWORD).await.goes_to("/dashboard");
    browser.press_on(&old_tab, "Save", &[("username", "Ada King")]).await.goes_to("/profile");
    browser
        .press_on(&login_tab, "Sign in", &[("email", ADA), ("password", PASSWORD)])
        .await
        .goes_to("/dashboard");
}

#[tokio::test]
async fn other_sites_cannot_post_a_form_even_with_a_valid_token() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    for (path, button, fields) in FORMS {
        for (header, allowed) in [
            (("sec-fetch-site", "cross-site"), false),
            (("sec-fetch-site", "same-site"), false),
            (("origin", "https://evil.example"), false),
            (("sec-fetch-site", "same-origin"), true),
            (("origin", "http://localhost:5000"), true),
        ] {
            let browser = app.browser();
            let page = browser.get(path).await;
            let body = encode(&page.form(button).filled(fields)).into_bytes();
            let answer = browser.send(Method::POST, path, &[FORM, header], Some(body)).await;
            assert_eq!(
                answer.status.as_u16(),
                if allowed { 303 } else { 403 },
                "{path} {header:?}"
            );
            if !allowed {
                answer.says("sent from another site").says("http://localhost:5000");
            }
        }
        app.wait(3_600);
    }
}

#[tokio::test]
async fn invalid_input_is_shown_again_with_a_summary_and_a_message_by_each_field() {
    let app = TestApp::start().await;
    let browser = app.browser();
    let fields = [
        ("username", "a\u{1}b"),
        ("email", "no address"),
        ("password", ""),
        ("confirm_password", "x"),
    ];
    let page = browser.press("/auth/register", "Create account", &fields).await;
    page.is(422);
    let summary = page.select("[role=alert] a");
    assert_eq!(
        summary.iter().map(|link| link["href"].as_str()).collect::<Vec<_>>(),
        ["#username", "#email", "#password"]
    );
    for field in ["username", "email", "password"] {
        let input = &page.select(&format!("#{field}"))[0];
        assert_eq!(input["aria-invalid"], "true");
        let described: Vec<&str> = input["aria-describedby"].split(' ').collect();
        assert!(described.contains(&format!("{field}-error").as_str()));
        for id in described {
            assert_eq!(page.select(&format!("[id={id}]")).len(), 1, "{id}");
        }
    }
    assert!(
        !page.select("#confirm_password")[0].contains_key("aria-invalid"),
        "one message per field"
    );
    assert_eq!(page.value("email").as_deref(), Some("no address"));
    let weak = [
        ("username", "Ada"),
        ("email", ADA),
        ("password", "password1"),
        ("confirm_password", "password1"),
    ];
    let refused = browser.press_on(&page, "Create account", &weak).await;
    refused.is(422).says("too easy to guess");
    assert_eq!(refused.select("#password")[0]["aria-invalid"], "true");
    assert!(!refused.body.contains("password1"));

    let fields = [
        ("username", "Ada"),
        ("email", ADA),
        ("password", PASSWORD),
        ("confirm_password", "another one"),
    ];
    browser
        .press_on(&page, "Create account", &fields)
        .await
        .is(422)
        .says("The passwords do not match.");
    for path in ["/auth/login", "/auth/forgot-password"] {
        let button = if path == "/auth/login" { "Sign in" } else { "Send reset link" };
        let page = browser.press(path, button, &[("email", "no address")]).await;
        page.is(422).says("in the form name@example.org");
        assert_eq!(page.value("email").as_deref(), Some("no address"));
    }
    assert_eq!(app.rows("users").await, 0);
}

#[tokio::test]
async fn a_single_error_is_told_once_by_its_field_which_has_the_focus() {
    let app = TestApp::start().await;
    let browser = app.browser();
    let fields = [("email", ADA), ("password", "")];
    let page = browser.press("/auth/login", "Sign in", &fields).await;
    page.is(422).says("Enter a password.");
    assert_eq!(page.text().matches("Enter a password.").count(), 1);
    assert!(page.select(".alert").is_empty() && page.inside("title").starts_with("Error: "));
    let focused = page.select("[autofocus]");
    assert_eq!(focused.iter().map(|it| it["id"].as_str()).collect::<Vec<_>>(), ["password"]);
    // An error of the whole form is above it, and has the focus.
    let wrong = [("email", ADA), ("password", PASSWORD)];
    let page = browser.press("/auth/login", "Sign in", &wrong).await;
    assert_eq!(page.is(401).select(".alert[role=alert][autofocus]").len(), 1);
}

#[tokio::test]
async fn a_form_refused_for_something_else_says_how_strong_the_password_was() {
    let app = TestApp::start().await;
    let typed = [
        ("username", "Ada"),
        ("email", "no address"),
        ("password", PASSWORD),
        ("confirm_password", PASSWORD),
    ];
    let page = app.browser().press("/auth/register", "Create account", &typed).await;
    page.is(422).says("Please enter it again. It was very hard to guess. At least 8 characters.");
}

#[tokio::test]
async fn passwords_are_never_trimmed_truncated_or_mixed_up() {
    let app = TestApp::start().await;
    let password = "  Ångström und Brücke, lang genug  ";
    let browser = app.browser();
    browser.sign_up_as("Ada", ADA, password).await.goes_to("/auth/check-mail");
    let link = app.mailed_path(ADA).await;
    browser.press(&link, "Confirm and sign in", &[]).await.goes_to("/dashboard");
    app.browser().sign_in(ADA, password).await.goes_to("/dashboard");
    app.browser()
        .sign_in(ADA, "  A\u{30a}ngstro\u{308}m und Bru\u{308}cke, lang genug  ")
        .await
        .goes_to("/dashboard");
    app.browser().sign_in(ADA, password.trim()).await.is(401);

    let longest: String = ('a'..='z').cycle().step_by(7).take(256).collect();
    let bob = app.browser();
    bob.sign_up_as("Bob", "bob@example.org", &longest).await.goes_to("/auth/check-mail");
    let link = app.mailed_path("bob@example.org").await;
    bob.press(&link, "Confirm and sign in", &[]).await.goes_to("/dashboard");
    app.browser().sign_in("bob@example.org", &longest[..255]).await.is(401);
    app.browser().sign_in("bob@example.org", &longest).await.goes_to("/dashboard");
    let page = app.browser().sign_up_as("Eve", "eve@example.org", &format!("{longest}x")).await;
    page.is(422).says("too long (at most 256 characters)");
}

#[tokio::test]
async fn get_requests_change_nothing() {
    let app = TestApp::start().await;
    let browser = app.browser();
    browser.sign_up(ADA).await;
    let link = app.mailed_path(ADA).await;
    let state = async || {
        (
            app.user(ADA).await.email_verified_at,
            app.count("SELECT COUNT(*) FROM one_time_tokens WHERE spent_at IS NULL").await,
            app.rows("outbox").await,
            app.rows("sessions").await,
            app.rows("audit_events").await,
        )
    };
    let before = state().await;
    let query = format!(
        "?{}",
        encode(&[("email", ADA), ("password", PASSWORD), ("decline", "on"), ("not_mine", "on")])
    );
    for path in [
        "/",
        "/auth",
        "/auth/login",
        "/auth/register",
        "/auth/forgot-password",
        "/auth/check-mail",
        "/dashboard",
        "/profile",
        &link,
    ] {
        for method in [Method::GET, Method::HEAD] {
            browser.send(method, &format!("{path}{query}"), &[], None).await;
        }
    }
    browser.get("/auth/logout").await;
    assert_eq!(state().await, before);
}

#[tokio::test]
async fn fields_have_types_and_autocomplete_hints() {
    let app = TestApp::start().await;
    let browser = app.browser();
    let expected = |path: &str| -> Vec<(&str, &str, &str)> {
        match path {
            "/auth/login" => {
                vec![("email", "text", "username"), ("password", "password", "current-password")]
            }
            "/auth/register" => vec![
                ("username", "text", "name"),
                ("email", "email", "username"),
                ("password", "password", "new-password"),
                ("confirm_password", "password", "new-password"),
            ],
            _ => vec![("email", "email", "username")],
        }
    };
    for path in ["/auth/login", "/auth/register", "/auth/forgot-password"] {
        let page = browser.get(path).await;
        for (name, kind, autocomplete) in expected(path) {
            let input = &page.select(&format!("input[name={name}]"))[0];
            assert_eq!(
                (input["type"].as_str(), input["autocomplete"].as_str()),
                (kind, autocomplete),
                "{path}"
            );
            assert_eq!(
                page.select(&format!("label[for={}]", input["id"])).len(),
                1,
                "{path} {name}"
            );
        }
        assert!(page.select("script, style, [style], [onclick]").is_empty());
    }
}

#[tokio::test]
async fn cookies_of_other_apps_do_no_harm() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let app = TestApp::start().await;
    let browser = app.browser();
    let page = browser.get("/auth/forgot-password").await;
    let cookie = page.set_cookies()["authflow-csrf"].split(';').next().unwrap().to_owned();
    let body = encode(&page.form("Send reset link").filled(&[("email", ADA)]));
    let mut request = format!(
        "POST /auth/forgot-password HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\ncookie: theirs=",
        body.len()
    )
    .into_bytes();
    request.extend([0xff, 0xfe]);
    request.extend(format!("; {cookie}\r\n\r\n{body}").into_bytes());
    let mut stream = tokio::net::TcpStream::connect(app.address).await.unwrap();
    stream.write_all(&request).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 303"), "{answer}");
}
