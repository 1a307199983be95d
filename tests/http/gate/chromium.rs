//! The gate in Chromium with JavaScript disabled, since real browsers have their own rules for cookies, redirects and policies.

use super::super::support::*;
use super::proxy::Kind;
use super::stage::Stage;

#[tokio::test]
async fn chromium_without_javascript_returns_to_the_app_after_sign_in() {
    let Some((browser, driver)) = chromium::installed() else { return };
    for kind in [Kind::Nginx, Kind::Caddy] {
        let Some(stage) = Stage::set(kind, "https", "", &[&[], &["--factor", "2"]]).await else {
            return;
        };
        let chromium = Chromium::start(browser, driver).await;
        let deep = format!("{}/page/with?a=b&c=d", stage.app(0));
        chromium.open(&deep).await;
        chromium.fill("#email", ADA).await;
        chromium.fill("#password", "wrong").await;
        chromium.click("main form button").await; // the response to this form contains a form
        chromium.fill(".alert ~ form #password", PASSWORD).await;
        chromium.click(".alert ~ form button").await;
        let page = chromium.arrives_at(&deep).await;
        assert!(page.contains(ADA), "{page}");
        assert_eq!(chromium.ask("/title", None).await, "without script");

        // The second app requires the second factor.
        let safe = format!("{}/page/safe?x=y", stage.app(1));
        chromium.open(&safe).await;
        let page = chromium.arrives_at(&stage.login("/profile/two-factor")).await;
        let shown = Page::of(&stage.login("/profile/two-factor"), &page);
        let authenticator = Authenticator::scan(&shown);
        chromium.fill("#code", &authenticator.shows(&stage.server, 0)).await;
        chromium.click("form:has(#code) button").await;
        chromium.click("form[action$=saved] button").await;
        chromium.arrives_at(&safe).await;

        // Password and code after signing out: the form redirects straight to the app.
        stage.server.wait(60);
        chromium.open(&stage.login("/auth/logout")).await;
        chromium.click("main form button").await;
        chromium.arrives_at(&stage.login("/auth/login")).await;
        chromium.open(&safe).await;
        chromium.fill("#email", ADA).await;
        chromium.fill("#password", PASSWORD).await;
        chromium.click("main form button").await;
        chromium.fill("#code", &authenticator.shows(&stage.server, 0)).await;
        chromium.click("form:has(#code) button").await;
        chromium.arrives_at(&safe).await;
    }
}
