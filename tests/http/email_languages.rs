//! The language, the time zone and the greeting of emails.

use authflow::domain::account::email::EmailAddress;
use authflow::domain::email::mail_kind::MailKind;
use authflow::domain::source::Source;
use authflow::error::Result;
use authflow::mail::file::WrittenMail;
use authflow::services::administration::user_status;
use authflow::services::audit::Actor;
use authflow::services::email::queue::{self, Recipient};
use authflow::transaction;

use super::support::*;

const NEW: &str = "ada@new.example.org";

/// Signs up on a page in German.
async fn sign_up_in_german(browser: &Browser, email: &str) {
    let fields = [
        ("username", "Ada Lovelace"),
        ("email", email),
        ("password", PASSWORD),
        ("confirm_password", PASSWORD),
    ];
    let form = browser.get("/auth/register").await.form("Create account");
    let body = encode(&form.filled(&fields)).into_bytes();
    let headers = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("accept-language", "de-AT, en;q=0.5"),
    ];
    let sent = browser.send(reqwest::Method::POST, &form.action, &headers, Some(body)).await;
    sent.goes_to("/auth/check-mail");
}

async fn put(app: &TestApp, kind: MailKind, to: Recipient<'_>, detail: Option<&str>) {
    let source = Source::command_line();
    transaction!(app.app.db, |tx| -> Result<_> {
        queue::put(&app.app, tx, kind, to, detail, &source).await
    })
    .unwrap();
}

/// The newest email to this address.
async fn newest(app: &TestApp, to: &str) -> WrittenMail {
    app.mails().await.into_iter().find(|mail| mail.to == to).unwrap()
}

#[tokio::test]
async fn a_german_sign_up_gets_german_emails() {
    let app = TestApp::start().await;
    let browser = app.browser();
    sign_up_in_german(&browser, ADA).await;
    let mail = newest(&app, ADA).await;
    assert_eq!(mail.subject, "authflow: Bestätigen Sie Ihre E-Mail-Adresse");
    assert!(mail.text.starts_with("Hallo,"), "a name that anyone can enter: {}", mail.text);
    assert!(mail.html.unwrap().contains("<html lang=\"de\" dir=\"ltr\">"));

    let link = app.mailed_path(ADA).await;
    browser.press(&link, "Confirm and sign in", &[]).await.goes_to("/dashboard");
    let mail = newest(&app, ADA).await;
    assert_eq!(mail.subject, "authflow: Ihr Konto ist bereit");
    assert!(mail.text.starts_with("Hallo Ada Lovelace,"), "{}", mail.text);

    // A stranger who asks for the link in English does not choose the owner's language.
    let fields = [("email", ADA)];
    app.browser().press("/auth/forgot-password", "Send reset link", &fields).await.is(303);
    assert_eq!(newest(&app, ADA).await.subject, "authflow: Passwort zurücksetzen");
}

#[tokio::test]
async fn a_corrected_sign_up_has_the_language_of_the_latest_page() {
    let app = TestApp::start().await;
    let browser = app.browser();
    browser.sign_up(ADA).await.goes_to("/auth/check-mail");
    sign_up_in_german(&browser, ADA).await;
    assert_eq!(app.rows("users").await, 1);
    assert!(newest(&app, ADA).await.subject.contains("Bestätigen"));
}

#[tokio::test]
async fn every_attempt_sends_the_same_bytes() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    app.change("UPDATE users SET language = 'de', time_zone = 'Asia/Kolkata'").await;
    let user = app.user(ADA).await.id;
    put(&app, MailKind::PasswordChanged, Recipient::Account(user, ADA), None).await;
    let mail = newest(&app, ADA).await;
    assert!(mail.text.starts_with("Hallo Ada Lovelace,"), "{}", mail.text);
    assert!(mail.text.contains("\u{a0}Uhr\u{a0}IST"), "{}", mail.text);
    let file = app.mail_folder().join(format!("{}.eml", mail.id));
    let first = std::fs::read(&file).unwrap();

    app.change("UPDATE users SET language = 'en', time_zone = NULL, username = 'Grace'").await;
    std::fs::remove_file(&file).unwrap();
    app.wait(3_600);
    app.send_again(MailKind::PasswordChanged).await;
    app.mails().await;
    assert!(std::fs::read(&file).unwrap() == first, "the second attempt sent another email");
}

#[tokio::test]
async fn only_the_confirmed_address_of_an_account_is_greeted_by_name() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    let user = app.user(ADA).await.id;
    put(&app, MailKind::ConfirmEmail, Recipient::Account(user, NEW), None).await;
    assert!(newest(&app, NEW).await.text.starts_with("Hello,"));
    put(&app, MailKind::PasswordChanged, Recipient::Account(user, ADA), None).await;
    assert!(newest(&app, ADA).await.text.starts_with("Hello Ada Lovelace,"));

    app.forget_confirmation(ADA).await;
    put(&app, MailKind::PasswordSet, Recipient::Account(user, ADA), None).await;
    assert!(newest(&app, ADA).await.text.starts_with("Hello,"));
}

#[tokio::test]
async fn the_email_about_a_deleted_account_is_in_its_language() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    app.change("UPDATE users SET language = 'de'").await;
    let (user, source) = (app.user(ADA).await.id, Source::command_line());
    let actor = Actor { id: None, source: &source };
    user_status::delete(&app.app, actor, user).await.unwrap();
    let mail = newest(&app, ADA).await;
    assert_eq!(mail.subject, "authflow: Ihr Konto wurde gelöscht");
    assert!(mail.text.starts_with("Hallo Ada Lovelace,"), "{}", mail.text);
    assert_eq!(app.rows("users").await, 0);
    assert!(app.emails(MailKind::AccountDeletedByAdministrator).await.is_empty());
}

#[tokio::test]
async fn without_a_setting_emails_follow_the_configuration_of_the_time_they_were_queued() {
    let defaults = [("DEFAULT_LANGUAGE", "de"), ("DEFAULT_TIME_ZONE", "Asia/Kolkata")];
    let app = TestApp::with(&defaults).await;
    let to = EmailAddress::parse(ADA).unwrap();
    put(&app, MailKind::ResetPassword, Recipient::Address(&to.key()), None).await;
    let resolved = "SELECT COUNT(*) FROM outbox
                    WHERE language = 'de' AND time_zone = 'Asia/Kolkata' AND greeted IS NULL";
    assert_eq!(app.count(resolved).await, 1);
}

#[tokio::test]
async fn an_email_of_an_earlier_version_is_in_the_default_language_and_utc() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    let user = app.user(ADA).await.id;
    put(&app, MailKind::PasswordChanged, Recipient::Account(user, ADA), None).await;
    app.change("UPDATE outbox SET language = NULL, time_zone = NULL, greeted = NULL").await;
    let mail = newest(&app, ADA).await;
    assert_eq!(mail.subject, "authflow: your password was changed");
    assert!(mail.text.starts_with("Hello,") && mail.text.contains("\u{a0}UTC"), "{}", mail.text);
}

#[tokio::test]
async fn an_invitation_is_in_its_own_language() {
    let (app, root) = super::invitations::site("invite", &[]).await;
    let fields =
        [("email", ADA), ("by_mail", "on"), ("roles", ""), ("days", "7"), ("language", "de")];
    root.press("/admin/users/invite", "Create invitation", &fields).await.is(303);
    let mail = newest(&app, ADA).await;
    assert_eq!(mail.subject, "authflow: Sie sind eingeladen");
    assert!(mail.text.contains("ist 7 Tage gültig"), "{}", mail.text);
}

#[tokio::test]
async fn emails_are_in_any_language_that_pages_are_in() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    let mut server = app.app.clone();
    server.languages = pseudo::languages();
    for (setting, direction, says) in [
        ("UPDATE users SET language = 'en-XA'", "ltr", "ŵååš çĥååñĝééð"),
        ("UPDATE users SET language = 'ar-XB'", "rtl", "גחאנזהד"),
    ] {
        app.change(setting).await;
        let user = app.user(ADA).await.id;
        put(&app, MailKind::PasswordChanged, Recipient::Account(user, ADA), None).await;
        deliver_all(&server).await;
        let mail = newest(&app, ADA).await;
        assert!(mail.subject.contains(says), "{}", mail.subject);
        let html = mail.html.unwrap();
        assert!(html.contains(&format!(" dir=\"{direction}\">")), "{html}");
    }
}

#[tokio::test]
async fn a_notice_about_sign_ups_says_the_same_at_every_attempt() {
    let (app, _) = super::invitations::site("approval", &[]).await;
    super::approval::sign_up(&app, ADA).await;
    let notice = async || {
        let mails = app.mails().await;
        mails.into_iter().find(|it| it.subject.ends_with("needs your approval")).unwrap()
    };
    let file = app.mail_folder().join(format!("{}.eml", notice().await.id));
    let first = std::fs::read(&file).unwrap();
    super::approval::sign_up(&app, "eve@example.org").await;
    app.change("DELETE FROM outbox WHERE kind = 'sign_up_waits' AND state = 'waiting'").await;
    std::fs::remove_file(&file).unwrap();
    app.send_again(MailKind::SignUpWaits).await;
    app.mails().await;
    assert!(std::fs::read(&file).unwrap() == first, "the second attempt sent another email");
}

#[tokio::test]
async fn a_notice_that_could_not_be_sent_is_replaced_when_more_sign_up() {
    let (app, _) = super::invitations::site("approval", &[]).await;
    super::approval::sign_up(&app, ADA).await;
    app.mails().await;
    let eve = app.browser();
    eve.sign_up("eve@example.org").await.goes_to("/auth/check-mail");
    let link = app.mailed_path("eve@example.org").await;
    // As if the mail server had not taken it.
    app.send_again(MailKind::SignUpWaits).await;
    eve.press(&link, "Confirm email", &[]).await.goes_to("/auth/awaiting-approval");
    assert_eq!(app.emails(MailKind::SignUpWaits).await.len(), 1);
    app.wait(901);
    let mails = app.mails().await;
    assert!(
        mails.iter().any(|it| it.subject == "authflow: 2 new accounts need your approval"),
        "{:?}",
        mails.iter().map(|it| &it.subject).collect::<Vec<_>>()
    );
}
