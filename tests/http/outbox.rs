//! Emails on their way from the request to the mail server.

use authflow::domain::email::mail_state::MailState;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::support::*;
use async_trait::async_trait;
use authflow::app::App;
use authflow::domain::account::email::EmailAddress;
use authflow::domain::email::mail_kind::MailKind;
use authflow::domain::source::Source;
use authflow::error::Result;
use authflow::mail::{DeliveryError, Mail, MailTransport};
use authflow::services::email::delivery::{self, Delivered};
use authflow::services::email::queue::{self, Recipient};
use authflow::transaction;

/// A transport with a fixed result that counts emails.
#[derive(Debug)]
struct Broken {
    fails: fn() -> Result<String, DeliveryError>,
    stalls: bool,
    tried: AtomicUsize,
}

#[async_trait]
impl MailTransport for Broken {
    fn describe(&self) -> String {
        "a transport that does not work".into()
    }

    async fn check(&self) -> Result<String, DeliveryError> {
        (self.fails)()
    }

    async fn deliver(&self, _: &Mail) -> Result<String, DeliveryError> {
        self.tried.fetch_add(1, Ordering::SeqCst);
        if self.stalls {
            std::future::pending::<()>().await;
        }
        (self.fails)()
    }
}

/// A server with a sign-up whose email is queued, and the same server with a broken transport.
async fn signed_up(
    fails: fn() -> Result<String, DeliveryError>,
    stalls: bool,
) -> (TestApp, App, Arc<Broken>) {
    let app = TestApp::start().await;
    app.browser().sign_up(ADA).await.goes_to("/auth/check-mail");
    let broken = Arc::new(Broken { fails, stalls, tried: AtomicUsize::new(0) });
    let mut other = app.app.clone();
    other.mail = Arc::clone(&broken) as Arc<dyn MailTransport>;
    (app, other, broken)
}

/// Whether an email was due.
async fn tried(app: &App) -> bool {
    delivery::deliver_next(app).await.unwrap() != Delivered::None
}

#[tokio::test]
async fn the_worker_is_woken_after_a_commit_and_not_after_a_rollback() {
    let app = TestApp::start().await;
    let is_rung = async || {
        let notified = app.app.outbox_bell.notified();
        tokio::time::timeout(Duration::ZERO, notified).await.is_ok()
    };
    let address = EmailAddress::parse(ADA).unwrap().key();
    let (source, to) = (Source::command_line(), Recipient::Address(&address));
    let kind = MailKind::ResetPassword;

    let rolled_back = transaction!(app.app.db, |tx| -> Result<()> {
        queue::put(&app.app, tx, kind, to, None, &source).await?;
        Err(DeliveryError::Final("changed my mind".into()).into())
    });
    assert!(rolled_back.is_err() && !is_rung().await);

    transaction!(app.app.db, |tx| -> Result<_> {
        queue::put(&app.app, tx, kind, to, None, &source).await?;
        assert!(!is_rung().await, "the email is not committed yet");
        Ok(())
    })
    .unwrap();
    assert!(is_rung().await);

    transaction!(app.app.db, |tx| -> Result<_> {
        queue::put_and_delete(&app.app, tx, kind, to, &source).await
    })
    .unwrap();
    assert!(!is_rung().await, "there is no email to send");
}

#[tokio::test]
async fn a_temporary_failure_is_retried_with_growing_pauses_for_24_hours() {
    let (app, other, broken) =
        signed_up(|| Err(DeliveryError::Passing("no route".into())), false).await;
    assert!(tried(&other).await);
    assert!(!tried(&other).await, "no retry during the pause");
    app.wait(20);
    assert!(!tried(&other).await);
    app.wait(20);
    assert!(tried(&other).await);
    assert_eq!(broken.tried.load(Ordering::SeqCst), 2);
    app.wait(40);
    assert!(!tried(&other).await, "the second pause is longer");
    app.wait(23 * 3_600);
    assert!(tried(&other).await);
    assert_eq!(app.emails_in(MailState::Waiting).await.len(), 1);
    app.wait(2 * 3_600);
    assert!(tried(&other).await);
    assert_eq!(
        (
            app.emails_in(MailState::Waiting).await.len(),
            app.emails_in(MailState::Failed).await.len()
        ),
        (0, 1)
    );
}

#[tokio::test]
async fn a_permanent_failure_is_not_retried() {
    let (app, other, broken) =
        signed_up(|| Err(DeliveryError::Final("no such mailbox".into())), false).await;
    assert!(tried(&other).await);
    app.wait(86_400);
    assert!(!tried(&other).await);
    assert_eq!(
        (broken.tried.load(Ordering::SeqCst), app.emails_in(MailState::Failed).await.len()),
        (1, 1)
    );
}

#[tokio::test]
async fn the_link_of_a_late_email_is_valid_for_its_full_lifetime() {
    let (app, other, _) = signed_up(|| Err(DeliveryError::Passing("no route".into())), false).await;
    assert!(tried(&other).await);
    app.wait(20 * 3_600);
    let link = app.mailed_path(ADA).await; // the transport works now
    app.wait(23 * 3_600);
    app.browser().get(&link).await.is(200);
}

#[tokio::test]
async fn a_worker_that_dies_while_sending_loses_no_email() {
    let (app, other, broken) = signed_up(|| Ok(String::new()), true).await;
    let died =
        tokio::time::timeout(Duration::from_millis(300), delivery::deliver_next(&other)).await;
    assert!(died.is_err() && broken.tried.load(Ordering::SeqCst) == 1);
    assert!(app.mails().await.is_empty(), "no other worker takes it while the lease holds");
    app.wait(180);
    assert_eq!(app.mails().await.len(), 1);

    let (app, other, _) = signed_up(|| Ok(String::new()), true).await;
    let died =
        tokio::time::timeout(Duration::from_millis(300), delivery::deliver_next(&other)).await;
    assert!(died.is_err());
    delivery::take_over(&app.app).await.unwrap(); // as after a restart
    assert_eq!(app.mails().await.len(), 1);
}

#[tokio::test]
async fn two_workers_deliver_each_email_once() {
    let app = TestApp::start().await;
    for n in 0..10 {
        app.browser().sign_up(&format!("user{n}@example.org")).await;
    }
    let broken =
        Arc::new(Broken { fails: || Ok(String::new()), stalls: false, tried: AtomicUsize::new(0) });
    let mut other = app.app.clone();
    other.mail = Arc::clone(&broken) as Arc<dyn MailTransport>;
    let workers = (0..4).map(|_| {
        let other = other.clone();
        tokio::spawn(async move { deliver_all(&other).await })
    });
    for worker in workers.collect::<Vec<_>>() {
        worker.await.unwrap();
    }
    // A worker stops early if the other took the next email. The rest is delivered here.
    deliver_all(&other).await;
    assert_eq!(broken.tried.load(Ordering::SeqCst), 10);
}

#[tokio::test]
async fn while_no_email_can_be_sent_the_worker_tries_once() {
    let blocked = || {
        let (why, pause) = ("too many".into(), Some(Duration::from_mins(15)));
        Err(DeliveryError::Blocked { why, pause })
    };
    for (fails, tries) in [
        (blocked as fn() -> Result<String, DeliveryError>, 1),
        (|| Err(DeliveryError::Passing("greylisted".into())), 4),
    ] {
        let (app, other, broken) = signed_up(fails, false).await;
        let bell = Arc::clone(&other.outbox_bell);
        let (stop, stopped) = tokio::sync::watch::channel(false);
        let worker = tokio::spawn(authflow::worker::run(other, stopped));
        for n in 1..4 {
            app.browser().sign_up(&format!("user{n}@example.org")).await;
            bell.notify_one();
            tokio::time::sleep(Duration::from_millis(600)).await;
        }
        assert!(wait_until(async || broken.tried.load(Ordering::SeqCst) >= tries).await);
        assert_eq!(broken.tried.load(Ordering::SeqCst), tries);
        stop.send(true).unwrap();
        worker.await.unwrap();
    }
}
