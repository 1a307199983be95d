//! The clock was ahead by a day or a year, and is right again: no time in the future locks anyone out, and none makes anything last longer
//! than it should.

use authflow::domain::email::mail_state::MailState;
use authflow::domain::sign_in::signing_key::PUBLISHED_FIRST;
use authflow::domain::source::Source;
use authflow::services::audit::Actor;
use authflow::services::operations::key_rotation::{self, RotateError, Rotated};
use authflow::services::operations::set_back;

use super::support::*;

const DAY: u64 = 86_400;
const AHEAD: [u64; 2] = [DAY, 365 * DAY];
const COOKIE: &str = "authflow-refresh";

async fn enter_code(app: &TestApp, code: &str) -> Page {
    let browser = app.browser();
    browser.sign_in(ADA, PASSWORD).await.goes_to("/auth/two-factor");
    browser.press("/auth/two-factor", "Sign in", &[("code", code)]).await
}

#[tokio::test]
async fn codes_of_an_app_work_at_once_and_each_works_once() {
    for ahead in AHEAD {
        let app = TestApp::start().await;
        app.wait(ahead);
        let authenticator = app.person(ADA).await.enable_two_factor(&app).await;
        enter_code(&app, &authenticator.code(&app)).await.goes_to("/dashboard");
        app.set_back(ahead);
        let code = authenticator.shows(&app, 0);
        enter_code(&app, &code).await.goes_to("/dashboard");
        enter_code(&app, &code).await.is(401);
        app.wait(30);
        enter_code(&app, &code).await.is(401);
        enter_code(&app, &authenticator.shows(&app, 0)).await.goes_to("/dashboard");
        let recovery = &authenticator.recovery_codes[0];
        enter_code(&app, recovery).await.goes_to("/dashboard");
        enter_code(&app, recovery).await.is(401);
    }
}

#[tokio::test]
async fn sessions_go_on_rotate_and_expire() {
    for ahead in AHEAD {
        let app = TestApp::start().await;
        app.wait(ahead);
        let browser = app.person(ADA).await;
        assert!(browser.is_signed_in().await);
        app.set_back(ahead);
        assert!(browser.is_signed_in().await);
        let before = browser.cookie(COOKIE).unwrap();
        let copy = browser.copy();
        app.wait(600);
        assert!(browser.is_signed_in().await);
        assert_ne!(browser.cookie(COOKIE).unwrap(), before, "it rotates after ten minutes");
        assert!(browser.is_signed_in().await);
        app.wait(60);
        assert!(!copy.is_signed_in().await, "a copied cookie is detected");

        let browser = app.browser();
        app.wait(ahead);
        browser.sign_in(ADA, PASSWORD).await.goes_to("/dashboard");
        app.set_back(ahead);
        assert!(browser.is_signed_in().await);
        app.wait(12 * 3_600);
        assert!(!browser.is_signed_in().await, "idle for twelve hours");
    }
}

#[tokio::test]
async fn a_sensitive_change_asks_for_the_password_again() {
    for ahead in AHEAD {
        let app = TestApp::start().await;
        app.wait(ahead);
        let browser = app.person(ADA).await;
        browser.get("/profile/two-factor").await.is(200);
        app.set_back(ahead);
        let asked = browser.get("/profile/two-factor").await;
        asked.goes_to("/auth/confirm-password?return_to=%2Fprofile%2Ftwo-factor");
        let confirmed =
            browser.press(asked.header("location"), "Confirm", &[("password", PASSWORD)]).await;
        confirmed.goes_to("/profile/two-factor");
        browser.get("/profile/two-factor").await.is(200);
        app.wait(15 * 60);
        browser.get("/profile/two-factor").await.is(303);
    }
}

#[tokio::test]
async fn a_sign_in_that_waits_for_its_code_has_to_begin_again() {
    let app = TestApp::start().await;
    app.wait(DAY);
    let authenticator = app.person(ADA).await.enable_two_factor(&app).await;
    let browser = app.browser();
    browser.sign_in(ADA, PASSWORD).await.goes_to("/auth/two-factor");
    app.set_back(DAY);
    browser.get("/auth/two-factor").await.goes_to("/auth/login");
    enter_code(&app, &authenticator.shows(&app, 0)).await.goes_to("/dashboard");
}

#[tokio::test]
async fn every_flow_works_with_limits_from_the_future() {
    for ahead in AHEAD {
        let app = TestApp::start().await;
        app.wait(ahead);
        app.person(ADA).await;
        // As many attempts as the limits allow, and one more.
        let stranger = app.browser();
        while stranger.sign_in(ADA, "not this one").await.status != 429 {}
        let forgot = [("email", ADA)];
        for _ in 0..3 {
            stranger.press("/auth/forgot-password", "Send reset link", &forgot).await.is(303);
        }
        app.mails().await;
        app.set_back(ahead);

        app.browser().sign_in(ADA, PASSWORD).await.goes_to("/dashboard");
        let before = app.mails().await.len();
        stranger.press("/auth/forgot-password", "Send reset link", &forgot).await.is(303);
        let mails = app.mails().await;
        assert_eq!(mails.len(), before + 1);
        let new = mails.iter().filter_map(|mail| app.link_in(mail));
        let mut links: Vec<_> = new.filter(|link| link.contains("reset-password")).collect();
        links.sort_unstable();
        links.dedup();
        let fields = [("password", NEW_PASSWORD), ("confirm_password", NEW_PASSWORD)];
        let mut worked = 0;
        for link in links {
            let page = stranger.get(&link).await;
            if page.status == 200 {
                stranger.press_on(&page, "Set password", &fields).await.goes_to("/auth/login");
                worked += 1;
            }
        }
        assert_eq!(worked, 1);
        let ada = app.browser();
        ada.sign_in(ADA, NEW_PASSWORD).await.goes_to("/dashboard");
        let new = [("email", "ada@new.example.org")];
        ada.press("/profile/email", "Change email", &new).await.goes_to("/profile/email");
        let link = app.mailed_path("ada@new.example.org").await;
        ada.press(&link, "Use this email", &[]).await.is(303);
        let eve = app.person("eve@example.org").await;
        eve.press("/profile", "Save", &[("username", "Eve")]).await.goes_to("/profile");
        eve.press("/dashboard", "Sign out", &[]).await.goes_to("/auth/login");
    }
}

#[tokio::test]
async fn emails_that_were_queued_or_leased_in_the_future_are_sent() {
    for ahead in AHEAD {
        let app = TestApp::start().await;
        app.wait(ahead);
        for email in [ADA, "eve@example.org"] {
            app.browser().sign_up(email).await.goes_to("/auth/check-mail");
        }
        let claimed = "UPDATE outbox SET lease = id, leased_until = due_at + 200 WHERE recipient = 'ada@example.org'";
        assert_eq!(app.change(claimed).await, 1);
        app.set_back(ahead);
        for email in [ADA, "eve@example.org"] {
            let link = app.mailed_path(email).await;
            assert!(link.starts_with("/auth/verify-email/"), "{link}");
        }
        assert!(app.emails_in(MailState::Waiting).await.is_empty());
    }
}

#[tokio::test]
async fn links_from_the_future_work_but_not_for_longer_than_others() {
    for ahead in AHEAD {
        let app = TestApp::start().await;
        app.wait(ahead);
        app.person(ADA).await;
        let browser = app.browser();
        let forgot = [("email", ADA)];
        browser.press("/auth/forgot-password", "Send reset link", &forgot).await.is(303);
        let link = app.mailed_path(ADA).await;
        app.set_back(ahead);
        browser.get(&link).await.is(200);
        app.wait(30 * 60 - 1);
        browser.get(&link).await.is(200);
        app.wait(1);
        browser.get(&link).await.is(410);
    }
}

#[tokio::test]
async fn programs_get_new_access_tokens() {
    for ahead in AHEAD {
        let app = TestApp::start().await;
        app.wait(ahead);
        app.person(ADA).await;
        let mut api = app.signed_in_api().await;
        app.set_back(ahead);
        api.get("/api/auth/profile").await.is(401);
        api.refresh().await.is(200);
        api.get("/api/auth/profile").await.is(200);
        app.signed_in_api().await.get("/api/auth/profile").await.is(200);
    }
}

#[tokio::test]
async fn a_changed_address_is_not_reserved_for_longer() {
    let app = TestApp::start().await;
    app.wait(365 * DAY);
    let ada = app.person(ADA).await;
    let new = [("email", "ada@new.example.org")];
    ada.press("/profile/email", "Change email", &new).await.goes_to("/profile/email");
    let link = app.mailed_path("ada@new.example.org").await;
    ada.press(&link, "Use this email", &[]).await.is(303);
    app.set_back(365 * DAY);
    set_back::correct(&app.app).await.unwrap();
    app.wait(8 * DAY);
    app.person(ADA).await;
}

async fn rotate(app: &TestApp) -> Result<Rotated, RotateError> {
    let source = Source::command_line();
    key_rotation::rotate(&app.app, Actor { id: None, source: &source }).await
}

#[tokio::test]
async fn keys_can_be_rotated() {
    for ahead in AHEAD {
        let app = TestApp::start().await;
        let signing = async || {
            let now = app.app.clock.now();
            app.app.keys.refresh(now).await.unwrap();
            app.app.keys.current().signing(now).unwrap().0.to_owned()
        };
        let first = signing().await;
        app.wait(ahead);
        let rotated = rotate(&app).await.unwrap();
        app.set_back(ahead);
        assert_eq!(signing().await, first);
        // The key that waits is published already.
        let again = rotate(&app).await.unwrap();
        assert_eq!(again.kid, rotated.kid);
        assert!(
            matches!(rotate(&app).await, Err(RotateError::Pending(at)) if at == again.signs_from)
        );
        app.wait(PUBLISHED_FIRST.as_secs());
        assert_eq!(signing().await, rotated.kid);
        let next = rotate(&app).await.unwrap();
        assert_ne!(next.kid, rotated.kid);
        app.wait(PUBLISHED_FIRST.as_secs());
        assert_eq!(signing().await, next.kid);
    }
}
