//! The site below a path of a shared host.

use super::support::*;

const BASE: &str = "http://localhost:5000/id/";

/// Every link and form on the page stays below the path.
#[track_caller]
fn stays_below(page: &Page) {
    for attribute in ["href", "action"] {
        for element in page.is(200).select(&format!("[{attribute}]")) {
            let target = &element[attribute];
            let is_ours = target.starts_with("/id/") || target.starts_with('#');
            assert!(is_ours || target.starts_with("otpauth:"), "{}: {target}", page.path);
        }
    }
}

#[tokio::test]
async fn only_the_path_is_served() {
    let app = TestApp::with(&[("PUBLIC_URL", BASE)]).await;
    let browser = app.browser();
    browser.get("/id").await.goes_to("/id/auth/login");
    browser.get("/id/").await.goes_to("/id");
    for path in ["/", "/auth/login", "/health", "/idx", "/id/nothing"] {
        browser.get(path).await.is(404);
    }
    browser.get("/id/health").await.is(200);
    browser.get("/id/.well-known/jwks.json").await.is(200);
    let description = browser.get("/id/api/openapi.json").await;
    description.is(200).says("\"url\": \"http://localhost:5000/id\"");
    assert_eq!(browser.get("/id/api/x").await.is(404).header("content-type"), "application/json");
    for path in ["/api/auth/profile", "/idapi/x", "/id/apix"] {
        assert!(browser.get(path).await.is(404).header("content-type").starts_with("text/html"));
    }
    let profile = browser.get("/id/api/auth/profile").await;
    assert_eq!(profile.is(401).header("www-authenticate"), "Bearer");
}

#[tokio::test]
async fn every_link_redirect_and_email_stays_below_the_path() {
    let app = TestApp::with(&[("PUBLIC_URL", BASE)]).await;
    let browser = app.browser();
    let fields = [
        ("username", "Ada"),
        ("email", ADA),
        ("password", PASSWORD),
        ("confirm_password", PASSWORD),
    ];
    let signed_up = browser.press("/id/auth/register", "Create account", &fields).await;
    signed_up.goes_to("/id/auth/check-mail");
    for line in signed_up.set_cookies().values() {
        assert!(line.contains("Path=/id"), "{line}");
    }
    let link = app.mailed_path(ADA).await;
    assert!(link.starts_with("/id/auth/verify-email/"));
    browser.press(&link, "Confirm and sign in", &[]).await.goes_to("/id/dashboard");
    let page = browser.get("/id/dashboard").await;
    stays_below(&page);
    let style = page.select("link[rel=stylesheet]")[0]["href"].clone();
    browser.get(&style).await.is(200);
    browser.press("/id/dashboard", "Sign out", &[]).await.goes_to("/id/auth/login");
    let turned_away = browser.get("/id/profile").await;
    turned_away.goes_to("/id/auth/login?return_to=%2Fid%2Fprofile");
    let login = turned_away.header("location").to_owned();
    let back = browser.press(&login, "Sign in", &[("email", ADA), ("password", PASSWORD)]).await;
    back.goes_to("/id/profile");

    for path in ["", "/email", "/password", "/two-factor", "/sessions", "/activity", "/delete"] {
        stays_below(&browser.get(&format!("/id/profile{path}")).await);
    }
    address_change_stays_below(&app, &browser).await;
}

async fn address_change_stays_below(app: &TestApp, browser: &Browser) {
    app.wait(15 * 60);
    let new = [("email", "ada@new.example.org")];
    let asked = browser.press("/id/profile/email", "Change email", &new).await;
    asked.goes_to("/id/auth/confirm-password?return_to=%2Fid%2Fprofile%2Femail");
    let confirm = asked.header("location").to_owned();
    let confirmed = browser.press(&confirm, "Confirm", &[("password", PASSWORD)]).await;
    confirmed.goes_to("/id/profile/email");
    let page = browser.get("/id/profile/email").await;
    assert_eq!(page.value("email").as_deref(), Some(new[0].1));
    browser.press_on(&page, "Change email", &[]).await.goes_to("/id/profile/email");
    let link = app.path_in(new[0].1, "confirm your new email address").await;
    assert!(link.starts_with("/id/auth/confirm-email/"));
    browser.press(&link, "Use this email", &[]).await.goes_to("/id/profile/email");
    let lost = app.browser().post("/id/profile/two-factor/disable", &[]).await;
    lost.goes_to("/id/auth/login?return_to=%2Fid%2Fprofile%2Ftwo-factor&unsaved=on");
    assert!(
        app.path_in(ADA, "your email address was changed").await.starts_with("/id/auth/not-me/")
    );
}
