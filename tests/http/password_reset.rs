//! Password reset.

use std::collections::BTreeSet;

use authflow::domain::account::email::EmailAddress;
use authflow::domain::account::username::Username;
use authflow::domain::audit_event::Event;
use authflow::domain::email::mail_kind::MailKind;
use authflow::domain::source::Source;
use authflow::services::administration::user_creation::{self, NewAccount};
use authflow::services::administration::user_links;
use authflow::services::audit::Actor;

use super::support::*;

const NEW: [(&str, &str); 2] = [("password", NEW_PASSWORD), ("confirm_password", NEW_PASSWORD)];

async fn ask(browser: &Browser, email: &str) -> Page {
    browser.press("/auth/forgot-password", "Send reset link", &[("email", email)]).await
}

#[tokio::test]
async fn the_page_knows_the_address_of_a_signed_in_user() {
    let app = TestApp::start().await;
    let ada = app.person(ADA).await;
    // An email that links to it may be about another account.
    for browser in [&ada, &app.browser()] {
        assert_eq!(browser.get("/auth/forgot-password").await.value("email").unwrap(), "");
    }
    let visitor = app.browser().get("/auth/forgot-password?own=on").await;
    assert_eq!(visitor.is(200).value("email").unwrap(), "");
    let page = ada.get("/profile/password").await;
    let link = &page.select("main .links a")[0]["href"];
    let page = ada.get(link).await;
    assert_eq!(page.is(200).value("email").unwrap(), ADA);
    ada.press_on(&page, "Send reset link", &[]).await.goes_to("/auth/check-mail");
    assert!(app.mailed_path(ADA).await.starts_with("/auth/reset-password/"));
}

#[tokio::test]
async fn a_reset_link_works_once_and_signs_out_everywhere() {
    let app = TestApp::start().await;
    let signed_in = app.person(ADA).await;
    let browser = app.browser();
    ask(&browser, " ADA@example.org ").await.goes_to("/auth/check-mail");
    let link = app.mailed_path(ADA).await;
    assert!(link.starts_with("/auth/reset-password/"));
    for _ in 0..3 {
        browser.get(&link).await.is(200).says(ADA);
    }
    browser.press(&link, "Set password", &NEW).await.goes_to("/auth/login");
    browser.get("/auth/login").await.says("Your password has been reset");
    assert!(!signed_in.is_signed_in().await);
    signed_in.get("/auth/login").await.says("because your password was reset");

    browser.get(&link).await.is(410).says("Request a new link");
    browser.sign_in(ADA, PASSWORD).await.is(401);
    browser.sign_in(ADA, NEW_PASSWORD).await.goes_to("/dashboard");
    assert_eq!(app.subjects(ADA).await.last().unwrap(), "your password was changed");
}

#[tokio::test]
async fn an_invalid_form_does_not_use_up_the_link() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    let browser = app.browser();
    ask(&browser, ADA).await;
    let link = app.mailed_path(ADA).await;
    let set = |password, again| {
        let (browser, link) = (browser.clone(), link.clone());
        async move {
            browser
                .press(
                    &link,
                    "Set password",
                    &[("password", password), ("confirm_password", again)],
                )
                .await
        }
    };
    set("", "").await.is(422).says("Enter a password.");
    set("short", "short").await.is(422).says("Use at least 8 characters.");
    set("password1", "password1").await.is(422).says("too easy to guess");
    set("ada@example.org", "ada@example.org").await.is(422).says("too easy to guess");
    set(NEW_PASSWORD, "another").await.is(422).says("The passwords do not match.");
    browser.post(&link, &NEW).await.is(403).says("This page had expired"); // no token
    set(NEW_PASSWORD, NEW_PASSWORD).await.goes_to("/auth/login");
}

#[tokio::test]
async fn links_expire_and_using_one_revokes_all() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    let browser = app.browser();
    ask(&browser, ADA).await;
    let first = app.mailed_path(ADA).await;
    app.wait(30 * 60 - 1);
    browser.get(&first).await.is(200);
    app.wait(1);
    browser.get(&first).await.is(410);
    browser.post(&first, &NEW).await.is(410);

    ask(&browser, ADA).await;
    let second = app.mailed_path(ADA).await;
    app.wait(600); // the account may get another email
    ask(&browser, ADA).await;
    let third = app.mailed_path(ADA).await;
    assert_ne!(second, third);
    browser.get(&second).await.is(200);
    app.wait(600);
    ask(&browser, ADA).await; // the fourth email is queued
    browser.press(&third, "Set password", &NEW).await.goes_to("/auth/login");
    browser.get(&second).await.is(410);
}

#[tokio::test]
async fn an_email_delivered_after_the_change_carries_no_valid_link() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    let browser = app.browser();
    ask(&browser, ADA).await;
    let link = app.mailed_path(ADA).await;
    app.wait(600);
    ask(&browser, ADA).await; // queued
    browser.press(&link, "Set password", &NEW).await.goes_to("/auth/login");
    let subjects = app.subjects(ADA).await;
    let resets = subjects.iter().filter(|subject| *subject == "reset your password").count();
    assert_eq!(resets, 1, "{subjects:?}");
}

#[tokio::test]
async fn resending_an_email_does_not_revive_a_used_link() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    let browser = app.browser();
    ask(&browser, ADA).await;
    let link = app.mailed_path(ADA).await;
    browser.press(&link, "Set password", &NEW).await.goes_to("/auth/login");
    let before = app.mails().await;
    let asked = before.iter().find(|mail| app.link_in(mail).as_ref() == Some(&link)).unwrap();
    let file = app.mail_folder().join(format!("{}.eml", asked.id));
    std::fs::remove_file(&file).unwrap(); // to see whether it is written again
    app.send_again(MailKind::ResetPassword).await;
    let mails = app.mails().await;
    assert_eq!(mails.len(), before.len(), "a resent email is the same file");
    let again = mails.iter().find(|mail| mail.id == asked.id).unwrap();
    assert_eq!(again.text, asked.text, "it contains the same link");
    browser.get(&link).await.is(410);
}

#[tokio::test]
async fn of_parallel_uses_of_a_link_one_succeeds() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    let browser = app.browser();
    ask(&browser, ADA).await;
    let link = app.mailed_path(ADA).await;
    let page = browser.get(&link).await;
    let form = page.form("Set password");
    let posts = (0..20).map(|n| {
        let password = format!("{NEW_PASSWORD} {n}");
        let body =
            encode(&form.filled(&[("password", &password), ("confirm_password", &password)]));
        let (browser, link) = (browser.clone(), link.clone());
        tokio::spawn(async move { (browser.post_raw(&link, body).await.status.as_u16(), password) })
    });
    let mut winners = Vec::new();
    for post in posts.collect::<Vec<_>>() {
        match post.await.unwrap() {
            (303, password) => winners.push(password),
            (status, _) => assert_eq!(status, 410),
        }
    }
    assert_eq!(winners.len(), 1);
    browser.sign_in(ADA, &winners[0]).await.goes_to("/dashboard");
}

#[tokio::test]
async fn a_reset_confirms_the_address() {
    let app = TestApp::start().await;
    let (stranger, owner) = (app.browser(), app.browser());
    stranger.sign_up_as("Eve", ADA, PASSWORD).await;
    let confirmation = app.mailed_path(ADA).await;
    ask(&owner, ADA).await;
    let link = app.mailed_path(ADA).await;
    owner.press(&link, "Set password", &NEW).await.goes_to("/auth/login");
    owner.sign_in(ADA, NEW_PASSWORD).await.goes_to("/dashboard");
    owner.get("/dashboard").await.says("Hello, ada"); // not the name that the stranger chose
    stranger.get(&confirmation).await.is(410);
    stranger.sign_in(ADA, PASSWORD).await.is(401);
}

#[tokio::test]
async fn a_link_works_only_for_its_purpose() {
    let app = TestApp::start().await;
    app.browser().sign_up(ADA).await;
    let confirmation = app.mailed_path(ADA).await;
    let browser = app.browser();
    ask(&browser, ADA).await;
    let reset = app.mailed_path(ADA).await;
    browser.get(&confirmation.replace("verify-email", "reset-password")).await.is(410);
    browser.get(&reset.replace("reset-password", "verify-email")).await.is(410);
    for token in ["x", "", "AAAA", &"A".repeat(43), "%ff", "..%2F..", &"A".repeat(5_000)] {
        let page = browser.get(&format!("/auth/reset-password/{token}")).await;
        assert!([400, 404, 410].contains(&page.status.as_u16()), "{token:.20}: {}", page.status);
        assert!(page.header("content-type").starts_with("text/html"));
    }
}

#[tokio::test]
async fn token_pages_send_no_referrer() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    let browser = app.browser();
    ask(&browser, ADA).await;
    let page = browser.get(&app.mailed_path(ADA).await).await;
    assert_eq!(
        (page.header("referrer-policy"), page.header("cache-control")),
        ("no-referrer", "no-store")
    );
    // Such a page makes browsers send `Origin: null` with its own form.
    let form = page.form("Set password");
    let headers = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("origin", "null"),
        ("sec-fetch-site", "same-origin"),
    ];
    let body = encode(&form.filled(&NEW)).into_bytes();
    browser
        .send(reqwest::Method::POST, &form.action, &headers, Some(body))
        .await
        .goes_to("/auth/login");
}

#[tokio::test]
async fn the_first_password_of_an_account_is_welcomed() {
    let app = TestApp::start().await;
    let source = Source::command_line();
    let actor = Actor { id: None, source: &source };
    for (email, is_handed_over) in [(ADA, true), ("eve@example.org", false)] {
        let address = EmailAddress::parse(email).unwrap();
        let (username, roles) = (Username::plain(&address), BTreeSet::new());
        let new = NewAccount { email: &address, username: &username, roles: &roles };
        let id = user_creation::create(&app.app, actor, &new).await.unwrap();
        let link = if is_handed_over {
            let link = user_links::reset_link(&app.app, actor, id).await.unwrap();
            link.reveal().strip_prefix("http://localhost:5000").unwrap().to_owned()
        } else {
            user_links::send_reset(&app.app, actor, id).await.unwrap();
            app.mailed_path(email).await
        };
        let browser = app.browser();
        let page = browser.get(&link).await;
        page.is(200).says("Choose a password");
        assert!(!page.text().contains("signs you out everywhere"), "{}", page.text());
        let fields = [("password", PASSWORD), ("confirm_password", PASSWORD)];
        browser.press_on(&page, "Set password", &fields).await.goes_to("/auth/login");
        browser.get("/auth/login").await.says("Your password is set. Sign in with it.");
        let subjects = app.subjects(email).await;
        assert_eq!(subjects.last().unwrap(), "your account is ready", "{subjects:?}");
        assert!(!subjects.iter().any(|it| it.contains("changed")), "{subjects:?}");
        browser.sign_in(email, PASSWORD).await.goes_to("/dashboard");
        browser.get("/profile/activity").await.says("First password set");

        // The next one is a change.
        let forgot = [("email", email)];
        browser.press("/auth/forgot-password", "Send reset link", &forgot).await.is(303);
        let again = app.mailed_path(email).await;
        let fields = [("password", NEW_PASSWORD), ("confirm_password", NEW_PASSWORD)];
        browser.press(&again, "Set password", &fields).await.goes_to("/auth/login");
        assert_eq!(app.subjects(email).await.last().unwrap(), "your password was changed");
    }
    assert_eq!(app.audit_entries(Event::FirstPasswordSet).await.len(), 2);
    assert_eq!(app.audit_entries(Event::PasswordReset).await.len(), 2);
}

#[tokio::test]
async fn a_reset_that_confirms_a_sign_up_is_welcomed() {
    for (registration, told) in
        [("open", "your account is ready"), ("approval", "reset your password")]
    {
        let app = TestApp::with(&[("REGISTRATION", registration)]).await;
        let browser = app.browser();
        browser.sign_up(ADA).await.goes_to("/auth/check-mail");
        browser.press("/auth/forgot-password", "Send reset link", &[("email", ADA)]).await.is(303);
        let link = app.path_in(ADA, "reset your password").await;
        let fields = [("password", NEW_PASSWORD), ("confirm_password", NEW_PASSWORD)];
        browser.press(&link, "Set password", &fields).await.goes_to("/auth/login");
        assert_eq!(app.subjects(ADA).await.last().unwrap(), told, "{registration}");
    }
}
