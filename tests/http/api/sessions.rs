//! Listing and ending sessions.

use authflow::domain::sign_in::session::EndReason;
use serde_json::Value;

use crate::support::*;

async fn list(api: &ApiClient) -> Vec<Value> {
    let answer = api.get("/api/auth/sessions").await;
    answer.is(200).value["sessions"].as_array().unwrap().clone()
}

fn id(session: &Value) -> String {
    format!("/api/auth/sessions/{}", session["id"].as_str().unwrap())
}

#[tokio::test]
async fn sessions_of_programs_and_browsers_are_listed_and_ended() {
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    app.wait(60);
    let phone = app.signed_in_api().await;
    app.wait(60);
    let api = app.signed_in_api().await;
    let eve = app.person("eve@example.org").await;

    let sessions = list(&api).await;
    let current: Vec<bool> = sessions.iter().map(|it| it["current"].as_bool().unwrap()).collect();
    assert_eq!(current, [true, false, false], "most recently used first: {sessions:?}");
    let now = app.app.clock.now();
    assert_eq!(sessions[0]["createdAt"], now.to_rfc3339());
    let week = authflow::clock::Timestamp(now.0 + 7 * 86_400);
    assert_eq!(sessions[0]["expiresAt"], week.to_rfc3339(), "stays signed in");
    assert_eq!(sessions[0]["address"], "127.0.0.1");
    assert_eq!(browser.get("/profile/sessions").await.each(".list tbody tr").len(), 3);

    api.delete(&id(&sessions[1])).await.is(200);
    assert!(!phone.is_signed_in().await && api.is_signed_in().await);
    api.delete(&id(&sessions[1])).await.refuses(404, "not_found");
    api.delete(&id(&sessions[2])).await.is(200);
    assert!(!browser.is_signed_in().await);
    browser.get("/auth/login").await.says("You ended this session from another browser");
    assert_eq!(list(&api).await.len(), 1);

    for other in ["/api/auth/sessions/x", "/api/auth/sessions/%ff", "/api/auth/sessions/"] {
        api.delete(other).await.refuses(404, "not_found");
    }
    let hers = app.sessions("eve@example.org").await[0].id;
    api.delete(&format!("/api/auth/sessions/{hers}")).await.refuses(404, "not_found");
    assert!(eve.is_signed_in().await);

    api.delete(&id(&sessions[0])).await.is(200);
    assert!(!api.is_signed_in().await);
    let signed_out = app.sessions_ended_by(ADA, EndReason::SignedOut).await;
    assert_eq!(signed_out, 1, "ending the current session counts as signing out");
}
