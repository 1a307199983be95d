//! Sessions of browsers and programs: neither kind's token is accepted in the place of the other, and each kind has a limit of its own.

use authflow::db::{Result, query};
use authflow::domain::audit_event::Event;
use authflow::domain::email::mail_kind::MailKind;
use authflow::domain::id::SessionId;
use authflow::domain::sign_in::refresh_token::RefreshToken;
use authflow::domain::sign_in::session::EndReason;
use authflow::domain::sign_in::session_kind::SessionKind;
use authflow::domain::source::Source;
use authflow::repositories::sessions;
use authflow::services::session::session_management;
use authflow::transaction;

use super::support::*;

const COOKIE: &str = "authflow-refresh";

/// A refresh token of the session as it was made before sessions had kinds.
async fn former_token(app: &TestApp, id: SessionId) -> String {
    let session = sessions::find(&app.app.db, id).await.unwrap().unwrap();
    let (signers, seed) = (&app.app.secrets.refresh_token, &session.seed);
    RefreshToken::compute(signers, None, seed, id, session.generation).reveal().clone()
}

#[tokio::test]
async fn a_refresh_token_of_a_program_opens_no_page() {
    let app = TestApp::start().await;
    let owner = app.person(ADA).await;
    app.give_role(ADA, "admin").await;
    let mut api = app.signed_in_api().await;
    let thief = app.browser();
    for refreshed in [false, true] {
        if refreshed {
            app.wait(11 * 60);
            api.refresh().await.is(200);
        }
        thief.set_cookie(COOKIE, &api.refresh);
        for path in ["/dashboard", "/profile/two-factor", "/profile/export", "/admin/users"] {
            let page = thief.get(path).await;
            assert!(page.is(303).header("location").starts_with("/auth/login"), "{path}");
        }
        // Nor may it stand in a form that a page has given out.
        let form = owner.get("/profile/email").await.form("Change email");
        thief.set_cookie("authflow-csrf", &owner.cookie("authflow-csrf").unwrap());
        let sent = thief.post(&form.action, &form.filled(&[("email", "thief@example.org")])).await;
        assert!(sent.is(303).header("location").starts_with("/auth/login"));
    }
    assert!(api.is_signed_in().await, "the program's session goes on");
    assert_eq!(app.subjects("thief@example.org").await.len(), 0);
}

#[tokio::test]
async fn a_cookie_of_a_browser_is_worth_nothing_to_the_api() {
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    let api = app.api().await;
    let cookie = browser.cookie(COOKIE).unwrap();
    api.refresh_with(&cookie).await.refuses(401, "invalid_refresh_token");
    assert!(browser.is_signed_in().await);
}

#[tokio::test]
async fn a_copied_cookie_is_no_proof_after_a_sign_in() {
    let app = TestApp::start().await;
    let owner = app.person(ADA).await;
    app.give_role(ADA, "admin").await;
    for has_second_factor in [false, true] {
        let browser = app.browser();
        browser.sign_in(ADA, PASSWORD).await.is(303);
        if has_second_factor {
            let authenticator = owner.enable_two_factor(&app).await;
            browser.sign_in(ADA, PASSWORD).await.goes_to("/auth/two-factor");
            let code = authenticator.code(&app);
            browser.press("/auth/two-factor", "Sign in", &[("code", &code)]).await.is(303);
        }
        let thief = app.browser();
        thief.set_cookie(COOKIE, &browser.cookie(COOKIE).unwrap());
        assert!(thief.is_signed_in().await, "a fresh copy cannot be told from the original");
        let asks = async |page: &Page| {
            let location = page.is(303).header("location");
            assert!(location.starts_with("/auth/confirm-password"), "{}: {location}", page.path);
        };
        asks(&thief.get("/profile/export").await).await;
        asks(&thief.get("/admin/users/invite").await).await;
        let email = [("email", "thief@example.org")];
        asks(&thief.press("/profile/email", "Change email", &email).await).await;
        if has_second_factor {
            let fields = [("password", "a guess"), ("code", "123456")];
            thief.press("/profile/two-factor?turn_off=on", "Turn off", &fields).await.is(401);
        } else {
            asks(&thief.get("/profile/two-factor").await).await;
        }
        // The browser that signed in has proved it.
        browser.get("/admin/users/invite").await.is(200);
        browser.get("/profile/two-factor").await.is(200);
    }
    assert_eq!(app.subjects("thief@example.org").await.len(), 0);
}

/// A browser and a program of Ada, whose sessions and tokens are from before kinds.
async fn from_before_kinds() -> (TestApp, Browser, ApiClient, [SessionId; 2]) {
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    let of_browser = app.sessions(ADA).await[0].id;
    app.wait(1);
    let mut api = app.signed_in_api().await;
    let of_api = app.sessions(ADA).await[0].id;
    app.change("UPDATE sessions SET kind = NULL").await;
    browser.set_cookie(COOKIE, &former_token(&app, of_browser).await);
    api.refresh = former_token(&app, of_api).await;
    (app, browser, api, [of_browser, of_api])
}

async fn kind(app: &TestApp, id: SessionId) -> Option<SessionKind> {
    sessions::find(&app.app.db, id).await.unwrap().unwrap().kind
}

#[tokio::test]
async fn a_session_from_before_kinds_gets_its_kind_where_it_is_presented() {
    let (app, browser, mut api, [of_browser, of_api]) = from_before_kinds().await;
    assert!(browser.is_signed_in().await);
    api.refresh().await.is(200);
    assert_eq!(kind(&app, of_browser).await, Some(SessionKind::Browser));
    assert_eq!(kind(&app, of_api).await, Some(SessionKind::Program));
    // The next rotation sends a token of the kind.
    app.wait(11 * 60);
    assert!(browser.is_signed_in().await);
    api.refresh().await.is(200);
    let signers = &app.app.secrets.refresh_token;
    assert!(RefreshToken::is_of(signers, SessionKind::Browser, &browser.cookie(COOKIE).unwrap()));
    assert!(RefreshToken::is_of(signers, SessionKind::Program, &api.refresh));
    app.wait(61);
    assert!(browser.is_signed_in().await);
    api.refresh().await.is(200);
}

#[tokio::test]
async fn a_token_from_before_kinds_in_both_places_ends_the_session() {
    // The thief presents a program's token in a browser, after the program or before it.
    for is_first in [false, true] {
        let (app, _, mut api, [_, of_api]) = from_before_kinds().await;
        let thief = app.browser();
        thief.set_cookie(COOKIE, &api.refresh);
        if is_first {
            assert!(thief.is_signed_in().await, "no one can tell yet");
            let asked = thief.get("/profile/export").await;
            assert!(asked.is(303).header("location").starts_with("/auth/confirm-password"));
        } else {
            api.refresh().await.is(200);
            assert!(!thief.is_signed_in().await);
        }
        api.refresh().await.refuses(401, "refresh_token_reused");
        assert!(!thief.is_signed_in().await);
        assert_eq!(app.sessions_ended_by(ADA, EndReason::Copied).await, 1, "{of_api}");
        assert_eq!(app.emails(MailKind::SessionCopied).await.len(), 1);
    }
    // Programs always stayed signed in, so the token of a session that does not is a browser's.
    let (app, browser, api, _) = from_before_kinds().await;
    let stolen = browser.cookie(COOKIE).unwrap();
    api.refresh_with(&stolen).await.refuses(401, "refresh_token_reused");
    assert!(!browser.is_signed_in().await);
    assert_eq!(app.emails(MailKind::SessionCopied).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_from_before_kinds_that_come_back_at_once_are_limited_too() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    let session = app.sessions(ADA).await[0].id;
    let columns = "user_id, seed, generation, generation_at, remember, amr, created_at, authenticated_at, last_seen_at, expires_at,
                   address, user_agent";
    let ids: Vec<_> = (1..=75).map(|n| SessionId(uuid::Uuid::from_u128(n))).collect();
    for id in &ids {
        let copy = format!(
            "INSERT INTO sessions (id, {columns}) SELECT $1, {columns} FROM sessions WHERE id = $2"
        );
        let copy: &'static str = Box::leak(copy.into_boxed_str());
        let copied = transaction!(app.app.db, |tx| -> Result<_> {
            query(tx, copy).bind(*id).bind(session).execute().await
        });
        assert_eq!(copied.unwrap(), 1);
    }
    let mut resumed = tokio::task::JoinSet::new();
    for id in ids {
        let (app, token) = (app.app.clone(), former_token(&app, id).await);
        resumed.spawn(async move {
            let (kind, source) = (SessionKind::Browser, Source::command_line());
            session_management::resume(&app, kind, &token, false, &source).await.unwrap();
        });
    }
    resumed.join_all().await;
    assert_eq!(app.count("SELECT COUNT(*) FROM sessions WHERE kind IS NULL").await, 0);
    assert_eq!(app.active_sessions().await, 50);
}

#[tokio::test]
async fn the_51st_session_ends_the_one_that_was_used_longest_ago() {
    let app = TestApp::start().await;
    let first = app.person(ADA).await;
    let second = app.browser();
    second.sign_in(ADA, PASSWORD).await.goes_to("/dashboard");
    let mut api = app.signed_in_api().await;
    for _ in 2..50 {
        app.wait(61);
        app.browser().sign_in(ADA, PASSWORD).await.goes_to("/dashboard");
    }
    app.wait(61);
    assert!(first.is_signed_in().await, "50 sessions are allowed"); // and now the second is the oldest
    assert_eq!(app.active_sessions().await, 51);
    let latest = app.browser();
    latest.sign_in(ADA, PASSWORD).await.goes_to("/dashboard");
    assert!(!second.is_signed_in().await);
    second.get("/auth/login").await.says("signed in on too many other devices");
    assert!(first.is_signed_in().await && latest.is_signed_in().await);
    api.refresh().await.is(200); // programs are counted apart
    assert_eq!(app.sessions_ended_by(ADA, EndReason::MadeRoom).await, 1);
    let entries = app.audit_entries(Event::SessionsMadeRoom).await;
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0].detail.as_deref(), Some("1"));
}

#[tokio::test]
async fn a_program_that_keeps_signing_in_ends_no_session_of_a_browser() {
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    let mut api = app.signed_in_api().await;
    for _ in 0..60 {
        app.wait(61);
        api.login(ADA, PASSWORD).await.is(200);
    }
    assert_eq!(app.active_sessions().await, 51);
    assert!(browser.is_signed_in().await && api.is_signed_in().await);
}

#[tokio::test]
async fn sessions_that_have_expired_leave_room() {
    let app = TestApp::start().await;
    let first = app.person(ADA).await;
    // Without "keep me signed in" these expire after twelve hours; the browser below stays signed in.
    for _ in 0..49 {
        app.browser().sign_in(ADA, PASSWORD).await.goes_to("/dashboard");
    }
    let kept = app.browser();
    let fields = [("email", ADA), ("password", PASSWORD), ("remember", "on")];
    app.change("UPDATE sessions SET last_seen_at = last_seen_at + 7").await; // the remembered one is the oldest
    kept.press("/auth/login", "Sign in", &fields).await.goes_to("/dashboard");
    assert!(!first.is_signed_in().await || app.active_sessions().await == 50);
    app.wait(13 * 3_600);
    for _ in 0..49 {
        app.browser().sign_in(ADA, PASSWORD).await.goes_to("/dashboard");
    }
    assert!(kept.is_signed_in().await, "49 others are live");
}
