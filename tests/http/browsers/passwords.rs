//! Wrong, forgotten and changed passwords.

use super::*;

#[tokio::test]
async fn a_forgotten_password_is_reset() {
    let app = TestApp::start().await;
    let Some(ada) = Visitor::of(&app).await else { return };
    ada.signs_up(&app, ADA).await;
    ada.signs_out().await;

    ada.signs_in(ADA, "wrong, surely wrong").await;
    let refused = ada.is_refused().await;
    assert_eq!(refused.value("email").as_deref(), Some(ADA));
    ada.follows("/auth/forgot-password").await;
    ada.sends("/auth/forgot-password", &[("email", ADA)]).await;
    ada.is_at("/auth/check-mail").await;
    ada.opens_mailed_link(&app, "/auth/reset-password/").await;
    let path = ada.chromium.ask("/url", None).await.as_str().unwrap().replace(SITE, "");
    ada.sends(&path, &[("password", NEW_PASSWORD), ("confirm_password", PASSWORD)]).await;
    ada.is_refused().await;
    ada.sends(&path, &[("password", NEW_PASSWORD), ("confirm_password", NEW_PASSWORD)]).await;
    ada.is_at("/auth/login").await;
    ada.sends("/auth/login", &[("email", ADA), ("password", NEW_PASSWORD)]).await;
    ada.is_at("/dashboard").await;

    // The link has been used.
    ada.goes_to(&path).await;
    let gone = ada.is_at(&path).await;
    assert!(gone.select("[name=password]").is_empty(), "{}", gone.text());
    ada.follows("/auth/forgot-password").await;
}

#[tokio::test]
async fn a_password_is_changed() {
    let app = TestApp::start().await;
    let Some(ada) = Visitor::of(&app).await else { return };
    ada.signs_up(&app, ADA).await;
    ada.goes_to("/profile/password").await;
    let mut wrong = CHANGE;
    wrong[0].1 = "wrong, surely wrong";
    ada.sends("/profile/password", &wrong).await;
    ada.is_refused().await;
    ada.sends("/profile/password", &CHANGE).await;
    ada.chromium.sees("[role=status]").await;
    ada.signs_out().await;
    ada.signs_in(ADA, PASSWORD).await;
    ada.is_refused().await;
    ada.signs_in(ADA, NEW_PASSWORD).await;
    ada.is_at("/dashboard").await;
}
