//! What users do with their own account.

use super::*;

#[tokio::test]
async fn name_language_and_address_are_changed() {
    let app = TestApp::start().await;
    let Some(ada) = Visitor::of(&app).await else { return };
    ada.signs_up(&app, ADA).await;
    ada.follows("/profile").await;
    ada.sends("/profile", &[("username", "Countess"), ("language", "de")]).await;
    ada.chromium.sees("html[lang=de] [role=status]").await;
    ada.goes_to("/dashboard").await;
    ada.is_at("/dashboard").await.says("Countess");

    let new = "ada@new.example.org";
    ada.goes_to("/profile/email").await;
    ada.sends("/profile/email", &[("email", "ada@")]).await;
    ada.is_refused().await;
    ada.sends("/profile/email", &[("email", new)]).await;
    ada.chromium.sees("main .note").await.says(new);
    ada.opens_mailed_link(&app, "/auth/confirm-email/").await;
    ada.confirms().await;
    ada.is_at("/profile/email").await.says(new);
    ada.signs_out().await;
    ada.signs_in(new, PASSWORD).await;
    ada.is_at("/dashboard").await;
}

#[tokio::test]
async fn another_session_is_ended() {
    let app = TestApp::start().await;
    let Some(ada) = Visitor::of(&app).await else { return };
    ada.signs_up(&app, ADA).await;
    let elsewhere = app.browser();
    elsewhere.sign_in(ADA, PASSWORD).await.goes_to("/dashboard");
    let other = app.sessions(ADA).await.into_iter().max_by_key(|it| it.id.0).unwrap().id;
    ada.goes_to("/profile/sessions").await;
    ada.chromium.click(&format!("button[name=id][value='{other}']")).await;
    ada.chromium.sees("[role=status]").await;
    assert!(!elsewhere.is_signed_in().await);
    for _ in 0..2 {
        app.browser().sign_in(ADA, PASSWORD).await.goes_to("/dashboard");
    }
    ada.goes_to("/profile/sessions").await;
    ada.sends("/profile/sessions/revoke-others", &[]).await;
    ada.chromium.sees("[role=status]").await;
    assert_eq!(app.active_sessions().await, 1);
    ada.goes_to("/profile/activity").await;
    ada.is_at("/profile/activity").await.says("Ended another session");
}

#[tokio::test]
async fn an_account_is_deleted_by_its_owner() {
    let app = TestApp::start().await;
    let Some(ada) = Visitor::of(&app).await else { return };
    ada.signs_up(&app, ADA).await;
    ada.goes_to("/profile/delete?confirm=on").await;
    ada.sends("/profile/delete", &[("password", "wrong, surely wrong")]).await;
    ada.is_refused().await;
    ada.sends("/profile/delete", &[("password", PASSWORD)]).await;
    ada.is_at("/auth/login").await;
    assert_eq!(app.rows("users").await, 0);
    ada.signs_in(ADA, PASSWORD).await;
    ada.is_refused().await;
}
