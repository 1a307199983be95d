//! Refresh tokens in the body: the same state machine as the browser's cookie.

use authflow::domain::audit_event::Event;
use serde_json::json;

use crate::support::*;

/// A signed-in client whose first refresh token was used and is due for rotation.
async fn due() -> (TestApp, ApiClient, String) {
    let app = TestApp::start().await;
    app.person(ADA).await;
    let mut api = app.signed_in_api().await;
    api.refresh().await.is(200);
    let first = api.refresh.clone();
    app.wait(600);
    (app, api, first)
}

#[tokio::test]
async fn a_token_is_renewed_after_10_minutes() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    let mut api = app.signed_in_api().await;
    let (access, first) = (api.access.clone(), api.refresh.clone());
    app.wait(599);
    api.refresh().await.is(200);
    assert_eq!(api.refresh, first);
    assert_ne!(api.access, access, "an access token is new each time");
    // It was just used for the first time. The next rotation waits until concurrent requests have arrived.
    app.wait(59);
    api.refresh().await.is(200);
    assert_eq!(api.refresh, first);
    app.wait(1);
    api.refresh().await.is(200);
    assert_ne!(api.refresh, first);
    assert_eq!(app.generation().await, 2);
    assert!(api.is_signed_in().await);
}

#[tokio::test]
async fn a_lost_response_does_not_end_the_session() {
    let (app, mut api, first) = due().await;
    let lost = api.refresh_with(&first).await;
    for wait in [0, 1, 70, 86_400] {
        app.wait(wait);
        let again = api.refresh_with(&first).await;
        assert_eq!(again.is(200).text("refreshToken"), lost.text("refreshToken"));
    }
    assert_eq!(app.generation().await, 2);
    api.keep(api.refresh_with(&first).await).is(200);
    assert!(api.is_signed_in().await);
}

#[tokio::test]
async fn a_token_is_valid_until_its_successor_is_used() {
    let (app, mut api, first) = due().await;
    let thief = api.clone();
    api.refresh().await.is(200);
    assert_ne!(api.refresh, first);
    api.refresh().await.is(200); // uses the successor
    app.wait(59);
    // A concurrent request gets the current token, and the client continues with it.
    let late = thief.refresh_with(&first).await;
    assert_eq!(late.is(200).text("refreshToken"), api.refresh);
    app.wait(1);
    thief.refresh_with(&first).await.refuses(401, "refresh_token_reused").says("copied");
    assert!(!api.is_signed_in().await, "the session has ended for both");
    thief.refresh_with(&first).await.refuses(401, "refresh_token_reused");
    api.refresh().await.refuses(401, "refresh_token_reused");
    assert_eq!(app.subjects(ADA).await.last().unwrap(), "we ended a copied session");
    assert_eq!(
        app.audit_entries(Event::RefreshTokenReused).await.len(),
        1,
        "the owner is notified once"
    );
}

#[tokio::test]
async fn a_token_two_generations_old_counts_as_a_copy() {
    let (app, mut api, first) = due().await;
    api.refresh().await.is(200);
    api.refresh().await.is(200);
    app.wait(600);
    api.refresh().await.is(200); // the third token, not used yet
    api.refresh_with(&first).await.refuses(401, "refresh_token_reused");
    assert!(!api.is_signed_in().await);
}

#[tokio::test]
async fn parallel_refreshes_get_the_same_token() {
    let (app, api, first) = due().await;
    let (_, elsewhere) = app.another().await;
    let all = (0..20).map(|n| {
        let (app_api, other) = (api.clone(), api.moved_to(elsewhere.address()));
        let first = first.clone();
        tokio::spawn(async move {
            let api = if n % 2 == 0 { app_api } else { other };
            let answer = api.refresh_with(&first).await;
            answer.is(200).text("refreshToken").to_owned()
        })
    });
    let mut tokens = Vec::new();
    for one in all.collect::<Vec<_>>() {
        tokens.push(one.await.unwrap());
    }
    assert_eq!(app.generation().await, 2);
    assert!(tokens.iter().all(|token| *token == tokens[0] && *token != first), "{tokens:?}");
    api.refresh_with(&tokens[0]).await.is(200);
}

#[tokio::test]
async fn a_restored_backup_raises_no_alarm() {
    let (app, mut api, first) = due().await;
    api.refresh().await.is(200);
    app.restore_first_tokens().await;
    let before = app.mails().await.len();
    api.refresh().await.refuses(401, "invalid_refresh_token");
    api.refresh_with(&first).await.is(200);
    assert_eq!(app.mails().await.len(), before);
}

#[tokio::test]
async fn tokens_of_another_issuer_or_kind_are_refused() {
    let (app, api, first) = due().await;
    let other = TestApp::start().await;
    other.person(ADA).await;
    let foreign = other.signed_in_api().await.refresh;
    let changed = first.replacen('A', "B", 1); // another kind of token
    for token in ["x", &first[1..], &changed, &foreign, api.access.as_ref().unwrap()] {
        api.refresh_with(token).await.refuses(401, "invalid_refresh_token");
    }
    for body in [json!({}), json!({ "refreshToken": "" }), json!({ "refreshToken": 1 })] {
        api.post("/api/auth/refresh", body).await.names(&["refreshToken"]);
    }
    assert_eq!(app.generation().await, 1);
    api.refresh_with(&first).await.is(200);
}

#[tokio::test]
async fn a_session_expires_after_a_week_unused_and_after_30_days_in_any_case() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    let week = 7 * 86_400;
    let mut idle = app.signed_in_api().await;
    app.wait(week - 1);
    idle.refresh().await.is(200);
    app.wait(week);
    idle.refresh().await.refuses(401, "invalid_refresh_token");

    let mut api = app.signed_in_api().await;
    for _ in 0..29 {
        app.wait(86_400);
        api.refresh().await.is(200);
    }
    app.wait(86_400);
    api.refresh().await.refuses(401, "invalid_refresh_token");
}

#[tokio::test]
async fn a_disabled_account_gets_no_more_tokens() {
    let (app, mut api, _) = due().await;
    app.disable(ADA).await;
    api.refresh().await.refuses(401, "invalid_refresh_token");
    app.enable(ADA).await;
    api.refresh().await.is(200);
}

#[tokio::test]
async fn a_refresh_that_fails_without_the_database_ends_no_session() {
    let (app, mut api, first) = due().await;
    api.refresh().await.is(200);
    let broken = app.ground.start(&app.app.clock).await.unwrap();
    let browser = app.beside(|it| it.db = broken.db.clone()).await;
    let elsewhere = api.moved_to(browser.address());
    broken.db.close().await;
    elsewhere.refresh_with(&first).await.refuses(503, "unavailable");
    elsewhere.get("/api/auth/profile").await.refuses(503, "unavailable");
    let body = json!({ "email": ADA, "password": PASSWORD });
    elsewhere.post("/api/auth/login", body).await.refuses(503, "unavailable");
    api.refresh().await.is(200);
    assert!(api.is_signed_in().await);
}

#[tokio::test]
async fn tokens_are_never_stored_in_plain_text() {
    let (app, api, _) = due().await;
    assert!(app.password_hash(ADA).await.starts_with("$argon2id$"));
    if !app.app.config.data_dir.join("authflow.db").exists() {
        return; // a test cannot read PostgreSQL's files; the rows are the same
    }
    let bytes: Vec<u8> = ["authflow.db", "authflow.db-wal"]
        .iter()
        .flat_map(|name| std::fs::read(app.app.config.data_dir.join(name)).unwrap())
        .collect();
    let holds = |text: &str| bytes.windows(text.len()).any(|it| it == text.as_bytes());
    assert!(holds(ADA), "the file contains the data");
    for secret in [api.refresh.as_str(), &api.refresh[40..], api.access.as_ref().unwrap(), PASSWORD]
    {
        assert!(!holds(secret));
    }
}
