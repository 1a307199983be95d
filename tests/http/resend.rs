//! Emails sent through Resend's API.

use std::time::Duration;

use super::support::*;
use authflow::services::email::delivery::{self, Delivered};
use authflow::services::email::overview;
use tempfile::TempDir;

async fn app(stub: &ResendStub, more: &[(&str, &str)]) -> TestApp {
    let mut variables = vec![
        ("MAIL_TRANSPORT", "resend"),
        ("RESEND_API_KEY", API_KEY),
        ("RESEND_API_URL", &stub.url),
        FROM,
    ];
    variables.extend_from_slice(more);
    TestApp::with(&variables).await
}

/// A server with a sign-up whose email is queued.
async fn signed_up(stub: &ResendStub, more: &[(&str, &str)]) -> TestApp {
    let app = app(stub, more).await;
    app.browser().sign_up(ADA).await.goes_to("/auth/check-mail");
    app
}

async fn deliver(app: &TestApp) -> Delivered {
    delivery::deliver_next(&app.app).await.unwrap()
}

/// State and last error of the only email.
async fn state(app: &TestApp) -> (String, String) {
    let mails = overview::list(&app.app.db, None, 10).await.unwrap();
    let [mail] = &mails[..] else { panic!("{mails:?}") };
    (mail.state.name().into(), mail.last_error.clone().unwrap_or_default())
}

#[tokio::test]
async fn an_email_is_sent_with_all_its_parts() {
    let stub = ResendStub::start().await;
    let app = app(&stub, &[("SITE_NAME", "Bücher, \"Tee\" & 🍵")]).await;
    let browser = app.browser();
    browser.sign_up(ADA).await.goes_to("/auth/check-mail");
    assert_eq!(deliver(&app).await, Delivered::One);
    let [request] = &stub.requests()[..] else { panic!() };
    assert!(request.user_agent.starts_with("authflow/"), "{}", request.user_agent);
    let body = &request.body;
    assert_eq!(body["from"], r#""Bücher, \"Tee\" & 🍵" <no-reply@login.example.org>"#);
    assert_eq!(body["to"], serde_json::json!([ADA]));
    assert_eq!(body["subject"], "Bücher, \"Tee\" & 🍵: confirm your email address");
    assert_eq!(body["headers"]["Auto-Submitted"], "auto-generated");
    assert!(body["html"].as_str().unwrap().contains("Bücher, &#34;Tee&#34; &#38; 🍵"));
    let mails = overview::list(&app.app.db, None, 10).await.unwrap();
    assert_eq!(request.key, mails[0].id.to_string());
    let text = body["text"].as_str().unwrap();
    let link = text.lines().find_map(|line| line.strip_prefix("http://localhost:5000")).unwrap();
    browser.press(link, "Confirm and sign in", &[]).await.goes_to("/dashboard");
}

#[tokio::test]
async fn every_2xx_is_a_success() {
    for status in [200, 201, 202] {
        let stub = ResendStub::start().await;
        stub.success(status);
        let app = signed_up(&stub, &[]).await;
        assert_eq!(deliver(&app).await, Delivered::One);
        assert_eq!(state(&app).await, ("sent".into(), String::new()));
    }
}

#[tokio::test]
async fn an_error_about_the_email_is_permanent() {
    for (status, name) in [(400, "validation_error"), (422, "missing_required_field")] {
        let stub = ResendStub::start().await;
        stub.instead(&[Instead::Answer(status, name, None)]);
        let app = signed_up(&stub, &[]).await;
        assert_eq!(deliver(&app).await, Delivered::One);
        let why = format!("Resend answered {status} {name} as the test wants it");
        assert_eq!(state(&app).await, ("failed".into(), why));
        app.wait(86_400);
        assert_eq!(deliver(&app).await, Delivered::None);
    }
}

#[tokio::test]
async fn an_error_of_the_service_keeps_emails_queued() {
    for (status, name) in [
        (401, "missing_api_key"),
        (403, "validation_error"),
        (404, "not_found"),
        (500, "application_error"),
        (503, ""),
    ] {
        let stub = ResendStub::start().await;
        stub.instead(&[Instead::Answer(status, name, None)]);
        let app = signed_up(&stub, &[]).await;
        assert!(matches!(deliver(&app).await, Delivered::Blocked(_)), "{status}");
        let (waiting, why) = state(&app).await;
        assert!(waiting == "waiting" && why.contains(&format!("{status} {name}")), "{why}");
        app.wait(10);
        assert_eq!(deliver(&app).await, Delivered::One);
        assert_eq!(stub.sent(), 1);
    }
    // A wrong key, which must not appear in the error.
    let stub = ResendStub::start().await;
    let app = signed_up(&stub, &[("RESEND_API_KEY", "re_hunter2")]).await;
    assert!(matches!(deliver(&app).await, Delivered::Blocked(_)));
    let (_, why) = state(&app).await;
    assert_eq!(why, "Resend answered 403 invalid_api_key API key is invalid.");
}

#[tokio::test]
async fn after_429_the_worker_waits_as_long_as_retry_after_says() {
    let stub = ResendStub::start().await;
    stub.instead(&[Instead::Answer(429, "rate_limit_exceeded", Some(900))]);
    let app = signed_up(&stub, &[]).await;
    assert_eq!(deliver(&app).await, Delivered::Blocked(Duration::from_mins(15)));
    assert_eq!(deliver(&app).await, Delivered::One);
    assert_eq!(stub.sent(), 1);
}

#[tokio::test]
async fn an_excessive_retry_after_is_capped() {
    let stub = ResendStub::start().await;
    stub.instead(&[Instead::Answer(429, "daily_quota_exceeded", Some(u64::MAX))]);
    let app = signed_up(&stub, &[]).await;
    assert_eq!(deliver(&app).await, Delivered::Blocked(Duration::from_hours(1)));
}

#[tokio::test]
async fn an_email_accepted_without_a_response_is_not_sent_twice() {
    let stub = ResendStub::start().await;
    stub.instead(&[Instead::TakenInSilence, Instead::Silence]);
    let app = signed_up(&stub, &[("MAIL_TIMEOUT", "1s")]).await;
    for _ in 0..2 {
        assert!(matches!(deliver(&app).await, Delivered::Blocked(_)));
        assert_eq!(state(&app).await.1, "127.0.0.1: it did not answer in time");
        app.wait(20);
    }
    assert_eq!(deliver(&app).await, Delivered::One);
    assert_eq!(state(&app).await.0, "sent");
    let requests = stub.requests();
    assert_eq!((requests.len(), stub.sent()), (3, 1));
    assert!(requests.iter().all(|it| (&it.key, &it.body) == (&requests[0].key, &requests[0].body)));
}

#[tokio::test]
async fn an_accepted_email_counts_as_sent_even_if_the_response_is_cut_off() {
    let stub = ResendStub::start().await;
    stub.instead(&[Instead::TakenAndBrokenOff]);
    let app = signed_up(&stub, &[]).await;
    assert_eq!(deliver(&app).await, Delivered::One);
    assert_eq!(state(&app).await.0, "sent");
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let (stub, elsewhere) = (ResendStub::start().await, ResendStub::start().await);
    stub.instead(&[Instead::Redirect(format!("{}/emails", elsewhere.url))]);
    let app = signed_up(&stub, &[]).await;
    assert!(matches!(deliver(&app).await, Delivered::Blocked(_)));
    assert!(elsewhere.requests().is_empty());
}

#[tokio::test]
async fn a_kill_while_delivering_loses_and_duplicates_no_email() {
    let stub = ResendStub::start().await;
    stub.instead(&[Instead::TakenInSilence]);
    let folder = TempDir::new().unwrap();
    let variables = [
        ("MAIL_TRANSPORT", "resend"),
        ("RESEND_API_KEY", API_KEY),
        ("RESEND_API_URL", &stub.url),
        FROM,
    ];
    let mut program = Program::start(folder.path(), &variables);
    program.browser().sign_up(ADA).await.goes_to("/auth/check-mail");
    stub.wait_for(1).await;
    program.child.kill().unwrap();
    program.end();
    let _again = Program::start(folder.path(), &variables);
    let requests = stub.wait_for(2).await;
    assert_eq!(requests[0].key, requests[1].key);
    assert_eq!(requests[0].body, requests[1].body);
    assert_eq!(stub.sent(), 1);
}

#[tokio::test]
async fn a_check_sends_nothing_and_reports_the_problem() {
    let stub = ResendStub::start().await;
    let app = app(&stub, &[]).await;
    let check = || async { app.app.mail.check().await.map_err(|error| error.to_string()) };
    stub.domains(&[("other.example.org", "verified")]);
    assert!(check().await.unwrap_err().contains("login.example.org, is not listed"));
    stub.domains(&[("login.example.org", "pending")]);
    assert!(check().await.unwrap_err().contains("is not verified (pending)"));
    stub.domains(&[("Login.example.org", "verified")]);
    assert_eq!(check().await.unwrap(), "the key is valid, and login.example.org is verified");
    stub.restrict();
    assert!(check().await.unwrap().contains("valid, but only for sending"));
    assert!(stub.requests().is_empty());
}
