//! Several instances on one database: a change on one applies to the next request on the others.

use authflow::domain::audit_event::Event;
use authflow::domain::email::mail_state::MailState;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use authflow::app::App;
use authflow::clock::Clock;
use authflow::db::{self, Db};
use authflow::domain::sign_in::session_kind::SessionKind;
use authflow::domain::source::Source;
use authflow::error::Error;
use authflow::mail::file::FileTransport;
use authflow::mail::{DeliveryError, Mail, MailTransport};
use authflow::services::email::delivery;
use authflow::services::session::access_tokens;
use authflow::services::session::session_management::{self, Resumed};
use sqlx::Connection;
use tokio::sync::Notify;

use super::support::*;

#[tokio::test]
async fn ten_instances_can_start_in_parallel_on_an_empty_database() {
    let ground = Arc::new(Ground::lay(&[]).await);
    let clock = Clock::System;
    let starts = (0..10).map(|_| {
        let (ground, clock) = (Arc::clone(&ground), clock.clone());
        tokio::spawn(async move { ground.start(&clock).await })
    });
    let mut keys = Vec::new();
    for start in starts.collect::<Vec<_>>() {
        let app = start.await.unwrap().expect("the instance should start");
        assert!(app.db.is_ready().await);
        keys.push(app.keys.current().signing(app.clock.now()).unwrap().0.to_owned());
        app.db.close().await;
    }
    keys.dedup();
    assert_eq!(keys.len(), 1, "all instances sign with one key");
}

#[tokio::test]
async fn an_instance_waits_while_another_migrates() {
    let Some(database) = PostgresDatabase::make().await else { return };
    let ground = Ground::on(Some(&database.url), &[]);
    let mut other = sqlx::PgConnection::connect(&database.url).await.unwrap();
    for sql in [
        "CREATE TABLE migration_lock (id BIGINT PRIMARY KEY)",
        "INSERT INTO migration_lock (id) VALUES (1)",
        "BEGIN",
        "SELECT id FROM migration_lock WHERE id = 1 FOR UPDATE",
    ] {
        sqlx::query(sql).execute(&mut other).await.unwrap();
    }
    let starting = tokio::spawn(async move { ground.start(&Clock::System).await });
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(!starting.is_finished(), "the instance waits for the lock");
    drop(other); // killed midway: only its connection held the lock
    let app = starting.await.unwrap().expect("the instance should start");
    assert!(app.db.is_ready().await);
    app.db.close().await;
}

#[tokio::test]
async fn a_schema_from_a_later_version_is_refused() {
    let app = TestApp::start().await;
    let later = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
                 SELECT 9999, 'from the future', success, checksum, 0 FROM _sqlx_migrations WHERE version = 1";
    app.change(later).await;
    assert!(app.app.db.is_ready().await, "running instances keep working during an upgrade");
    let refused =
        app.ground.start(&Clock::System).await.err().expect("the instance must not start");
    assert!(
        matches!(refused, Error::Db(db::Error::NewerSchema { found: 9999, known }) if known >= 3),
        "{refused}"
    );
    assert!(!refused.is_passing(), "the instance must fail without waiting");
    assert!(refused.to_string().contains("newer version"), "{refused}");
}

#[tokio::test]
async fn a_changed_migration_is_refused() {
    let app = TestApp::start().await;
    let altered = "UPDATE _sqlx_migrations SET checksum = (SELECT checksum FROM _sqlx_migrations WHERE version = 2)
                   WHERE version = 1";
    app.change(altered).await;
    let refused =
        app.ground.start(&Clock::System).await.err().expect("the instance must not start");
    assert!(
        matches!(refused, Error::Db(db::Error::Migration(_))) && !refused.is_passing(),
        "{refused}"
    );
}

#[tokio::test]
async fn an_instance_without_schema_rights_starts_on_a_current_schema() {
    let app = TestApp::start().await;
    let Db::Postgres { pool, .. } = &app.app.db else { return };
    let role =
        format!("authflow_test_{}", uuid::Uuid::from_bytes(authflow::secret::random()).simple());
    for sql in [
        format!("CREATE ROLE {role} LOGIN"),
        format!("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}"),
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC".to_owned(),
    ] {
        sqlx::query(&sql).execute(pool).await.unwrap();
    }
    let authflow::db::Location::Postgres(server) = &app.ground.config.database else { panic!() };
    let mut url = reqwest::Url::parse(server.url().reveal()).unwrap();
    url.set_username(&role).unwrap();
    let ground = Ground::on(Some(url.as_str()), &[]);
    let started = ground.start(&Clock::System).await;
    if let Ok(app) = &started {
        app.db.close().await;
    }
    for sql in [format!("DROP OWNED BY {role}"), format!("DROP ROLE {role}")] {
        sqlx::query(&sql).execute(pool).await.unwrap();
    }
    started.expect("the instance should start");
}

#[tokio::test]
async fn changes_on_one_instance_apply_to_the_other_at_once() {
    let app = TestApp::start().await;
    let (_, other) = app.another().await;
    let here = app.person(ADA).await;
    let there = here.carried_to(&other);
    assert!(there.is_signed_in().await, "a session from one instance is valid on the other");

    app.give_role(ADA, "editor").await;
    let (second, _) = app.another().await;
    let token = here.cookie("authflow-refresh").unwrap();
    let source = Source::new([127, 0, 0, 1].into(), "", String::new());
    let resumed = session_management::resume(&second, SessionKind::Browser, &token, false, &source)
        .await
        .unwrap();
    let Resumed::SignedIn { session, .. } = resumed else { panic!("{resumed:?}") };
    let claims = access_tokens::claims(&second, &session);
    assert_eq!(serde_json::to_value(&claims).unwrap()["roles"], serde_json::json!(["editor"]));

    // A second browser, whose session the first one ends.
    let elsewhere = app.browser();
    elsewhere.sign_in(ADA, PASSWORD).await.goes_to("/dashboard");
    here.press("/profile/password", "Change password", &CHANGE).await.goes_to("/profile/password");
    let (_, third) = app.another().await;
    assert!(
        !elsewhere.carried_to(&third).is_signed_in().await,
        "a password change ends sessions on the other instance"
    );
    assert!(here.carried_to(&third).is_signed_in().await);

    here.press("/dashboard", "Sign out", &[]).await.goes_to("/auth/login");
    let (_, fourth) = app.another().await;
    fourth.set_cookie("authflow-refresh", &there.cookie("authflow-refresh").unwrap());
    assert!(!fourth.is_signed_in().await, "a sign-out applies to all instances");

    fourth.forget_cookie("authflow-refresh");
    fourth.sign_in(ADA, NEW_PASSWORD).await.goes_to("/dashboard");
    app.disable(ADA).await;
    assert!(
        !fourth.carried_to(&app.browser()).is_signed_in().await,
        "disabling an account applies to all instances"
    );
}

#[tokio::test]
async fn rate_limits_are_shared_by_instances() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    let (_, other) = app.another().await;
    for browser in [app.browser(), other.clone(), app.browser(), other.clone(), app.browser()] {
        browser.sign_in(ADA, "not this one").await.is(401);
    }
    app.browser().sign_in(ADA, "not this one").await.is(429);
    other.sign_in(ADA, PASSWORD).await.is(429);
}

#[tokio::test]
async fn parallel_requests_to_two_instances_rotate_once_and_all_succeed() {
    let app = TestApp::start().await;
    let here = app.person(ADA).await;
    here.get("/dashboard").await.is(200);
    let (_, other) = app.another().await;
    for round in 2..6 {
        app.wait(11 * 60);
        let there = here.carried_to(&other);
        let old = here.cookie("authflow-refresh").unwrap();
        let requests = (0..20).map(|n| {
            let browser = if n % 2 == 0 { here.copy() } else { there.copy() };
            tokio::spawn(async move {
                let page = browser.get("/dashboard").await;
                (page.status.as_u16(), browser.cookie("authflow-refresh").unwrap())
            })
        });
        let mut tokens = Vec::new();
        for request in requests.collect::<Vec<_>>() {
            let (status, token) = request.await.unwrap();
            assert_eq!(status, 200);
            tokens.push(token);
        }
        assert_eq!(app.generation().await, round, "one request rotates the token");
        tokens.sort();
        tokens.dedup();
        assert!(tokens.len() == 1 && tokens[0] != old, "all get the new token");
        here.set_cookie("authflow-refresh", &tokens[0]);
        here.get("/dashboard").await.is(200);
        app.wait(61);
    }
    assert!(here.is_signed_in().await);
}

#[tokio::test]
async fn a_link_used_fifty_times_on_two_instances_works_once() {
    let app = TestApp::with(&[("TRUSTED_PROXIES", "127.0.0.0/8")]).await;
    app.person(ADA).await;
    let (_, other) = app.another().await;
    let asks = app.browser();
    asks.press("/auth/forgot-password", "Send reset link", &[("email", ADA)]).await;
    let link = app.mailed_path(ADA).await;
    let presses = (0..50).map(|n| {
        // From different networks, so that no rate limit interferes.
        let network = format!("10.0.{n}.1");
        let headers = [("x-forwarded-for", network.as_str())];
        let address = if n % 2 == 0 { app.address } else { other.address() };
        let browser = Browser::behind(address, &headers);
        let link = link.clone();
        tokio::spawn(async move {
            let password = format!("{NEW_PASSWORD} {n}");
            let page = browser.get(&link).await;
            if page.status.as_u16() == 410 {
                return (410, password);
            }
            let fields = [("password", password.as_str()), ("confirm_password", &password)];
            let page = browser.press_on(&page, "Set password", &fields).await;
            (page.status.as_u16(), password)
        })
    });
    let mut winners = Vec::new();
    for press in presses.collect::<Vec<_>>() {
        let (status, password) = press.await.unwrap();
        match status {
            303 => winners.push(password),
            410 => {}
            other => panic!("unexpected status {other}"),
        }
    }
    let [password] = &winners[..] else { panic!("{} uses of the link succeeded", winners.len()) };
    app.browser().sign_in(ADA, password).await.goes_to("/dashboard");
    assert_eq!(app.audit_entries(Event::PasswordReset).await.len(), 1);
}

/// Writes emails to files and counts them. Optionally stalls in the middle of the first one.
#[derive(Debug)]
struct Counting {
    files: FileTransport,
    delivered: AtomicUsize,
    stalls: bool,
    stalled: Notify,
}

impl Counting {
    fn new(app: &App, stalls: bool) -> Arc<Self> {
        let files = FileTransport::new(app.config.mail.folder().unwrap().to_owned());
        Arc::new(Self { files, delivered: 0.into(), stalls, stalled: Notify::new() })
    }
}

#[async_trait]
impl MailTransport for Counting {
    fn describe(&self) -> String {
        "files, counted".into()
    }

    async fn check(&self) -> Result<String, DeliveryError> {
        self.files.check().await
    }

    async fn deliver(&self, mail: &Mail) -> Result<String, DeliveryError> {
        if self.stalls {
            self.stalled.notify_one();
            std::future::pending::<()>().await;
        }
        self.delivered.fetch_add(1, Ordering::SeqCst);
        self.files.deliver(mail).await
    }
}

#[tokio::test]
async fn two_workers_deliver_each_email_once_even_when_one_is_killed_while_sending() {
    let app = TestApp::with(&[("TRUSTED_PROXIES", "127.0.0.0/8")]).await;
    let (mut first, _) = app.another().await;
    let (mut second, _) = app.another().await;
    for n in 0..15 {
        let network = format!("10.0.{n}.1");
        let browser = Browser::behind(app.address, &[("x-forwarded-for", network.as_str())]);
        browser.sign_up(&format!("person{n}@example.org")).await.goes_to("/auth/check-mail");
    }

    // A worker that starts to send an email and never returns.
    let stalling = Counting::new(&first, true);
    first.mail = Arc::clone(&stalling) as Arc<dyn MailTransport>;
    let killed = first.clone();
    let killed = tokio::spawn(async move { delivery::deliver_next(&killed).await });
    stalling.stalled.notified().await;
    killed.abort();

    let counting = Counting::new(&second, false);
    first.mail = Arc::clone(&counting) as Arc<dyn MailTransport>;
    second.mail = Arc::clone(&counting) as Arc<dyn MailTransport>;
    let work = |app: &App| {
        let app = app.clone();
        tokio::spawn(async move { deliver_all(&app).await })
    };
    let (one, two) = (work(&first), work(&second));
    one.await.unwrap();
    two.await.unwrap();
    assert_eq!(
        counting.delivered.load(Ordering::SeqCst),
        14,
        "the killed worker still holds one email"
    );
    app.wait(60 * 3);
    let (one, two) = (work(&first), work(&second));
    one.await.unwrap();
    two.await.unwrap();
    assert_eq!(counting.delivered.load(Ordering::SeqCst), 15);
    assert_eq!(app.emails_in(MailState::Sent).await.len(), 15);
    let mut to: Vec<String> = app.mails().await.into_iter().map(|mail| mail.to).collect();
    to.sort();
    to.dedup();
    assert_eq!(to.len(), 15, "each person got one email");
}

#[tokio::test]
async fn conflicting_transactions_are_retried() {
    let Some(database) = PostgresDatabase::make().await else { return };
    let mut url = reqwest::Url::parse(&database.url).unwrap();
    url.set_query(Some("options=-c%20default_transaction_isolation%3Dserializable"));
    let ground = Ground::on(Some(url.as_str()), &[]);
    let app = ground.start(&Clock::System).await.unwrap();
    let tries = Arc::new(AtomicUsize::new(0));
    let all = (0..16).map(|n: i64| {
        let (db, tries) = (app.db.clone(), Arc::clone(&tries));
        tokio::spawn(async move {
            authflow::transaction!(db, |tx| -> db::Result<_> {
                tries.fetch_add(1, Ordering::SeqCst);
                let (rows,): (i64,) =
                    authflow::db::query(&mut *tx, "SELECT COUNT(*) FROM throttles").one().await?;
                tokio::time::sleep(Duration::from_millis(20)).await;
                let add =
                    "INSERT INTO throttles (id, count, since, blocked_until) VALUES ($1, $2, 0, 0)";
                authflow::db::query(tx, add)
                    .bind(n.to_be_bytes().to_vec())
                    .bind(rows)
                    .execute()
                    .await
            })
        })
    });
    let mut worked = 0;
    for one in all.collect::<Vec<_>>() {
        worked += one.await.unwrap().map_or(0, |rows| rows);
    }
    // If two had committed without seeing each other, two rows would have the same count.
    let counts = "SELECT COUNT(DISTINCT count) FROM throttles";
    let distinct = count(&app.db, counts).await;
    assert_eq!(u64::try_from(distinct).unwrap(), worked);
    assert!(tries.load(Ordering::SeqCst) > 16, "some transactions conflicted");
    assert!(worked > 8, "most transactions succeeded: {worked}");
    app.db.close().await;
}
