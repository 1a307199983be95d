//! Sign-ups that an administrator accepts or declines.

use authflow::domain::account::role::Role;
use authflow::domain::audit_event::Event;
use authflow::domain::email::mail_kind::MailKind;
use authflow::domain::id::UserId;
use authflow::domain::source::Source;
use authflow::services::administration::act::{ActError, Unfit};
use authflow::services::administration::role_assignment;
use authflow::services::administration::user_lookup;
use authflow::services::administration::user_status;
use authflow::services::audit::Actor;

use super::invitations::site;
use super::support::*;

const EVE: &str = "eve@example.org";
const WAITS: &str = "/auth/awaiting-approval";

/// Signs up and confirms the address.
pub async fn sign_up(app: &TestApp, email: &str) -> Browser {
    let browser = app.browser();
    register(&browser, email).await.goes_to("/auth/check-mail");
    let confirm = app.mailed_path(email).await;
    browser.press(&confirm, "Confirm email", &[]).await.goes_to(WAITS);
    browser
}

async fn register(browser: &Browser, email: &str) -> Page {
    let fields = [
        ("username", "Ada Lovelace"),
        ("email", email),
        ("password", PASSWORD),
        ("confirm_password", PASSWORD),
    ];
    browser.press("/auth/register", "Create account", &fields).await
}

async fn id(app: &TestApp, email: &str) -> UserId {
    user_lookup::named(&app.app, email).await.unwrap().unwrap().id
}

async fn set_new_password(app: &TestApp, browser: &Browser, email: &str) {
    browser.press("/auth/forgot-password", "Send reset link", &[("email", email)]).await.is(303);
    let path = app.path_in(email, "reset your password").await;
    let fields = [("password", NEW_PASSWORD), ("confirm_password", NEW_PASSWORD)];
    browser.press(&path, "Set password", &fields).await.goes_to("/auth/login");
}

#[tokio::test]
async fn pages_offer_to_sign_up_where_a_stranger_may() {
    for (registration, offers) in
        [("open", true), ("approval", true), ("invite", false), ("closed", false)]
    {
        let app = TestApp::with(&[("REGISTRATION", registration)]).await;
        let browser = app.browser();
        for path in [
            "/auth/login",
            "/auth/forgot-password",
            "/auth/check-mail",
            "/auth/verify-email/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            "/nothing-here",
        ] {
            let page = browser.get(path).await;
            let links = page.select("a[href^='/auth/register']").len();
            let expected = usize::from(offers && path != "/nothing-here");
            assert_eq!(links, expected, "{registration} {path}: {}", page.text());
        }
        let link = browser.get("/auth/login?return_to=%2Fprofile").await;
        let link = link.select("a[href^='/auth/register']").first().map(|it| it["href"].clone());
        if let Some(link) = link {
            browser.get(&link).await.is(200).says("Create an account");
        }
    }
}

#[tokio::test]
async fn a_waiting_account_cannot_sign_in_until_accepted() {
    let (app, root) = site("approval", &[]).await;
    app.browser()
        .get("/auth/register")
        .await
        .is(200)
        .says("New accounts need approval by an administrator.");
    let ada = sign_up(&app, ADA).await;
    ada.get(WAITS).await.is(200).says("Your email is confirmed.").says("Waiting for approval");
    assert!(!ada.is_signed_in().await);
    ada.sign_in(ADA, "not the right password").await.is(401);
    ada.sign_in(ADA, PASSWORD).await.goes_to(WAITS);
    assert!(!ada.is_signed_in().await);
    app.api().await.login(ADA, PASSWORD).await.refuses(403, "approval_required");
    app.api().await.login(ADA, "not the right password").await.refuses(401, "wrong_credentials");
    // A password reset does not help either.
    set_new_password(&app, &ada, ADA).await;
    ada.sign_in(ADA, NEW_PASSWORD).await.goes_to(WAITS);
    assert_eq!(app.rows("sessions").await, 1, "only the administrator's");
    let ready = app.subjects(ADA).await.iter().any(|it| it.contains("is ready"));
    assert!(!ready, "the account is not active");

    root.get("/admin/users").await.says("1 account is awaiting approval.");
    let list = root.get("/admin/users?status=waiting").await;
    list.says(ADA);
    assert_eq!(list.select(".list tbody tr").len(), 1, "and no other account");
    let page = format!("/admin/users/{}", id(&app, ADA).await);
    root.press(&page, "Approve account", &[]).await.goes_to(&page);
    root.get(&page).await.says("Account approved.");
    assert!(root.get(&page).await.select("form[action$='accept']").is_empty());
    root.get(&format!("{page}/reject")).await.is(404);
    let subjects = app.subjects(ADA).await;
    assert!(subjects.iter().any(|it| it.ends_with("your account was approved")), "{subjects:?}");
    ada.sign_in(ADA, NEW_PASSWORD).await.goes_to("/dashboard");
    ada.get("/profile/activity").await.says("Sign-up approved by an administrator");
    let again = Actor { id: None, source: &Source::command_line() };
    let again = user_status::approve(&app.app, again, id(&app, ADA).await).await;
    assert!(matches!(again, Err(ActError::Unfit(_))));
}

#[tokio::test]
async fn a_rejected_sign_up_is_deleted_and_its_address_notified() {
    let (app, root) = site("approval", &[]).await;
    let eve = sign_up(&app, EVE).await;
    let page = format!("/admin/users/{}", id(&app, EVE).await);
    let asked = root.get(&format!("{page}/reject")).await;
    asked.is(200).says("This permanently deletes the sign-up").says(EVE);
    root.press(&format!("{page}/reject"), "Reject sign-up", &[]).await.goes_to("/admin/users");
    root.get(&page).await.is(404);
    let subjects = app.subjects(EVE).await;
    assert!(subjects.iter().any(|it| it.ends_with("your sign-up was rejected")), "{subjects:?}");
    assert!(app.emails_to(EVE).await.is_empty(), "nothing about them is kept");
    eve.sign_in(EVE, PASSWORD).await.is(401);
    let entries = app.audit_entries(Event::SignUpRefused).await;
    assert!(entries.len() == 1 && entries[0].actor_id.is_some(), "{entries:?}");
    // They may sign up again. An account in use cannot be rejected.
    sign_up(&app, EVE).await;
    let actor = Actor { id: None, source: &Source::command_line() };
    let user = id(&app, EVE).await;
    user_status::approve(&app.app, actor, user).await.unwrap();
    let refused = user_status::reject(&app.app, actor, user).await;
    assert!(matches!(refused, Err(ActError::Unfit(_))));
    eve.sign_in(EVE, PASSWORD).await.goes_to("/dashboard");
}

#[tokio::test]
async fn administrators_get_one_notice_for_all_waiting_sign_ups() {
    let (app, root) = site("approval", &[]).await;
    let told = async || {
        let mails = app.mails().await;
        let about = mails.iter().filter(|it| it.subject.ends_with("your approval"));
        about
            .map(|it| format!("{}\n{}", it.subject, it.text.replace("\r\n", "\n")))
            .collect::<Vec<_>>()
    };
    sign_up(&app, ADA).await;
    let mails = told().await;
    assert_eq!(mails.len(), 1);
    assert!(mails[0].starts_with("authflow: 1 new account needs your approval\n"), "{}", mails[0]);
    assert!(mails[0].contains("Waiting for approval: ada@example.org\n"), "{}", mails[0]);
    assert!(mails[0].contains("http://localhost:5000/admin/users?status=waiting\n"));
    sign_up(&app, EVE).await;
    sign_up(&app, "third@example.org").await;
    assert_eq!(told().await.len(), 1, "no further notice for each sign-up");
    assert_eq!(app.emails(MailKind::SignUpWaits).await.len(), 2, "one pending notice covers all");
    app.wait(899);
    assert_eq!(told().await.len(), 1);
    app.wait(1);
    let mails = told().await;
    assert_eq!(mails.len(), 2, "one notice covers all");
    let all = mails.iter().find(|it| it.contains("ada@example.org and 2 more"));
    assert!(all.unwrap().starts_with("authflow: 3 new accounts need your approval\n"), "{mails:?}");
    // Sign-ups decided before the notice is sent are not in it.
    sign_up(&app, "fourth@example.org").await;
    let actor = Actor { id: None, source: &Source::command_line() };
    for email in [ADA, EVE, "third@example.org", "fourth@example.org"] {
        user_status::approve(&app.app, actor, id(&app, email).await).await.unwrap();
    }
    app.wait(901);
    assert_eq!(told().await.len(), 2);
    assert!(root.get("/admin/users").await.select("p.note").is_empty());
}

#[tokio::test]
async fn an_invited_sign_up_needs_no_approval() {
    let (app, root) = site("approval", &[]).await;
    let fields = [("email", ADA), ("by_mail", ""), ("days", "7")];
    let made = root.press("/admin/users/invite", "Create invitation", &fields).await;
    let link = root.get(made.header("location")).await.each("code")[0].clone();
    let link = link.strip_prefix("http://localhost:5000").unwrap();
    let ada = app.browser();
    assert!(!ada.get(link).await.is(200).text().contains("need approval"));
    let fields = [
        ("username", "Ada Lovelace"),
        ("email", ADA),
        ("password", PASSWORD),
        ("confirm_password", PASSWORD),
    ];
    ada.press(link, "Create account", &fields).await.goes_to("/auth/check-mail");
    let confirm = app.mailed_path(ADA).await;
    ada.press(&confirm, "Confirm and sign in", &[]).await.goes_to("/dashboard");
}

#[tokio::test]
async fn approval_is_required_without_email_verification_too() {
    let (app, _root) = site("approval", &[("EMAIL_VERIFICATION", "off")]).await;
    let ada = app.browser();
    register(&ada, ADA).await.goes_to(WAITS);
    assert!(!ada.is_signed_in().await);
    ada.sign_in(ADA, PASSWORD).await.goes_to(WAITS);
    let mut api = app.api().await;
    api.register(EVE).await.is(202).says("An administrator has to approve the account");
    api.login(EVE, PASSWORD).await.refuses(403, "approval_required");
    let actor = Actor { id: None, source: &Source::command_line() };
    user_status::approve(&app.app, actor, id(&app, ADA).await).await.unwrap();
    ada.sign_in(ADA, PASSWORD).await.goes_to("/dashboard");
}

#[tokio::test]
async fn a_sign_up_confirmed_by_a_password_reset_still_waits_for_approval() {
    let (app, _root) = site("approval", &[]).await;
    let ada = app.browser();
    register(&ada, ADA).await.goes_to("/auth/check-mail");
    let confirm = app.mailed_path(ADA).await;
    set_new_password(&app, &ada, ADA).await;
    ada.sign_in(ADA, NEW_PASSWORD).await.goes_to(WAITS);
    ada.get(&confirm).await.is(410);
    assert!(app.user(ADA).await.awaits_approval_since.is_some_and(|since| since.0 > 0));
}

#[tokio::test]
async fn an_administrator_who_waits_for_approval_has_no_rights_yet() {
    let (app, _root) = site("approval", &[]).await;
    sign_up(&app, ADA).await;
    let actor = Actor { id: None, source: &Source::command_line() };
    let (ada, root) = (id(&app, ADA).await, id(&app, "root@example.org").await);
    role_assignment::set_roles(&app.app, actor, ada, &[Role::admin()].into()).await.unwrap();
    let alone = user_status::disable(&app.app, actor, root).await;
    assert!(matches!(alone, Err(ActError::Unfit(Unfit::LastAdministrator))));
    user_status::approve(&app.app, actor, ada).await.unwrap();
    user_status::disable(&app.app, actor, root).await.unwrap();
}
