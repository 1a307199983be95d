//! How many emails visitors and users can trigger, and in which order they are sent.

use std::time::Duration;

use authflow::app::App;
use authflow::domain::account::email::EmailAddress;
use authflow::domain::email::mail_kind::MailKind;
use authflow::domain::email::mail_state::MailState;
use authflow::domain::source::Source;
use authflow::error::Result;
use authflow::mail::{DeliveryError, Mail, MailTransport};
use authflow::repositories::outbox_list;
use authflow::services::administration::user_lookup;
use authflow::services::email::queue::{self, Recipient};
use authflow::services::operations::doctor;
use authflow::services::operations::finding::CheckedPart;
use authflow::{transaction, worker};

use super::*;

#[tokio::test]
async fn sign_ups_from_many_networks_of_one_site_are_limited_together() {
    let app = TestApp::start().await;
    let sign_up = async |network: &str, n: usize| {
        let browser = app.browser_at(&format!("{network}::7"));
        let email = format!("user{n}@{}.example.org", network.replace(':', "-"));
        match browser.sign_up(&email).await.status.as_u16() {
            303 => 1,
            429 => 0,
            other => panic!("{other}"),
        }
    };
    // 26 /64s of one /48, next to each other: one household.
    let mut passed = 0;
    for n in 0..26 {
        passed += sign_up(&format!("2001:db8:1:{n:x}"), n).await;
    }
    assert_eq!((passed, app.rows("outbox").await), (25, 25));
    // Spread over another /48.
    let mut passed = 0;
    for n in 0..84 {
        passed += sign_up(&format!("2001:db8:2:{n:x}00"), n).await;
    }
    assert_eq!(passed, 80);
    passed = sign_up("2001:db8:3:0", 0).await;
    assert_eq!(passed, 1, "another site has its own limit");
}

#[tokio::test]
async fn emails_triggered_by_strangers_share_one_budget_and_take_turns() {
    let app = TestApp::with(&[("EMAILS_PER_MINUTE", "3")]).await;
    app.person(ADA).await;
    app.mails().await;
    app.wait(60);
    let flood = app.browser_at("198.51.100.7");
    for n in 0..10 {
        flood.sign_up(&format!("flood{n}@example.org")).await.goes_to("/auth/check-mail");
    }
    let someone = app.browser_at("203.0.113.9");
    someone.sign_up("someone@example.org").await.goes_to("/auth/check-mail");
    forgot(&app.browser(), ADA).await;

    let sent = async || app.mails().await.iter().filter(|it| it.to.starts_with("flood")).count();
    assert_eq!(sent().await, 2);
    // Other instances share the budget.
    let (another, _) = app.another().await;
    deliver_all(&another).await;
    assert_eq!(sent().await, 2);
    assert_eq!(count_of(&app, "someone@example.org", "confirm your email address").await, 1);
    assert_eq!(count_of(&app, ADA, RESET).await, 1, "a notice does not wait");
    assert_ne!(app.app.emails_alarm_at.load(std::sync::atomic::Ordering::Relaxed), 0);

    assert_eq!(about_emails(&app).await, [NOTHING], "a short wait is not reported");
    app.wait(2 * 60 + 1);
    let found = about_emails(&app).await;
    let held = "8 emails triggered by visitors are waiting for their turn";
    assert!(found.len() == 1 && found[0].starts_with(held), "{found:?}");
    for expected in [5, 8, 10, 10] {
        assert_eq!(sent().await, expected);
        app.wait(60);
    }
    assert_eq!(about_emails(&app).await, [NOTHING]);
}

const NOTHING: &str = "No emails have failed or are delayed.";

/// What the health check says about emails.
async fn about_emails(app: &TestApp) -> Vec<String> {
    let found = doctor::of_server(&app.app).await.unwrap();
    let found = found.into_iter().filter(|it| it.part == CheckedPart::Emails);
    found.map(|it| it.text.english()).collect()
}

/// A mail server that does not answer.
#[derive(Debug)]
struct Away;

#[async_trait::async_trait]
impl MailTransport for Away {
    fn describe(&self) -> String {
        "a server that is away".into()
    }
    async fn check(&self) -> Result<String, DeliveryError> {
        Err(DeliveryError::Passing("away".into()))
    }
    async fn deliver(&self, _: &Mail) -> Result<String, DeliveryError> {
        Err(DeliveryError::Passing("away".into()))
    }
}

/// The app of this test, without the mail server.
fn without_mail_server(app: &TestApp) -> App {
    let mut away = app.app.clone();
    away.mail = std::sync::Arc::new(Away);
    away
}

#[tokio::test]
async fn only_emails_that_were_tried_count_as_delayed() {
    let app = TestApp::start().await;
    app.browser().sign_up(ADA).await.goes_to("/auth/check-mail");
    delivery::deliver_next(&without_mail_server(&app)).await.unwrap();
    app.browser().sign_up("eve@example.org").await.goes_to("/auth/check-mail");
    let delayed = "1 email is waiting and could not be sent yet. Latest error: away";
    assert_eq!(about_emails(&app).await, [delayed]);
}

#[tokio::test]
async fn waiting_emails_are_counted_up_to_a_limit() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    lists::add_emails(&app, 10_050).await;
    app.change("UPDATE outbox SET state = 'waiting', finished_at = NULL WHERE state = 'failed'")
        .await;
    let about = about_emails(&app).await;
    assert_eq!(about.len(), 1, "{about:?}");
    let delayed =
        "More than 10,000 emails are waiting and could not be sent yet. Latest error: email ";
    assert!(about[0].starts_with(delayed), "{about:?}");
    assert_eq!(outbox_list::delayed(&app.app.db, 100).await.unwrap().count, 100);
    app.change(
        "UPDATE outbox SET attempts = 0, last_error = NULL, turn = 1 WHERE state = 'waiting'",
    )
    .await;
    let about = about_emails(&app).await;
    assert_eq!(about.len(), 1, "{about:?}");
    let held = "More than 10,000 emails triggered by visitors are waiting for their turn, the oldest since ";
    assert!(about[0].starts_with(held), "{about:?}");
    let counted = outbox_list::held(&app.app.db, app.app.clock.now(), 100).await.unwrap();
    assert_eq!(counted.count, 100);
    assert!(counted.since.is_some());
}

#[tokio::test]
async fn an_email_that_waited_for_its_turn_is_still_retried_for_24_hours() {
    let app = TestApp::start().await;
    app.browser().sign_up(ADA).await.goes_to("/auth/check-mail");
    app.wait(3 * 86_400);
    let away = without_mail_server(&app);
    delivery::deliver_next(&away).await.unwrap();
    assert_eq!(app.emails_in(MailState::Waiting).await.len(), 1);
    app.wait(86_400);
    delivery::deliver_next(&away).await.unwrap();
    assert_eq!(app.emails_in(MailState::Waiting).await.len(), 0);
}

#[tokio::test]
async fn notices_about_the_owners_program_do_not_suppress_those_about_a_thief() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    let told = async || count_of(&app, ADA, "new sign-in to your account").await;
    let sign_in = async |address: &str, user_agent: &str| {
        let headers = [("x-forwarded-for", address), ("user-agent", user_agent)];
        let mut fields = headers.to_vec();
        fields.push(("content-type", "application/json"));
        let body = serde_json::json!({ "email": ADA, "password": PASSWORD }).to_string();
        let answer = app
            .browser()
            .send(reqwest::Method::POST, "/api/auth/login", &fields, Some(body.into_bytes()))
            .await;
        answer.is(200);
    };
    for _ in 0..12 {
        sign_in("192.0.2.7", "backup/1.0").await;
    }
    assert_eq!(told().await, 3);
    sign_in("198.51.100.7", "backup/1.0").await;
    assert_eq!(told().await, 4, "from another network");
    sign_in("192.0.2.7", "curl/8.5.0").await;
    assert_eq!(told().await, 5, "another program");
    sign_in("192.0.2.8", "backup/1.0").await;
    assert_eq!(told().await, 6, "from a neighbouring address");
    // Made-up program names trigger a limited number of notices.
    for n in b'a'..=b'z' {
        sign_in("198.51.100.7", &format!("x{}", char::from(n))).await;
    }
    assert_eq!(told().await, 6 + 9);
    app.wait(86_400);
    sign_in("192.0.2.7", "backup/1.0").await;
    assert_eq!(told().await, 6 + 9 + 1);
}

/// Queues emails to `count` addresses without an account.
async fn queue_resets_without_accounts(app: &TestApp, count: usize) {
    let source = Source::command_line();
    transaction!(app.app.db, |tx| -> Result<_> {
        for n in 0..count {
            let to = EmailAddress::parse(&format!("nobody{n}@example.org")).unwrap().key();
            let kind = MailKind::ResetPassword;
            queue::put(&app.app, tx, kind, Recipient::Address(&to), None, &source).await?;
        }
        Ok(())
    })
    .unwrap();
}

#[tokio::test]
async fn frequent_wake_ups_do_not_slow_down_the_queue() {
    let app = TestApp::start().await;
    queue_resets_without_accounts(&app, 150).await;
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let working = tokio::spawn(worker::run(app.app.clone(), stopped));
    let bell = app.app.outbox_bell.clone();
    let ringing = tokio::spawn(async move {
        loop {
            bell.notify_one();
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    });
    // With a pause before each email it would take 30 seconds.
    let drained = async {
        while app.rows("outbox").await > 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let is_drained = tokio::time::timeout(Duration::from_secs(12), drained).await.is_ok();
    ringing.abort();
    stop.send(true).unwrap();
    working.await.unwrap();
    assert!(is_drained);
}

#[tokio::test]
async fn excess_notices_of_an_account_wait_for_their_turn() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    deliver_all(&app.app).await;
    let user = user_lookup::named(&app.app, ADA).await.unwrap().unwrap().id;
    let source = Source::command_line();
    transaction!(app.app.db, |tx| -> Result<_> {
        for _ in 0..25 {
            let kind = MailKind::RecoveryCodesRenewed;
            queue::put(&app.app, tx, kind, Recipient::Account(user, ADA), None, &source).await?;
        }
        let kind = MailKind::EmailChanged;
        queue::put(&app.app, tx, kind, Recipient::Account(user, ADA), None, &source).await
    })
    .unwrap();
    // The other notices wait for their turn within the budget. A reset link is sent before them.
    let exempt = "SELECT COUNT(*) FROM outbox WHERE state = 'waiting' AND turn IS NULL";
    assert_eq!(app.count(exempt).await, 11);
    forgot(&app.browser(), ADA).await;
    delivery::deliver_next(&app.app).await.unwrap();
    let reset = &app.emails(MailKind::ResetPassword).await[0];
    assert_eq!(reset.state, MailState::Sent, "a reset link is sent before all waiting emails");
    assert_eq!(count_of(&app, ADA, "new recovery codes created").await, 25, "no notice is lost");
}

#[tokio::test]
async fn a_postponed_email_does_not_delay_later_turns() {
    let app = TestApp::start().await;
    let sign_up = async |n: usize, network: usize| {
        let browser = app.browser_at(&format!("198.51.{network}.7"));
        browser.sign_up_as("Eve", &format!("user{n}@example.org"), PASSWORD).await.is(303);
    };
    sign_up(0, 0).await;
    app.change("UPDATE outbox SET attempts = 1, due_at = due_at + 3600").await;
    let turn_of = "SELECT COALESCE(MAX(turn), 0) FROM outbox WHERE state = 'waiting'";
    let put_off = app.count(turn_of).await;
    for n in 1..4 {
        sign_up(n, 1).await;
    }
    let waiting = app.count(turn_of).await;
    assert!(waiting > put_off);
    // The first two emails of the other network have been sent, so a new network waits only for the third.
    app.change("UPDATE outbox SET state = 'sent' WHERE state = 'waiting' AND attempts = 0 AND turn < (SELECT MAX(turn) FROM outbox)").await;
    sign_up(9, 2).await;
    assert_eq!(app.count(turn_of).await, waiting + 2, "in the round after the current one");
}
