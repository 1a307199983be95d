//! From an empty data directory to the first accounts.

use authflow::services::sign_up::first_administrator;

use super::*;

#[tokio::test]
async fn the_first_administrator_signs_up_with_the_printed_link() {
    let app = TestApp::start().await;
    let Some(ada) = Visitor::of(&app).await else { return };
    let link = first_administrator::link_to_print(&app.app).await.unwrap().unwrap();
    let path = link.url.reveal().strip_prefix(SITE).unwrap().to_owned();
    ada.goes_to(&path).await;
    ada.sends(&path, &[("username", "Ada"), ("email", "ada@"), ("password", "short")]).await;
    let refused = ada.is_refused().await;
    assert_eq!(refused.value("username").as_deref(), Some("Ada"), "what was right is kept");
    ada.sends(&path, &account(ADA)).await;
    ada.is_at("/dashboard").await;
    ada.follows("/admin").await;
    ada.is_at("/admin").await.says("1 user");
    ada.signs_out().await;
    ada.signs_in(ADA, PASSWORD).await;
    ada.is_at("/dashboard").await;
}

#[tokio::test]
async fn a_visitor_signs_up_in_german() {
    let app = TestApp::start().await;
    let Some(ada) = Visitor::of(&app).await else { return };
    ada.goes_to("/dashboard").await; // of a user
    ada.is_at("/auth/login?return_to=%2Fdashboard").await;
    ada.chromium.click("button[name=language][value=de]").await;
    ada.chromium.sees("html[lang=de]").await;
    ada.follows("/auth/register").await;
    ada.sends("/auth/register", &[]).await;
    ada.is_refused().await;
    ada.sends("/auth/register", &account(ADA)).await;
    ada.is_at("/auth/check-mail").await;
    ada.opens_mailed_link(&app, "/auth/verify-email/").await;
    ada.confirms().await;
    ada.is_at("/dashboard").await.says("Ada Lovelace");
    assert_eq!(app.active_sessions().await, 1);
}

#[tokio::test]
async fn a_sign_up_is_declined_by_the_owner_of_the_address() {
    let app = TestApp::start().await;
    let Some(owner) = Visitor::of(&app).await else { return };
    app.browser().sign_up(ADA).await; // by someone else
    owner.opens_mailed_link(&app, "/auth/verify-email/").await;
    owner.chromium.click("summary").await;
    owner.chromium.click("[name=not_mine]").await;
    owner.chromium.click("form:has([name=decline]) button").await;
    owner.is_at("/auth/login").await;
    assert_eq!(app.rows("sessions").await, 0);
    owner.signs_in(ADA, PASSWORD).await;
    owner.is_refused().await;
}
