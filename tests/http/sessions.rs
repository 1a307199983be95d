//! Listing and ending sessions.

use authflow::clock::Timestamp;
use authflow::i18n::localizer::Localizer;
use reqwest::Method;

use super::support::*;

#[tokio::test]
async fn sessions_are_listed_by_device_and_can_be_ended() {
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    app.wait(3_600);
    let (phone, other) = (app.browser(), app.browser());
    let page = phone.get("/auth/login").await;
    let fields = [("email", ADA), ("password", PASSWORD), ("remember", "on")];
    let iphone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) \
                  Version/18.1 Mobile/15E148 Safari/604.1";
    let headers = [("content-type", "application/x-www-form-urlencoded"), ("user-agent", iphone)];
    let body = encode(&page.form("Sign in").filled(&fields)).into_bytes();
    phone.send(Method::POST, "/auth/login", &headers, Some(body)).await.goes_to("/dashboard");
    other.sign_in(ADA, PASSWORD).await.goes_to("/dashboard");
    let eve = app.person("eve@example.org").await;

    let now = app.app.clock.now();
    let page = browser.get("/profile/sessions").await;
    let rows = page.each(".list tbody tr");
    assert_eq!(rows.len(), 3);
    assert!(rows[0].contains("this device"), "{rows:?}");
    let phones = rows.iter().find(|row| row.contains("Safari on iPhone")).unwrap();
    let english = Localizer::english(None);
    let until = english.day(Timestamp(now.0 + 7 * 86_400));
    assert!(
        phones.contains(&format!("just now {}", english.time_without_zone(now)))
            && phones.contains("127.0.0.1"),
        "{phones}"
    );
    assert!(phones.contains(&format!("Ends on {until} if not used")), "{phones}");
    assert!(!phones.contains("close the browser"), "{phones}");
    assert_eq!(page.each(".list thead th").len(), 4);
    assert!(rows[0].contains("1 hour ago "), "{rows:?}");
    let others =
        rows.iter().find(|row| !row.contains("this device") && !row.contains("iPhone")).unwrap();
    let until = english.day(Timestamp(now.0 + 12 * 3_600));
    let ends = format!("Ends on {until} if not used, or when you close the browser");
    assert!(others.contains(&ends), "{others}");

    // The session of another user cannot be ended, and a stale form ends nothing.
    let end = page.form("End session");
    let foreign = &end.fields.iter().find(|(name, _)| name == "id").unwrap().1;
    let token = eve.get("/profile/sessions").await.value("csrf_token").unwrap();
    eve.post(&end.action, &[("csrf_token", &token), ("id", foreign)]).await.is(404);
    browser.post(&end.action, &[("id", foreign)]).await.is(403);
    assert!(phone.is_signed_in().await && other.is_signed_in().await);

    browser.press_on(&page, "End session", &[]).await.goes_to("/profile/sessions");
    let after = browser.get("/profile/sessions").await;
    after.says("The session has been ended.");
    app.wait(600); // a repeat within ten minutes leads where the first one led
    browser.press_on(&page, "End session", &[]).await.goes_to("/profile/sessions");
    let page = browser.get("/profile/sessions").await;
    assert_eq!(page.says("That session had already ended.").each(".list tbody tr").len(), 2);
    assert!(phone.is_signed_in().await != other.is_signed_in().await);
    browser.press_on(&page, "Sign out everywhere else", &[]).await.goes_to("/profile/sessions");
    assert!(!phone.is_signed_in().await && !other.is_signed_in().await);
    assert!(browser.is_signed_in().await && eve.is_signed_in().await);
    phone.get("/auth/login").await.says("You ended this session from another browser");
    let page = browser.get("/profile/sessions").await;
    assert!(!page.body.contains("Sign out everywhere else"));
    browser.press_on(&page, "Sign out here", &[]).await.goes_to("/auth/login");
    assert!(!browser.is_signed_in().await && browser.cookie("authflow-refresh").is_none());
    for id in ["", "nonsense", "00000000-0000-0000-0000-000000000000"] {
        eve.post(&end.action, &[("csrf_token", &token), ("id", id)]).await.is(404);
    }
}

#[tokio::test]
async fn sessions_and_activity_are_in_the_readers_language_and_time_zone() {
    let app = TestApp::with(&[("DEFAULT_TIME_ZONE", "Europe/Berlin")]).await;
    let browser = app.person(ADA).await;
    app.change("UPDATE users SET language = NULL").await;
    app.wait(7_200);
    let get = async |path: &str| {
        browser.send(Method::GET, path, &[("accept-language", "de-AT, en;q=0.5")], None).await
    };
    let page = get("/profile/sessions").await;
    let row = &page.is(200).each(".list tbody tr")[0];
    assert!(row.contains("dieses Gerät") && row.contains("vor 2 Stunden "), "{row}");
    page.says("Zeiten in der Zeitzone Europe/Berlin.");
    let page = get("/profile/activity").await;
    let events = ["Angemeldet", "E-Mail-Adresse bestätigt", "Registriert"];
    assert_eq!(page.is(200).each(".list strong"), events);
    let row = &page.each(".list tbody tr")[0];
    assert!(row.contains("vor 2 Stunden ") && row.contains("127.0.0.1"), "{row}");
}

#[tokio::test]
async fn ended_sessions_are_not_listed() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    app.wait(12 * 3_600);
    let browser = app.browser();
    browser.sign_in(ADA, PASSWORD).await.goes_to("/dashboard");
    assert_eq!(browser.get("/profile/sessions").await.each(".list tbody tr").len(), 1);
}

#[tokio::test]
async fn signing_out_is_announced_before_and_reported_after() {
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    let asks = browser.get("/auth/logout").await;
    asks.is(200).says("Signing out ends this session here and in every app");
    assert!(!asks.text().contains("You are signed out"), "{}", asks.text());
    assert!(browser.is_signed_in().await);
    let stale = browser.post("/auth/logout", &[]).await;
    assert!(!stale.is(403).text().contains("You are signed out"), "{}", stale.text());
    // A form that is not ours puts no address of its own on the page.
    for foreign in ["https://evil.example/", "javascript:alert(1)", "//evil.example"] {
        let page = browser.post("/auth/logout", &[("return_to", foreign)]).await;
        assert!(!page.is(403).body.contains(foreign), "{}", page.body);
        assert_eq!(page.select("main a.button")[0]["href"], "/dashboard");
    }
    browser.press_on(&asks, "Sign out now", &[]).await.goes_to("/auth/login");
    browser.get("/auth/login").await.says("You are signed out.");
    // In another tab, the button was still there.
    browser.press_on(&asks, "Sign out now", &[]).await.goes_to("/auth/login");
    browser.get("/auth/logout").await.goes_to("/auth/login");
    assert!(!browser.get("/auth/login").await.text().contains("You are signed out"));
}
