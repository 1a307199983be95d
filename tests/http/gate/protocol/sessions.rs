//! Sessions at the gate: when access ends, and what a request writes.

use std::collections::BTreeSet;

use super::*;

#[tokio::test]
async fn signing_out_or_disabling_the_account_ends_access_to_every_app() {
    for is_nginx in [true, false] {
        let (app, ada) = signed_in_to_app(is_nginx, &[]).await;
        ada.open(WIKI).await.is(200).says("the application");
        let asks = ada.open(&format!("{LOGIN}/auth/logout")).await;
        asks.is(200).says("every app you opened");
        ada.go(DEEP).await.is(200);
        ada.press(&asks, "Sign out now", &[]).await.says("You are signed out.");
        for guarded in [DEEP, WIKI] {
            let sent = ada.go(guarded).await;
            assert_eq!(location(&sent).path(), "/gate/start");
            ada.open(guarded).await.is(200).says("Sign in");
        }
        let login = ada.open(DEEP).await;
        ada.sign_in(&login, ADA).await.is(200).says("the application");
        ada.open(WIKI).await.says("the application");
        app.disable(ADA).await;
        for guarded in [DEEP, WIKI] {
            ada.open(guarded).await.is(200).says("Sign in");
            ada.send(Method::GET, guarded, &SCRIPT, None).await.is(401);
        }
    }
}

#[tokio::test]
async fn sessions_expire_at_the_gate_too() {
    let (app, ada) = signed_in_to_app(false, &[]).await;
    for _ in 0..3 {
        app.wait(11 * 3_600);
        ada.go(DEEP).await.is(200); // keeps the session alive
    }
    app.wait(12 * 3_600);
    ada.go(DEEP).await.is(302);
    let login = ada.open(DEEP).await;
    ada.sign_in(&login, ADA).await.is(200);
    for _ in 0..(30 * 24 / 11) {
        app.wait(11 * 3_600);
        ada.go(DEEP).await.is(200);
    }
    app.wait(11 * 3_600);
    ada.go(DEEP).await.is(302);
}

#[tokio::test]
async fn a_request_writes_only_when_the_session_was_last_seen() {
    let (app, ada) = signed_in_to_app(false, &[]).await;
    let (before, first) = (app.generation().await, app.last_seen().await);
    for _ in 0..5 {
        app.wait(11);
        ada.go(DEEP).await.is(200);
    }
    assert_eq!(app.last_seen().await, first, "at most once a minute");
    app.wait(3_600);
    ada.go(DEEP).await.is(200);
    assert_eq!(app.last_seen().await.0, first.0 + 3_655);
    assert_eq!(app.generation().await, before, "the gate never rotates");
    // Visitors without a session leave no rows.
    let rows = async || {
        let mut counts = BTreeSet::new();
        for table in ["sessions", "spent_tickets", "tower_sessions"] {
            counts.insert((table, app.rows(table).await));
        }
        counts
    };
    let before = rows().await;
    let stranger = ada.another();
    stranger.open(DEEP).await.is(200).says("Sign in");
    stranger.go(&format!("{DEEP}&__gate={}", "A".repeat(120))).await;
    stranger.go(&format!("{APP}/.authflow/ticket?ticket={}", "A".repeat(142))).await;
    assert_eq!(rows().await, before);
}

#[tokio::test]
async fn two_instances_agree_on_sessions() {
    let (app, ada) = signed_in_to_app(false, &[]).await;
    let (_other, browser) = app.another().await;
    let cookie = format!("{GATE}={}", ada.cookies(APP)[GATE]);
    let headers = [
        ("x-original-url", DEEP),
        ("x-original-method", "GET"),
        ("cookie", cookie.as_str()),
        NAVIGATION[1],
    ];
    let ask = async || browser.send(Method::GET, "/gate/nginx", &headers, None).await;
    ask().await.is(200);
    let asks = ada.open(&format!("{LOGIN}/auth/logout")).await;
    ada.press(&asks, "Sign out now", &[]).await.is(200);
    ask().await.is(401);
}

#[tokio::test]
async fn the_gate_fails_closed_without_its_database() {
    for is_nginx in [true, false] {
        let (app, ada) = signed_in_to_app(is_nginx, &[]).await;
        app.app.db.close().await;
        let refused = ada.go(DEEP).await;
        refused.is(503).says("is not responding right now");
        assert!(!refused.headers.contains_key("remote-user"));
        assert_eq!(refused.header("retry-after"), "5");
    }
}
