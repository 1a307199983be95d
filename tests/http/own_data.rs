//! A user's own data: activity, export and deletion of the account.

use serde_json::Value;

use super::support::*;

#[tokio::test]
async fn users_see_the_activity_of_their_account() {
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    app.person("eve@example.org").await;
    app.browser().sign_in(ADA, "wrong, surely wrong").await.is(401);
    let page = browser.get("/profile/activity").await;
    let rows = page.each(".list strong");
    let refused = "Failed sign-in";
    assert_eq!(rows, [refused, "Signed in", "Email confirmed", "Signed up"]);
    let tagged = page.each(".list th").into_iter().filter(|it| it.ends_with("Refused"));
    assert_eq!(tagged.collect::<Vec<_>>(), [format!("{refused} Refused")]);
    assert!(page.each(".list tbody tr").iter().all(|row| row.contains("127.0.0.1")));

    for n in 0..25 {
        browser.press("/profile", "Save", &[("username", &format!("Ada {n}"))]).await;
    }
    let first = browser.get("/profile/activity").await;
    assert_eq!(first.each(".list tbody tr").len(), 25);
    let older = first.select("a[rel=next]")[0]["href"].clone();
    let page = browser.get(&older).await;
    assert_eq!(page.each(".list strong"), rows);
    assert!(page.select("a[rel=next]").is_empty(), "there are no other entries");
    let newer = page.select("a[rel=prev]")[0]["href"].clone();
    assert_eq!(browser.get(&newer).await.each(".list strong"), first.each(".list strong"));
    browser.get("/profile/activity?before=nonsense").await.is(200);
}

#[tokio::test]
async fn users_export_their_data() {
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    let authenticator = browser.enable_two_factor(&app).await;
    app.give_role(ADA, "editor").await;
    let zone = [("time_zone", "Europe/Berlin")];
    browser.press("/profile", "Save", &zone).await.goes_to("/profile");
    browser.press("/profile", "Save", &[("language", "de")]).await.goes_to("/profile");
    app.mails().await;
    let file = browser.get("/profile/export").await;
    assert_eq!(file.is(200).header("content-type"), "application/json; charset=utf-8");
    assert!(file.header("content-disposition").starts_with("attachment"));
    let data: Value = serde_json::from_str(&file.body).unwrap();
    assert_eq!(data["user"]["email"], ADA);
    assert_eq!(data["user"]["username"], "Ada Lovelace");
    assert_eq!(data["user"]["recoveryCodesLeft"], 10);
    assert_eq!(data["user"]["language"], "de");
    assert_eq!(data["user"]["timeZone"], "Europe/Berlin");
    assert_eq!(data["user"]["formerEmails"], serde_json::json!([]));
    assert_eq!(data["roles"], serde_json::json!(["editor"]));
    assert_eq!(data["sessions"][0]["isThisOne"], true);
    assert_eq!(data["sessions"][0]["signedInWith"], serde_json::json!(["pwd", "otp", "mfa"]));
    let events: Vec<&str> = data["auditEntries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["event"].as_str().unwrap())
        .collect();
    assert_eq!(
        events,
        ["data_exported", "second_factor_enabled", "signed_in", "email_verified", "registered"]
    );
    assert!(
        data["mails"]
            .as_array()
            .unwrap()
            .iter()
            .any(|it| it["kind"] == "welcome" && it["state"] == "sent")
    );

    let hash = app.password_hash(ADA).await;
    for secret in [
        &hash,
        "argon2",
        "seed",
        &authenticator.recovery_codes[0],
        &browser.cookie("authflow-refresh").unwrap(),
    ] {
        assert!(!file.body.contains(secret), "{secret}");
    }
}

#[tokio::test]
async fn an_export_needs_a_recently_confirmed_password() {
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    let entries = app.rows("audit_events").await;
    browser.send(reqwest::Method::HEAD, "/profile/export", &[], None).await.is(204);
    let prefetch = [("sec-fetch-mode", "navigate"), ("sec-purpose", "prefetch")];
    browser.send(reqwest::Method::GET, "/profile/export", &prefetch, None).await.is(204);
    assert_eq!(app.rows("audit_events").await, entries);
    for _ in 0..10 {
        browser.get("/profile/export").await.is(200);
    }
    assert!(number::<u64>(browser.get("/profile/export").await.is(429), "retry-after").is_some());
    app.wait(15 * 60);
    let asked = browser.get("/profile/export").await;
    asked.goes_to("/auth/confirm-password?return_to=%2Fprofile%2Fdelete");
}

#[tokio::test]
async fn a_deletion_in_progress_does_not_survive_a_password_change() {
    let app = TestApp::start().await;
    let owner = app.person(ADA).await;
    let (path, typed) = ("/profile/delete?confirm=on", [("password", PASSWORD)]);
    let held = app.hold(&owner, path, "Delete my account", &typed, 1).await;
    owner.press("/profile/password", "Change password", &CHANGE).await.goes_to("/profile/password");
    held.response().await.is(401);
    assert!(owner.is_signed_in().await);
}

#[tokio::test]
async fn an_account_is_deleted_with_all_its_data() {
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    let eve = app.person("eve@example.org").await;
    let elsewhere = app.browser();
    elsewhere.sign_in(ADA, PASSWORD).await.goes_to("/dashboard");
    elsewhere.press("/auth/forgot-password", "Send reset link", &[("email", ADA)]).await;
    app.mails().await;
    let reset = app.path_in(ADA, "reset your password").await;
    let authenticator = browser.enable_two_factor(&app).await;

    let delete = async |password: &str, code: &str| {
        let fields = [("password", password), ("code", code)];
        browser.press("/profile/delete?confirm=on", "Delete my account", &fields).await
    };
    delete("", "").await.is(422).says("Enter a password.").says("Enter the code.");
    delete("wrong, surely wrong", &authenticator.code(&app))
        .await
        .is(401)
        .says("not your password");
    delete(PASSWORD, "000000").await.is(401).says("That code is wrong");
    browser.post("/profile/delete", &[("password", PASSWORD)]).await.is(403);
    assert!(browser.is_signed_in().await);
    let gone = delete(PASSWORD, &authenticator.code(&app)).await;
    gone.goes_to("/auth/login");
    assert!(gone.set_cookies()["authflow-refresh"].contains("Max-Age=0"));
    browser.get("/auth/login").await.says("Your account has been deleted.");

    assert!(!browser.is_signed_in().await && !elsewhere.is_signed_in().await);
    app.browser().sign_in(ADA, PASSWORD).await.is(401);
    app.browser().get(&reset).await.is(410);
    assert!(eve.is_signed_in().await, "no other user is affected");
    assert_eq!(app.subjects(ADA).await.last().unwrap(), "your account was deleted");
    for (table, left) in [
        ("users", 1),
        ("sessions", 1),
        ("totp", 0),
        ("recovery_codes", 0),
        ("one_time_tokens WHERE email_key = 'ada@example.org'", 0),
    ] {
        assert_eq!(app.rows(table).await, left, "{table}");
    }
    assert!(app.emails_to(ADA).await.is_empty());
    // The address is free again, for a new account.
    let again = app.person(ADA).await;
    assert_eq!(again.get("/profile/activity").await.each(".list tbody tr").len(), 3);
}
