//! Values that a later version has written, while its instances run beside those of this version, or in a backup of it.

use authflow::domain::email::mail_kind::MailKind;
use authflow::domain::email::mail_state::MailState;
use authflow::repositories::outbox_list;
use authflow::services::email::delivery;
use serde_json::Value;

use super::support::*;

#[tokio::test]
async fn an_email_of_an_unknown_kind_waits_and_holds_up_no_other() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    app.mails().await;
    // One that takes its turn, and one that does not; both are due before the others.
    app.browser().sign_up("eve@example.org").await.goes_to("/auth/check-mail");
    app.browser().sign_in(ADA, PASSWORD).await.goes_to("/dashboard");
    assert_eq!(
        app.change("UPDATE outbox SET kind = 'passkey_added' WHERE state = 'waiting'").await,
        2
    );
    app.wait(60);
    assert_eq!(delivery::next_due(&app.app).await.unwrap(), None);
    app.browser().sign_up("bea@example.org").await.goes_to("/auth/check-mail");
    let forgot = [("email", ADA)];
    app.browser().press("/auth/forgot-password", "Send reset link", &forgot).await.is(303);
    assert_eq!(app.subjects("bea@example.org").await.len(), 1);
    assert!(app.subjects(ADA).await.contains(&"reset your password".to_owned()));
    let waits = "SELECT COUNT(*) FROM outbox WHERE kind = 'passkey_added' AND state = 'waiting' AND attempts = 0 AND lease IS NULL";
    for days in [0, 2] {
        app.wait(days * 86_400);
        app.mails().await;
        assert_eq!(app.count(waits).await, 2, "after {days} days");
        let held = outbox_list::held(&app.app.db, app.app.clock.now(), 9).await.unwrap();
        assert_eq!(held.count, 0, "EMAILS_PER_MINUTE is not why they wait");
    }
    // A version that can render it sends it.
    assert_eq!(
        app.change("UPDATE outbox SET kind = 'new_sign_in' WHERE kind = 'passkey_added'").await,
        2
    );
    app.mails().await;
    assert_eq!(app.emails(MailKind::NewSignIn).await[0].state, MailState::Sent);
}

#[tokio::test]
async fn emails_with_unknown_values_are_listed_by_their_names() {
    let (app, ada, user) = TestApp::administered().await;
    app.change("UPDATE outbox SET kind = 'passkey_added', state = 'bounced'").await;
    for path in ["/admin/emails", &user] {
        let page = ada.get(path).await;
        page.is(200).says("Unknown email: passkey_added").says("Unknown: bounced");
    }
    ada.get("/admin").await.is(200);
    ada.get("/admin/doctor").await.is(200);
    let file: Value = serde_json::from_str(&ada.get("/profile/export").await.is(200).body).unwrap();
    assert!(file["mails"].as_array().unwrap().is_empty(), "whether it may be shown is not known");
}

#[tokio::test]
async fn a_session_that_ended_for_an_unknown_reason_leads_to_the_sign_in() {
    let app = TestApp::start().await;
    let ada = app.person(ADA).await;
    app.end_sessions(ADA).await;
    assert_eq!(app.change("UPDATE sessions SET end_reason = 'device_lost'").await, 1);
    assert!(ada.get("/dashboard").await.is(303).header("location").starts_with("/auth/login"));
    ada.get("/auth/login").await.is(200);
    ada.sign_in(ADA, PASSWORD).await.goes_to("/dashboard");
}

#[tokio::test]
async fn a_session_of_an_unknown_kind_opens_nothing_but_is_listed() {
    let app = TestApp::start().await;
    let (ada, other) = (app.person(ADA).await, app.browser());
    let api = app.signed_in_api().await;
    assert_eq!(app.change("UPDATE sessions SET kind = 'device'").await, 2);
    other.sign_in(ADA, PASSWORD).await.goes_to("/dashboard");
    assert!(!ada.is_signed_in().await && !api.is_signed_in().await);
    assert_eq!(other.get("/profile/sessions").await.is(200).each(".list tbody tr").len(), 3);
    let file = other.get("/profile/export").await;
    let file: Value = serde_json::from_str(&file.is(200).body).unwrap();
    assert_eq!(file["sessions"][2]["kind"], "device");
    // An instance of the later version knows it.
    assert_eq!(app.change("UPDATE sessions SET kind = 'browser' WHERE kind = 'device'").await, 2);
    assert!(ada.is_signed_in().await);
}

#[tokio::test]
async fn a_session_of_an_unknown_kind_ends_once() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    assert_eq!(app.change("UPDATE sessions SET kind = 'device'").await, 1);
    let ada = app.browser();
    ada.sign_in(ADA, PASSWORD).await.goes_to("/dashboard");
    let list = "/profile/sessions";
    for (page, says) in [
        (ada.get(list).await, "The session has been ended."),
        (ada.get(list).await, "That session had already ended."),
    ] {
        ada.press_on(&page, "End session", &[]).await.goes_to(list);
        ada.get(list).await.says(says);
    }
}

#[tokio::test]
async fn unknown_reasons_steps_and_outcomes_break_no_page() {
    let (app, ada, user) = TestApp::administered().await;
    let invitation = [("days", "7"), ("email", "bea@example.org")];
    ada.press("/admin/users/invite", "Create invitation", &invitation).await.is(303);
    app.change("UPDATE invitations SET revoked_at = created_at, revoked_because = 'team_left'")
        .await;
    ada.get("/admin/invitations").await.is(200).says("bea@example.org Revoked");

    let page = ada.get("/dashboard").await;
    let step = page.form_to("/admin/setup/dismiss", &[("step", "")]);
    let dismissed = step.filled(&[("step", "first_app")]);
    ada.post("/admin/setup/dismiss", &dismissed).await.goes_to("/dashboard");
    assert_eq!(app.change("UPDATE setup_dismissals SET step = 'passkeys'").await, 1);
    ada.get("/dashboard").await.is(200).says("First app");

    app.change("UPDATE audit_events SET outcome = 'postponed' WHERE event = 'email_verified'")
        .await;
    for path in ["/admin/audit", "/profile/activity", &user] {
        ada.get(path).await.is(200).says("Unknown event: email_verified postponed");
    }
    let file = ada.get("/profile/export").await;
    assert!(file.is(200).body.contains("\"postponed\""));
}

#[tokio::test]
async fn a_link_for_an_unknown_purpose_is_spent_with_the_others() {
    let app = TestApp::start().await;
    let ada = app.person(ADA).await;
    let reset = async || {
        let fields = [("email", ADA)];
        app.browser().press("/auth/forgot-password", "Send reset link", &fields).await.is(303);
        app.path_in(ADA, "reset your password").await
    };
    reset().await;
    app.change(
        "UPDATE one_time_tokens SET purpose = 'add_passkey' WHERE purpose = 'reset_password'",
    )
    .await;
    ada.press("/profile/password", "Change password", &CHANGE).await.is(303);
    let unspent =
        "SELECT COUNT(*) FROM one_time_tokens WHERE purpose = 'add_passkey' AND spent_at IS NULL";
    assert_eq!(app.count(unspent).await, 0);
    assert_eq!(
        app.count("SELECT COUNT(*) FROM one_time_tokens WHERE purpose = 'add_passkey'").await,
        1
    );
}

#[tokio::test]
async fn a_signing_key_of_an_unknown_algorithm_is_ignored() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    let api = app.signed_in_api().await;
    app.change(
        "INSERT INTO signing_keys (id, algorithm, sealed, created_at)
         SELECT user_id, 'ML-DSA-65', hash, 1 FROM one_time_tokens LIMIT 1",
    )
    .await;
    let (_, browser) = app.another().await;
    let keys: Value =
        serde_json::from_str(&browser.get("/.well-known/jwks.json").await.body).unwrap();
    assert_eq!(keys["keys"].as_array().unwrap().len(), 1);
    assert!(api.moved_to(browser.address()).is_signed_in().await);
}
