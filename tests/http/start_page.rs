//! The start page: the apps, and what needs attention.

use super::support::*;

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

/// The headings of what needs attention.
async fn attention(browser: &Browser) -> Vec<String> {
    browser.get("/dashboard").await.is(200).each(".tasks h3")
}

#[tokio::test]
async fn the_apps_come_first_with_their_names() {
    let origins = "Family wiki=https://wiki.example.org, https://photos.example.org:8443";
    let app = TestApp::with(&[("GATE_ORIGINS", origins)]).await;
    let ada = app.person(ADA).await;
    let page = ada.get("/dashboard").await;
    let links = page.select("main .apps a");
    let targets: Vec<_> = links.iter().map(|it| it["href"].as_str()).collect();
    assert_eq!(targets, ["https://wiki.example.org/", "https://photos.example.org:8443/"]);
    assert_eq!(page.each(".apps strong"), ["Family wiki", "photos.example.org:8443"]);
    assert_eq!(page.each(".apps .host"), ["wiki.example.org"]);
    assert_eq!(page.each(".apps .initial"), ["F", "P"]);
    assert_eq!(page.each("main h2")[0], "Your apps");
}

#[tokio::test]
async fn a_site_without_apps_says_what_appears_there() {
    let app = TestApp::start().await;
    let ada = app.person(ADA).await;
    ada.get("/dashboard").await.says("No apps yet.");
    // An administrator reads how to add one, once: in the setup, or here after dismissing that step.
    app.give_role(ADA, "admin").await;
    let how = "Add the address of one to GATE_ORIGINS";
    let page = ada.get("/dashboard").await;
    assert_eq!(page.says("No apps yet.").text().matches(how).count(), 1, "{}", page.text());
    let step = page.form_to("/admin/setup/dismiss", &[("step", "")]);
    let dismissed = step.filled(&[("step", "first_app")]);
    ada.post("/admin/setup/dismiss", &dismissed).await.goes_to("/dashboard");
    let page = ada.get("/dashboard").await;
    assert_eq!(page.inside(".empty").matches(how).count(), 1, "{}", page.text());
}

#[tokio::test]
async fn what_needs_attention_is_shown_until_it_is_done() {
    let app = TestApp::start().await;
    let ada = app.person(ADA).await;
    assert_eq!(attention(&ada).await, ["Two-factor authentication"]);
    app.forget_confirmation(ADA).await;
    let all = ["Confirm your email", "Two-factor authentication"];
    assert_eq!(attention(&ada).await, all);
    let authenticator = ada.enable_two_factor(&app).await;
    assert_eq!(attention(&ada).await, ["Confirm your email"]);

    app.change("UPDATE users SET email_verified_at = created_at").await;
    assert!(attention(&ada).await.is_empty());
    for code in &authenticator.recovery_codes[..7] {
        app.wait(60);
        let browser = app.browser();
        browser.sign_in(ADA, PASSWORD).await;
        let sent = browser.press("/auth/two-factor", "Sign in", &[("code", code)]).await;
        sent.goes_to("/dashboard");
    }
    let shown = attention(&ada).await;
    assert!(shown.contains(&"Few recovery codes left".into()), "{shown:?}");
    ada.get("/dashboard").await.says("You have 3 left.");
}

#[tokio::test]
async fn a_sign_in_from_a_new_device_is_shown_to_those_who_signed_in_before() {
    let app = TestApp::start().await;
    let ada = app.person(ADA).await;
    assert!(!attention(&ada).await.contains(&"Sign-in from a new device".into()));
    app.wait(3_600);
    let other = Browser::behind(app.address, &[("user-agent", FIREFOX)]);
    other.sign_in(ADA, PASSWORD).await.goes_to("/dashboard");
    let page = ada.get("/dashboard").await;
    page.says("Sign-in from a new device").says("Firefox on Linux signed in just now");
    // It needs no email about it: those are deleted, and some sites send none.
    app.change("DELETE FROM outbox").await;
    ada.get("/dashboard").await.says("Firefox on Linux signed in just now");
    assert_eq!(page.select(".tasks a[href='/profile/sessions']").len(), 1);
    // Who signs in there is not told about themselves.
    assert!(!attention(&other).await.contains(&"Sign-in from a new device".into()));
    app.wait(8 * 86_400 - 7_200);
    assert!(!ada.get("/dashboard").await.text().contains("new device"));
}
