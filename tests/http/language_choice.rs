//! The language that a browser keeps: chosen in the footer, or asked for by a link.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::http::Request;
use reqwest::Method;
use tower::ServiceExt;

use super::support::*;

const COOKIE: &str = "authflow-language";

fn language(page: &Page) -> String {
    page.select("html").remove(0)["lang"].clone()
}

/// A page view with this cookie and accepted language.
async fn view(browser: &Browser, path: &str, cookie: &str, accepted: &str) -> Page {
    let headers =
        [("cookie", cookie), ("accept-language", accepted), ("sec-fetch-mode", "navigate")];
    browser.send(Method::GET, path, &headers, None).await
}

#[tokio::test]
async fn a_cookie_that_names_no_language_is_none() {
    let app = TestApp::start().await;
    for cookie in ["tlh", "", "x; y", "ui.tlh", "../../etc/passwd"] {
        let cookie = format!("{COOKIE}={cookie}");
        let page = view(&app.browser(), "/auth/login?ui_locales=de", &cookie, "en").await;
        assert_eq!(language(&page), "de", "{cookie}");
        // The form on the page is answered in the same language.
        assert!(page.set_cookies()[COOKIE].starts_with("authflow-language=ui.de;"), "{cookie}");
    }
}

#[tokio::test]
async fn of_two_cookies_the_first_that_names_a_language_counts() {
    let app = TestApp::start().await;
    for (cookies, expected) in [
        ("authflow-language=de; authflow-language=en", "de"),
        ("authflow-language=tlh; authflow-language=de", "de"),
        ("authflow-language=ui.en; authflow-language=de", "de"),
        ("authflow-language=ui.tlh; authflow-language=ui.de", "de"),
        ("authflow-language=; authflow-language", "en"),
    ] {
        let page = view(&app.browser(), "/auth/login", cookies, "en").await;
        assert_eq!(language(&page), expected, "{cookies}");
        assert!(!page.text().contains("two cookies"), "{}", page.text());
    }
}

#[tokio::test]
async fn a_link_sets_a_cookie_only_if_that_changes_something() {
    let app = TestApp::start().await;
    let visitor = app.browser();
    let first = visitor.get("/auth/login?ui_locales=de").await;
    assert!(first.set_cookies().contains_key(COOKIE));
    let second = visitor.get("/auth/login?ui_locales=de").await;
    assert_eq!(language(&second), "de");
    assert!(!second.set_cookies().contains_key(COOKIE));
    // An account with a setting.
    let ada = app.person(ADA).await;
    let page = ada.get("/profile?ui_locales=de").await;
    assert_eq!(language(&page), "en");
    assert!(!page.set_cookies().contains_key(COOKIE));
}

#[tokio::test]
async fn the_footer_leads_back_from_a_form_that_had_expired() {
    let app = TestApp::start().await;
    let browser = app.browser();
    browser.get("/auth/login").await;
    let fields = [("email", ADA), ("password", PASSWORD), ("return_to", "/profile/email?a=b")];
    let stale = browser.post("/auth/login", &fields).await;
    let footer = stale.is(403).select("footer form input");
    assert!(footer.iter().all(|it| it["name"] != "form"), "a choice may be repeated");
    let back = footer.iter().find(|it| it["name"] == "return_to").unwrap();
    assert_eq!(back["value"], "/auth/login?return_to=%2Fprofile%2Femail%3Fa%3Db");
}

#[tokio::test]
async fn pages_while_the_server_starts_are_in_the_chosen_language() {
    let config = Arc::new(Ground::on(None, &[]).config);
    for (cookie, expected) in [("de", "de"), ("ui.de", "de"), ("tlh", "en")] {
        let request = Request::get("/auth/login")
            .header("accept-language", "en")
            .header("cookie", format!("{COOKIE}={cookie}"))
            .header("sec-fetch-mode", "navigate")
            .body(Body::empty())
            .unwrap();
        let response = authflow::routes::starting(&config).oneshot(request).await.unwrap();
        assert_eq!(response.headers()["content-language"], expected, "{cookie}");
        let body = to_bytes(response.into_body(), 100_000).await.unwrap();
        let html = String::from_utf8(body.to_vec()).unwrap();
        assert_eq!(language(&Page::of("/auth/login", &html)), expected, "{cookie}");
    }
}

#[tokio::test]
async fn an_error_page_is_in_the_language_that_the_link_asked_for() {
    let app = TestApp::start().await;
    for (path, status) in [
        ("/auth/verify-email/x?ui_locales=de", 410),
        ("/auth/invitation/x?ui_locales=de", 410),
        ("/language?ui_locales=de", 405),
        ("/dev/mail/x?ui_locales=de", 404),
    ] {
        let page = view(&app.browser(), path, "", "en").await;
        page.is(status);
        assert_eq!(language(&page), "de", "{path}");
    }
}

#[tokio::test]
async fn a_setting_that_is_not_in_the_list_is_kept() {
    let app = TestApp::start().await;
    let ada = app.person(ADA).await;
    app.change("UPDATE users SET language = 'tlh', time_zone = 'US/Eastern'").await;
    let page = ada.get("/profile").await;
    let selected = page.each("option[selected]");
    assert_eq!(selected, ["tlh", "US/Eastern"]);
    assert!(page.select("option[value='Factory'], option[value='Etc/GMT+5']").is_empty());
    ada.press_on(&page, "Save", &[("username", "Countess")]).await.goes_to("/profile");
    let kept = "SELECT COUNT(*) FROM users WHERE language = 'tlh' AND time_zone = 'US/Eastern'
                AND username = 'Countess'";
    assert_eq!(app.count(kept).await, 1);
    // Only the account that has it keeps it.
    let page = ada.get("/profile").await;
    for wrong in [("language", "xx"), ("time_zone", "US/Central")] {
        let refused = ada.press_on(&page, "Save", &[wrong]).await;
        assert_eq!(refused.is(422).select("[aria-invalid]").len(), 1);
    }
    let listed = [("time_zone", "Europe/Berlin"), ("language", "de")];
    ada.press_on(&page, "Save", &listed).await.goes_to("/profile");
    assert_eq!(ada.get("/profile").await.each("option[selected]"), ["Deutsch", "Berlin"]);
}

#[tokio::test]
async fn a_page_about_a_link_that_does_not_work_offers_other_languages() {
    let app = TestApp::start().await;
    let browser = app.browser();
    let path = "/auth/invitation/x?a=b";
    let page = browser.get(path).await;
    page.is(410);
    let footer = page.form(&page.inside("footer button[value=de]"));
    browser.post(&footer.action, &footer.filled(&[])).await.goes_to(path);
    assert_eq!(language(&browser.get(path).await), "de");
}
