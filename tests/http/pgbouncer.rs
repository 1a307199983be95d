//! The server behind PgBouncer.

use sqlx::Connection;

use authflow::db::{Result, query};
use authflow::transaction;

use super::support::*;

const SHOW: &str =
    "SELECT current_setting('statement_timeout') || ' ' || current_setting('lock_timeout')
                           || ' ' || current_setting('idle_in_transaction_session_timeout')";

#[tokio::test]
async fn session_mode_works_with_the_default_settings() {
    works_with("").await;
}

#[tokio::test]
async fn transaction_mode_works_with_prepared_statements() {
    let Some(program) = PgBouncer::program() else { return };
    if PgBouncer::has_prepared_statements(&program) {
        // All connections of the server share two.
        works_with("pool_mode = transaction\nmax_prepared_statements = 200\ndefault_pool_size = 2")
            .await;
    } else {
        left_out("PgBouncer in transaction mode", "the installed version is older than 1.21");
    }
}

/// Signs up, signs in and signs out on two instances that start in parallel on an empty database.
async fn works_with(settings: &str) {
    let Some(program) = PgBouncer::program() else { return };
    let Some(database) = PostgresDatabase::make().await else { return };
    let pooler = PgBouncer::start(&program, &database.url, settings).await;
    let ground = Ground::on(Some(&pooler.url), &[("DATABASE_CONNECTIONS", "6")]);
    let clock = authflow::clock::Clock::System;
    let (one, two) = tokio::join!(ground.start(&clock), ground.start(&clock));
    one.expect("an instance should start").db.close().await;
    two.expect("an instance should start").db.close().await;

    let app = TestApp::upon(ground).await;
    let browser = app.person(ADA).await;
    let (_, other) = app.another().await;
    let visits = (0..12).map(|n| {
        let (here, there) = (browser.clone(), app.browser());
        tokio::spawn(async move {
            assert!(here.is_signed_in().await);
            there.sign_up(&format!("person{n}@example.org")).await.goes_to("/auth/check-mail");
        })
    });
    for visit in visits.collect::<Vec<_>>() {
        visit.await.unwrap();
    }
    browser.carried_to(&other).press("/dashboard", "Sign out", &[]).await.goes_to("/auth/login");
    assert!(!browser.is_signed_in().await);
    other.sign_in(ADA, PASSWORD).await.goes_to("/dashboard");

    // Another program that gets one of our connections does not get our limits.
    let mut stranger = pooler.connection().await;
    let (limits,): (String,) =
        sqlx::query_as(SHOW).persistent(false).fetch_one(&mut stranger).await.unwrap();
    assert_eq!(limits, "0 0 0");
    stranger.close().await.unwrap();
    app.app.db.close().await;
}

#[tokio::test]
async fn the_servers_limits_belong_to_transactions() {
    let app = TestApp::start().await;
    if !app.app.db.is_shared() {
        return;
    }
    let (limits,): (String,) =
        transaction!(app.app.db, |tx| -> Result<_> { query(tx, SHOW).one().await }).unwrap();
    assert_eq!(limits, "15s 5s 30s");
    for _ in 0..20 {
        let (limits,): (String,) = query(&app.app.db, SHOW).one().await.unwrap();
        assert_eq!(limits, "0 0 0");
    }
}
