//! Sign-up and confirmation of the email address.

use super::support::*;
use authflow::domain::email::mail_kind::MailKind;

#[tokio::test]
async fn a_visitor_signs_up_confirms_and_is_signed_in() {
    let app = TestApp::start().await;
    let browser = app.browser();
    let signed_up = browser.sign_up(" Ada@Example.ORG ").await;
    signed_up.goes_to("/auth/check-mail");
    browser.get("/auth/check-mail").await.is(200).says("we have emailed you a link");
    assert!(!browser.is_signed_in().await);
    browser.sign_in("Ada@example.org", PASSWORD).await.is(401); // not confirmed yet

    let link = app.mailed_path("Ada@example.org").await;
    assert!(link.starts_with("/auth/verify-email/"));
    for _ in 0..3 {
        browser.get(&link).await.is(200).says("Ada@example.org"); // opening it changes nothing
    }
    let confirmed = browser.press(&link, "Confirm and sign in", &[]).await;
    confirmed.goes_to("/dashboard");
    let dashboard = browser.get("/dashboard").await;
    dashboard.is(200).says("Hello, Ada Lovelace").says("Your email is confirmed").says("confirmed");
    assert!(
        !browser.get("/dashboard").await.text().contains("Your email is confirmed"),
        "a flash is shown once"
    );

    browser.get(&link).await.is(410).says("no longer works");
    assert!(app.subjects("Ada@example.org").await.contains(&"your account is ready".to_owned()));
}

#[tokio::test]
async fn a_german_visitor_signs_up_in_german() {
    let app = TestApp::start().await;
    let browser = Browser::behind(app.address, &[("accept-language", "de-AT, en;q=0.5")]);
    let page = browser.get("/auth/register").await;
    page.is(200).says("Diesen Namen sehen andere.").says("Sie haben schon ein Konto?");
    let fields = |password| {
        let repeated = ("confirm_password", password);
        [("username", "Ada"), ("email", "ada,@example.org"), ("password", password), repeated]
    };
    let refused = browser.press_on(&page, "Konto erstellen", &fields("password")).await;
    refused
        .is(422)
        .says("Bitte prüfen Sie diese 2 Angaben")
        .says("Diese E-Mail-Adresse enthält ein Komma „,“ nach „ada“.")
        .says("Es ist eines der zehn häufigsten Passwörter.");
    assert!(refused.body.contains("<title>Fehler: Konto erstellen ·"), "{}", refused.body);
    let mut fields = fields(PASSWORD);
    fields[1].1 = ADA;
    browser.press_on(&refused, "Konto erstellen", &fields).await.goes_to("/auth/check-mail");
    browser.get("/auth/check-mail").await.says("Sehen Sie in Ihrem Postfach nach");
    let link = app.mailed_path(ADA).await;
    browser.press(&link, "Bestätigen und anmelden", &[]).await.goes_to("/dashboard");
    browser.get("/dashboard").await.says("Willkommen! Ihre E-Mail-Adresse ist bestätigt");
}

#[tokio::test]
async fn confirming_in_another_browser_needs_the_password() {
    let app = TestApp::start().await;
    app.browser().sign_up(ADA).await;
    let (link, elsewhere) = (app.mailed_path(ADA).await, app.browser());
    let page = elsewhere.get(&link).await;
    page.is(200).says("enter the password you chose");

    let press = |fields| elsewhere.press(&link, "Confirm and sign in", fields);
    press(&[("password", "")]).await.is(422).says("Enter a password.");
    press(&[("password", "not the right one at all")]).await.is(401).says("Wrong password.");
    assert!(!elsewhere.is_signed_in().await);
    press(&[("password", PASSWORD)]).await.goes_to("/dashboard");
    assert!(elsewhere.is_signed_in().await);
}

#[tokio::test]
async fn a_scanner_that_presses_every_button_confirms_and_deletes_nothing() {
    let app = TestApp::start().await;
    let person = app.browser();
    person.sign_up(ADA).await;
    let (link, scanner) = (app.mailed_path(ADA).await, app.browser());
    scanner.press(&link, "Confirm and sign in", &[]).await.is(422);
    scanner.press(&link, "Delete account", &[]).await.is(422).says("Tick the box");
    person.press(&link, "Confirm and sign in", &[]).await.goes_to("/dashboard");
}

#[tokio::test]
async fn the_owner_of_an_address_can_delete_a_strangers_sign_up() {
    let app = TestApp::start().await;
    let stranger = app.browser();
    stranger.sign_up(ADA).await;
    let (link, owner) = (app.mailed_path(ADA).await, app.browser());
    let declined = owner.press(&link, "Delete account", &[("not_mine", "on")]).await;
    declined.goes_to("/auth/login");
    owner.get("/auth/login").await.says("The account has been deleted");
    assert_eq!(app.rows("users").await, 0);
    stranger.get(&link).await.is(410);
}

#[tokio::test]
async fn an_account_in_use_cannot_be_deleted_with_a_confirmation_link() {
    // The account is from before addresses had to be confirmed.
    let app = TestApp::with(&[("EMAIL_VERIFICATION", "off")]).await;
    let browser = app.browser();
    browser.sign_up(ADA).await.goes_to("/dashboard");
    let elsewhere = app
        .beside(|app| {
            let mut config = (*app.config).clone();
            config.verification_required = true;
            app.config = config.into();
        })
        .await;
    elsewhere.sign_in(ADA, PASSWORD).await.is(401);
    let link = app.mailed_path(ADA).await;
    let page = elsewhere.get(&link).await;
    assert!(!page.body.contains("not_mine"));
    let form = page.form("Confirm and sign in");
    let token = form.fields[0].1.clone();
    elsewhere
        .post(&link, &[("csrf_token", &token), ("decline", "on"), ("not_mine", "on")])
        .await
        .is(410);
    assert_eq!(app.rows("users").await, 1);

    // A stranger cannot replace it by signing up either.
    elsewhere.sign_up_as("Eve", ADA, NEW_PASSWORD).await.goes_to("/auth/check-mail");
    assert_eq!(app.subjects(ADA).await.last().unwrap(), "you already have an account");
    elsewhere
        .press(&link, "Confirm and sign in", &[("password", PASSWORD)])
        .await
        .goes_to("/dashboard");
}

#[tokio::test]
async fn a_stranger_who_signs_up_first_does_not_choose_the_owners_password() {
    let app = TestApp::start().await;
    let (owner, stranger) = (app.browser(), app.browser());
    owner.sign_up(ADA).await;
    let owners_link = app.mailed_path(ADA).await;
    stranger.sign_up_as("Eve", ADA, NEW_PASSWORD).await.goes_to("/auth/check-mail");
    let strangers_link = app.mailed_path(ADA).await;
    assert_ne!(owners_link, strangers_link);

    // The owner opens the wrong email: the button alone does not confirm the stranger's password.
    let page = owner.get(&strangers_link).await;
    page.is(200).says("enter the password you chose");
    owner.press_on(&page, "Confirm and sign in", &[("password", PASSWORD)]).await.is(401);
    owner.get(&owners_link).await.is(410);
    owner.sign_up(ADA).await.goes_to("/auth/check-mail");
    let link = app.mailed_path(ADA).await;
    owner.press(&link, "Confirm and sign in", &[]).await.goes_to("/dashboard");
    stranger.sign_in(ADA, NEW_PASSWORD).await.is(401);
}

#[tokio::test]
async fn a_visitor_can_correct_a_sign_up_in_the_same_browser() {
    let app = TestApp::start().await;
    let browser = app.browser();
    browser.sign_up_as("Ada", ADA, PASSWORD).await;
    let first_link = app.mailed_path(ADA).await;
    browser.sign_up_as("Ada King", ADA, NEW_PASSWORD).await;
    browser.press(&first_link, "Confirm and sign in", &[]).await.goes_to("/dashboard");
    browser.get("/dashboard").await.says("Hello, Ada King");
    app.browser().sign_in(ADA, NEW_PASSWORD).await.goes_to("/dashboard");
    app.browser().sign_in(ADA, PASSWORD).await.is(401);
}

#[tokio::test]
async fn only_the_owner_of_a_known_address_learns_about_a_sign_up() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    let stranger = app.browser();
    stranger.sign_up_as("Eve", "ADA@example.org", NEW_PASSWORD).await.goes_to("/auth/check-mail");
    let mails = app.mails().await;
    assert!(mails[0].subject.ends_with("you already have an account") && mails[0].to == ADA);
    assert!(!mails[0].text.contains("Eve"), "the email does not contain the stranger's text");
    app.browser().sign_in(ADA, NEW_PASSWORD).await.is(401);
    app.browser().sign_in(ADA, PASSWORD).await.goes_to("/dashboard");
}

#[tokio::test]
async fn a_confirmation_link_expires_and_signing_in_sends_a_new_one() {
    let app = TestApp::start().await;
    let browser = app.browser();
    browser.sign_up(ADA).await;
    let link = app.mailed_path(ADA).await;
    app.wait(24 * 3_600 - 1);
    browser.get(&link).await.is(200);
    app.wait(1);
    browser.get(&link).await.is(410).says("sign in anyway");
    browser.post(&link, &[]).await.is(410);

    browser.sign_in(ADA, PASSWORD).await.is(401).says("If you have not confirmed your email yet");
    let new_link = app.mailed_path(ADA).await;
    assert_ne!(link, new_link);
    browser.press(&new_link, "Confirm and sign in", &[]).await.goes_to("/dashboard");
}

#[tokio::test]
async fn parallel_confirmations_of_a_link_create_one_session() {
    let app = TestApp::start().await;
    let browser = app.browser();
    browser.sign_up(ADA).await;
    let link = app.mailed_path(ADA).await;
    let page = browser.get(&link).await;
    let form = page.form("Confirm and sign in");
    let posts = (0..20).map(|_| {
        let (browser, link, body) = (browser.clone(), link.clone(), encode(&form.filled(&[])));
        tokio::spawn(async move { browser.post_raw(&link, body).await.status.as_u16() })
    });
    let mut statuses = Vec::new();
    for post in posts.collect::<Vec<_>>() {
        statuses.push(post.await.unwrap());
    }
    assert!(statuses.iter().all(|status| *status == 303), "{statuses:?}");
    assert_eq!(app.rows("sessions").await, 1);
}

#[tokio::test]
async fn without_email_verification_sign_up_signs_in_and_reports_a_taken_address() {
    let app = TestApp::with(&[("EMAIL_VERIFICATION", "off")]).await;
    let browser = app.browser();
    browser.sign_up(ADA).await.goes_to("/dashboard");
    browser.get("/dashboard").await.is(200).says("not confirmed");
    let taken = app.browser().sign_up("ADA@EXAMPLE.ORG").await;
    taken.is(422).says("already has an account");
    assert_eq!(taken.value("username").as_deref(), Some("Ada Lovelace"));
    app.browser().sign_in(ADA, PASSWORD).await.goes_to("/dashboard");
}

#[tokio::test]
async fn sign_ups_are_refused_while_registration_is_closed() {
    let app = TestApp::with(&[("REGISTRATION", "closed")]).await;
    let browser = app.browser();
    browser.get("/auth/register").await.is(403).says("Sign-up is closed");
    let login = browser.get("/auth/login").await;
    assert!(!login.body.contains("/auth/register"));
    let token = login.value("csrf_token").unwrap();
    let fields = [
        ("csrf_token", token.as_str()),
        ("username", "Ada"),
        ("email", ADA),
        ("password", PASSWORD),
        ("confirm_password", PASSWORD),
    ];
    browser.post("/auth/register", &fields).await.is(403);
    assert_eq!(app.rows("users").await, 0);
}

#[tokio::test]
async fn two_parallel_sign_ups_with_one_address_create_one_account() {
    let app = TestApp::start().await;
    let rush = (0..8).map(|_| {
        let browser = app.browser();
        tokio::spawn(async move { browser.sign_up(ADA).await.status.as_u16() })
    });
    for one in rush.collect::<Vec<_>>() {
        assert_eq!(one.await.unwrap(), 303);
    }
    assert_eq!(app.rows("users").await, 1);
}

#[tokio::test]
async fn an_unconfirmed_sign_up_is_deleted_after_a_week() {
    let app = TestApp::start().await;
    app.person("bob@example.org").await;
    app.browser().sign_up(ADA).await;
    app.wait(7 * 86_400);
    authflow::services::operations::retention::clean_up(&app.app).await.unwrap();
    assert_eq!(app.rows("users").await, 2);
    app.wait(1);
    authflow::services::operations::retention::clean_up(&app.app).await.unwrap();
    assert_eq!(app.rows("users").await, 1);
    assert_eq!(app.rows("throttles").await, 0);
}

#[tokio::test]
async fn a_sign_up_that_can_still_be_confirmed_is_kept() {
    let app = TestApp::start().await;
    let browser = app.browser();
    browser.sign_up(ADA).await;
    app.wait(7 * 86_400 - 60);
    browser.sign_in(ADA, PASSWORD).await.is(401);
    let link = app.mailed_path(ADA).await;
    app.wait(3_600);
    authflow::services::operations::retention::clean_up(&app.app).await.unwrap();
    // The browser's state of the sign-up has expired by now.
    let password = [("password", PASSWORD)];
    browser.press(&link, "Confirm and sign in", &password).await.goes_to("/dashboard");
}

#[tokio::test]
async fn disabling_email_verification_frees_unconfirmed_addresses() {
    let app = TestApp::start().await;
    app.browser().sign_up_as("Eve", ADA, NEW_PASSWORD).await;
    let browser = app
        .beside(|app| {
            let mut config = (*app.config).clone();
            config.verification_required = false;
            app.config = config.into();
        })
        .await;
    browser.sign_up(ADA).await.goes_to("/dashboard");
    browser.get("/dashboard").await.says("Hello, Ada Lovelace");
}

#[tokio::test]
async fn a_confirmation_in_progress_does_not_survive_a_corrected_password() {
    let app = TestApp::start().await;
    let owner = app.browser();
    owner.sign_up(ADA).await;
    let link = app.mailed_path(ADA).await;
    let held =
        app.hold(&app.browser(), &link, "Confirm and sign in", &[("password", PASSWORD)], 2).await;
    owner.sign_up_as("Ada", ADA, NEW_PASSWORD).await.goes_to("/auth/check-mail"); // the link stays valid
    let answer = held.response().await;
    answer.is(410);
    assert!(!answer.set_cookies().contains_key("authflow-refresh"));
    owner.press(&link, "Confirm and sign in", &[]).await.goes_to("/dashboard");
}

#[tokio::test]
async fn strangers_cannot_keep_an_owner_from_confirming_the_address() {
    const BUTTON: &str = "Send confirmation link";
    let app = TestApp::start().await;
    let ada = app.person(ADA).await;
    // An account from before addresses had to be confirmed.
    app.forget_confirmations().await;
    let sent = async |kind| app.emails(kind).await.len();
    let before = sent(MailKind::VerifyEmail).await;
    // Strangers elsewhere sign up with her address, with and without a tag. Others in her network use up its limit.
    for n in 1..=10 {
        let stranger = app.browser_at(&format!("198.{n}.100.7"));
        stranger.sign_up(ADA).await.goes_to("/auth/check-mail");
    }
    while app.browser().sign_up("ada+tag@example.org").await.status != 429 {}
    let taken = sent(MailKind::VerifyEmail).await;
    assert!(taken <= before + 3, "{taken}");

    ada.press("/profile/email", BUTTON, &[]).await.is(303);
    assert_eq!(sent(MailKind::VerifyAccountEmail).await, 1);
    // Neither the email nor the page, also in another browser, is about a sign-up.
    let mails = app.mails().await;
    let mail =
        mails.iter().find(|it| it.to == ADA && it.subject.ends_with("confirm your email address"));
    let mail = mail.unwrap();
    assert!(mail.text.contains("Your account at") && !mail.text.contains("sign"), "{}", mail.text);
    let link = app.link_in(mail).unwrap();
    let elsewhere = app.browser();
    assert!(!elsewhere.get(&link).await.is(200).text().contains("signed up"));
    let refused = elsewhere.press(&link, "Confirm and sign in", &[("password", "wrong")]).await;
    refused.is(401).says("This is not your password.");
    app.browser().sign_in(ADA, PASSWORD).await.is(401);
    assert_eq!(sent(MailKind::VerifyAccountEmail).await, 2);
    // Her own requests are limited too.
    ada.press("/profile/email", BUTTON, &[]).await.is(303);
    ada.press("/profile/email", BUTTON, &[]).await.is(429);
    app.browser().sign_in(ADA, PASSWORD).await.is(401);
    assert_eq!(sent(MailKind::VerifyAccountEmail).await, 3);
    assert_eq!(sent(MailKind::VerifyEmail).await, taken, "her account is no sign-up");

    // A stranger may know the password of a sign-up, so such requests count as a stranger's.
    app.wait(3_600);
    let pending = "eve@example.org";
    let eve = app.browser_at("198.51.100.7");
    eve.sign_up(pending).await.goes_to("/auth/check-mail");
    for _ in 0..5 {
        eve.sign_in(pending, PASSWORD).await.is(401);
    }
    assert_eq!(app.subjects(pending).await.len(), 3);
    // Only new accounts get the welcome email.
    let link = app.mailed_path(ADA).await;
    let fields = [("password", PASSWORD)];
    app.browser().press(&link, "Confirm and sign in", &fields).await.goes_to("/dashboard");
    assert_eq!(app.emails(MailKind::Welcome).await.len(), 1);
}
