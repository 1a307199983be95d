//! Automatic cleanup deletes expired rows and nothing else.

use authflow::clock::Timestamp;
use authflow::domain::email::one_time_token::{Grant, OneTimeToken, Purpose};
use authflow::domain::id::MailId;
use authflow::error::Result;
use authflow::repositories::one_time_tokens;
use authflow::services::operations::retention::clean_up;
use authflow::transaction;

use super::support::*;

const DAY: u64 = 86_400;

#[tokio::test]
async fn each_row_is_kept_for_its_retention_period_and_no_longer() {
    let app = TestApp::with(&[("AUDIT_RETENTION", "90d")]).await;
    let browser = app.person(ADA).await;
    let ended = app.browser();
    ended.sign_in(ADA, PASSWORD).await.goes_to("/dashboard");
    ended.press("/dashboard", "Sign out", &[]).await.goes_to("/auth/login");
    browser.press("/auth/forgot-password", "Send reset link", &[("email", ADA)]).await;
    app.mails().await;
    browser.get("/dashboard").await.is(200);

    // (query, rows now, days until they are deleted)
    let kept = [
        ("SELECT COUNT(*) FROM sessions WHERE ended_at IS NOT NULL", 1, 7),
        ("SELECT COUNT(*) FROM sessions", 2, 30 + 7),
        ("SELECT COUNT(*) FROM one_time_tokens WHERE purpose = 'reset_password'", 1, 7),
        ("SELECT COUNT(*) FROM outbox WHERE state = 'sent'", 4, 30),
        ("SELECT COUNT(*) FROM audit_events WHERE event = 'registered'", 1, 90),
    ];
    let mut day = 0;
    app.wait(1_800 + 60); // the lifetime of the reset link
    for check in [6, 8, 29, 31, 36, 38, 89, 91] {
        app.wait((check - day) * DAY);
        day = check;
        clean_up(&app.app).await.unwrap();
        for (what, many, until) in kept {
            let left = app.count(what).await;
            if day < until {
                assert!(
                    left >= 1 && (what.ends_with("sessions") || left == many),
                    "{what} on day {day}: {left}"
                );
            } else {
                assert_eq!(left, 0, "{what} on day {day}");
            }
        }
    }
    assert_eq!(app.rows("throttles").await, 0);
    assert_eq!(app.rows("users").await, 1, "accounts are kept");
    browser.sign_in(ADA, PASSWORD).await.goes_to("/dashboard");
}

#[tokio::test]
async fn the_worker_runs_the_cleanup() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    app.browser().sign_up("bob@example.org").await.goes_to("/auth/check-mail");
    let left = "SELECT (SELECT COUNT(*) FROM tower_sessions) + (SELECT COUNT(*) FROM sessions)";
    assert!(app.count(left).await >= 2);
    app.wait(60 * DAY);
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let worker = tokio::spawn(authflow::worker::run(app.app.clone(), stopped));
    assert!(wait_until(async || app.count(left).await == 0).await);
    stop.send(true).unwrap();
    worker.await.unwrap();
}

#[tokio::test]
async fn a_session_in_use_and_a_queued_email_are_kept_at_any_age() {
    let app = TestApp::with(&[("REFRESH_TOKEN_TTL", "400d"), ("SESSION_IDLE_TTL", "400d")]).await;
    app.person(ADA).await;
    let browser = app.browser();
    let fields = [("email", ADA), ("password", PASSWORD), ("remember", "on")];
    browser.press("/auth/login", "Sign in", &fields).await.goes_to("/dashboard");
    app.wait(360 * DAY);
    app.change("UPDATE outbox SET state = 'waiting', finished_at = NULL").await;
    clean_up(&app.app).await.unwrap();
    assert!(browser.is_signed_in().await);
    assert!(app.rows("outbox").await > 0);
}

#[tokio::test]
async fn one_cleanup_deletes_several_batches() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    let user = app.user(ADA).await;
    let grant = Grant { user_id: user.id, email_key: user.email_key, expires_at: Timestamp(2) };
    let put = transaction!(app.app.db, |tx| -> Result<_> {
        for _ in 0..1_201 {
            let token = OneTimeToken::of_mail(&app.app.secrets.one_time, MailId::new(Timestamp(1)));
            let purpose = Purpose::ResetPassword;
            one_time_tokens::put(tx, &token, purpose, &grant, Timestamp(1)).await?;
        }
        Ok(())
    });
    put.unwrap();
    assert_eq!(app.count("SELECT COUNT(*) FROM one_time_tokens WHERE expires_at = 2").await, 1_201);
    clean_up(&app.app).await.unwrap();
    let left = "SELECT COUNT(*) FROM one_time_tokens WHERE expires_at = 2";
    assert_eq!(app.count(left).await, 0);
    assert!(app.rows("one_time_tokens").await > 0, "valid tokens are kept");
}
