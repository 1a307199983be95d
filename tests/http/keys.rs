//! Rotation and revocation of signing keys while servers run.

use authflow::app::App;
use authflow::domain::audit_event::Event;
use authflow::domain::sign_in::signing_key::{PUBLISHED_FIRST, VERIFIES_FOR};
use authflow::domain::source::Source;
use authflow::services::audit::Actor;
use authflow::services::operations::key_rotation::{
    self, RevokeError, RevokedKey, RotateError, Rotated,
};
use authflow::services::operations::retention;
use serde_json::Value;
use tempfile::TempDir;
use uuid::Uuid;

use super::support::*;

async fn rotate(app: &App) -> Result<Rotated, RotateError> {
    let source = Source::command_line();
    key_rotation::rotate(app, Actor { id: None, source: &source }).await
}

async fn revoke(app: &App, kid: &str) -> Result<RevokedKey, RevokeError> {
    let source = Source::command_line();
    key_rotation::revoke(app, Actor { id: None, source: &source }, kid.parse().unwrap()).await
}

/// The ids of the published keys.
async fn published(browser: &Browser) -> Vec<String> {
    let page = browser.get("/.well-known/jwks.json").await;
    let set: Value = serde_json::from_str(&page.is(200).body).unwrap();
    set["keys"]
        .as_array()
        .unwrap()
        .iter()
        .map(|key| key["kid"].as_str().unwrap().to_owned())
        .collect()
}

fn kid(token: &str) -> String {
    jsonwebtoken::decode_header(token).unwrap().kid.unwrap()
}

#[tokio::test]
async fn a_new_key_is_published_first_then_signs_and_replaces_the_former() {
    let app = TestApp::with(&[("ACCESS_TOKEN_TTL", "1h")]).await;
    app.person(ADA).await;
    // Another instance on the same database, which is not notified.
    let (other, other_browser) = app.another().await;
    let mut api = app.signed_in_api().await;
    let former = kid(api.access.as_ref().unwrap());
    let rotated = rotate(&app.app).await.unwrap();
    assert!(
        matches!(rotate(&app.app).await, Err(RotateError::Pending(_))),
        "only one rotation at a time"
    );
    assert!(matches!(rotate(&other).await, Err(RotateError::Pending(_))));

    app.app.keys.refresh(app.app.clock.now()).await.unwrap();
    assert_eq!(published(&app.browser()).await, [rotated.kid.clone(), former.clone()]);
    api.refresh().await.is(200);
    assert_eq!(kid(api.access.as_ref().unwrap()), former, "published first");

    app.wait(PUBLISHED_FIRST.as_secs());
    api.refresh().await.is(200);
    assert_eq!(kid(api.access.as_ref().unwrap()), rotated.kid);
    assert!(api.is_signed_in().await);
    // The unknown key id makes the other instance reload its keys at once.
    assert_eq!(published(&other_browser).await, std::slice::from_ref(&former));
    assert!(api.moved_to(other_browser.address()).is_signed_in().await);
    assert_eq!(published(&other_browser).await.len(), 2);

    let old = api.clone();
    app.wait(50 * 60);
    assert!(old.is_signed_in().await, "the former key's tokens stay valid until they expire");
    app.wait(VERIFIES_FOR.as_secs() - 50 * 60);
    assert_eq!(published(&app.browser()).await, std::slice::from_ref(&rotated.kid));
    app.wait(2 * 86_400);
    retention::clean_up(&app.app).await.unwrap();
    assert_eq!(app.rows("signing_keys").await, 1);
    assert_eq!(app.audit_entries(Event::KeyRotated).await.len(), 1);
    rotate(&app.app).await.unwrap();
}

#[tokio::test]
async fn tokens_of_a_revoked_key_are_refused_everywhere_but_sessions_continue() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    let (other, other_browser) = app.another().await;
    let mut api = app.signed_in_api().await;
    let leaked = kid(api.access.as_ref().unwrap());
    let elsewhere = api.moved_to(other_browser.address());
    assert!(api.is_signed_in().await && elsewhere.is_signed_in().await);

    let revoked = revoke(&app.app, &leaked).await.unwrap();
    assert!(revoked.is_new && revoked.signs != leaked);
    assert!(!api.is_signed_in().await, "at once");
    assert_eq!(published(&app.browser()).await, std::slice::from_ref(&revoked.signs));
    other.keys.refresh(other.clock.now()).await.unwrap(); // its worker does this every 30 seconds
    assert!(!elsewhere.is_signed_in().await, "the other instance refuses the token too");
    assert_eq!(published(&other_browser).await, std::slice::from_ref(&revoked.signs));

    api.refresh().await.is(200);
    assert_eq!(kid(api.access.as_ref().unwrap()), revoked.signs);
    assert!(api.is_signed_in().await);
    assert!(matches!(revoke(&app.app, &leaked).await, Err(RevokeError::AlreadyRevoked(_))));
    let unknown = revoke(&app.app, &Uuid::nil().to_string()).await;
    assert!(matches!(unknown, Err(RevokeError::Unknown)));
    assert_eq!(app.audit_entries(Event::KeyRevoked).await.len(), 1);
    rotate(&app.app).await.unwrap();
}

#[tokio::test]
async fn the_published_successor_of_a_revoked_key_signs_at_once() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    let mut api = app.signed_in_api().await;
    let leaked = kid(api.access.as_ref().unwrap());
    let rotated = rotate(&app.app).await.unwrap();
    let revoked = revoke(&app.app, &leaked).await.unwrap();
    assert_eq!((revoked.signs.as_str(), revoked.is_new), (rotated.kid.as_str(), false));
    api.refresh().await.is(200);
    assert_eq!(kid(api.access.as_ref().unwrap()), rotated.kid);
    assert_eq!(published(&app.browser()).await, [rotated.kid]);
}

#[tokio::test]
async fn a_revoked_successor_is_replaced_by_a_new_one_published_first() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    let mut api = app.signed_in_api().await;
    let signing = kid(api.access.as_ref().unwrap());
    let leaked = rotate(&app.app).await.unwrap().kid;
    app.wait(PUBLISHED_FIRST.as_secs() / 2);
    let revoked = revoke(&app.app, &leaked).await.unwrap();
    assert_eq!((revoked.signs.as_str(), revoked.is_new), (signing.as_str(), false));
    let both = published(&app.browser()).await;
    assert!(both.len() == 2 && both.contains(&signing) && !both.contains(&leaked), "{both:?}");
    // The full waiting time again, since no client has seen the new key before.
    app.wait(PUBLISHED_FIRST.as_secs() - 1);
    api.refresh().await.is(200);
    assert_eq!(kid(api.access.as_ref().unwrap()), signing);
    app.wait(1);
    api.refresh().await.is(200);
    let successor = kid(api.access.as_ref().unwrap());
    assert!(successor != signing && both.contains(&successor));
    // The former key now only verifies. It can be revoked until its last token has expired.
    let revoked = revoke(&app.app, &signing).await.unwrap();
    assert_eq!((revoked.signs, revoked.is_new), (successor.clone(), false));
    assert_eq!(published(&app.browser()).await, [successor]);
}

#[tokio::test]
async fn an_expired_key_cannot_be_revoked() {
    let app = TestApp::start().await;
    let former = published(&app.browser()).await.remove(0);
    rotate(&app.app).await.unwrap();
    app.wait(PUBLISHED_FIRST.as_secs() + VERIFIES_FOR.as_secs());
    assert!(matches!(revoke(&app.app, &former).await, Err(RevokeError::Over)));
}

#[tokio::test]
async fn of_two_parallel_rotations_one_succeeds() {
    let app = TestApp::start().await;
    let (other, _) = app.another().await;
    let (one, two) = tokio::join!(rotate(&app.app), rotate(&other));
    assert_eq!([one.is_ok(), two.is_ok()].iter().filter(|it| **it).count(), 1, "{one:?} {two:?}");
    assert_eq!(app.rows("signing_keys").await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_rotates_keys_while_the_server_runs() {
    let folder = TempDir::new().unwrap();
    let program = Program::start(folder.path(), &[]);
    let typed = |arguments: &[&str]| {
        let output = run(folder.path(), &[], &[&["keys"], arguments].concat());
        let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        (output.status.code().unwrap(), text)
    };
    let (code, text) = typed(&["list", "--json"]);
    let listed: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((code, &listed[0]["state"]), (0, &"signs".into()), "{text}");
    let former = listed[0]["kid"].as_str().unwrap();
    assert_eq!(published(&program.browser()).await, [former]);
    let (code, text) = typed(&["rotate"]);
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("is published now") && text.contains("verifies until"), "{text}");
    let (code, text) = typed(&["rotate"]);
    assert!(code == 1 && text.contains("There is a new key already"), "{text}");
    let (_, text) = typed(&["list"]);
    assert!(text.lines().next().unwrap().contains("signs from"), "{text}");
    assert!(text.lines().nth(1).unwrap().contains(former), "{text}");

    let (code, text) = typed(&["revoke", former]);
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("is revoked") && text.contains("signs access tokens now"), "{text}");
    let (_, text) = typed(&["list", "--json"]);
    let listed: Value = serde_json::from_str(&text).unwrap();
    assert_eq!([&listed[0]["state"], &listed[1]["state"]], ["signs", "revoked"], "{text}");
    let (code, text) = typed(&["revoke", former]);
    assert!(code == 1 && text.contains("already"), "{text}");
    let signing = listed[0]["kid"].as_str().unwrap();
    let output = run(folder.path(), &[("JWT_ALGORITHM", "EdDSA")], &["keys", "revoke", signing]);
    let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    let said = "replaces it for ES256, which signs nothing with JWT_ALGORITHM=EdDSA.";
    assert!(text.contains(said) && !text.contains("signs access tokens now"), "{text}");
    let (code, text) = typed(&["revoke", "nonsense"]);
    assert!(code == 2 && text.contains("nonsense"), "{text}");

    let empty = TempDir::new().unwrap();
    let output = run(empty.path(), &[], &["keys", "rotate"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(!empty.path().join("data").exists());
}
