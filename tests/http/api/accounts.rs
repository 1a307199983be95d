//! Sign-up, sign-in and password reset.

use authflow::domain::audit_event::{Event, Outcome};
use authflow::domain::sign_in::amr::Method;
use authflow::domain::sign_in::session::EndReason;
use serde_json::json;

use crate::support::*;

#[tokio::test]
async fn an_account_goes_from_sign_up_to_sign_out() {
    let app = TestApp::start().await;
    let mut api = app.api().await;
    api.register(ADA).await.is(202).says("mail");
    api.login(ADA, PASSWORD).await.refuses(401, "wrong_credentials").says("confirmed");

    // The link opens a page that asks for the password, since no browser signed up.
    let link = app.mailed_path(ADA).await;
    let browser = app.browser();
    let confirmed = browser.press(&link, "Confirm and sign in", &[("password", PASSWORD)]);
    confirmed.await.goes_to("/dashboard");

    let answer = api.login(ADA, PASSWORD).await;
    answer.is(200);
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.value["expiresIn"], 300);
    let user = &answer.value["user"];
    assert_eq!((&user["username"], &user["email"]), (&json!("Ada Lovelace"), &json!(ADA)));
    let profile = api.get("/api/auth/profile").await;
    assert_eq!(
        profile.is(200).value["user"],
        json!({
            "id": user["id"], "username": "Ada Lovelace", "handle": "ada", "email": ADA, "emailVerified": true,
            "roles": [],
        })
    );
    api.refresh().await.is(200);
    assert!(api.is_signed_in().await);

    api.press("/api/auth/logout").await.is(200);
    assert!(!api.is_signed_in().await, "the token stops working at once, before its expiry");
    api.press("/api/auth/logout").await.refuses(401, "invalid_token");
    api.refresh().await.refuses(401, "session_ended");
    assert_eq!(app.sessions_ended_by(ADA, EndReason::SignedOut).await, 1);
}

#[tokio::test]
async fn sign_up_gives_the_same_response_for_known_and_unknown_addresses() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    let api = app.api().await;
    let known = api.register(ADA).await;
    let unknown = api.register("eve@example.org").await;
    assert_eq!((known.is(202).status, &known.value), (unknown.status, &unknown.value));
    assert_eq!(app.subjects(ADA).await.last().unwrap(), "you already have an account");
    assert_eq!(app.subjects("eve@example.org").await, ["confirm your email address"]);
}

#[tokio::test]
async fn without_email_verification_the_account_is_ready_but_not_signed_in() {
    let app = TestApp::with(&[("EMAIL_VERIFICATION", "off")]).await;
    let mut api = app.api().await;
    let registered = api.register(ADA).await;
    let user = &registered.is(201).value["user"];
    assert_eq!((&user["username"], &user["email"]), (&json!("Ada Lovelace"), &json!(ADA)));
    assert_eq!(app.rows("sessions").await, 0);
    api.register("Ada@Example.org").await.names(&["email"]).says("has an account");
    let signed_in = api.login(ADA, PASSWORD).await;
    assert_eq!(signed_in.is(200).value["user"], *user);
    assert_eq!(app.rows("sessions").await, 1);
}

#[tokio::test]
async fn sign_ups_are_refused_while_registration_is_closed() {
    let app = TestApp::with(&[("REGISTRATION", "closed")]).await;
    app.api().await.register(ADA).await.refuses(403, "registration_closed");
    assert_eq!(app.rows("users").await, 0);
}

#[tokio::test]
async fn all_field_errors_are_reported_at_once() {
    let app = TestApp::start().await;
    let api = app.api().await;
    for (body, fields) in [
        (json!({}), &["email", "password", "username"][..]),
        (
            json!({ "username": " ", "email": "ada", "password": "" }),
            &["email", "password", "username"],
        ),
        (json!({ "username": 1, "email": ["x"], "password": PASSWORD }), &["email", "username"]),
        (json!({ "username": "Ada", "email": ADA, "password": null }), &["password"]),
        (json!({ "username": "Ada", "email": ADA, "password": "short" }), &["password"]),
        (json!({ "username": "Ada", "email": ADA, "password": "password1" }), &["password"]),
        (json!({ "username": "A\u{0}da", "email": ADA, "password": PASSWORD }), &["username"]),
        (
            json!({ "username": "Ada", "email": ADA, "password": "quiet\u{0}lanterns" }),
            &["password"],
        ),
    ] {
        api.post("/api/auth/register", body).await.names(fields);
    }
    let weak = json!({ "username": "Ada", "email": ADA, "password": "ada@example.org" });
    api.post("/api/auth/register", weak).await.names(&["password"]).says("easy to guess");
    assert_eq!(app.rows("users").await, 0);
    for (path, fields) in [
        ("/api/auth/login", &["email", "password"][..]),
        ("/api/auth/refresh", &["refreshToken"]),
        ("/api/auth/forgot-password", &["email"]),
        ("/api/auth/reset-password", &["password", "token"]),
    ] {
        api.post(path, json!({})).await.names(fields);
    }
    let code = json!({ "email": ADA, "password": PASSWORD, "code": "12345" });
    api.post("/api/auth/login", code).await.names(&["code"]);
}

#[tokio::test]
async fn a_refused_sign_in_does_not_say_why() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    app.browser().sign_up("eve@example.org").await;
    let mut api = app.api().await;
    let answers = [
        api.login(ADA, "wrong").await,
        api.login("nobody@example.org", PASSWORD).await,
        api.login("eve@example.org", PASSWORD).await,
    ];
    app.disable(ADA).await;
    let disabled = api.login(ADA, PASSWORD).await;
    for answer in answers.iter().chain([&disabled]) {
        answer.refuses(401, "wrong_credentials");
        assert_eq!(answer.header("www-authenticate"), "Bearer");
        assert_eq!(answer.value, disabled.value);
    }
}

#[tokio::test]
async fn guesses_are_limited_as_on_the_sign_in_page() {
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    let mut api = app.api().await;
    for _ in 0..5 {
        api.login(ADA, "wrong").await.refuses(401, "wrong_credentials");
    }
    let refused = api.login(ADA, PASSWORD).await;
    refused.refuses(429, "too_many_requests").says("attempts to sign in");
    let wait: u64 = refused.header("retry-after").parse().unwrap();
    app.browser().sign_in(ADA, PASSWORD).await.is(429);
    // The owner's browser is not limited.
    browser.press("/dashboard", "Sign out", &[]).await;
    browser.sign_in(ADA, PASSWORD).await.goes_to("/dashboard");
    app.wait(wait);
    api.login(ADA, PASSWORD).await.is(200);
}

#[tokio::test]
async fn a_flood_is_refused_without_a_query() {
    let app = TestApp::start().await;
    let api = app.api().await;
    for _ in 0..240 {
        api.press("/api/auth/logout").await.refuses(401, "token_required");
    }
    api.press("/api/auth/logout").await.refuses(429, "too_many_requests");
    api.delete("/api/auth/sessions/x").await.refuses(429, "too_many_requests");
    api.get("/api/auth/profile").await.refuses(401, "token_required");
    app.wait(60);
    api.press("/api/auth/logout").await.refuses(401, "token_required");
}

#[tokio::test]
async fn the_owner_is_notified_when_a_program_signs_in() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    app.signed_in_api().await;
    assert_eq!(app.subjects(ADA).await.last().unwrap(), "new sign-in to your account");
    let mut entries = app.audit_entries(Event::SignedIn).await;
    entries.retain(|entry| entry.outcome == Outcome::Success);
    assert_eq!(entries.len(), 2);

    // Only so many times: some programs sign in all the time.
    for _ in 0..15 {
        app.signed_in_api().await;
    }
    let told = async || {
        app.subjects(ADA).await.iter().filter(|it| *it == "new sign-in to your account").count()
    };
    assert_eq!(told().await, 3);
    app.wait(86_400);
    app.signed_in_api().await;
    assert_eq!(told().await, 4);
}

#[tokio::test]
async fn the_second_factor_is_required() {
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    let authenticator = browser.enable_two_factor(&app).await;
    let mut api = app.api().await;
    let before = app.rows("sessions").await;
    api.login(ADA, PASSWORD).await.refuses(401, "two_factor_required");
    api.login(ADA, "wrong").await.refuses(401, "wrong_credentials");
    let other_api = api.clone();
    let with = async |code: &str, password: &str| {
        let body = json!({ "email": ADA, "password": password, "code": code });
        other_api.post("/api/auth/login", body).await
    };
    with("", PASSWORD).await.refuses(401, "two_factor_required");
    let code = authenticator.code(&app);
    with(&code, "wrong").await.refuses(401, "wrong_credentials");
    let other = format!("{:06}", (code.parse::<u32>().unwrap() + 1) % 1_000_000);
    with(&other, PASSWORD).await.refuses(401, "wrong_code").says("That code is wrong");
    assert_eq!(app.rows("sessions").await, before);
    let answer = with(&code, PASSWORD).await;
    answer.is(200);
    with(&code, PASSWORD).await.refuses(401, "wrong_code"); // already used
    let recovery = authenticator.recovery_codes[0].clone();
    api.keep(with(&recovery, PASSWORD).await).is(200);
    assert!(api.is_signed_in().await);
    with(&recovery, PASSWORD).await.refuses(401, "wrong_code").says("recovery code");
    let mut sessions = app.sessions(ADA).await;
    sessions.retain(|session| session.amr.has(Method::Mfa));
    assert_eq!(sessions.len(), 3);
    for _ in 0..3 {
        with(&other, PASSWORD).await.refuses(401, "wrong_code");
    }
    with(&authenticator.code(&app), PASSWORD).await.is(200);
    for _ in 0..5 {
        with(&other, PASSWORD).await.refuses(401, "wrong_code");
    }
    with(&other, PASSWORD).await.refuses(429, "too_many_requests").says("codes tried");
}

#[tokio::test]
async fn a_forgotten_password_is_reset() {
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    let mut api = app.signed_in_api().await;
    let ask = async |body| api.post("/api/auth/forgot-password", body).await;
    let known = ask(json!({ "email": ADA })).await;
    let alias = ask(json!({ "userEmail": ADA })).await;
    let unknown = ask(json!({ "email": "nobody@example.org" })).await;
    for answer in [&known, &alias, &unknown] {
        assert_eq!(answer.is(202).value, known.value);
    }
    ask(json!({ "email": ADA, "userEmail": ADA })).await.names(&["userEmail"]);
    ask(json!({ "userEmail": "ada" })).await.names(&["userEmail"]);
    ask(json!({ "email": 1 })).await.names(&["email"]);
    ask(json!({ "user_email": ADA })).await.names(&["user_email"]);
    ask(json!({ "userEmail": 5 })).await.names(&["userEmail"]);
    ask(json!({})).await.names(&["email"]);
    ask(json!({ "email": ADA, "userEmail": 5 })).await.names(&["userEmail"]);
    let subjects = app.subjects(ADA).await;
    let links = subjects.iter().filter(|it| *it == "reset your password").count();
    assert_eq!(links, 1, "at most one every 10 minutes");
    assert!(app.subjects("nobody@example.org").await.is_empty());

    let link = app.path_in(ADA, "reset your password").await;
    let token = link.rsplit('/').next().unwrap();
    let reset = async |token: &str, password: &str| {
        let body = json!({ "token": token, "password": password });
        api.post("/api/auth/reset-password", body).await
    };
    reset(token, "password1").await.names(&["password"]).says("easy to guess");
    reset(&token[1..], NEW_PASSWORD).await.refuses(410, "invalid_link");
    reset(&"A".repeat(43), NEW_PASSWORD).await.refuses(410, "invalid_link");
    assert!(api.is_signed_in().await, "a refused request changes nothing");
    reset(token, NEW_PASSWORD).await.is(200);
    reset(token, NEW_PASSWORD).await.refuses(410, "invalid_link");
    assert!(!api.is_signed_in().await && !browser.is_signed_in().await, "everywhere");
    api.refresh().await.refuses(401, "session_ended");
    api.login(ADA, PASSWORD).await.refuses(401, "wrong_credentials");
    api.login(ADA, NEW_PASSWORD).await.is(200);
}

#[tokio::test]
async fn a_password_reset_requires_the_second_factor() {
    let app = TestApp::start().await;
    let authenticator = app.person(ADA).await.enable_two_factor(&app).await;
    let api = app.api().await;
    api.post("/api/auth/forgot-password", json!({ "email": ADA })).await.is(202);
    let link = app.path_in(ADA, "reset your password").await;
    let token = link.rsplit('/').next().unwrap().to_owned();
    let reset = async |code: Option<&str>| {
        let body = json!({ "token": token, "password": NEW_PASSWORD, "code": code });
        api.post("/api/auth/reset-password", body).await
    };
    for _ in 0..10 {
        reset(None).await.refuses(401, "two_factor_required"); // a missing code does not count as a try
    }
    let code = authenticator.code(&app);
    let other = format!("{:06}", (code.parse::<u32>().unwrap() + 1) % 1_000_000);
    reset(Some(&other)).await.refuses(401, "wrong_code");
    reset(Some(&code)).await.is(200);
    reset(Some(&code)).await.refuses(410, "invalid_link");
}

#[tokio::test]
async fn the_response_does_not_change_once_a_network_reaches_the_reset_limit() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    let api = app.api().await;
    for n in 0..30 {
        let body = json!({ "email": format!("{n}@example.org") });
        api.post("/api/auth/forgot-password", body).await.is(202);
    }
    api.post("/api/auth/forgot-password", json!({ "email": ADA })).await.is(202);
    app.path_in(ADA, "reset your password").await;
}
