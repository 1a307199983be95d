//! Links, addresses, codes and queries as people, keyboards and programs give them.

use authflow::routes;
use reqwest::Method;
use serde_json::json;

use super::support::*;

/// What mail programs and people leave after a link.
const TAILS: [&str; 23] = [
    ".",
    ",",
    ">",
    ")",
    "]",
    "%22",
    "'",
    ";",
    ":",
    "!",
    "%20",
    "=",
    "%3D",
    "=3D",
    "%3D%0D%0A",
    "%E2%80%8B",
    "%C2%A0",
    "%E2%80%9D",
    "&gt;",
    "/",
    "/.",
    "%2520",
    "%A0",
];

/// A browser that has asked for a reset link, and the link.
async fn reset_link(app: &TestApp) -> (Browser, String) {
    app.person(ADA).await;
    let browser = app.browser();
    let fields = [("email", ADA)];
    browser.press("/auth/forgot-password", "Send reset link", &fields).await.is(303);
    (browser, app.path_in(ADA, "reset your password").await)
}

#[tokio::test]
async fn a_tail_that_cannot_belong_to_a_link_is_ignored() {
    let app = TestApp::start().await;
    let (browser, link) = reset_link(&app).await;
    for tail in TAILS {
        let page = browser.get(&format!("{link}{tail}")).await;
        page.is(200).says("Reset your password");
        assert_eq!(page.form("Set password").action, link, "{tail}");
        assert_eq!(page.header("referrer-policy"), "no-referrer", "{tail}");
    }
    for head in ["%20", "%3C", "%E2%80%8B", "="] {
        let written = link.replace("/reset-password/", &format!("/reset-password/{head}"));
        browser.get(&written).await.is(200);
    }
    let page = browser.get(&link).await;
    let form = page.form("Set password");
    let fields = [("password", NEW_PASSWORD), ("confirm_password", NEW_PASSWORD)];
    browser.post(&format!("{link}%3E."), &form.filled(&fields)).await.goes_to("/auth/login");
    browser.get(&format!("{link}.")).await.is(410).says("This one was used");
}

#[tokio::test]
async fn every_emailed_link_may_have_a_tail_or_be_cut() {
    let app = TestApp::start().await;
    let ada = app.person(ADA).await;
    let stranger = app.browser();
    stranger.sign_up("eve@example.org").await.is(303);
    let verify = app.mailed_path("eve@example.org").await;
    ada.press("/profile/email", "Change email", &[("email", "new@example.org")]).await.is(303);
    let confirm = app.mailed_path("new@example.org").await;
    let not_me = app.mailed_path(ADA).await;
    assert!(not_me.starts_with("/auth/not-me/"), "{not_me}");
    for (browser, link, page) in [
        (&stranger, &verify, "Confirm your email"),
        (&ada, &confirm, "Confirm your new email"),
        (&ada, &not_me, "If it was you, close this page."),
    ] {
        for tail in [">", "%20", "=", "/", "%E2%80%8B"] {
            let shown = browser.get(&format!("{link}{tail}")).await;
            shown.is(200).says(page);
            assert!(shown.body.contains(&format!("{link}\"")), "the form has the clean link");
        }
        let (start, _) = link.rsplit_once('/').unwrap();
        let (almost, half) = (&link[..link.len() - 1], &link[..link.len() - 20]);
        for cut in [almost.to_owned(), format!("{half}."), start.to_owned(), format!("{start}/")] {
            let refused = browser.get(&cut).await;
            refused.is(410).says("This link is incomplete").says("copy the whole link");
        }
    }
    stranger.get("/auth/invitation/abc.").await.is(410).says("This link is incomplete");
    stranger.post(&format!("{}.", &verify[..40]), &[]).await.is(410).says("is incomplete");
    stranger.press(&format!("{verify}%3E"), "Confirm and sign in", &[]).await.goes_to("/dashboard");
}

#[tokio::test]
async fn the_api_takes_a_token_with_a_tail_and_says_that_one_is_incomplete() {
    let app = TestApp::start().await;
    let (_, link) = reset_link(&app).await;
    let token = link.rsplit('/').next().unwrap();
    let api = app.api().await;
    let reset = async |token: &str| {
        let body = json!({ "token": token, "password": NEW_PASSWORD });
        api.post("/api/auth/reset-password", body).await
    };
    reset(&token[..30]).await.refuses(410, "invalid_link").says("incomplete");
    reset("...").await.refuses(410, "invalid_link").says("incomplete");
    reset(&format!("\u{feff}http://localhost:5000{link}>.")).await.is(200);
    reset(&format!("{token}.")).await.refuses(410, "invalid_link").says("was used");
}

#[tokio::test]
async fn addresses_and_codes_are_read_without_what_no_one_sees() {
    let app = TestApp::start().await;
    let ada = app.browser();
    ada.sign_up("\u{feff}ada\u{ad}@example.org\u{200b}").await.goes_to("/auth/check-mail");
    ada.press(&app.mailed_path(ADA).await, "Confirm and sign in", &[]).await.goes_to("/dashboard");
    for typed in ["ada＠example．org", "\u{202a}ada@example.org\u{202c}", "ada@example。org\u{a0}"]
    {
        app.browser().sign_in(typed, PASSWORD).await.goes_to("/dashboard");
    }
    let mut api = app.api().await;
    api.login("\u{200b}ada@exa\u{200b}mple.org", PASSWORD).await.is(200);
    let page = app.browser().sign_in("ada\u{a0}@example.org", PASSWORD).await;
    page.is(422).says("has a no-break space (U+00A0) after “ada”");
    let body = json!({ "email": "ada @example.org" });
    let refused = api.post("/api/auth/forgot-password", body).await;
    refused.names(&["email"]).says("has a space after “ada”");
    // A password is taken exactly as typed.
    app.browser().sign_in(ADA, &format!("{PASSWORD}\u{200b}")).await.is(401);
    app.browser().sign_in(ADA, &format!(" {PASSWORD}")).await.is(401);
}

#[tokio::test]
async fn addresses_with_nul_or_invalid_utf_8_are_refused_on_every_route() {
    let app = TestApp::start().await;
    let ada = app.person(ADA).await;
    let routes = routes::table(&app.app);
    let mut count = 0;
    for (route, _) in routes.iter().filter(|(route, _)| !is_of_gate(route)) {
        let path = route.replace(['{', '}'], "");
        for query in
            ["search=%00", "role=a%00&x=y", "after=%ff", "before=%C3", "return_to=%2F%00", "%00"]
        {
            let page = ada.get(&format!("{path}?{query}")).await;
            page.is(400);
            let is_json = ["/api", "/health", "/.well-known"].iter().any(|it| path.starts_with(it));
            let kind = if is_json { "application/json" } else { "text/html" };
            assert!(page.header("content-type").starts_with(kind), "{path}?{query}");
            count += 1;
        }
    }
    assert!(count > 300, "only {count} requests were sent");
    for path in
        ["/admin/users/%00", "/auth/reset-password/%00", "/nowhere/%00", "/dev/mail/%00", "/%00"]
    {
        ada.get(path).await.is(400).says("not valid text");
    }
    let root = app.api().await;
    root.get("/api/openapi.json?x=%00").await.refuses(400, "bad_request");
    // What only looks odd is no error.
    ada.get("/auth/check-mail?x=%zz&y=%25&z=100%").await.is(200);
}

fn is_of_gate(route: &str) -> bool {
    ["/gate/nginx", "/gate/forward", "/.authflow"].iter().any(|it| route.starts_with(it))
}

#[tokio::test]
async fn the_gate_refuses_unreadable_rules_and_tickets() {
    let app = TestApp::with(&[("GATE_ORIGINS", "http://app.localhost:8081")]).await;
    let headers = [("x-forwarded-proto", "http"), ("x-forwarded-host", "app.localhost:8081")];
    for (path, reason) in [
        ("/gate/nginx?role=%00", "unknown_rule"),
        ("/gate/forward?role=a%ff", "unknown_rule"),
        ("/.authflow/ticket?ticket=%00", "unreadable_address"),
        ("/.authflow/ticket?ticket=x&to=%C3", "unreadable_address"),
    ] {
        let page = app.browser().send(Method::GET, path, &headers, None).await;
        page.is(403);
        assert_eq!(page.header("authflow-reason"), reason, "{path}");
    }
}

#[tokio::test]
async fn all_wrong_fields_are_told_at_once() {
    let app = TestApp::start().await;
    let ada = app.person(ADA).await;
    let wrong = [
        ("username", " "),
        ("email", "ada @example.org"),
        ("password", "short"),
        ("confirm_password", "shorter"),
    ];
    let page = app.browser().press("/auth/register", "Create account", &wrong).await;
    page.is(422).says("Enter a name").says("a space after “ada”");
    page.says("Use at least 8 characters.").says("The passwords do not match.");
    // A weak password is told, whether the address has an account or not.
    for email in [ADA, "new@example.org"] {
        let weak = [
            ("username", ""),
            ("email", email),
            ("password", "password1"),
            ("confirm_password", "password1"),
        ];
        let page = app.browser().press("/auth/register", "Create account", &weak).await;
        page.is(422).says("Enter a name").says("too easy to guess");
        assert_eq!(page.select("[aria-invalid]").len(), 2, "{email}");
    }
    let fields = [("current_password", ""), ("password", "short"), ("confirm_password", "")];
    let page = ada.press("/profile/password", "Change password", &fields).await;
    page.is(422).says("Use at least 8 characters.").says("Enter the password again.");
    assert_eq!(page.select("[aria-invalid]").len(), 3);
    let fields = [("current_password", ""), ("password", ""), ("confirm_password", "")];
    let page = ada.press("/profile/password", "Change password", &fields).await;
    page.is(422).says("Enter your current password.").says("Enter a password.");
}

#[tokio::test]
async fn the_api_names_all_wrong_fields_at_once() {
    let app = TestApp::start().await;
    let (_, link) = reset_link(&app).await;
    let api = app.api().await;
    for password in ["short", "password1", ""] {
        let body = json!({ "username": "", "email": "x", "password": password });
        let refused = api.post("/api/auth/register", body).await;
        refused.names(&["email", "password", "username"]);
        let token = link.rsplit('/').next().unwrap();
        let body = json!({ "token": token, "password": password, "code": "x" });
        api.post("/api/auth/reset-password", body).await.names(&["code", "password"]);
    }
    let body = json!({ "password": "short", "code": "x" });
    api.post("/api/auth/reset-password", body).await.names(&["code", "password", "token"]);
}

#[tokio::test]
async fn a_reset_form_tells_all_wrong_fields_at_once() {
    let app = TestApp::start().await;
    let (browser, link) = reset_link(&app).await;
    for (password, says) in [("short", "Use at least 8"), ("password1", "too easy to guess")] {
        let fields = [("password", password), ("confirm_password", "other")];
        let page = browser.press(&link, "Set password", &fields).await;
        page.is(422).says(says).says("The passwords do not match.");
    }
}
