//! Sign-in and sign-out.

use super::support::*;

#[tokio::test]
async fn a_user_signs_out_and_in_again() {
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    let copy = browser.copy();
    let signed_out = browser.press("/dashboard", "Sign out", &[]).await;
    signed_out.goes_to("/auth/login");
    assert!(signed_out.set_cookies()["authflow-refresh"].contains("Max-Age=0"));
    browser.get("/auth/login").await.says("You are signed out.");
    assert!(!browser.is_signed_in().await && browser.cookie("authflow-refresh").is_none());
    assert!(!copy.is_signed_in().await, "the session has ended, not only the cookie");

    browser.sign_in("ADA@Example.org", PASSWORD).await.goes_to("/dashboard");
    assert!(browser.is_signed_in().await);
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_address_get_the_same_response() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    let wrong = app.browser().sign_in(ADA, "not the right one at all").await;
    let unknown = app.browser().sign_in("eve@example.org", "not the right one at all").await;
    let neutral = |page: &Page| page.without_ids().replace("eve@example.org", ADA);
    wrong.is(401).says("Wrong email, handle or password");
    unknown.is(401);
    assert_eq!(neutral(&wrong), neutral(&unknown));
    assert_eq!(wrong.value("email").as_deref(), Some(ADA), "the email address is kept");
    assert!(!wrong.body.contains("not the right one"), "except the password");
    assert!(wrong.set_cookies().is_empty() && unknown.set_cookies().is_empty());
}

#[tokio::test]
async fn signing_in_creates_a_new_session_and_ends_the_browsers_previous_one() {
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    let before = browser.copy();
    let page = browser.get("/dashboard").await;
    let token = page.form("Sign out").fields[0].1.clone();
    let fields = [("csrf_token", token.as_str()), ("email", ADA), ("password", PASSWORD)];
    browser.post("/auth/login", &fields).await.goes_to("/dashboard");
    assert_ne!(browser.cookie("authflow-refresh"), before.cookie("authflow-refresh"));
    assert!(browser.is_signed_in().await && !before.is_signed_in().await);

    // A session that an attacker planted before does not become the victim's.
    let planted = app.browser();
    planted.set_cookie("authflow-refresh", &before.cookie("authflow-refresh").unwrap());
    planted.sign_in(ADA, PASSWORD).await.goes_to("/dashboard");
    assert_ne!(planted.cookie("authflow-refresh"), before.cookie("authflow-refresh"));
}

#[tokio::test]
async fn staying_signed_in_is_optional() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    let (short, long) = (app.browser(), app.browser());
    let cookie =
        |page: Page| page.goes_to("/dashboard").set_cookies().remove("authflow-refresh").unwrap();
    assert!(!cookie(short.sign_in(ADA, PASSWORD).await).contains("Max-Age"));
    let fields = [("email", ADA), ("password", PASSWORD), ("remember", "on")];
    assert!(
        cookie(long.press("/auth/login", "Sign in", &fields).await).contains("Max-Age=2592000")
    );

    app.wait(12 * 3_600 - 1);
    assert!(short.is_signed_in().await, "seen within twelve hours");
    app.wait(12 * 3_600);
    assert!(!short.is_signed_in().await, "idle for twelve hours");
    assert!(long.is_signed_in().await);
    app.wait(7 * 86_400 - 1);
    assert!(long.is_signed_in().await, "seen within seven days");
    app.wait(7 * 86_400);
    assert!(!long.is_signed_in().await, "idle for seven days");
}

#[tokio::test]
async fn no_idle_lifetime_ends_a_session_early() {
    for (idle, seconds) in [("60s", 60), ("90s", 90), ("5m", 300)] {
        let app = TestApp::with(&[("SESSION_IDLE_TTL", idle)]).await;
        let browser = app.person(ADA).await;
        let mut api = app.signed_in_api().await;
        for pause in [1, seconds - 1, 2, seconds - 1, seconds / 2, seconds - 1, seconds - 10] {
            app.wait(pause);
            assert!(browser.is_signed_in().await, "{idle}: {pause}");
            if api.get("/api/auth/profile").await.status == 401 {
                api.refresh().await.is(200);
            }
        }
        app.wait(seconds);
        assert!(!browser.is_signed_in().await, "{idle}");
        api.refresh().await.is(401);
    }
}

#[tokio::test]
async fn no_session_outlives_its_absolute_lifetime() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    let browser = app.browser();
    let fields = [("email", ADA), ("password", PASSWORD), ("remember", "on")];
    browser.press("/auth/login", "Sign in", &fields).await.goes_to("/dashboard");
    for _ in 0..29 {
        app.wait(86_400);
        assert!(browser.is_signed_in().await);
    }
    app.wait(86_400);
    assert!(!browser.is_signed_in().await, "after thirty days");
}

#[tokio::test]
async fn a_protected_page_leads_through_sign_in_and_back() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    let browser = app.browser();
    let turned_away = browser.get("/profile?tab=a%26b").await;
    turned_away.goes_to("/auth/login?return_to=%2Fprofile%3Ftab%3Da%2526b");
    let login = turned_away.header("location").to_owned();
    let wrong =
        browser.press(&login, "Sign in", &[("email", ADA), ("password", "wrong, surely")]).await;
    wrong.is(401);
    let back = browser.press_on(&wrong, "Sign in", &[("email", ADA), ("password", PASSWORD)]).await;
    back.goes_to("/profile?tab=a%26b");

    // A signed-in visitor is redirected at once.
    browser.get(&login).await.goes_to("/profile?tab=a%26b");
    browser.get("/auth/login").await.goes_to("/dashboard");
    browser.get("/auth/register").await.goes_to("/dashboard");
    browser.get("/").await.goes_to("/dashboard");
    browser.get("/auth").await.goes_to("/auth/login");
    app.browser().get("/").await.goes_to("/auth/login");
}

#[tokio::test]
async fn sign_in_never_redirects_to_another_site() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    for target in [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "/\t/evil.example",
        "/.//evil.example",
        "javascript:alert(1)",
    ] {
        let browser = app.browser();
        let query = encode(&[("return_to", target)]);
        let page = browser.get(&format!("/auth/login?{query}")).await;
        assert_eq!(page.is(200).value("return_to").as_deref(), Some(""), "{target:?}");
        let fields = [("email", ADA), ("password", PASSWORD), ("return_to", target)];
        browser.press_on(&page, "Sign in", &fields).await.goes_to("/dashboard");
        browser.get(&format!("/auth/login?{query}")).await.goes_to("/dashboard");
    }
}

#[tokio::test]
async fn a_disabled_account_is_signed_out_at_once_and_cannot_sign_in() {
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    app.disable(ADA).await;
    assert!(!browser.is_signed_in().await);
    browser.sign_in(ADA, PASSWORD).await.is(401).says("Wrong email, handle or password");
    let before = app.mails().await.len();
    browser
        .press("/auth/forgot-password", "Send reset link", &[("email", ADA)])
        .await
        .goes_to("/auth/check-mail");
    assert_eq!(app.mails().await.len(), before);
}

#[tokio::test]
async fn a_sign_in_in_progress_does_not_survive_a_password_change() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    let browser = app.browser();
    browser.press("/auth/forgot-password", "Send reset link", &[("email", ADA)]).await;
    let link = app.mailed_path(ADA).await;
    let held = app.hold_sign_in(ADA).await;
    let fields = [("password", NEW_PASSWORD), ("confirm_password", NEW_PASSWORD)];
    browser.press(&link, "Set password", &fields).await.goes_to("/auth/login");
    let answer = held.response().await;
    answer.is(401);
    assert!(answer.set_cookies().is_empty());
}

#[tokio::test]
async fn signing_in_rehashes_the_password_at_the_configured_cost() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    let hash = async || app.password_hash(ADA).await;
    assert!(hash().await.contains("$m=8,t=1,p=1$"));
    let browser = app
        .beside(|app| {
            let mut passwords = app.config.passwords.clone();
            passwords.argon2 = argon2::Params::new(16, 2, 1, None).unwrap();
            app.hasher = authflow::hasher::Hasher::start(&passwords).unwrap();
        })
        .await;
    browser.sign_in(ADA, PASSWORD).await.goes_to("/dashboard");
    assert!(hash().await.contains("$m=16,t=2,p=1$"), "{}", hash().await);
    browser.press("/dashboard", "Sign out", &[]).await.goes_to("/auth/login");
    browser.sign_in(ADA, PASSWORD).await.goes_to("/dashboard");
}
