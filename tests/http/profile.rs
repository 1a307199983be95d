//! A user's own account pages: profile, name and password.

use super::support::*;

const PAGES: [&str; 8] = [
    "/dashboard",
    "/profile",
    "/profile/email",
    "/profile/password",
    "/profile/two-factor",
    "/profile/sessions",
    "/profile/activity",
    "/profile/delete",
];

#[tokio::test]
async fn a_user_changes_the_name() {
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    let page = browser.get("/profile").await;
    assert_eq!(page.is(200).value("username").as_deref(), Some("Ada Lovelace"));
    let name = "<script>alert(1)</script> & \"Ada\" {{7*7}}";
    browser.press_on(&page, "Save", &[("username", name)]).await.goes_to("/profile");
    let page = browser.get("/profile").await;
    page.is(200).says("Your profile has been saved.");
    assert_eq!(page.value("username").as_deref(), Some(name));
    for path in PAGES {
        let page = browser.get(path).await;
        assert!(page.is(200).select("script").is_empty(), "{path}");
    }
    browser.get("/dashboard").await.says(&format!("Hello, {name}"));
    let refused = browser.press("/profile", "Save", &[("username", "  ")]).await;
    refused.is(422).says("Enter a name");
    let refused = browser.press("/profile", "Save", &[("username", &"x".repeat(65))]).await;
    refused.is(422).says("too long (at most 64 characters)");
    assert_eq!(refused.value("username").as_deref(), Some("x".repeat(65).as_str()));
}

#[tokio::test]
async fn visitors_have_no_profile() {
    let app = TestApp::start().await;
    let browser = app.browser();
    for path in PAGES.into_iter().chain(["/profile/export"]) {
        let login = format!("/auth/login?return_to={}", path.replace('/', "%2F"));
        browser.get(path).await.goes_to(&login);
    }
    let lost = browser.post("/profile", &[("username", "Eve")]).await;
    lost.goes_to("/auth/login?return_to=%2Fprofile&unsaved=on");
    browser.get(lost.header("location")).await.is(200).says("your changes were not saved");
    browser.get("/auth/login?return_to=%2Fprofile").await.says("Sign in to see this page.");
    // Addresses that only accept forms redirect to the page with the form.
    for (path, page) in [
        ("/profile/two-factor/disable", "/profile/two-factor"),
        ("/profile/two-factor/recovery-codes/download", "/profile/two-factor"),
        ("/profile/sessions/revoke-others", "/profile/sessions"),
        ("/profile/sessions/revoke", "/profile/sessions"),
        ("/profile/email/withdraw", "/profile/email"),
        ("/profile/delete", "/profile/delete"),
    ] {
        let back = format!("/auth/login?return_to={}&unsaved=on", page.replace('/', "%2F"));
        browser.post(path, &[]).await.goes_to(&back);
    }
}

#[tokio::test]
async fn every_signed_in_page_has_a_sign_out_button() {
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    for path in PAGES {
        let page = browser.get(path).await;
        assert_eq!(page.form("Sign out").action, "/auth/logout");
        let here = page.select("nav[aria-label='Account settings'] [aria-current=page]");
        assert_eq!(here.len(), usize::from(path != "/dashboard"), "{path}");
    }
}

#[tokio::test]
async fn a_password_change_ends_other_sessions_and_links() {
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    let elsewhere = app.browser();
    elsewhere.sign_in(ADA, PASSWORD).await.goes_to("/dashboard");
    elsewhere.press("/auth/forgot-password", "Send reset link", &[("email", ADA)]).await;
    let reset = app.path_in(ADA, "reset your password").await;
    let ask = [("email", "ada@new.example.org")];
    browser.press("/profile/email", "Change email", &ask).await.goes_to("/profile/email");
    let confirm = app.path_in("ada@new.example.org", "confirm your new email address").await;
    elsewhere.press("/auth/forgot-password", "Send reset link", &[("email", ADA)]).await; // queued

    browser
        .press("/profile/password", "Change password", &CHANGE)
        .await
        .goes_to("/profile/password");
    browser.get("/profile/password").await.says("Your password has been changed");
    assert!(browser.is_signed_in().await && !elsewhere.is_signed_in().await);
    elsewhere.get("/auth/login").await.says("your account has a new password");
    elsewhere.get(&reset).await.is(410);
    browser.get(&confirm).await.is(410);
    assert!(!browser.get("/profile/email").await.body.contains("ada@new.example.org"));
    let subjects = app.subjects(ADA).await;
    assert_eq!(
        subjects.iter().filter(|it| *it == "reset your password").count(),
        1,
        "{subjects:?}"
    );
    assert_eq!(subjects.last().unwrap(), "your password was changed");
    app.browser().sign_in(ADA, PASSWORD).await.is(401);

    // The browser that changed it is still known.
    let before = app.mails().await.len();
    browser.press("/dashboard", "Sign out", &[]).await;
    browser.sign_in(ADA, NEW_PASSWORD).await.goes_to("/dashboard");
    assert_eq!(app.mails().await.len(), before);
}

#[tokio::test]
async fn a_password_change_needs_the_old_password_and_a_different_strong_one() {
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    let change = async |current: &str, new: &str, again: &str| {
        let fields =
            [("current_password", current), ("password", new), ("confirm_password", again)];
        browser.press("/profile/password", "Change password", &fields).await
    };
    change("", "", "").await.is(422).says("Enter a password.");
    let wrong = change("not the one at all", NEW_PASSWORD, NEW_PASSWORD).await;
    wrong.is(401).says("This is not your password.");
    assert!(!wrong.body.contains(NEW_PASSWORD) && !wrong.body.contains("not the one"));
    change(PASSWORD, NEW_PASSWORD, "another").await.is(422).says("do not match");
    change(PASSWORD, "password1", "password1").await.is(422).says("too easy to guess");
    change(PASSWORD, PASSWORD, PASSWORD).await.is(422).says("This is your current password");
    browser.post("/profile/password", &CHANGE).await.is(403).says("This page had expired");
    app.browser().sign_in(ADA, PASSWORD).await.goes_to("/dashboard");
    // Guesses are limited as at sign-in.
    let mut statuses = Vec::new();
    for _ in 0..7 {
        statuses
            .push(change("wrong, surely wrong", NEW_PASSWORD, NEW_PASSWORD).await.status.as_u16());
    }
    assert!(statuses.contains(&429), "{statuses:?}");
}

#[tokio::test]
async fn of_two_parallel_password_changes_one_succeeds() {
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    let page = browser.get("/profile/password").await;
    let form = page.form("Change password");
    let posts = (0..4).map(|n| {
        let password = format!("{NEW_PASSWORD} {n}");
        let fields = [
            ("current_password", PASSWORD),
            ("password", &password),
            ("confirm_password", &password),
        ];
        let (browser, body) = (browser.clone(), encode(&form.filled(&fields)));
        let post = async move { browser.post_raw("/profile/password", body).await.status };
        tokio::spawn(async move { (post.await.as_u16(), password) })
    });
    let mut winners = Vec::new();
    for post in posts.collect::<Vec<_>>() {
        match post.await.unwrap() {
            (303, password) => winners.push(password),
            (status, _) => assert_eq!(status, 401),
        }
    }
    assert_eq!(winners.len(), 1);
    app.browser().sign_in(ADA, &winners[0]).await.goes_to("/dashboard");
}

#[tokio::test]
async fn the_correct_password_does_not_count_as_a_guess() {
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    let token = browser.get("/profile").await.value("csrf_token").unwrap();
    for _ in 0..8 {
        app.wait(15 * 60);
        let fields = [("csrf_token", token.as_str()), ("password", PASSWORD)];
        browser.post("/auth/confirm-password", &fields).await.goes_to("/profile");
    }
    let weak = [
        ("current_password", PASSWORD),
        ("password", "password1"),
        ("confirm_password", "password1"),
    ];
    for _ in 0..8 {
        browser.press("/profile/password", "Change password", &weak).await.is(422);
    }
    browser
        .press("/profile/password", "Change password", &CHANGE)
        .await
        .goes_to("/profile/password");
    let authenticator = browser.enable_two_factor(&app).await;
    for _ in 0..8 {
        let fields = [("password", NEW_PASSWORD), ("code", "000000")];
        browser
            .press("/profile/delete?confirm=on", "Delete my account", &fields)
            .await
            .is(401)
            .says("That code is wrong");
        app.wait(300);
    }
    let fields = [("password", NEW_PASSWORD), ("code", &authenticator.code(&app))];
    browser
        .press("/profile/delete?confirm=on", "Delete my account", &fields)
        .await
        .goes_to("/auth/login");
}

#[tokio::test]
async fn pages_that_cannot_be_undone_ask_first() {
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    browser.enable_two_factor(&app).await;
    for (list, link, question) in [
        ("/profile/delete", "/profile/delete?confirm=on", "Delete your account?"),
        (
            "/profile/two-factor",
            "/profile/two-factor?turn_off=on",
            "Turn off two-factor authentication?",
        ),
    ] {
        let page = browser.get(list).await;
        assert_eq!(page.is(200).select(&format!(".deeds a.danger[href='{link}']")).len(), 1);
        let asks = browser.get(link).await;
        assert_eq!(asks.is(200).inside("h1"), question);
        assert_eq!(asks.select(".acts button.danger ~ a.second")[0]["href"], list, "cancel");
    }
}
