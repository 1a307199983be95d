//! What a person changes about themselves.

use super::support::*;

#[tokio::test]
async fn a_person_changes_the_name() {
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    let page = browser.get("/profile").await;
    assert_eq!(page.is(200).value("username").as_deref(), Some("Ada Lovelace"));
    let name = "<script>alert(1)</script> & \"Ada\" {{7*7}}";
    browser.press_on(&page, "Save", &[("username", name)]).await.goes_to("/profile");
    let page = browser.get("/profile").await;
    page.is(200).says("Your name has been changed.");
    assert_eq!(page.value("username").as_deref(), Some(name));
    for path in ["/dashboard", "/profile"] {
        let page = browser.get(path).await;
        assert!(page.select("script").is_empty(), "{path}");
    }
    browser.get("/dashboard").await.says(&format!("Hello, {name}"));
    let refused = browser.press("/profile", "Save", &[("username", "  ")]).await;
    refused.is(422).says("Enter the name");
    let refused = browser.press("/profile", "Save", &[("username", &"x".repeat(65))]).await;
    refused.is(422).says("longer than 64 characters");
    assert_eq!(refused.value("username").as_deref(), Some("x".repeat(65).as_str()));
}

#[tokio::test]
async fn strangers_have_no_profile() {
    let app = TestApp::start().await;
    let browser = app.browser();
    browser.get("/profile").await.goes_to("/auth/login?return_to=%2Fprofile");
    let lost = browser.post("/profile", &[("username", "Eve")]).await;
    lost.goes_to("/auth/login?return_to=%2Fprofile&unsaved=on");
    browser.get(lost.header("location")).await.is(200).says("what you sent was not saved");
    browser.get("/auth/login?return_to=%2Fprofile").await.says("Please sign in to see this page.");
    browser.get("/dashboard").await.goes_to("/auth/login?return_to=%2Fdashboard");
}

#[tokio::test]
async fn every_page_for_members_has_a_way_out() {
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    for path in ["/dashboard", "/profile"] {
        assert_eq!(browser.get(path).await.form("Sign out").action, "/auth/logout");
    }
}
