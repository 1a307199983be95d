//! Which requests count as a repeat of an accepted form.

use authflow::domain::audit_event::Event;

use super::*;

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
    assert!(wait_until(async || app.active_sessions().await > 0).await);
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
        let answer = thief.press_on(&page, "Send reset link", &[("email", EVE)]).await;
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

#[tokio::test]
async fn the_latest_fields_of_a_form_count() {
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    let page = browser.get("/profile").await;
    for name in ["Ada King", "Ada Byron", "Ada King"] {
        for _ in 0..2 {
            browser.press_on(&page, "Save", &[("username", name)]).await.goes_to("/profile");
        }
        assert_eq!(browser.get("/profile").await.value("username").as_deref(), Some(name));
    }
    assert_eq!(app.audit_entries(Event::UsernameChanged).await.len(), 3);
}

#[tokio::test]
async fn a_sign_in_whose_second_step_is_over_begins_again() {
    let app = TestApp::start().await;
    let authenticator = app.person(ADA).await.enable_two_factor(&app).await;
    let browser = app.browser();
    let login = browser.get("/auth/login").await;
    let fields = [("email", ADA), ("password", PASSWORD)];
    for _ in 0..2 {
        browser.press_on(&login, "Sign in", &fields).await.goes_to("/auth/two-factor");
        let code = authenticator.code(&app);
        browser
            .press("/auth/two-factor", "Sign in", &[("code", &code)])
            .await
            .goes_to("/dashboard");
        browser.press("/dashboard", "Sign out", &[]).await.goes_to("/auth/login");
    }
    // The same after another account has entered its password in this browser.
    let eves = app.person(EVE).await.enable_two_factor(&app).await;
    browser.press_on(&login, "Sign in", &fields).await.goes_to("/auth/two-factor");
    browser.sign_in(EVE, PASSWORD).await.goes_to("/auth/two-factor");
    browser.press_on(&login, "Sign in", &fields).await.goes_to("/auth/two-factor");
    let code = eves.code(&app);
    browser.press("/auth/two-factor", "Sign in", &[("code", &code)]).await.is(401);
    let code = authenticator.code(&app);
    browser.press("/auth/two-factor", "Sign in", &[("code", &code)]).await.goes_to("/dashboard");
    browser.get("/dashboard").await.says(ADA);
}
