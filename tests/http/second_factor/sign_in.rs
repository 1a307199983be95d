//! The step with the code, after the password or a reset link.

use super::super::support::*;
use super::{first_step, second_step};

#[tokio::test]
async fn the_password_alone_creates_no_session() {
    let app = TestApp::start().await;
    let owner = app.person(ADA).await;
    let authenticator = owner.enable_two_factor(&app).await;
    let sessions = app.rows("sessions").await;
    let thief = app.browser();
    let page = first_step(&thief, ADA).await;
    assert_eq!(app.rows("sessions").await, sessions);
    for path in ["/dashboard", "/profile", "/profile/two-factor", "/profile/export"] {
        assert!(thief.get(path).await.header("location").starts_with("/auth/login"), "{path}");
    }
    // A correct code without the password first.
    let stranger = app.browser();
    let token = stranger.get("/auth/login").await.value("csrf_token").unwrap();
    let code = authenticator.code(&app);
    let fields = [("csrf_token", token.as_str()), ("code", &code)];
    stranger.post("/auth/two-factor", &fields).await.goes_to("/auth/login");
    stranger.get("/auth/two-factor").await.goes_to("/auth/login");
    assert!(!stranger.is_signed_in().await);
    // The state belongs to one browser and does not work with another cookie.
    stranger.set_cookie("authflow-session", &"A".repeat(64));
    stranger.post("/auth/two-factor", &fields).await.goes_to("/auth/login");
    // The code must be entered within 10 minutes.
    app.wait(600);
    let late = thief.press_on(&page, "Sign in", &[("code", &authenticator.shows(&app, 0))]).await;
    late.goes_to("/auth/login");
    thief.get("/auth/login").await.says("Sign in again");
    assert!(!thief.is_signed_in().await);
}

#[tokio::test]
async fn a_code_works_once_and_at_most_one_step_early_or_late() {
    let app = TestApp::start().await;
    let authenticator = app.person(ADA).await.enable_two_factor(&app).await;
    app.wait(300);
    for steps in [-3, -2, 2, 3] {
        let browser = app.browser();
        first_step(&browser, ADA).await;
        second_step(&browser, &authenticator.shows(&app, steps)).await.is(401);
        app.wait(60); // past the rate limit on wrong codes
    }
    for steps in [-1, 0, 1] {
        let browser = app.browser();
        first_step(&browser, ADA).await;
        let code = authenticator.shows(&app, steps);
        second_step(&browser, &code).await.goes_to("/dashboard");
        let again = app.browser();
        first_step(&again, ADA).await;
        second_step(&again, &code).await.is(401).says("That code is wrong");
        app.wait(90);
    }
    // Using a later code invalidates earlier ones.
    let browser = app.browser();
    first_step(&browser, ADA).await;
    second_step(&browser, &authenticator.shows(&app, 1)).await.goes_to("/dashboard");
    let browser = app.browser();
    first_step(&browser, ADA).await;
    second_step(&browser, &authenticator.shows(&app, 0)).await.is(401);
}

#[tokio::test]
async fn of_parallel_requests_with_one_code_one_succeeds() {
    let app = TestApp::start().await;
    let authenticator = app.person(ADA).await.enable_two_factor(&app).await;
    for code in [authenticator.code(&app), authenticator.recovery_codes[0].clone()] {
        let mut posts = Vec::new();
        for _ in 0..8 {
            let browser = app.browser();
            let page = first_step(&browser, ADA).await;
            let body = encode(&page.form("Sign in").filled(&[("code", &code)]));
            posts.push((browser, body));
        }
        // Without the rate limits, so that only the code decides.
        app.change("DELETE FROM throttles").await;
        let posts = posts.into_iter().map(|(browser, body)| {
            tokio::spawn(
                async move { browser.post_raw("/auth/two-factor", body).await.status.as_u16() },
            )
        });
        let mut statuses = Vec::new();
        for post in posts.collect::<Vec<_>>() {
            statuses.push(post.await.unwrap());
        }
        assert_eq!(statuses.iter().filter(|it| **it == 303).count(), 1, "{statuses:?}");
    }
}

#[tokio::test]
async fn wrong_codes_are_limited_per_account() {
    let app = TestApp::start().await;
    let owner = app.person(ADA).await;
    let authenticator = owner.enable_two_factor(&app).await;
    let codes = |n: u32| format!("{n:06}");
    let mut statuses = Vec::new();
    for n in 0..7 {
        // A new browser each time, since the count belongs to the account.
        let browser = app.browser();
        first_step(&browser, ADA).await;
        statuses.push(second_step(&browser, &codes(n)).await.status.as_u16());
    }
    assert_eq!(statuses[..5], [401; 5]);
    assert_eq!(statuses[6], 429);
    let stranger = app.browser();
    first_step(&stranger, ADA).await;
    let page = second_step(&stranger, &authenticator.code(&app)).await;
    assert!(page.status.as_u16() == 303 || number::<u64>(&page, "retry-after").is_some());

    // The owner's browser has its own count and is not limited.
    let browser = app.browser();
    first_step(&browser, ADA).await;
    loop {
        let page = second_step(&browser, "000000").await;
        match number::<u64>(&page, "retry-after") {
            Some(wait) if wait > 120 => break,
            Some(wait) => app.wait(wait),
            None => drop(page.is(401)),
        }
    }
    owner.press("/dashboard", "Sign out", &[]).await;
    first_step(&owner, ADA).await;
    second_step(&owner, &authenticator.code(&app)).await.goes_to("/dashboard");
}

#[tokio::test]
async fn a_sign_in_in_progress_does_not_survive_a_security_change() {
    let app = TestApp::start().await;
    let owner = app.person(ADA).await;
    let authenticator = owner.enable_two_factor(&app).await;
    // The password is changed between password and code.
    let slow = app.browser();
    let page = first_step(&slow, ADA).await;
    owner.press("/profile/password", "Change password", &CHANGE).await.goes_to("/profile/password");
    let code = authenticator.code(&app);
    slow.press_on(&page, "Sign in", &[("code", &code)]).await.goes_to("/auth/login");
    assert!(!slow.is_signed_in().await);

    // The second factor is enabled while a password is being checked.
    let app = TestApp::start().await;
    let owner = app.person(ADA).await;
    let held = app.hold_sign_in(ADA).await;
    owner.enable_two_factor(&app).await;
    let answer = held.response().await;
    assert!(!answer.set_cookies().contains_key("authflow-refresh"), "{}", answer.text());
}

#[tokio::test]
async fn a_password_reset_requires_the_code() {
    let app = TestApp::start().await;
    let owner = app.person(ADA).await;
    let authenticator = owner.enable_two_factor(&app).await;
    let browser = app.browser();
    let ask = [("email", ADA)];
    browser
        .press("/auth/forgot-password", "Send reset link", &ask)
        .await
        .goes_to("/auth/check-mail");
    let link = app.path_in(ADA, "reset your password").await;
    let set = async |code: &str| {
        let fields =
            [("password", NEW_PASSWORD), ("confirm_password", NEW_PASSWORD), ("code", code)];
        browser.press(&link, "Set password", &fields).await
    };
    set("").await.is(422).says("Enter the code.");
    set("000000").await.is(401).says("That code is wrong");
    // Omitting the field does not help.
    let page = browser.get(&link).await;
    let token = page.value("csrf_token").unwrap();
    let fields = [
        ("csrf_token", token.as_str()),
        ("password", NEW_PASSWORD),
        ("confirm_password", NEW_PASSWORD),
    ];
    browser.post(&link, &fields).await.is(422);
    assert!(owner.is_signed_in().await, "nothing has changed yet");
    // A rejected password does not use up the code.
    let code = authenticator.code(&app);
    let weak = [("password", "password1"), ("confirm_password", "password1"), ("code", &code)];
    browser.press(&link, "Set password", &weak).await.is(422).says("too easy to guess");
    set(&code).await.goes_to("/auth/login");
    assert!(!owner.is_signed_in().await);
    browser.sign_in(ADA, NEW_PASSWORD).await.goes_to("/auth/two-factor");
    second_step(&browser, &code).await.is(401);
    second_step(&browser, &authenticator.recovery_codes[0]).await.goes_to("/dashboard");
}

#[tokio::test]
async fn the_return_address_survives_the_code_page() {
    let app = TestApp::start().await;
    let authenticator = app.person(ADA).await.enable_two_factor(&app).await;
    let browser = app.browser();
    let login = browser.get("/profile/activity").await.header("location").to_owned();
    let fields = [("email", ADA), ("password", PASSWORD), ("remember", "on")];
    browser.press(&login, "Sign in", &fields).await.goes_to("/auth/two-factor");
    second_step(&browser, "000000").await.is(401);
    let done = second_step(&browser, &authenticator.code(&app)).await;
    done.goes_to("/profile/activity");
    assert!(done.set_cookies()["authflow-refresh"].contains("Max-Age=2592000"), "remembered");
}

#[tokio::test]
async fn a_browser_state_planted_before_sign_in_is_useless_afterwards() {
    let app = TestApp::start().await;
    let authenticator = app.person(ADA).await.enable_two_factor(&app).await;
    let attacker = app.browser();
    attacker.sign_up("eve@example.org").await.goes_to("/auth/check-mail");
    let planted = attacker.cookie("authflow-session").unwrap();
    let victim = app.browser();
    victim.set_cookie("authflow-session", &planted);
    victim.sign_in(ADA, PASSWORD).await.goes_to("/auth/two-factor");
    assert_ne!(victim.cookie("authflow-session").unwrap(), planted);
    attacker.get("/auth/two-factor").await.goes_to("/auth/login");
    second_step(&victim, &authenticator.code(&app)).await.goes_to("/dashboard");
}
