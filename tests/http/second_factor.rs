//! Two-factor authentication: enabling, sign-in, recovery codes and disabling.

use super::support::*;

/// Enters the password in a signed-out browser, which then asks for the code.
async fn first_step(browser: &Browser, email: &str) -> Page {
    browser.sign_in(email, PASSWORD).await.goes_to("/auth/two-factor");
    browser.get("/auth/two-factor").await
}

async fn second_step(browser: &Browser, code: &str) -> Page {
    browser.press("/auth/two-factor", "Sign in", &[("code", code)]).await
}

#[tokio::test]
async fn an_authenticator_app_is_added_confirmed_and_required() {
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    let page = browser.get("/profile/two-factor").await;
    let again = browser.get("/profile/two-factor").await;
    assert_eq!(page.inside(".key code"), again.inside(".key code"), "a reload changes nothing");
    let groups = page.inside(".key code");
    assert!(groups.split(' ').count() == 8 && groups.split(' ').all(|it| it.len() == 4));
    let qr = page.select("svg[role=img]");
    assert!(qr[0]["aria-label"].contains("QR code") && page.select("svg path").len() == 2);
    assert_eq!(app.rows("totp").await, 0, "opening the page stores nothing");

    let mut authenticator = Authenticator::scan(&page);
    let wrong = browser.press_on(&page, "Turn on", &[("code", "12345")]).await;
    wrong.is(422).says("Enter the 6 digits");
    let other =
        format!("{:06}", (authenticator.shows(&app, 0).parse::<u32>().unwrap() + 1) % 1_000_000);
    let wrong = browser.press_on(&page, "Turn on", &[("code", &other)]).await;
    wrong.is(401).says("That code is wrong");
    assert_eq!(wrong.inside(".key code"), groups, "the key stays the same");
    assert!(!wrong.body.contains(&other));
    let shown = authenticator.shows(&app, 0);
    let typed = format!(" {} {} ", &shown[..3], &shown[3..]);
    let done = browser.press_on(&wrong, "Turn on", &[("code", &typed)]).await;
    done.goes_to(RECOVERY_CODES);
    let codes = browser.get(RECOVERY_CODES).await;
    codes.is(200).says("Two-factor authentication is on.").says("We show them for 10 minutes");
    authenticator.recovery_codes = codes.each(".codes code");
    browser.get("/profile/two-factor").await.says("You have 10 left");
    browser.get("/dashboard").await.says("Two-factor authentication On");
    assert_eq!(app.subjects(ADA).await.last().unwrap(), "two-factor authentication is on");
    assert!(browser.is_signed_in().await, "this browser stays signed in");

    let other = app.browser();
    first_step(&other, ADA).await.is(200).says("Two-factor code");
    second_step(&other, &shown).await.is(401); // already used
    assert!(other.cookie("authflow-refresh").is_none() && !other.is_signed_in().await);
    second_step(&other, &authenticator.code(&app)).await.goes_to("/dashboard");
    assert!(other.is_signed_in().await);
    other.get("/auth/two-factor").await.goes_to("/dashboard");
}

#[tokio::test]
async fn the_password_alone_creates_no_session() {
    let app = TestApp::start().await;
    let owner = app.person(ADA).await;
    let authenticator = owner.enable_two_factor(&app).await;
    let sessions = app.rows("sessions").await;
    let thief = app.browser();
    let page = first_step(&thief, ADA).await;
    assert_eq!(app.rows("sessions").await, sessions);
    for path in ["/dashboard", "/profile", "/profile/two-factor", "/profile/export"] {
        assert!(thief.get(path).await.header("location").starts_with("/auth/login"), "{path}");
    }
    // A correct code without the password first.
    let stranger = app.browser();
    let token = stranger.get("/auth/login").await.value("csrf_token").unwrap();
    let code = authenticator.code(&app);
    let fields = [("csrf_token", token.as_str()), ("code", &code)];
    stranger.post("/auth/two-factor", &fields).await.goes_to("/auth/login");
    stranger.get("/auth/two-factor").await.goes_to("/auth/login");
    assert!(!stranger.is_signed_in().await);
    // The state belongs to one browser and does not work with another cookie.
    stranger.set_cookie("authflow-session", &"A".repeat(64));
    stranger.post("/auth/two-factor", &fields).await.goes_to("/auth/login");
    // The code must be entered within 10 minutes.
    app.wait(600);
    let late = thief.press_on(&page, "Sign in", &[("code", &authenticator.shows(&app, 0))]).await;
    late.goes_to("/auth/login");
    thief.get("/auth/login").await.says("Sign in again");
    assert!(!thief.is_signed_in().await);
}

#[tokio::test]
async fn a_code_works_once_and_at_most_one_step_early_or_late() {
    let app = TestApp::start().await;
    let authenticator = app.person(ADA).await.enable_two_factor(&app).await;
    app.wait(300);
    for steps in [-3, -2, 2, 3] {
        let browser = app.browser();
        first_step(&browser, ADA).await;
        second_step(&browser, &authenticator.shows(&app, steps)).await.is(401);
        app.wait(60); // past the rate limit on wrong codes
    }
    for steps in [-1, 0, 1] {
        let browser = app.browser();
        first_step(&browser, ADA).await;
        let code = authenticator.shows(&app, steps);
        second_step(&browser, &code).await.goes_to("/dashboard");
        let again = app.browser();
        first_step(&again, ADA).await;
        second_step(&again, &code).await.is(401).says("That code is wrong");
        app.wait(90);
    }
    // Using a later code invalidates earlier ones.
    let browser = app.browser();
    first_step(&browser, ADA).await;
    second_step(&browser, &authenticator.shows(&app, 1)).await.goes_to("/dashboard");
    let browser = app.browser();
    first_step(&browser, ADA).await;
    second_step(&browser, &authenticator.shows(&app, 0)).await.is(401);
}

#[tokio::test]
async fn of_parallel_requests_with_one_code_one_succeeds() {
    let app = TestApp::start().await;
    let authenticator = app.person(ADA).await.enable_two_factor(&app).await;
    for code in [authenticator.code(&app), authenticator.recovery_codes[0].clone()] {
        let mut posts = Vec::new();
        for _ in 0..8 {
            let browser = app.browser();
            let page = first_step(&browser, ADA).await;
            let body = encode(&page.form("Sign in").filled(&[("code", &code)]));
            posts.push((browser, body));
        }
        // Without the rate limits, so that only the code decides.
        app.change("DELETE FROM throttles").await;
        let posts = posts.into_iter().map(|(browser, body)| {
            tokio::spawn(
                async move { browser.post_raw("/auth/two-factor", body).await.status.as_u16() },
            )
        });
        let mut statuses = Vec::new();
        for post in posts.collect::<Vec<_>>() {
            statuses.push(post.await.unwrap());
        }
        assert_eq!(statuses.iter().filter(|it| **it == 303).count(), 1, "{statuses:?}");
    }
}

#[tokio::test]
async fn wrong_codes_are_limited_per_account() {
    let app = TestApp::start().await;
    let owner = app.person(ADA).await;
    let authenticator = owner.enable_two_factor(&app).await;
    let codes = |n: u32| format!("{n:06}");
    let mut statuses = Vec::new();
    for n in 0..7 {
        // A new browser each time, since the count belongs to the account.
        let browser = app.browser();
        first_step(&browser, ADA).await;
        statuses.push(second_step(&browser, &codes(n)).await.status.as_u16());
    }
    assert_eq!(statuses[..5], [401; 5]);
    assert_eq!(statuses[6], 429);
    let stranger = app.browser();
    first_step(&stranger, ADA).await;
    let page = second_step(&stranger, &authenticator.code(&app)).await;
    assert!(page.status.as_u16() == 303 || number::<u64>(&page, "retry-after").is_some());

    // The owner's browser has its own count and is not limited.
    let browser = app.browser();
    first_step(&browser, ADA).await;
    loop {
        let page = second_step(&browser, "000000").await;
        match number::<u64>(&page, "retry-after") {
            Some(wait) if wait > 120 => break,
            Some(wait) => app.wait(wait),
            None => drop(page.is(401)),
        }
    }
    owner.press("/dashboard", "Sign out", &[]).await;
    first_step(&owner, ADA).await;
    second_step(&owner, &authenticator.code(&app)).await.goes_to("/dashboard");
}

#[tokio::test]
async fn each_recovery_code_works_once() {
    let app = TestApp::start().await;
    let owner = app.person(ADA).await;
    let authenticator = owner.enable_two_factor(&app).await;
    let code = &authenticator.recovery_codes[3];
    let stored = app.recovery_code_hashes().await;
    assert!(stored.len() == 10 && stored.iter().all(|hash| hash.len() == 32));

    let browser = app.browser();
    first_step(&browser, ADA).await;
    let typed = code.to_uppercase().replace('-', " ");
    let button = "Sign in with a recovery code";
    let page = browser.press("/auth/two-factor", button, &[("code", &typed)]).await;
    page.goes_to("/dashboard");
    browser.get("/dashboard").await.says("You used a recovery code. 9 are left.");
    browser.get("/profile/two-factor").await.says("You have 9 left");
    let mails = app.mails().await;
    let mail = mails.iter().find(|it| it.subject.contains("a recovery code was used")).unwrap();
    assert!(mail.text.contains("9 codes left."), "{}", mail.text);

    let again = app.browser();
    first_step(&again, ADA).await;
    let refused = again.press("/auth/two-factor", button, &[("code", code)]).await;
    refused.is(401).says("That recovery code is wrong or was already used.");
    assert_eq!(refused.select("details[open] #recovery_code[aria-invalid]").len(), 1);
    // Another user's codes do not work.
    let eve = app.person("eve@example.org").await.enable_two_factor(&app).await;
    again.press("/auth/two-factor", button, &[("code", &eve.recovery_codes[0])]).await.is(401);
}

#[tokio::test]
async fn recovery_codes_are_downloaded_and_replaced() {
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    let page = browser.get("/profile/two-factor").await;
    let authenticator = Authenticator::scan(&page);
    let done = browser.press_on(&page, "Turn on", &[("code", &authenticator.code(&app))]).await;
    let shown = browser.get(done.is(303).header("location")).await;
    let first = shown.each(".codes code");
    let file = browser.press_on(&shown, "Download codes", &[]).await;
    assert_eq!(file.is(200).header("content-type"), "text/plain; charset=utf-8");
    assert!(file.header("content-disposition").starts_with("attachment"));
    assert_eq!(file.header("cache-control"), "no-store");
    assert!(first.iter().all(|code| file.body.lines().any(|line| line == code)), "{}", file.body);
    // The download contains only codes of the account.
    let later = browser.get("/profile/two-factor").await;
    assert!(first.iter().all(|code| !later.body.contains(code)));
    let forged = [("codes", "<script>alert(1)</script> 0000-0000-0000-0000-0000-0000")];
    let refused = browser.press_on(&shown, "Download codes", &forged).await;
    assert!(!refused.is(410).body.contains("alert(1)"));

    let code = authenticator.code(&app);
    let renewed =
        browser.press("/profile/two-factor", "Generate new codes", &[("code", &code)]).await;
    let renewed = browser.get(renewed.goes_to(RECOVERY_CODES).header("location")).await;
    let second = renewed.each(".codes code");
    assert!(second.len() == 10 && second.iter().all(|code| !first.contains(code)));
    browser.press_on(&shown, "Download codes", &[]).await.is(410);
    let other = app.browser();
    first_step(&other, ADA).await;
    let button = "Sign in with a recovery code";
    other.press("/auth/two-factor", button, &[("code", &first[0])]).await.is(401);
    other.press("/auth/two-factor", button, &[("code", &second[0])]).await.goes_to("/dashboard");
    let subjects = app.subjects(ADA).await;
    assert!(subjects.contains(&"new recovery codes created".to_owned()), "{subjects:?}");
}

#[tokio::test]
async fn the_form_for_new_codes_opens_by_itself_only_if_it_was_refused() {
    const OPEN: &str = "main details[open] form[action='/profile/two-factor/recovery-codes']";
    const CLOSED: &str =
        "main details:not([open]) form[action='/profile/two-factor/recovery-codes']";
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    let authenticator = browser.enable_two_factor(&app).await;
    let page = browser.get("/profile/two-factor").await;
    assert_eq!((page.select(CLOSED).len(), page.select(OPEN).len()), (1, 0));
    // The button that opens the row is not the one that sends the form, and both say what they do.
    assert_eq!(page.each("main details > summary"), ["Generate new codes…"]);
    assert_eq!(page.each("main details form button"), ["Generate new codes"]);
    for (code, why) in [("", "Enter"), ("x", "digits"), ("000000", "wrong")] {
        let refused = browser.press_on(&page, "Generate new codes", &[("code", code)]).await;
        assert_eq!((refused.select(CLOSED).len(), refused.select(OPEN).len()), (0, 1), "{code:?}");
        assert!(refused.inside("main details .error").contains(why), "{}", refused.text());
    }
    app.wait(60);
    let fields = [("code", &*authenticator.code(&app))];
    browser.press_on(&page, "Generate new codes", &fields).await.goes_to(RECOVERY_CODES);
}

#[tokio::test]
async fn two_factor_authentication_is_disabled_with_a_code() {
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    let authenticator = browser.enable_two_factor(&app).await;
    let other = app.browser();
    first_step(&other, ADA).await;
    second_step(&other, &authenticator.code(&app)).await.goes_to("/dashboard");

    let off = async |fields: &[(&str, &str)]| {
        browser.press("/profile/two-factor?turn_off=on", "Turn off", fields).await
    };
    off(&[("code", "000000")]).await.is(401).says("That code is wrong");
    off(&[("code", "")]).await.is(422).says("Enter the code.");
    // A proof that is no longer recent is given in the form as well.
    app.wait(15 * 60);
    let code = authenticator.code(&app);
    off(&[("password", ""), ("code", &code)]).await.is(422).says("Enter a password.");
    let wrong = off(&[("password", "wrong, surely"), ("code", &code)]).await;
    wrong.is(401).says("This is not your password.");
    off(&[("password", PASSWORD), ("code", &code)]).await.goes_to("/profile/two-factor");
    browser
        .get("/profile/two-factor")
        .await
        .says("Two-factor authentication is off")
        .says("Turn on");
    assert!(!other.is_signed_in().await, "other sessions end");
    other.get("/auth/login").await.says("two-factor authentication was changed");
    for table in ["totp", "recovery_codes"] {
        assert_eq!(app.rows(table).await, 0);
    }
    app.browser().sign_in(ADA, PASSWORD).await.goes_to("/dashboard");
    let subjects = app.subjects(ADA).await;
    assert!(subjects.contains(&"two-factor authentication is off".to_owned()), "{subjects:?}");

    // Enabled again, it has a new secret.
    let page = browser.get("/profile/two-factor").await;
    let code = authenticator.code(&app);
    browser.press_on(&page, "Turn on", &[("code", &code)]).await.is(401);
}

#[tokio::test]
async fn a_sign_in_in_progress_does_not_survive_a_security_change() {
    let app = TestApp::start().await;
    let owner = app.person(ADA).await;
    let authenticator = owner.enable_two_factor(&app).await;
    // The password is changed between password and code.
    let slow = app.browser();
    let page = first_step(&slow, ADA).await;
    owner.press("/profile/password", "Change password", &CHANGE).await.goes_to("/profile/password");
    let code = authenticator.code(&app);
    slow.press_on(&page, "Sign in", &[("code", &code)]).await.goes_to("/auth/login");
    assert!(!slow.is_signed_in().await);

    // The second factor is enabled while a password is being checked.
    let app = TestApp::start().await;
    let owner = app.person(ADA).await;
    let (slow, busy) = app.with_busy_hasher().await;
    let page = slow.get("/auth/login").await;
    let body = encode(&page.form("Sign in").filled(&[("email", ADA), ("password", PASSWORD)]));
    let counted = app.rows("throttles").await;
    let under_way = tokio::spawn(async move { slow.post_raw("/auth/login", body).await });
    app.wait_for_throttles(counted + 2).await;
    owner.enable_two_factor(&app).await;
    assert!(!busy.is_finished(), "the sign-in had to wait");
    let answer = under_way.await.unwrap();
    assert!(!answer.set_cookies().contains_key("authflow-refresh"), "{}", answer.text());
}

#[tokio::test]
async fn a_password_reset_requires_the_code() {
    let app = TestApp::start().await;
    let owner = app.person(ADA).await;
    let authenticator = owner.enable_two_factor(&app).await;
    let browser = app.browser();
    let ask = [("email", ADA)];
    browser
        .press("/auth/forgot-password", "Send reset link", &ask)
        .await
        .goes_to("/auth/check-mail");
    let link = app.path_in(ADA, "reset your password").await;
    let set = async |code: &str| {
        let fields =
            [("password", NEW_PASSWORD), ("confirm_password", NEW_PASSWORD), ("code", code)];
        browser.press(&link, "Set password", &fields).await
    };
    set("").await.is(422).says("Enter the code.");
    set("000000").await.is(401).says("That code is wrong");
    // Omitting the field does not help.
    let page = browser.get(&link).await;
    let token = page.value("csrf_token").unwrap();
    let fields = [
        ("csrf_token", token.as_str()),
        ("password", NEW_PASSWORD),
        ("confirm_password", NEW_PASSWORD),
    ];
    browser.post(&link, &fields).await.is(422);
    assert!(owner.is_signed_in().await, "nothing has changed yet");
    // A rejected password does not use up the code.
    let code = authenticator.code(&app);
    let weak = [("password", "password1"), ("confirm_password", "password1"), ("code", &code)];
    browser.press(&link, "Set password", &weak).await.is(422).says("too easy to guess");
    set(&code).await.goes_to("/auth/login");
    assert!(!owner.is_signed_in().await);
    browser.sign_in(ADA, NEW_PASSWORD).await.goes_to("/auth/two-factor");
    second_step(&browser, &code).await.is(401);
    second_step(&browser, &authenticator.recovery_codes[0]).await.goes_to("/dashboard");
}

#[tokio::test]
async fn the_return_address_survives_the_code_page() {
    let app = TestApp::start().await;
    let authenticator = app.person(ADA).await.enable_two_factor(&app).await;
    let browser = app.browser();
    let login = browser.get("/profile/activity").await.header("location").to_owned();
    let fields = [("email", ADA), ("password", PASSWORD), ("remember", "on")];
    browser.press(&login, "Sign in", &fields).await.goes_to("/auth/two-factor");
    second_step(&browser, "000000").await.is(401);
    let done = second_step(&browser, &authenticator.code(&app)).await;
    done.goes_to("/profile/activity");
    assert!(done.set_cookies()["authflow-refresh"].contains("Max-Age=2592000"), "remembered");
}

#[tokio::test]
async fn the_secret_is_encrypted_and_every_form_needs_a_valid_token() {
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    let page = browser.get("/profile/two-factor").await;
    let key = page.inside(".key code").replace(' ', "");
    let authenticator = browser.enable_two_factor(&app).await;
    let user = app.user(ADA).await.id;
    let stored = authflow::repositories::totp::find(&app.app.db, user).await.unwrap().unwrap();
    let sealed = stored.sealed;
    let secret = totp_rs::Secret::try_from_base32(&key).unwrap();
    assert_eq!(sealed.len(), 12 + 20 + 16, "nonce, secret, tag");
    assert!(!sealed.windows(20).any(|it| it == secret.as_bytes()));

    let code = authenticator.code(&app);
    for path in ["", "/disable", "/recovery-codes"] {
        let page = browser.post(&format!("/profile/two-factor{path}"), &[("code", &code)]).await;
        page.is(403).says("This page had expired");
    }
    let expired =
        browser.post("/profile/two-factor/recovery-codes/download", &[("codes", "x")]).await;
    assert_eq!(expired.is(403).inside("h1"), "This page had expired");
    browser.get("/profile/two-factor").await.says("You have 10 left");
}

#[tokio::test]
async fn enabling_two_factor_ends_every_link_and_other_session() {
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    let other = app.browser();
    other.sign_in(ADA, PASSWORD).await.goes_to("/dashboard");
    other.press("/auth/forgot-password", "Send reset link", &[("email", ADA)]).await;
    let reset = app.path_in(ADA, "reset your password").await;
    let ask = [("email", "ada@new.example.org")];
    browser.press("/profile/email", "Change email", &ask).await.goes_to("/profile/email");
    let confirm = app.path_in("ada@new.example.org", "confirm your new email address").await;
    browser.enable_two_factor(&app).await;
    assert!(!other.is_signed_in().await && browser.is_signed_in().await);
    browser.get(&reset).await.is(410);
    browser.get(&confirm).await.is(410);
}

#[tokio::test]
async fn an_authenticator_app_is_replaced_without_a_moment_without_one() {
    let app = TestApp::with(&[("SECOND_FACTOR", "everyone")]).await;
    let browser = app.browser();
    browser.sign_up(ADA).await.goes_to("/auth/check-mail");
    let link = app.mailed_path(ADA).await;
    browser.press(&link, "Confirm and sign in", &[]).await.goes_to("/profile/two-factor");
    let former = browser.enable_two_factor(&app).await;
    let page = browser.get("/profile/two-factor?replace=on").await;
    let new = Authenticator::scan(page.is(200).says("your current app keeps working"));
    let replace = async |page: &Page, code: &str, current: &str| {
        let fields = [("code", code), ("current_code", current)];
        browser.press_on(page, "Use the new app", &fields).await
    };
    let wrong = replace(&page, &former.code(&app), &former.shows(&app, 1)).await;
    wrong.is(401).says("That code is wrong").says("on your new phone");
    let wrong = replace(&page, &new.code(&app), "000000").await;
    wrong.is(401).says("That code is wrong").says("on your new phone");
    replace(&page, "", "")
        .await
        .is(422)
        .says("Enter the code from your new app.")
        .says("Enter a code from your current app, or a recovery code.");
    assert_eq!(app.rows("totp").await, 1);
    let elsewhere = app.browser();
    first_step(&elsewhere, ADA).await;
    second_step(&elsewhere, &former.code(&app)).await.goes_to("/dashboard");
    let done = replace(&wrong, &new.code(&app), &former.recovery_codes[1]).await;
    let codes = browser.get(done.goes_to(RECOVERY_CODES).header("location")).await;
    codes.is(200).says("Your new app is set up.");
    assert_eq!(codes.each(".codes code").len(), 10);
    assert!(!elsewhere.is_signed_in().await, "other sessions end");
    first_step(&elsewhere, ADA).await;
    second_step(&elsewhere, &former.code(&app)).await.is(401);
    second_step(&elsewhere, &former.recovery_codes[0]).await.is(401);
    second_step(&elsewhere, &new.code(&app)).await.goes_to("/dashboard");

    // Only after a recent proof.
    app.wait(15 * 60);
    let confirm = "/auth/confirm-password?return_to=%2Fprofile%2Ftwo-factor%3Freplace%3Don";
    browser.get("/profile/two-factor?replace=on").await.goes_to(confirm);
    replace(&page, "000000", "000000").await.goes_to(confirm);
}

#[tokio::test]
async fn an_outdated_form_shows_the_current_state() {
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    let page = browser.get("/profile/two-factor").await;
    let authenticator = Authenticator::scan(&page);
    let code = authenticator.code(&app);
    browser.press_on(&page, "Turn on", &[("code", &code)]).await.goes_to(RECOVERY_CODES);
    let code = authenticator.code(&app);
    browser.press_on(&page, "Turn on", &[("code", &code)]).await.goes_to("/profile/two-factor");
    browser.get("/profile/two-factor").await.says("generate new ones").says("You have 10 left");
    // Whatever was entered: the page no longer has the fields that would say what is wrong with it.
    for nonsense in ["", "x"] {
        let outdated = browser.press_on(&page, "Turn on", &[("code", nonsense)]).await;
        outdated.is(422).says("nothing was changed now");
    }
    let overview = browser.get("/profile/two-factor").await;
    let on = browser.get("/profile/two-factor?turn_off=on").await;
    let other_tab = browser.get("/profile/two-factor?turn_off=on").await;
    let replacing = browser.get("/profile/two-factor?replace=on").await;
    let code = authenticator.code(&app);
    browser.press_on(&on, "Turn off", &[("code", &code)]).await.goes_to("/profile/two-factor");
    for nonsense in ["", "x"] {
        let outdated = browser.press_on(&other_tab, "Turn off", &[("code", nonsense)]).await;
        outdated.goes_to("/profile/two-factor");
        browser.get("/profile/two-factor").await.says("nothing was changed now");
        let fields = [("current_code", nonsense), ("code", "")];
        let outdated = browser.press_on(&replacing, "Use the new app", &fields).await;
        outdated.is(422).says("nothing was changed now");
        let fields = [("code", nonsense)];
        let outdated = browser.press_on(&overview, "Generate new codes", &fields).await;
        outdated.goes_to("/profile/two-factor");
    }
    let code = authenticator.code(&app);
    let outdated = browser.press_on(&other_tab, "Turn off", &[("code", &code)]).await;
    outdated.goes_to("/profile/two-factor");
    browser.get("/profile/two-factor").await.says("nothing was changed now");
}

#[tokio::test]
async fn a_browser_state_planted_before_sign_in_is_useless_afterwards() {
    let app = TestApp::start().await;
    let authenticator = app.person(ADA).await.enable_two_factor(&app).await;
    let attacker = app.browser();
    attacker.sign_up("eve@example.org").await.goes_to("/auth/check-mail");
    let planted = attacker.cookie("authflow-session").unwrap();
    let victim = app.browser();
    victim.set_cookie("authflow-session", &planted);
    victim.sign_in(ADA, PASSWORD).await.goes_to("/auth/two-factor");
    assert_ne!(victim.cookie("authflow-session").unwrap(), planted);
    attacker.get("/auth/two-factor").await.goes_to("/auth/login");
    second_step(&victim, &authenticator.code(&app)).await.goes_to("/dashboard");
}
