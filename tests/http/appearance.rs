//! Light and dark: chosen in the footer, for this browser.

use reqwest::Method;

use super::access;
use super::support::*;

const COOKIE: &str = "authflow-theme";

/// The scheme that the page has to have; `None` if it follows the system.
fn scheme(page: &Page) -> Option<String> {
    let html = page.select("html").remove(0);
    let meta = page.select("meta[name=color-scheme]").remove(0)["content"].clone();
    let scheme = html.get("data-theme").cloned();
    assert_eq!(meta, scheme.as_deref().unwrap_or("light dark"));
    scheme
}

/// Presses a button of the footer.
async fn choose(browser: &Browser, path: &str, theme: &str) -> Page {
    let page = browser.get(path).await;
    let back = page.select("footer form[action$='/appearance'] [name=return_to]");
    let token = page.select("footer form[action$='/appearance'] [name=csrf_token]");
    let fields = [
        ("csrf_token", token[0]["value"].as_str()),
        ("return_to", back[0]["value"].as_str()),
        ("theme", theme),
    ];
    browser.post("/appearance", &fields).await
}

#[tokio::test]
async fn a_theme_is_kept_in_this_browser_and_leads_back_to_the_page() {
    let app = TestApp::start().await;
    let visitor = app.browser();
    assert_eq!(scheme(&visitor.get("/auth/login").await), None);
    for theme in ["dark", "light"] {
        let path = "/auth/login?return_to=%2Fprofile";
        choose(&visitor, path, theme).await.goes_to(path);
        assert_eq!(scheme(&visitor.get("/auth/register").await).as_deref(), Some(theme));
        assert_eq!(scheme(&visitor.get("/nowhere").await).as_deref(), Some(theme));
    }
    choose(&visitor, "/auth/login", "system").await.goes_to("/auth/login");
    assert_eq!(scheme(&visitor.get("/auth/login").await), None);
    // The choice needs no session, and a session needs no other choice.
    let ada = app.person(ADA).await;
    choose(&ada, "/profile/sessions", "dark").await.goes_to("/profile/sessions");
    assert_eq!(scheme(&ada.get("/dashboard").await).as_deref(), Some("dark"));
}

#[tokio::test]
async fn only_a_genuine_choice_of_a_theme_counts() {
    let app = TestApp::start().await;
    let visitor = app.browser();
    choose(&visitor, "/auth/login", "purple").await.is(422).says("no such appearance");
    let stale = visitor.post("/appearance", &[("theme", "dark")]).await;
    stale.is(403).says("the appearance was not changed");
    let token = visitor.get("/auth/login").await.value("csrf_token").unwrap();
    let elsewhere =
        [("csrf_token", &*token), ("return_to", "https://evil.example/"), ("theme", "dark")];
    visitor.post("/appearance", &elsewhere).await.goes_to("/");
    visitor.set_cookie(COOKIE, "purple");
    assert_eq!(scheme(&visitor.get("/auth/login").await), None);
}

#[tokio::test]
async fn the_footer_of_a_refused_form_leads_to_a_page_that_can_be_opened() {
    let app = TestApp::start().await;
    let root = app.person(ADA).await;
    app.give_role(ADA, "admin").await;
    let user = app.user(ADA).await.id.to_string();
    let mut seen = 0;
    for (method, path) in access::requests() {
        let is_page = !path.starts_with("/api/") && !path.starts_with("/gate/");
        if method != "POST" || !is_page || path.contains("{token}") || path.ends_with("/logout") {
            continue;
        }
        let path = path.replace("{id}", &user);
        let form = ("content-type", "application/x-www-form-urlencoded");
        let refused = root.send(Method::POST, &path, &[form], Some("a=b".into())).await;
        for back in refused.select("footer form [name=return_to]") {
            seen += 1;
            let opened = root.get(&back["value"]).await;
            assert_ne!(opened.status, 405, "{path} leads back to {}", back["value"]);
        }
    }
    assert!(seen > 20, "{seen}");
}
