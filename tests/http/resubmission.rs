//! A form that is sent twice ends like a form that was sent once: after an impatient second click, and after a lost response.

use authflow::domain::audit_event::Event;
use authflow::domain::email::mail_kind::MailKind;

use super::invitations::site;
use super::support::*;

const EVE: &str = "eve@example.org";
const NEW: &str = "new@example.org";
const STRONGER: &str = "a heron reads yesterday's tide tables";

/// Sends a form, then sends it again with the cookies from before the first response, as after a lost response. Returns the browser that
/// got the second response.
async fn lose_first(
    browser: &Browser,
    path: &str,
    button: &str,
    fields: &[(&str, &str)],
) -> Browser {
    let page = browser.get(path).await;
    lose_first_on(browser, page.is(200), button, fields).await
}

async fn lose_first_on(
    browser: &Browser,
    page: &Page,
    button: &str,
    fields: &[(&str, &str)],
) -> Browser {
    let second = browser.copy();
    let lost = browser.press_on(page, button, fields).await;
    let answer = second.press_on(page, button, fields).await;
    answer.goes_to(lost.is(303).header("location"));
    // An impatient click after the first response has arrived.
    browser.press_on(page, button, fields).await.goes_to(lost.header("location"));
    second
}

#[tokio::test]
async fn signing_up_twice_sends_one_email_and_confirming_twice_signs_in() {
    let app = TestApp::start().await;
    let fields = [
        ("username", "Ada Lovelace"),
        ("email", ADA),
        ("password", PASSWORD),
        ("confirm_password", PASSWORD),
    ];
    let browser = lose_first(&app.browser(), "/auth/register", "Create account", &fields).await;
    let link = app.mailed_path(ADA).await;
    assert_eq!(app.subjects(ADA).await.len(), 1);

    let browser = lose_first(&browser, &link, "Confirm and sign in", &[]).await;
    browser
        .get("/dashboard")
        .await
        .is(200)
        .says("Your address is confirmed and you are signed in.");
    assert_eq!(app.active_sessions().await, 1);
    assert_eq!(app.emails(MailKind::Welcome).await.len(), 1);
    // The device cookie is sent again as well: the next sign-in is not from an unknown browser.
    let browser = lose_first(&browser, "/dashboard", "Sign out", &[]).await;
    assert!(browser.cookie("authflow-refresh").is_none() && !browser.is_signed_in().await);
    browser.sign_in(ADA, PASSWORD).await.goes_to("/dashboard");
    assert!(app.emails(MailKind::NewSignIn).await.is_empty());
}

#[tokio::test]
async fn confirming_twice_in_another_browser_signs_in_and_declining_twice_deletes() {
    let app = TestApp::start().await;
    app.browser().sign_up(ADA).await;
    let link = app.mailed_path(ADA).await;
    let fields = [("password", PASSWORD)];
    let browser = lose_first(&app.browser(), &link, "Confirm and sign in", &fields).await;
    assert!(browser.is_signed_in().await);

    app.browser().sign_up(EVE).await;
    let link = app.mailed_path(EVE).await;
    let fields = [("not_mine", "on")];
    let browser = lose_first(&app.browser(), &link, "Delete the account", &fields).await;
    browser.get("/auth/login").await.says("The account has been deleted");
}

#[tokio::test]
async fn signing_in_twice_makes_one_session() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    let fields = [("email", ADA), ("password", PASSWORD)];
    let browser = lose_first(&app.browser(), "/auth/login", "Sign in", &fields).await;
    assert!(browser.is_signed_in().await);
    assert_eq!(app.active_sessions().await, 2);
    assert_eq!(app.emails(MailKind::NewSignIn).await.len(), 1);
    browser.get("/profile/email").await.is(200);
}

#[tokio::test]
async fn both_steps_of_a_two_factor_sign_in_can_be_sent_twice() {
    let app = TestApp::start().await;
    let authenticator = app.person(ADA).await.enable_two_factor(&app).await;
    let fields = [("email", ADA), ("password", PASSWORD)];
    let browser = lose_first(&app.browser(), "/auth/login", "Sign in", &fields).await;
    let code = authenticator.code(&app);
    let browser = lose_first(&browser, "/auth/two-factor", "Sign in", &[("code", &code)]).await;
    assert!(browser.is_signed_in().await);
    assert_eq!(app.active_sessions().await, 2);

    let browser = lose_first(&app.browser(), "/auth/login", "Sign in", &fields).await;
    let code = [("code", authenticator.recovery_codes[0].as_str())];
    let browser =
        lose_first(&browser, "/auth/two-factor", "Sign in with a recovery code", &code).await;
    browser.get("/dashboard").await.is(200).says("Codes that are left: 9");
}

#[tokio::test]
async fn recovery_codes_are_shown_again_until_they_are_saved_or_for_ten_minutes() {
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    let page = browser.get("/profile/two-factor").await;
    let code = Authenticator::scan(&page).code(&app);
    let browser = lose_first_on(&browser, &page, "Switch on", &[("code", &code)]).await;
    let shown = browser.get("/profile/two-factor/recovery-codes").await;
    let codes = shown.is(200).says("Two-factor sign-in is on.").each(".codes code");
    assert_eq!(codes.len(), 10);
    assert_eq!(browser.get("/profile/two-factor/recovery-codes").await.each(".codes code"), codes);
    assert_eq!(app.emails(MailKind::SecondFactorOn).await.len(), 1);

    // Only this session may see them, and only with a recent proof.
    let other = app.browser();
    other.sign_in(ADA, PASSWORD).await.goes_to("/auth/two-factor");
    other
        .press("/auth/two-factor", "Sign in with a recovery code", &[("code", &codes[0])])
        .await
        .goes_to("/dashboard");
    other.get("/profile/two-factor/recovery-codes").await.goes_to("/profile/two-factor");

    let path = "/profile/two-factor/recovery-codes";
    let browser = lose_first(&browser, path, "I have saved them", &[]).await;
    browser.get(path).await.goes_to("/profile/two-factor");
    assert_eq!(app.rows("recovery_code_seeds").await, 0);
    assert_eq!(app.rows("recovery_codes").await, 10, "the codes still work");

    // New codes, then ten minutes pass.
    let code = Authenticator::scan(&page).code(&app);
    let browser =
        lose_first(&browser, "/profile/two-factor", "Make new recovery codes", &[("code", &code)])
            .await;
    let renewed = browser.get(path).await.is(200).each(".codes code");
    assert!(renewed.len() == 10 && renewed.iter().all(|code| !codes.contains(code)));
    app.wait(599);
    assert_eq!(browser.get(path).await.each(".codes code"), renewed);
    app.wait(1);
    browser.get(path).await.goes_to("/profile/two-factor");
    authflow::services::two_factor::code_set::forget_seeds(&app.app).await.unwrap();
    assert_eq!(app.rows("recovery_code_seeds").await, 0);

    let code = Authenticator::scan(&page).code(&app);
    let browser =
        lose_first(&browser, "/profile/two-factor", "Switch off", &[("code", &code)]).await;
    browser.get("/profile/two-factor").await.says("Two-factor sign-in is off");
    assert!(app.emails(MailKind::RecoveryCodesRenewed).await.len() == 1);
    assert_eq!(app.rows("recovery_code_seeds").await, 0);
}

/// Confirms the password twice, and returns the browser that got the second response.
async fn confirm_password(browser: &Browser, return_to: &str) -> Browser {
    let path = format!("/auth/confirm-password?return_to={return_to}");
    lose_first(browser, &path, "Confirm", &[("password", PASSWORD)]).await
}

#[tokio::test]
async fn a_password_that_was_confirmed_twice_counts_in_the_browser_with_the_second_response() {
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    app.wait(3_600);
    let browser = confirm_password(&browser, "/profile/email").await;
    browser
        .press("/profile/email", "Change address", &[("email", NEW)])
        .await
        .goes_to("/profile/email");
    browser.get("/profile/email").await.says(NEW);
}

#[tokio::test]
async fn resets_and_password_changes_can_be_sent_twice() {
    let app = TestApp::start().await;
    let ada = app.person(ADA).await;
    lose_first(&app.browser(), "/auth/forgot-password", "Send me a link", &[("email", ADA)]).await;
    let link = app.path_in(ADA, "set a new password").await;
    assert_eq!(app.emails(MailKind::ResetPassword).await.len(), 1);
    let fields = [("password", STRONGER), ("confirm_password", STRONGER)];
    let browser = lose_first(&ada, &link, "Set password", &fields).await;
    browser.get("/auth/login").await.says("Your password has been changed");
    let browser = app.browser().carried_to(&browser);
    browser.sign_in(ADA, STRONGER).await.goes_to("/dashboard");
    assert_eq!(app.emails(MailKind::PasswordChanged).await.len(), 1);
    assert!(app.emails(MailKind::NewSignIn).await.is_empty(), "the browser is known");

    let fields =
        [("current_password", STRONGER), ("password", PASSWORD), ("confirm_password", PASSWORD)];
    let browser = lose_first(&browser, "/profile/password", "Change password", &fields).await;
    browser.get("/profile/password").await.is(200).says("Your password has been changed");
    assert!(browser.is_signed_in().await);
    assert_eq!(app.emails(MailKind::PasswordChanged).await.len(), 2);
}

#[tokio::test]
async fn changes_of_name_and_address_can_be_sent_twice() {
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    let browser = lose_first(&browser, "/profile", "Save", &[("username", "Ada King")]).await;
    browser.get("/profile").await.says("Your name has been changed");
    assert_eq!(app.audit_entries(Event::UsernameChanged).await.len(), 1);

    let browser = lose_first(&browser, "/profile/email", "Change address", &[("email", NEW)]).await;
    assert_eq!(app.subjects(NEW).await.len(), 1, "the link in the first email still works");
    let browser = lose_first(&browser, "/profile/email", "Do not change it", &[]).await;
    let browser = lose_first(&browser, "/profile/email", "Change address", &[("email", NEW)]).await;
    let link = app.path_in(NEW, "confirm your new address").await;
    let browser = lose_first(&browser, &link, "Use this address", &[]).await;
    browser.get("/profile/email").await.is(200).says(&format!("Your address is now {NEW}"));

    let link = app.path_in(ADA, "your address was changed").await;
    let fields = [("not_me", "on")];
    let browser = lose_first(&browser, &link, "Sign everybody out", &fields).await;
    browser.get("/auth/login").await.says("We have sent a link");
    assert_eq!(app.audit_entries(Event::AccountSecured).await.len(), 1);
}

#[tokio::test]
async fn sessions_can_be_ended_twice_and_accounts_deleted_twice() {
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    for button in ["End this session", "End all other sessions"] {
        app.browser().sign_in(ADA, PASSWORD).await;
        let browser = lose_first(&browser, "/profile/sessions", button, &[]).await;
        browser.get("/profile/sessions").await.is(200).says("been ended");
        assert_eq!(app.active_sessions().await, 1);
    }
    let fields = [("password", PASSWORD)];
    let browser = lose_first(&browser, "/profile/delete", "Delete my account", &fields).await;
    browser.get("/auth/login").await.says("Your account has been deleted");
    assert!(browser.cookie("authflow-refresh").is_none());
}

/// The page of an account.
async fn page_of(root: &Browser, email: &str) -> String {
    let list = root.get(&format!("/admin/users?search={email}")).await;
    list.select(".rows a")[0]["href"].clone()
}

#[tokio::test]
async fn administrators_can_press_every_button_twice() {
    let (app, mut root) = site("open", &[]).await;
    let ada = app.person(ADA).await;
    ada.enable_two_factor(&app).await;
    let page = page_of(&root, ADA).await;
    for (button, fields, event) in [
        ("Set the roles", &[("roles", "staff")][..], Event::RolesChanged),
        ("Send a link for a new password", &[], Event::ResetLinkSent),
        ("End all sessions", &[], Event::SessionsEnded),
        ("Close the account", &[], Event::UserDisabled),
        ("Open the account again", &[], Event::UserEnabled),
    ] {
        let before = app.audit_entries(event).await.len();
        root = lose_first(&root, &page, button, fields).await;
        root.get(&page).await.is(200);
        assert_eq!(app.audit_entries(event).await.len(), before + 1, "{button}");
    }
    let path = format!("{page}/remove-second-factor");
    root = lose_first(&root, &path, "Take it off", &[("reason", "She lost her phone")]).await;
    root.get(&page).await.says("Two-factor sign-in off");

    app.browser().sign_up(EVE).await;
    let waiting = page_of(&root, EVE).await;
    root = lose_first(&root, &waiting, "Send the confirmation again", &[]).await;
    assert_eq!(app.subjects(EVE).await.len(), 2);
    root = lose_first(&root, &waiting, "Confirm the address yourself", &[]).await;
    root = lose_first(&root, &format!("{waiting}/delete"), "Delete the account", &[]).await;
    root.get("/admin/users").await.is(200).says("The account has been deleted");
}

#[tokio::test]
async fn invitations_can_be_made_used_and_revoked_twice() {
    let (app, root) = site("invite", &[]).await;
    let fields = [("email", ADA), ("by_mail", "on"), ("days", "7")];
    let root = lose_first(&root, "/admin/users/invite", "Invite", &fields).await;
    assert_eq!(app.rows("invitations").await, 1);
    let link = app.mailed_path(ADA).await;
    let fields = [
        ("username", "Ada Lovelace"),
        ("email", ADA),
        ("password", PASSWORD),
        ("confirm_password", PASSWORD),
    ];
    lose_first(&app.browser(), &link, "Create account", &fields).await;
    assert_eq!(app.audit_entries(Event::Registered).await.len(), 1);

    // A second invitation with other fields, from the same page.
    let page = root.get("/admin/users/invite").await;
    let root = lose_first_on(&root, &page, "Invite", &[("email", EVE), ("by_mail", "on")]).await;
    root.press_on(&page, "Invite", &[("email", NEW), ("by_mail", "on")]).await.is(303);
    assert_eq!(app.rows("invitations").await, 3, "a form that was changed is another form");
    let made = root.get("/admin/invitations").await.select(".rows a")[0]["href"].clone();
    let root = lose_first(&root, &made, "Revoke invitation", &[]).await;
    root.get(&made).await.is(200).says("The invitation is revoked");
}

#[tokio::test]
async fn sign_ups_can_be_accepted_and_refused_twice() {
    let (app, root) = site("approval", &[]).await;
    for (email, path, button) in [(ADA, "", "Accept"), (EVE, "/refuse", "Refuse the sign-up")] {
        let browser = app.browser();
        browser.sign_up(email).await;
        let link = app.mailed_path(email).await;
        let browser = lose_first(&browser, &link, "Confirm and sign in", &[]).await;
        browser.get("/auth/awaiting-approval").await.is(200);
        let page = format!("{}{path}", page_of(&root, email).await);
        lose_first(&root, &page, button, &[]).await;
    }
    assert_eq!(app.emails(MailKind::SignUpAccepted).await.len(), 1);
}

/// Presses a button in all browsers at the same moment.
async fn at_once(
    browsers: &[Browser],
    page: &Page,
    button: &str,
    fields: &[(&str, &str)],
) -> Vec<Page> {
    let form = page.form(button);
    let body = encode(&form.filled(fields));
    let clicks = browsers.iter().map(|browser| {
        let (browser, action, body) = (browser.clone(), form.action.clone(), body.clone());
        tokio::spawn(async move { browser.post_raw(&action, body).await })
    });
    let mut answers = Vec::new();
    for click in clicks.collect::<Vec<_>>() {
        answers.push(click.await.unwrap());
    }
    answers
}

#[tokio::test]
async fn clicks_at_the_same_moment_do_it_once() {
    let app = TestApp::start().await;
    let (_, elsewhere) = app.another().await;
    let browser = app.browser();
    let copies = async |browser: &Browser| {
        let other = || browser.copy().moved_to(elsewhere.address());
        [browser.copy(), other(), browser.copy(), other()]
    };
    let fields = [
        ("username", "Ada Lovelace"),
        ("email", ADA),
        ("password", PASSWORD),
        ("confirm_password", PASSWORD),
    ];
    let page = browser.get("/auth/register").await;
    let browsers = copies(&browser).await;
    for answer in at_once(&browsers, &page, "Create account", &fields).await {
        answer.goes_to("/auth/check-mail");
    }
    let link = app.mailed_path(ADA).await;
    assert_eq!(app.subjects(ADA).await.len(), 1);

    let page = browsers[1].get(&link).await;
    let browsers = copies(&browsers[1]).await;
    for answer in at_once(&browsers, &page, "Confirm and sign in", &[]).await {
        answer.goes_to("/dashboard");
    }
    for browser in &browsers {
        assert!(browser.is_signed_in().await);
    }
    assert_eq!(app.active_sessions().await, 1);

    let browser = app.browser();
    let page = browser.get("/auth/login").await;
    let browsers = copies(&browser).await;
    let fields = [("email", ADA), ("password", PASSWORD)];
    for answer in at_once(&browsers, &page, "Sign in", &fields).await {
        answer.goes_to("/dashboard");
    }
    for browser in &browsers {
        assert!(browser.is_signed_in().await);
    }
    assert_eq!(app.active_sessions().await, 2);
}

#[tokio::test]
async fn a_refused_form_can_be_corrected_and_a_changed_form_is_another_form() {
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    browser.press("/dashboard", "Sign out", &[]).await.goes_to("/auth/login");
    let page = browser.get("/auth/login").await;
    let wrong = [("email", ADA), ("password", "wrong")];
    browser.press_on(&page, "Sign in", &wrong).await.is(401);
    browser.press_on(&page, "Sign in", &wrong).await.is(401);
    assert_eq!(app.rows("submissions").await, 3, "refused forms are not remembered");
    browser
        .press_on(&page, "Sign in", &[("email", ADA), ("password", PASSWORD)])
        .await
        .goes_to("/dashboard");
    assert!(browser.is_signed_in().await);

    // After 'back', the page from before has the same form.
    let page = browser.get("/profile").await;
    for name in ["Ada King", "Ada Byron"] {
        browser.press_on(&page, "Save", &[("username", name)]).await.goes_to("/profile");
    }
    assert_eq!(browser.get("/profile").await.value("username").as_deref(), Some("Ada Byron"));
}

#[tokio::test]
async fn a_form_from_before_another_sign_in_or_sign_out_is_handled_again() {
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    let page = browser.get("/dashboard").await;
    browser.press_on(&page, "Sign out", &[]).await.goes_to("/auth/login");
    let login = browser.get("/auth/login").await;
    let fields = [("email", ADA), ("password", PASSWORD)];
    for _ in 0..2 {
        browser.press_on(&login, "Sign in", &fields).await.goes_to("/dashboard");
        assert!(browser.is_signed_in().await, "the session of the first sign-in has ended");
        browser.press_on(&page, "Sign out", &[]).await.goes_to("/auth/login");
        assert!(!browser.is_signed_in().await, "the sign-out is another one");
    }
    browser.press_on(&login, "Sign in", &fields).await.goes_to("/dashboard");
    app.end_sessions(ADA).await;
    browser.press_on(&login, "Sign in", &fields).await.goes_to("/dashboard");
    assert!(browser.is_signed_in().await);
}

#[tokio::test]
async fn repeats_are_recognised_for_ten_minutes_in_the_browser_that_sent_the_form() {
    let app = TestApp::start().await;
    let browser = app.browser();
    browser.sign_up(ADA).await;
    let link = app.mailed_path(ADA).await;
    let page = browser.get(&link).await;
    let (late, later, other) = (browser.copy(), browser.copy(), app.browser());
    browser.press_on(&page, "Confirm and sign in", &[]).await.goes_to("/dashboard");
    // Another browser has another CSRF token, even if it has the ID of the form.
    let token = other.get("/auth/login").await.value("csrf_token").unwrap();
    let id =
        page.form("Confirm and sign in").fields.iter().find(|it| it.0 == "form").unwrap().1.clone();
    other.post(&link, &[("csrf_token", &token), ("form", &id)]).await.is(410);
    assert!(!other.is_signed_in().await);
    app.wait(599);
    late.press_on(&page, "Confirm and sign in", &[]).await.goes_to("/dashboard");
    assert!(late.is_signed_in().await);
    app.wait(1);
    later.press_on(&page, "Confirm and sign in", &[]).await.is(410);
    assert!(!later.is_signed_in().await);
    app.wait(1);
    authflow::services::operations::retention::clean_up(&app.app).await.unwrap();
    assert_eq!(app.rows("submissions").await, 0);
}

#[tokio::test]
async fn a_form_without_an_id_still_works_once() {
    let app = TestApp::start().await;
    let browser = app.browser();
    browser.sign_up(ADA).await;
    let link = app.mailed_path(ADA).await;
    let token = browser.get(&link).await.value("csrf_token").unwrap();
    browser.post(&link, &[("csrf_token", &token)]).await.goes_to("/dashboard");
    browser.post(&link, &[("csrf_token", &token)]).await.is(410);
}

#[tokio::test]
async fn a_form_is_handled_to_its_end_when_the_browser_gives_up() {
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    browser.press("/dashboard", "Sign out", &[]).await;
    let page = browser.get("/auth/login").await;
    let form = page.form("Sign in");
    let body = encode(&form.filled(&[("email", ADA), ("password", PASSWORD)]));
    let head = format!(
        "POST {} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nCookie: {}\r\nContent-Length: {}\r\n\r\n",
        form.action,
        browser.cookie_header(),
        body.len()
    );
    let mut socket = tokio::net::TcpStream::connect(browser.address()).await.unwrap();
    tokio::io::AsyncWriteExt::write_all(&mut socket, format!("{head}{body}").as_bytes())
        .await
        .unwrap();
    app.wait_for_throttles(1).await; // the server has begun
    drop(socket);
    while app.active_sessions().await == 0 {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    browser
        .press_on(&page, "Sign in", &[("email", ADA), ("password", PASSWORD)])
        .await
        .goes_to("/dashboard");
    assert!(browser.is_signed_in().await);
    assert_eq!(app.active_sessions().await, 1);
}

#[tokio::test]
async fn a_form_that_another_instance_accepted_before_it_ended_is_not_handled_again() {
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    let page = browser.get("/profile").await;
    let (again, fields) = (browser.copy(), [("username", "Ada King")]);
    browser.press_on(&page, "Save", &fields).await.goes_to("/profile");
    app.change("UPDATE submissions SET location = NULL, request_id = 'another'").await;
    again.press_on(&page, "Save", &fields).await.goes_to("/");
    assert_eq!(app.audit_entries(Event::UsernameChanged).await.len(), 1);
}

#[tokio::test]
async fn a_forged_refresh_token_is_not_exchanged_for_a_genuine_one() {
    let app = TestApp::start().await;
    let owner = app.person(ADA).await;
    let genuine = owner.cookie("authflow-refresh").unwrap();
    let mut bytes = authflow::secret::decode(&genuine).unwrap();
    *bytes.last_mut().unwrap() ^= 1; // names Ada's session, but the tag is wrong
    let forged = authflow::secret::encode(&bytes);
    let thief = app.browser();
    let page = thief.get("/auth/forgot-password").await;
    for _ in 0..3 {
        thief.set_cookie("authflow-refresh", &forged);
        let answer = thief.press_on(&page, "Send me a link", &[("email", EVE)]).await;
        answer.goes_to("/auth/check-mail");
        assert!(
            !answer.set_cookies().contains_key("authflow-refresh"),
            "{:?}",
            answer.set_cookies()
        );
        assert!(!thief.is_signed_in().await);
    }
    let sent_by =
        app.count("SELECT COUNT(*) FROM submissions WHERE session_before IS NOT NULL").await;
    assert_eq!(sent_by, 0, "the forged token names no session");
    assert!(owner.is_signed_in().await);
    // Nor does the owner's own repeat get a cookie that the first response did not set.
    let page = owner.get("/profile").await;
    for _ in 0..2 {
        let answer = owner.press_on(&page, "Save", &[("username", "Ada King")]).await;
        assert!(!answer.goes_to("/profile").set_cookies().contains_key("authflow-refresh"));
    }
}
