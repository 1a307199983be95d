//! Security notices to the owner of an account, and 'this was not me'.

use authflow::domain::email::mail_kind::MailKind;
use authflow::domain::email::mail_state::MailState;
use authflow::i18n::localizer::Localizer;

use super::support::*;

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

/// Signs in with Firefox as the user agent.
async fn sign_in_with_firefox(browser: &Browser) -> Page {
    let page = browser.get("/auth/login").await;
    let form = page.form("Sign in");
    let body = encode(&form.filled(&[("email", ADA), ("password", PASSWORD)]));
    let headers = [("content-type", "application/x-www-form-urlencoded"), ("user-agent", FIREFOX)];
    browser.send(reqwest::Method::POST, "/auth/login", &headers, Some(body.into_bytes())).await
}

#[tokio::test]
async fn only_sign_ins_from_unknown_browsers_are_reported() {
    let app = TestApp::start().await;
    let owner = app.person(ADA).await;
    let told = async || {
        let subjects = app.subjects(ADA).await;
        subjects.iter().filter(|it| *it == "new sign-in to your account").count()
    };
    assert_eq!(told().await, 0, "a sign-up itself is not reported");
    owner.press("/dashboard", "Sign out", &[]).await;
    owner.sign_in(ADA, PASSWORD).await.goes_to("/dashboard");
    assert_eq!(told().await, 0, "a known browser is not reported");

    let other = app.browser();
    sign_in_with_firefox(&other).await.goes_to("/dashboard");
    assert_eq!(told().await, 1);
    let mails = app.mails().await;
    let mail = mails.iter().find(|it| it.subject.contains("new sign-in")).unwrap();
    let now = Localizer::english(None).time(app.app.clock.now());
    for fact in ["Firefox on Linux", "127.0.0.1", &now] {
        assert!(mail.text.contains(fact), "{fact}: {}", mail.text);
    }
    other.press("/dashboard", "Sign out", &[]).await;
    sign_in_with_firefox(&other).await.goes_to("/dashboard");
    assert_eq!(told().await, 1, "the browser is known now");
    app.browser().sign_in(ADA, "wrong, surely wrong").await.is(401);
    assert_eq!(told().await, 1, "a refused sign-in is not reported");
    // A forged cookie does not make a browser known.
    let forger = app.browser();
    let mut cookie = owner.cookie("authflow-device").unwrap();
    cookie.replace_range(30..31, if &cookie[30..31] == "A" { "B" } else { "A" });
    forger.set_cookie("authflow-device", &cookie);
    forger.sign_in(ADA, PASSWORD).await.goes_to("/dashboard");
    assert_eq!(told().await, 2);
    // A cookie for another account does not either.
    let eve = app.person("eve@example.org").await;
    eve.press("/dashboard", "Sign out", &[]).await;
    eve.sign_in(ADA, PASSWORD).await.goes_to("/dashboard");
    assert_eq!(told().await, 3);
}

#[tokio::test]
async fn not_me_ends_all_sessions_and_starts_a_reset() {
    let app = TestApp::start().await;
    let owner = app.person(ADA).await;
    let thief = app.browser();
    sign_in_with_firefox(&thief).await.goes_to("/dashboard");
    let link = app.path_in(ADA, "new sign-in to your account").await;
    assert!(link.starts_with("/auth/not-me/"));
    let device = app.browser();
    let page = device.get(&link).await;
    assert_eq!(
        (page.header("referrer-policy"), page.header("cache-control")),
        ("no-referrer", "no-store")
    );
    // A mail scanner that presses the button changes nothing, and neither does a form from another site.
    device.press_on(&page, "Sign out everywhere", &[]).await.is(422);
    device.post(&link, &[("not_me", "on")]).await.is(403);
    assert!(owner.is_signed_in().await && thief.is_signed_in().await);

    device.press_on(&page, "Sign out everywhere", &[("not_me", "on")]).await.goes_to("/auth/login");
    assert!(!owner.is_signed_in().await && !thief.is_signed_in().await);
    assert!(device.cookie("authflow-refresh").is_none(), "the link does not sign in");
    owner.get("/auth/login").await.says("did not recognize activity in your account");
    thief.sign_in(ADA, PASSWORD).await.is(401);
    app.wait(600); // a repeat within ten minutes leads where the first one led
    let again = device.press_on(&page, "Sign out everywhere", &[("not_me", "on")]).await;
    again.is(200).says("Already done");
    let reset = app.path_in(ADA, "reset your password").await;
    let fields = [("password", NEW_PASSWORD), ("confirm_password", NEW_PASSWORD)];
    device.press(&reset, "Set password", &fields).await.goes_to("/auth/login");
    let before = app.subjects(ADA).await.len();
    device.sign_in(ADA, NEW_PASSWORD).await.goes_to("/dashboard");
    assert_eq!(app.subjects(ADA).await.len(), before, "the browser that set the password is known");
}

#[tokio::test]
async fn not_me_works_from_every_notice_even_after_a_password_change() {
    let app = TestApp::start().await;
    let thief = app.person(ADA).await;
    thief.press("/profile/password", "Change password", &CHANGE).await.goes_to("/profile/password");
    let first = app.path_in(ADA, "your password was changed").await;
    thief.enable_two_factor(&app).await;
    let second = app.path_in(ADA, "two-factor authentication is on").await;
    assert_ne!(first, second);
    let owner = app.browser();
    owner.get(&second).await.is(200).says("turned on less than a week ago, is turned off");
    owner.press(&first, "Sign out everywhere", &[("not_me", "on")]).await.goes_to("/auth/login");
    owner.get(&second).await.is(200).says("Already done");
    assert!(!thief.is_signed_in().await);
    thief.sign_in(ADA, NEW_PASSWORD).await.is(401);
    // The second factor added since is removed, so that the owner is not locked out.
    let reset = app.path_in(ADA, "reset your password").await;
    let fields = [("password", PASSWORD), ("confirm_password", PASSWORD)];
    owner.press(&reset, "Set password", &fields).await.goes_to("/auth/login");
    owner.sign_in(ADA, PASSWORD).await.goes_to("/dashboard");
}

#[tokio::test]
async fn not_me_in_the_two_factor_notice_removes_that_second_factor() {
    let app = TestApp::start().await;
    let thief = app.person(ADA).await;
    thief.enable_two_factor(&app).await;
    let link = app.path_in(ADA, "two-factor authentication is on").await;
    let owner = app.browser();
    owner.press(&link, "Sign out everywhere", &[("not_me", "on")]).await.goes_to("/auth/login");
    for table in ["totp", "recovery_codes"] {
        assert_eq!(app.rows(table).await, 0);
    }
}

#[tokio::test]
async fn not_me_keeps_a_second_factor_from_before_the_notice() {
    let app = TestApp::start().await;
    let owner = app.person(ADA).await;
    let authenticator = owner.enable_two_factor(&app).await;
    app.mails().await;
    app.wait(7 * 86_400);
    let thief = app.browser();
    thief.sign_in(ADA, PASSWORD).await.goes_to("/auth/two-factor");
    let code = [("code", authenticator.recovery_codes[0].as_str())];
    thief
        .press("/auth/two-factor", "Sign in with a recovery code", &code)
        .await
        .goes_to("/dashboard");
    let link = app.path_in(ADA, "a recovery code was used").await;
    let reader = app.browser(); // has access to the mailbox only
    reader.get(&link).await.says("You will need a code");
    reader.press(&link, "Sign out everywhere", &[("not_me", "on")]).await.goes_to("/auth/login");
    let reset = app.path_in(ADA, "reset your password").await;
    let fields = [("password", NEW_PASSWORD), ("confirm_password", NEW_PASSWORD)];
    reader.press(&reset, "Set password", &fields).await.is(422).says("Enter the code.");
    let code = authenticator.code(&app);
    let fields = [("password", NEW_PASSWORD), ("confirm_password", NEW_PASSWORD), ("code", &code)];
    owner.press(&reset, "Set password", &fields).await.goes_to("/auth/login");
}

#[tokio::test]
async fn not_me_keeps_an_older_second_factor_whose_app_was_replaced() {
    let app = TestApp::start().await;
    let owner = app.person(ADA).await;
    let former = owner.enable_two_factor(&app).await;
    app.wait(8 * 86_400);
    owner.sign_in(ADA, PASSWORD).await.goes_to("/auth/two-factor");
    let code = former.code(&app);
    owner.press("/auth/two-factor", "Sign in", &[("code", &code)]).await.goes_to("/dashboard");
    let page = owner.get("/profile/two-factor?replace=on").await;
    let new = Authenticator::scan(page.is(200));
    let (code, current) = (new.code(&app), former.recovery_codes[0].clone());
    let fields = [("code", code.as_str()), ("current_code", &current)];
    let done = owner.press_on(&page, "Use the new app", &fields).await;
    owner.get(done.goes_to(RECOVERY_CODES).header("location")).await.is(200);
    let link = app.path_in(ADA, "your authenticator app was replaced").await;
    assert!(app.emails(MailKind::SecondFactorOn).await.len() == 1, "only from the first app");
    let reader = app.browser();
    let page = reader.get(&link).await;
    page.says("You will need a code");
    reader.press_on(&page, "Sign out everywhere", &[("not_me", "on")]).await.goes_to("/auth/login");
    assert_eq!((app.rows("totp").await, app.rows("recovery_codes").await), (1, 0));
}

#[tokio::test]
async fn recovery_codes_created_by_a_thief_are_revoked() {
    let app = TestApp::start().await;
    let owner = app.person(ADA).await;
    let authenticator = owner.enable_two_factor(&app).await;
    app.wait(8 * 86_400);
    let thief = app.browser();
    thief.sign_in(ADA, PASSWORD).await;
    let code = authenticator.code(&app);
    thief.press("/auth/two-factor", "Sign in", &[("code", &code)]).await.goes_to("/dashboard");
    let code = authenticator.code(&app);
    let page = thief.press("/profile/two-factor", "Generate new codes", &[("code", &code)]).await;
    let list = thief.get(page.goes_to(RECOVERY_CODES).header("location")).await.each(".codes code");
    let link = app.path_in(ADA, "new recovery codes created").await;
    let owner = app.browser();
    let page = owner.get(&link).await;
    page.says("Recovery codes that were generated in the last seven days stop working");
    owner.press_on(&page, "Sign out everywhere", &[("not_me", "on")]).await.goes_to("/auth/login");
    let reset = app.path_in(ADA, "reset your password").await;
    let set = async |code: &str| {
        let fields =
            [("password", NEW_PASSWORD), ("confirm_password", NEW_PASSWORD), ("code", code)];
        owner.press(&reset, "Set password", &fields).await
    };
    set(&list[0]).await.is(401).says("That recovery code is wrong or was already used");
    set(&authenticator.code(&app)).await.goes_to("/auth/login");
}

#[tokio::test]
async fn a_resent_notice_has_the_same_content() {
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    browser.enable_two_factor(&app).await;
    let first = app
        .mails()
        .await
        .into_iter()
        .find(|it| it.subject.contains("authentication is on"))
        .unwrap();
    browser.press("/profile", "Save", &[("username", "Countess")]).await.goes_to("/profile");
    app.wait(3_600);
    app.send_again(MailKind::SecondFactorOn).await;
    let second = app
        .mails()
        .await
        .into_iter()
        .find(|it| it.subject.contains("authentication is on"))
        .unwrap();
    assert_eq!((first.text, first.subject), (second.text, second.subject));
}

#[tokio::test]
async fn wrong_codes_after_the_right_password_are_reported_once_a_day() {
    let app = TestApp::start().await;
    let owner = app.person(ADA).await;
    owner.enable_two_factor(&app).await;
    let told = async || {
        let subjects = app.subjects(ADA).await;
        subjects.iter().filter(|it| *it == "wrong two-factor codes for your account").count()
    };
    let thief = app.browser();
    thief.sign_in(ADA, PASSWORD).await.goes_to("/auth/two-factor");
    for n in 0..7 {
        let code = format!("{n:06}");
        thief.press("/auth/two-factor", "Sign in", &[("code", &code)]).await.is(401);
        assert_eq!(told().await, usize::from(n >= 4), "code {n}");
        app.wait(20);
    }
    // The owner's own typos are not reported.
    app.wait(86_400);
    owner.sign_in(ADA, PASSWORD).await;
    for n in 0..6 {
        let code = format!("{n:06}");
        owner.press("/auth/two-factor", "Sign in", &[("code", &code)]).await.is(401);
        app.wait(20);
    }
    assert_eq!(told().await, 1);
}

#[tokio::test]
async fn notice_links_do_not_sign_in_and_undelivered_notices_block_nothing() {
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    let authenticator = browser.enable_two_factor(&app).await;
    let code = authenticator.code(&app);
    browser.press("/profile/two-factor?turn_off=on", "Turn off", &[("code", &code)]).await;
    let other = app.browser();
    other.sign_in(ADA, PASSWORD).await.goes_to("/dashboard");
    let mails = app.mails().await;
    let links: Vec<String> = mails.iter().filter_map(|mail| app.link_in(mail)).collect();
    assert!(links.len() >= 4, "{links:?}");
    for link in links {
        let stranger = app.browser();
        stranger.get(&link).await;
        assert!(!stranger.is_signed_in().await, "{link}");
    }
    // Undelivered emails block nothing.
    let before = app.emails_in(MailState::Waiting).await.len();
    app.browser().sign_in(ADA, PASSWORD).await.goes_to("/dashboard");
    let waiting = app.emails_in(MailState::Waiting).await.len();
    assert_eq!(waiting, before + 1);
}

const NEW: &str = "new@example.org";

/// Moves the account of a browser to another address.
async fn move_to_new(app: &TestApp, browser: &Browser) {
    browser.press("/profile/email", "Change email", &[("email", NEW)]).await.is(303);
    let confirm = app.path_in(NEW, "confirm your new email address").await;
    browser.press(&confirm, "Use this email", &[]).await.is(303);
}

/// An account with 2FA that is recent or older than a week, and a new link to its current or former address.
async fn secured(is_administrator: bool, is_former: bool, is_recent: bool) -> (TestApp, String) {
    let app = TestApp::start().await;
    let owner = app.person(ADA).await;
    if is_administrator {
        app.give_role(ADA, "admin").await;
    }
    let authenticator = owner.enable_two_factor(&app).await;
    if !is_recent {
        app.mails().await;
        app.wait(7 * 86_400 + 60);
        owner.sign_in(ADA, PASSWORD).await.goes_to("/auth/two-factor");
        let code = authenticator.code(&app);
        owner.press("/auth/two-factor", "Sign in", &[("code", &code)]).await.is(303);
    }
    let subject = if is_former {
        move_to_new(&app, &owner).await;
        "your email address was changed"
    } else {
        owner.press("/profile/password", "Change password", &CHANGE).await.is(303);
        "your password was changed"
    };
    let link = app.path_in(ADA, subject).await;
    (app, link)
}

#[tokio::test]
async fn not_me_never_removes_the_second_factor_of_an_administrator() {
    const REMOVED: &str = "turned on less than a week ago, is turned off";
    const STAYS: &str = "This is an administrator’s account, so two-factor authentication stays on";
    const OLD: &str = "You will need a code from your authenticator app";
    for (is_administrator, is_former, is_recent, says) in [
        (false, false, true, REMOVED),
        (false, true, true, REMOVED),
        (false, false, false, OLD),
        (false, true, false, OLD),
        (true, false, true, STAYS),
        (true, true, true, STAYS),
        (true, false, false, OLD),
        (true, true, false, OLD),
    ] {
        let case = format!("administrator {is_administrator}, former {is_former}, {is_recent}");
        let (app, link) = secured(is_administrator, is_former, is_recent).await;
        let reader = app.browser(); // has access to the mailbox only
        reader.get(&link).await.is(200).says(says);
        reader
            .press(&link, "Sign out everywhere", &[("not_me", "on")])
            .await
            .goes_to("/auth/login");
        let is_kept = says != REMOVED;
        assert_eq!(app.rows("totp").await, i64::from(is_kept), "{case}");
        assert_eq!(app.rows("recovery_codes").await > 0, is_kept, "{case}");
        let reset = app.path_in(ADA, "reset your password").await;
        let another = "seven copper kettles at dusk";
        let fields = [("password", another), ("confirm_password", another)];
        let page = reader.press(&reset, "Set password", &fields).await;
        if is_kept {
            page.is(422).says("Enter the code.");
        } else {
            page.goes_to("/auth/login");
        }
    }
}

#[tokio::test]
async fn a_former_mailbox_cannot_take_over_an_administrator_in_two_steps() {
    let app = TestApp::start().await;
    let owner = app.person(ADA).await;
    app.give_role(ADA, "admin").await;
    move_to_new(&app, &owner).await;
    owner.enable_two_factor(&app).await;
    let undo = app.path_in(ADA, "your email address was changed").await;
    let thief = app.browser(); // reads the former mailbox only
    thief.press(&undo, "Sign out everywhere", &[("not_me", "on")]).await.goes_to("/auth/login");
    // The former address is the current one now. Wrong codes bring a notice with a link to it.
    let reset = app.path_in(ADA, "reset your password").await;
    for n in 0..5 {
        let code = format!("{n:06}");
        let fields =
            [("password", NEW_PASSWORD), ("confirm_password", NEW_PASSWORD), ("code", &code)];
        thief.press(&reset, "Set password", &fields).await.is(401);
        app.wait(20);
    }
    let second = app.path_in(ADA, "wrong two-factor codes for your account").await;
    assert!(second.starts_with("/auth/not-me/"), "{second}");
    let page = thief.get(&second).await;
    page.says("two-factor authentication stays on");
    thief.press_on(&page, "Sign out everywhere", &[("not_me", "on")]).await.goes_to("/auth/login");
    assert_eq!(app.rows("totp").await, 1, "the second factor stays");
}
