//! Turning two-factor authentication on and off, and replacing the authenticator app.

use super::super::support::*;
use super::{first_step, second_step};

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
