//! `SECOND_FACTOR`: who must have a second factor, and what opens until they have it. `access.rs` walks all routes, and
//! `gate/protocol/demanded_factor.rs` the guarded apps.

use authflow::domain::audit_event::{Event, Outcome};
use authflow::domain::two_factor::policy::SecondFactorPolicy::{self, Admins, Everyone, Optional};
use serde_json::json;

use super::support::*;

const ENROLMENT: &str = "/profile/two-factor";
const SECOND_STEP: &str = "/auth/two-factor";
const DEMANDED: &str = "Your account must use two-factor authentication.";
const MARK: &str = "UPDATE sessions SET amr = 'pwd' WHERE user_id IN (SELECT id FROM users WHERE email LIKE '%hidden%')";

/// What a session has shown of the second factor of its account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Factor {
    /// The account has none.
    None,
    /// The account has one, but this session started without it.
    Hidden,
    Shown,
}

struct Person {
    email: String,
    is_admin: bool,
    factor: Factor,
    browser: Browser,
    program: ApiClient,
}

/// A user and an administrator for each state, signed in as a browser and as a program.
async fn people(app: &TestApp) -> Vec<Person> {
    let mut people = Vec::new();
    for (role, is_admin) in [("user", false), ("admin", true)] {
        for (name, factor) in
            [("none", Factor::None), ("hidden", Factor::Hidden), ("shown", Factor::Shown)]
        {
            let email = format!("{role}-{name}@example.org");
            let browser = app.person(&email).await;
            if is_admin {
                app.give_role(&email, "admin").await;
            }
            let mut program = app.api().await;
            if factor == Factor::None {
                program.login(&email, PASSWORD).await.is(200);
            } else {
                let authenticator = browser.enable_two_factor(app).await;
                let code = authenticator.code(app);
                let body = json!({ "email": email, "password": PASSWORD, "code": code });
                let answer = program.post("/api/auth/login", body).await;
                program.keep(answer).is(200);
            }
            people.push(Person { email, is_admin, factor, browser, program });
        }
    }
    assert!(app.change(MARK).await >= 4);
    people
}

fn is_missing(policy: SecondFactorPolicy, person: &Person) -> bool {
    let is_demanded = match policy {
        Optional => false,
        Admins => person.is_admin,
        Everyone => true,
    };
    is_demanded && person.factor != Factor::Shown
}

#[tokio::test]
async fn every_policy_opens_pages_and_api_to_complete_sessions_only() {
    let app = TestApp::with(&[("ACCESS_TOKEN_TTL", "1h")]).await;
    let people = people(&app).await;
    for policy in [Optional, Admins, Everyone] {
        let server = app.demanding(policy).await;
        for person in &people {
            let what = format!("{policy:?} {} {:?}", person.email, person.factor);
            let browser = person.browser.moved_to(server.address());
            let mut program = person.program.moved_to(server.address());
            let missing = is_missing(policy, person);
            let way = if person.factor == Factor::None { ENROLMENT } else { SECOND_STEP };

            for (path, is_admin_page) in [("/profile", false), ("/admin/users", true)] {
                let page = browser.get(path).await;
                let expected = match (missing, is_admin_page && !person.is_admin) {
                    (true, _) => (303, way),
                    (false, true) => (403, ""),
                    (false, false) => (200, ""),
                };
                let is = (page.status.as_u16(), page.header("location"));
                assert_eq!(is, expected, "{what} {path}");
            }
            let profile = program.get("/api/auth/profile").await;
            let refreshed = program.refresh().await;
            if missing {
                profile.refuses(403, "second_factor_missing");
                refreshed.refuses(403, "second_factor_missing");
            } else {
                profile.is(200);
                refreshed.is(200);
            }

            let sessions = app.rows("sessions").await;
            let mut other = ApiClient::at(server.address()).await;
            let answer = other.login(&person.email, PASSWORD).await;
            match (person.factor, missing) {
                (Factor::None, true) => {
                    answer.refuses(403, "second_factor_enrolment_required");
                    answer.says("http://localhost:5000/profile/two-factor");
                }
                (Factor::None, false) => {
                    answer.is(200);
                }
                (Factor::Hidden | Factor::Shown, _) => {
                    answer.refuses(401, "two_factor_required");
                }
            }
            let begun = i64::from(answer.status == 200);
            assert_eq!(app.rows("sessions").await, sessions + begun, "{what}");
        }
        app.wait(61);
    }
    // No session has ended.
    for person in people {
        assert!(person.browser.is_signed_in().await && person.program.is_signed_in().await);
    }
    let refused = app.audit_entries(Event::PasswordAccepted).await;
    assert_eq!(refused.iter().filter(|it| it.outcome == Outcome::Refused).count(), 3);
}

#[tokio::test]
async fn after_the_sign_in_users_are_led_through_the_setup_to_where_they_wanted() {
    let app = TestApp::with(&[("SECOND_FACTOR", "everyone")]).await;
    let browser = app.browser();
    browser.sign_up(ADA).await.goes_to("/auth/check-mail");
    let link = app.mailed_path(ADA).await;
    browser.press(&link, "Confirm and sign in", &[]).await.goes_to(ENROLMENT);
    let page = browser.get(ENROLMENT).await;
    page.is(200).says("Your email is confirmed").says(DEMANDED);
    assert!(page.select("nav.tabs").is_empty(), "the other pages would only lead back");
    browser.get(ENROLMENT).await.says(DEMANDED);
    browser.press_on(&page, "Sign out", &[]).await.goes_to("/auth/login");

    let login = browser.get("/profile/activity").await.header("location").to_owned();
    let fields = [("email", ADA), ("password", PASSWORD)];
    browser.press(&login, "Sign in", &fields).await.goes_to(ENROLMENT);
    // These must not loop.
    browser.get("/").await.goes_to("/dashboard");
    browser.get(&login).await.goes_to("/profile/activity");
    browser.get("/profile/activity").await.goes_to(ENROLMENT);
    browser.get(SECOND_STEP).await.goes_to("/dashboard");
    browser.get(RECOVERY_CODES).await.goes_to(ENROLMENT);
    browser.get("/profile/activity").await.goes_to(ENROLMENT);
    browser
        .send(reqwest::Method::GET, "/profile", &[("sec-fetch-mode", "cors")], None)
        .await
        .goes_to(ENROLMENT);

    // A proof that is too old is asked for first.
    app.wait(901);
    let confirm = "/auth/confirm-password?return_to=%2Fprofile%2Ftwo-factor";
    browser.get(ENROLMENT).await.goes_to(confirm);
    let page = browser.get(confirm).await;
    page.is(200).says(DEMANDED);
    let confirmed = browser.press_on(&page, "Confirm", &[("password", PASSWORD)]).await;
    confirmed.goes_to(ENROLMENT);
    let page = browser.get(ENROLMENT).await;
    page.is(200).says("Confirmed.").says(DEMANDED);

    let authenticator = browser.enable_two_factor(&app).await;
    let codes = browser.get(RECOVERY_CODES).await;
    browser.press_on(&codes, "I’ve saved them", &[]).await.goes_to("/profile/activity");
    browser.get("/profile/activity").await.is(200);

    let other = app.browser();
    other.sign_in(ADA, PASSWORD).await.goes_to(SECOND_STEP);
    let code = authenticator.code(&app);
    other.press(SECOND_STEP, "Sign in", &[("code", &code)]).await.goes_to("/dashboard");
    other.get("/dashboard").await.is(200);
}

#[tokio::test]
async fn a_lost_form_is_said_to_be_lost() {
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    let page = browser.get("/profile").await;
    let browser = browser.moved_to(app.demanding(Everyone).await.address());
    browser.press_on(&page, "Save", &[("username", "Countess")]).await.goes_to(ENROLMENT);
    browser.get(ENROLMENT).await.says(DEMANDED).says("Your changes were not saved.");
    assert_eq!(app.user(ADA).await.username.to_string(), "Ada Lovelace");
}

#[tokio::test]
async fn a_session_that_lacks_the_factor_adds_it_with_a_code() {
    let app = TestApp::start().await;
    let (hidden, other) = ("ada.hidden@example.org", "eve@example.org");
    let browser = app.person(hidden).await;
    let authenticator = browser.enable_two_factor(&app).await;
    let eve = app.person(other).await.enable_two_factor(&app).await;
    app.wait(120);
    app.change(MARK).await;
    let browser = browser.moved_to(app.demanding(Everyone).await.address());
    browser.get("/profile/activity?page=2").await.goes_to(SECOND_STEP);
    // Nothing about the second factor is shown before.
    browser.get(ENROLMENT).await.goes_to(SECOND_STEP);
    browser.post(&format!("{ENROLMENT}/disable"), &[]).await.goes_to(SECOND_STEP);
    browser.get("/profile/activity").await.goes_to(SECOND_STEP);

    let page = browser.get(SECOND_STEP).await;
    page.is(200).says(&format!("You are signed in as {hidden}"));
    let wrong = browser.press_on(&page, "Continue", &[("code", &eve.code(&app))]).await;
    wrong.is(401).says("That code is wrong");
    browser.press_on(&page, "Continue", &[("code", "")]).await.is(422);
    browser.get("/profile/activity").await.goes_to(SECOND_STEP);
    let session = app.sessions(hidden).await[0].id;
    let before = browser.cookie("authflow-refresh").unwrap();
    let code = authenticator.code(&app);
    let done = browser.press_on(&page, "Continue", &[("code", &code)]).await;
    done.goes_to("/profile/activity");
    browser.get("/profile/activity").await.is(200);
    assert_eq!(app.sessions(hidden).await[0].id, session, "apps stay open");
    assert_ne!(browser.cookie("authflow-refresh").unwrap(), before, "the token was rotated");
    // A second click leads to the same page; the code is used up.
    browser.press_on(&page, "Continue", &[("code", &code)]).await.goes_to("/profile/activity");
    browser.get(SECOND_STEP).await.goes_to("/dashboard");
    // With the password of the sign-in a few minutes ago, the code is a proof. A code alone is none.
    browser.get("/profile/export").await.is(200);
    app.wait(12 * 60);
    let confirm = "/auth/confirm-password?return_to=%2Fprofile%2Fdelete";
    browser.get("/profile/export").await.goes_to(confirm);
    let entries = app.audit_entries(Event::CodeChecked).await;
    assert_eq!(entries.iter().filter(|it| it.outcome == Outcome::Success).count(), 1);

    app.change(MARK).await;
    browser.get("/dashboard").await.goes_to(SECOND_STEP);
    let recovery = [("code", authenticator.recovery_codes[0].as_str())];
    let done = browser.press(SECOND_STEP, "Continue with a recovery code", &recovery).await;
    done.goes_to("/dashboard");
    browser.get("/dashboard").await.says("9 are left.");
}

#[tokio::test]
async fn a_role_counts_at_once_in_a_live_session() {
    let app = TestApp::with(&[("SECOND_FACTOR", "admins")]).await;
    let browser = app.person(ADA).await;
    let program = app.signed_in_api().await;
    browser.get("/profile").await.is(200);
    app.give_role(ADA, "admin").await;
    browser.get("/profile").await.goes_to(ENROLMENT);
    browser.get("/admin/users").await.goes_to(ENROLMENT);
    program.get("/api/auth/profile").await.refuses(403, "second_factor_missing");
    app.take_roles(ADA).await;
    browser.get("/profile").await.is(200);
    program.get("/api/auth/profile").await.is(200);
    app.give_role(ADA, "admin").await;
    browser.enable_two_factor(&app).await;
    browser.get("/admin/users").await.is(200);
}

#[tokio::test]
async fn the_setting_counts_for_live_sessions_after_a_restart() {
    let mut app = TestApp::start().await;
    let root = app.person(ADA).await;
    app.give_role(ADA, "admin").await;
    let program = app.signed_in_api().await;
    root.get("/admin/users").await.is(200);
    app.ground.config.second_factor = Admins;
    let (_, there) = app.another().await;
    let root = root.moved_to(there.address());
    root.get("/admin/users").await.goes_to(ENROLMENT);
    let program = program.moved_to(there.address());
    program.get("/api/auth/profile").await.refuses(403, "second_factor_missing");
    let page = root.get(ENROLMENT).await;
    let code = Authenticator::scan(&page).shows(&app, 0);
    root.press_on(&page, "Turn on", &[("code", &code)]).await.goes_to(RECOVERY_CODES);
    root.press(RECOVERY_CODES, "I’ve saved them", &[]).await.goes_to("/admin/users");
    root.get("/admin/users").await.is(200);
}

#[tokio::test]
async fn the_confirmation_before_the_setup_offers_no_way_back_that_leads_there_again() {
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    app.wait(15 * 60);
    let browser = browser.moved_to(app.demanding(Everyone).await.address());
    let asked = browser.get(ENROLMENT).await;
    let page = browser.get(asked.is(303).header("location")).await;
    let links = page.is(200).select("main .links a");
    assert_eq!(links[0]["href"], "/auth/logout");
    assert!(!page.text().contains("Cancel"));
}

#[tokio::test]
async fn a_demanded_factor_is_not_disabled() {
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    let authenticator = browser.enable_two_factor(&app).await;
    let open = browser.get("/profile/two-factor?turn_off=on").await;
    let browser = browser.moved_to(app.demanding(Everyone).await.address());
    let page = browser.get(ENROLMENT).await;
    page.is(200).says("Required for your account").says("you can’t turn it off");
    assert!(page.select("form[action$=disable]").is_empty());
    let code = authenticator.code(&app);
    for typed in [&*code, ""] {
        let refused = browser.press_on(&open, "Turn off", &[("code", typed)]).await;
        refused.is(409).says("you can’t turn it off");
    }
    assert_eq!(app.rows("totp").await, 1);
    // The refusal did not use up the code.
    browser.press_on(&page, "Generate new codes", &[("code", &code)]).await.goes_to(RECOVERY_CODES);
}

#[tokio::test]
async fn administrators_see_who_lacks_the_demanded_factor() {
    let app = TestApp::with(&[("SECOND_FACTOR", "admins")]).await;
    let root = app.person(ADA).await;
    app.give_role(ADA, "admin").await;
    root.enable_two_factor(&app).await;
    let findings = root.get("/admin/doctor").await;
    assert!(!findings.is(200).text().contains("has not set up two-factor authentication"));
    app.person("eve@example.org").await;
    let eve = app.user("eve@example.org").await.id;
    let path = format!("/admin/users/{eve}");
    assert!(!root.get(&path).await.is(200).body.contains("SECOND_FACTOR"));
    app.give_role("eve@example.org", "admin").await;
    root.get(&path).await.is(200).says("Required by SECOND_FACTOR . Until it is set up");
    let findings = root.get("/admin/doctor").await;
    findings.is(200).says("1 administrator has not set up two-factor authentication, which");
}
