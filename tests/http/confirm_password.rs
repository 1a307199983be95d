//! Sensitive changes ask for the password again. The proof belongs to one session and browser.

use authflow::routes;
use reqwest::Method;

use super::support::*;

#[tokio::test]
async fn a_sensitive_form_asks_for_the_password_and_keeps_its_input() {
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    app.wait(15 * 60 - 1);
    browser
        .get("/auth/confirm-password?return_to=%2Fprofile%2Femail")
        .await
        .goes_to("/profile/email");
    app.wait(1);
    let new = [("email", "ada@new.example.org")];
    let asked = browser.press("/profile/email", "Change email", &new).await;
    asked.goes_to("/auth/confirm-password?return_to=%2Fprofile%2Femail");
    assert_eq!(app.subjects("ada@new.example.org").await.len(), 0, "nothing has changed yet");
    let page = browser.get(asked.header("location")).await;
    page.is(200).says("Confirm your password");
    let wrong = browser.press_on(&page, "Confirm", &[("password", "wrong, surely")]).await;
    wrong.is(401).says("This is not your password.");
    browser.press_on(&wrong, "Confirm", &[("password", "")]).await.is(422);
    let stale = browser.post("/auth/confirm-password", &[("return_to", "/profile/email")]).await;
    assert_eq!(stale.is(403).value("return_to").as_deref(), Some("/profile/email"));
    browser.press_on(&wrong, "Confirm", &[("password", PASSWORD)]).await.goes_to("/profile/email");
    let page = browser.get("/profile/email").await;
    assert_eq!(page.says("We kept what you entered.").value("email").as_deref(), Some(new[0].1));
    browser.press_on(&page, "Change email", &[]).await.goes_to("/profile/email");
    assert_eq!(app.subjects("ada@new.example.org").await, ["confirm your new email address"]);
    assert_eq!(
        browser.get("/profile/email").await.value("email").as_deref(),
        Some(""),
        "the input is kept once"
    );

    // The page with the key, and the forms that show while two-factor authentication is on.
    app.wait(15 * 60);
    let confirm = "/auth/confirm-password?return_to=%2Fprofile%2Ftwo-factor";
    browser.get("/profile/two-factor").await.goes_to(confirm);
    let done = browser.press(confirm, "Confirm", &[("password", PASSWORD)]).await;
    done.goes_to("/profile/two-factor");
    let authenticator = browser.enable_two_factor(&app).await;
    app.wait(15 * 60);
    let turn_off = "/profile/two-factor?turn_off=on";
    for (path, button) in [(turn_off, "Turn off"), ("/profile/two-factor", "Generate new codes")] {
        // These forms ask for the password as well.
        let fields = [("password", ""), ("code", &authenticator.code(&app))];
        browser.press(path, button, &fields).await.is(422);
    }
    browser.get("/profile/two-factor").await.is(200).says("You have 10 left");
    for target in ["https://evil.example/", "//evil.example", "/\\evil.example"] {
        let query = encode(&[("return_to", target)]);
        let page = browser.get(&format!("/auth/confirm-password?{query}")).await;
        assert_eq!(page.is(200).value("return_to").as_deref(), Some(""), "{target}");
    }
    let strangers = app.browser().get("/auth/confirm-password").await;
    assert!(strangers.header("location").starts_with("/auth/login"));
}

#[tokio::test]
async fn confirming_the_password_rotates_the_token_and_keeps_the_session() {
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    assert!(browser.is_signed_in().await); // confirms that the first token arrived
    app.wait(5 * 60); // not due for rotation yet
    let (copy, before) = (browser.copy(), browser.cookie("authflow-refresh").unwrap());
    let sessions = app.rows("sessions").await;
    browser
        .press("/profile/password", "Change password", &CHANGE)
        .await
        .goes_to("/profile/password");
    assert_ne!(browser.cookie("authflow-refresh").unwrap(), before);
    assert!(browser.is_signed_in().await);
    assert_eq!(app.rows("sessions").await, sessions);
    app.wait(61);
    assert!(!copy.is_signed_in().await, "a copy of the previous token is detected");

    // If the token was only just renewed, the next page rotates it, so concurrent tabs do not count as copies.
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    assert!(browser.is_signed_in().await);
    app.wait(15 * 60);
    let tab = browser.copy(); // a slow tab, which sent its request before the response below
    let page = browser.get("/auth/confirm-password").await;
    let renewed = browser.cookie("authflow-refresh").unwrap();
    assert_ne!(tab.cookie("authflow-refresh").unwrap(), renewed);
    browser.press_on(&page, "Confirm", &[("password", PASSWORD)]).await.goes_to("/profile");
    assert_eq!(browser.cookie("authflow-refresh").unwrap(), renewed);
    assert!(tab.is_signed_in().await);
    app.wait(60);
    assert!(browser.is_signed_in().await);
    assert_ne!(browser.cookie("authflow-refresh").unwrap(), renewed);
}

#[tokio::test]
async fn a_copy_of_the_cookies_does_not_share_the_confirmation() {
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    assert!(browser.is_signed_in().await);
    let confirm = "/auth/confirm-password?return_to=%2Fprofile%2Ftwo-factor";
    for settled in [false, true] {
        app.wait(15 * 60);
        let page = browser.get(confirm).await;
        if settled {
            app.wait(61);
            assert!(browser.is_signed_in().await);
        }
        // A thief with every cookie that the browser had until then, including the browser state.
        let ask = [("email", "ada@new.example.org")];
        browser.press("/profile/email", "Change email", &ask).await;
        let thief = browser.copy();
        assert!(thief.cookie("authflow-session").is_some());
        browser
            .press_on(&page, "Confirm", &[("password", PASSWORD)])
            .await
            .goes_to("/profile/two-factor");
        assert!(thief.is_signed_in().await, "a fresh copy is indistinguishable");
        thief.get("/profile/two-factor").await.goes_to(confirm);
        let ask = [("email", "thief@example.org")];
        let asked = thief.press("/profile/email", "Change email", &ask).await;
        assert!(asked.header("location").starts_with("/auth/confirm-password"));
        thief
            .get("/profile/export")
            .await
            .goes_to("/auth/confirm-password?return_to=%2Fprofile%2Fdelete");
        browser.get("/profile/two-factor").await.is(200).says("Add this account to your app");
        let thief = browser.copy(); // a copy made now includes the confirmation
        thief.get("/profile/two-factor").await.is(200);
    }
    // A password change confirms the password as well.
    app.wait(15 * 60);
    let thief = browser.copy();
    browser
        .press("/profile/password", "Change password", &CHANGE)
        .await
        .goes_to("/profile/password");
    browser.get("/profile/two-factor").await.is(200);
    thief.get("/profile/two-factor").await.goes_to(confirm);
}

#[tokio::test]
async fn an_authenticator_key_shown_before_a_new_confirmation_is_not_enabled() {
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    assert!(!browser.get("/profile/two-factor").await.body.contains("scan this new one"));
    let seen = browser.get("/profile/two-factor").await.inside(".key code");
    app.wait(15 * 60);
    let confirm = browser.get("/profile/two-factor").await.header("location").to_owned();
    browser
        .press(&confirm, "Confirm", &[("password", PASSWORD)])
        .await
        .goes_to("/profile/two-factor");
    let page = browser.get("/profile/two-factor").await;
    assert_ne!(page.says("scan this new one").inside(".key code"), seen);
}

#[tokio::test]
async fn kept_input_is_not_shown_to_the_next_user() {
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    app.person("bob@example.org").await;
    app.wait(15 * 60);
    let new = [("email", "ada@new.example.org")];
    browser.press("/profile/email", "Change email", &new).await;
    browser.press("/dashboard", "Sign out", &[]).await.goes_to("/auth/login");
    browser.sign_in("bob@example.org", PASSWORD).await.goes_to("/dashboard");
    assert_eq!(browser.get("/profile/email").await.value("email").as_deref(), Some(""));
    // Without a sign-out in between either.
    browser.press("/dashboard", "Sign out", &[]).await;
    browser.sign_in(ADA, PASSWORD).await.goes_to("/dashboard");
    app.wait(15 * 60);
    browser.press("/profile/email", "Change email", &new).await;
    browser.forget_cookie("authflow-refresh");
    browser.sign_in("bob@example.org", PASSWORD).await.goes_to("/dashboard");
    assert_eq!(browser.get("/profile/email").await.value("email").as_deref(), Some(""));
}

/// The link "Back" of the page that asks for the password.
#[track_caller]
fn back(page: &Page) -> String {
    page.is(200).says("Cancel");
    let links = page.select("main .links a");
    links[0]["href"].clone()
}

#[tokio::test]
async fn back_leads_to_the_page_that_the_user_came_from() {
    let app = TestApp::start().await;
    let root = app.person("root@example.org").await;
    app.give_role("root@example.org", "admin").await;
    app.person(ADA).await;
    let list = root.get("/admin/users?search=ada").await;
    let ada = list.select(".list th a")[0]["href"].clone();
    let made = [("email", ""), ("by_mail", ""), ("roles", ""), ("days", "7")];
    let made = root.press("/admin/users/invite", "Create invitation", &made).await;
    let invitation = made.is(303).header("location").to_owned();
    app.wait(15 * 60);

    // Without a referrer: a page that does not ask itself, or the one above it.
    let asked = async |path: &str| root.get(root.get(path).await.is(303).header("location")).await;
    for (path, expected) in [
        ("/profile/two-factor", "/profile"),
        ("/profile/export", "/profile/delete"),
        ("/admin/users/invite", "/admin/invitations"),
        (invitation.as_str(), "/admin/invitations"),
        (&format!("{ada}/delete"), &ada),
        (&format!("{ada}/reject"), &ada),
        (&format!("{ada}/remove-second-factor"), &ada),
        ("/admin/audit/export/audit.csv?event=signed_in", "/admin/audit?event=signed_in"),
    ] {
        let page = asked(path).await;
        assert_eq!(back(&page), expected, "{path}");
        let wrong = root.press_on(&page, "Confirm", &[("password", "wrong, surely")]).await;
        assert_eq!(wrong.is(401).select("main .links a")[0]["href"], expected, "{path}");
        root.get(expected).await.is(200);
        app.wait(15 * 60);
    }
    let user = root.get(&ada).await;
    let link = user.select(".note a")[0]["href"].clone();
    assert_eq!(back(&root.get(&link).await), ada);

    // A browser says which page the link or form was on.
    let confirm = "/auth/confirm-password?return_to=%2Fprofile%2Ftwo-factor";
    for (referrer, expected) in [
        ("http://localhost:5000/dashboard", "/dashboard"),
        ("http://localhost:5000/admin/users?status=waiting", "/admin/users?status=waiting"),
        // It asks as well, it is no page, or it is not ours.
        ("http://localhost:5000/profile/two-factor", "/profile"),
        ("http://localhost:5000/profile/two-factor/disable", "/profile"),
        ("http://localhost:5000/admin/users/invite", "/profile"),
        ("http://localhost:5000/auth/confirm-password", "/profile"),
        ("http://localhost:5000/profile/export", "/profile"),
        ("https://evil.example/dashboard", "/profile"),
        ("javascript:alert(1)", "/profile"),
    ] {
        let page = root.send(Method::GET, confirm, &[("referer", referrer)], None).await;
        assert_eq!(back(&page), expected, "{referrer}");
        let wrong = root.press_on(&page, "Confirm", &[("password", "")]).await;
        assert_eq!(wrong.is(422).select("main .links a")[0]["href"], expected, "{referrer}");
    }
    // A forged field leads nowhere else either.
    let forged = [("return_to", ""), ("back", "https://evil.example/")];
    let page = root.post("/auth/confirm-password", &forged).await;
    assert_eq!(page.is(403).select("main .links a")[0]["href"], "/profile");
}

#[tokio::test]
async fn back_never_leads_to_a_page_that_asks_again() {
    let app = TestApp::start().await;
    let root = app.person("root@example.org").await;
    app.give_role("root@example.org", "admin").await;
    app.person(ADA).await;
    let id = root.get("/admin/users?search=ada").await.select(".list th a")[0]["href"].clone();
    let id = id.rsplit('/').next().unwrap();
    app.wait(15 * 60);
    for (route, _) in routes::table(&app.app) {
        let path = route.replace("{id}", id).replace("{file}", "audit.csv");
        let asks = root.get(&path).await.header("location").to_owned();
        if path.contains('{') || !asks.starts_with("/auth/confirm-password") {
            continue;
        }
        for referrer in [String::new(), format!("http://localhost:5000{path}")] {
            let page = root.send(Method::GET, &asks, &[("referer", &referrer)], None).await;
            let back = back(&page);
            assert_ne!(back, path);
            root.get(&back).await.is(200);
        }
    }
}
