//! Sign-ups by invitation.

use authflow::app::App;
use authflow::config::Registration;
use authflow::domain::account::email::EmailAddress;
use authflow::domain::account::role::Role;
use authflow::domain::account::username::Username;
use authflow::domain::audit_event::Event;
use authflow::domain::id::UserId;
use authflow::domain::source::Source;
use authflow::services::administration::inviting::{self, NewInvitation};
use authflow::services::administration::role_assignment;
use authflow::services::administration::user_creation::{self, NewAccount};
use authflow::services::administration::user_links;
use authflow::services::administration::user_lookup;
use authflow::services::administration::user_status;
use authflow::services::audit::Actor;

use serde_json::json;

use super::support::*;

const EVE: &str = "eve@example.org";

pub(super) async fn site(registration: &str, more: &[(&str, &str)]) -> (TestApp, Browser) {
    let variables = [&[("REGISTRATION", registration)], more].concat();
    let app = TestApp::with(&variables).await;
    let root = administrator(&app, "root@example.org").await.1;
    (app, root)
}

/// An administrator created on the command line, signed in.
async fn administrator(app: &TestApp, email: &str) -> (UserId, Browser) {
    let source = Source::command_line();
    let actor = Actor { id: None, source: &source };
    let address = EmailAddress::parse(email).unwrap();
    let (username, roles) = (Username::plain(&address), [Role::admin()].into());
    let new = NewAccount { email: &address, username: &username, roles: &roles };
    let id = user_creation::create(&app.app, actor, &new).await.unwrap();
    let link = user_links::reset_link(&app.app, actor, id).await.unwrap();
    let browser = app.browser();
    let path = link.reveal().strip_prefix("http://localhost:5000").unwrap();
    let fields = [("password", PASSWORD), ("confirm_password", PASSWORD)];
    browser.press(path, "Set password", &fields).await.goes_to("/auth/login");
    browser.sign_in(email, PASSWORD).await.goes_to("/dashboard");
    (id, browser)
}

/// Creates an invitation, and returns its page and link.
async fn invite(root: &Browser, fields: &[(&str, &str)]) -> (String, String) {
    let made = root.press("/admin/users/invite", "Create invitation", fields).await;
    let page = made.is(303).header("location").to_owned();
    let link = root.get(&page).await.is(200).each("code")[0].clone();
    (page, link.strip_prefix("http://localhost:5000").unwrap().to_owned())
}

fn account(email: &str) -> [(&str, &str); 4] {
    [
        ("username", "Ada Lovelace"),
        ("email", email),
        ("password", PASSWORD),
        ("confirm_password", PASSWORD),
    ]
}

const TO_COPY: [(&str, &str); 4] =
    [("email", ""), ("by_mail", ""), ("roles", "family staff"), ("days", "7")];

#[tokio::test]
async fn an_invitation_creates_one_account_with_its_roles() {
    let (app, root) = site("invite", &[]).await;
    let stranger = app.browser();
    stranger.get("/auth/register").await.is(403).says("Sign-up is by invitation only");
    assert!(stranger.get("/auth/login").await.select("a[href*='register']").is_empty());
    stranger.post("/auth/register", &account(ADA)).await.is(403);

    let (page, link) = invite(&root, &TO_COPY).await;
    root.get("/admin/invitations").await.says("Anyone with the link Open family staff");
    let (ada, eve) = (app.browser(), app.browser());
    let form = ada.get(&link).await;
    form.is(200).says("You have been invited to authflow");
    assert_eq!(form.header("referrer-policy"), "no-referrer");
    // Both sign up. The first to confirm gets the account.
    ada.press(&link, "Create account", &account(ADA)).await.goes_to("/auth/check-mail");
    eve.press(&link, "Create account", &account("eve@example.org"))
        .await
        .goes_to("/auth/check-mail");
    let (first, second) = (app.mailed_path(ADA).await, app.mailed_path("eve@example.org").await);
    let opened = eve.get(&second).await;
    ada.press(&first, "Confirm and sign in", &[]).await.goes_to("/dashboard");
    ada.get("/dashboard").await.says("family and staff");
    for refused in [eve.press_on(&opened, "Confirm and sign in", &[]).await, eve.get(&second).await]
    {
        refused.is(410).says("used by someone else").says("for a new invitation");
    }
    assert!(!eve.is_signed_in().await);
    // A password reset does not turn the other sign-up into an account either.
    eve.press("/auth/forgot-password", "Send reset link", &[("email", "eve@example.org")])
        .await
        .is(303);
    let path = app.path_in("eve@example.org", "reset your password").await;
    eve.get(&path).await.is(410).says("used by someone else").says("for a new invitation");
    let token = path.rsplit('/').next().unwrap();
    let body = json!({ "token": token, "password": NEW_PASSWORD });
    let refused = app.api().await.post("/api/auth/reset-password", body).await;
    refused.refuses(410, "invalid_link").says("used by someone else");
    app.browser().sign_in("eve@example.org", NEW_PASSWORD).await.is(401);
    app.browser().sign_in("eve@example.org", PASSWORD).await.is(401);

    app.browser().get(&link).await.is(410).says("used or revoked");
    root.get(&page).await.says("Used View the account");
    assert_eq!(app.rows("user_roles").await, 3);
    assert_eq!(app.audit_entries(Event::InvitationUsed).await.len(), 1);
    app.browser().get("/auth/invitation/nonsense").await.is(410);
}

#[tokio::test]
async fn an_invitation_says_who_invites() {
    let (app, root) = site("invite", &[]).await;
    app.rename("root@example.org", "Grace <Hopper>").await;
    let fields = [("email", ADA), ("by_mail", "on"), ("roles", ""), ("days", "7")];
    let made = root.press("/admin/users/invite", "Create invitation", &fields).await;
    let path = made.is(303).header("location").to_owned();
    // The email keeps the name that it was queued with.
    app.rename("root@example.org", "Admiral Hopper").await;
    let mails = app.mails().await;
    let mail = mails.iter().find(|it| it.to == ADA).unwrap();
    assert!(mail.text.contains("Grace <Hopper> invites you to create an account"), "{}", mail.text);
    let page = root.get(&path).await;
    page.says("by Admiral Hopper");
    let id = app.user("root@example.org").await.id;
    assert_eq!(page.select(&format!("main a[href='/admin/users/{id}']")).len(), 1);

    // Emails from an earlier version, and invitations from the command line, name no one.
    root.press(
        "/admin/users/invite",
        "Create invitation",
        &[("email", EVE), fields[1], fields[2], fields[3]],
    )
    .await;
    app.change("UPDATE outbox SET inviter = NULL").await;
    let mails = app.mails().await;
    let mail = mails.iter().find(|it| it.to == EVE).unwrap();
    assert!(mail.text.contains("You have been invited to create an account"), "{}", mail.text);
}

#[tokio::test]
async fn a_sign_up_that_lost_its_invitation_is_not_sent_in_circles() {
    for (registration, advice) in [
        ("invite", "for a new invitation"),
        ("open", "without an invitation"),
        ("approval", "without an invitation"),
    ] {
        let (app, root) = site(registration, &[]).await;
        let (_, link) = invite(&root, &TO_COPY).await;
        let (ada, eve) = (app.browser(), app.browser());
        ada.press(&link, "Create account", &account(ADA)).await.goes_to("/auth/check-mail");
        eve.press(&link, "Create account", &account(EVE)).await.goes_to("/auth/check-mail");
        let lost = app.mailed_path(EVE).await;
        ada.press(&app.mailed_path(ADA).await, "Confirm and sign in", &[])
            .await
            .goes_to("/dashboard");
        eve.get(&lost).await.is(410).says("used by someone else").says(advice).says("sign in");

        // Signing in sends no link, and neither the page nor the API tells more than for a wrong password.
        eve.sign_in(EVE, PASSWORD).await.is(401);
        let subjects = app.subjects(EVE).await;
        assert_eq!(subjects.last().unwrap(), "your invitation no longer works", "{registration}");
        assert_eq!(app.mailed_path(EVE).await, lost, "no other link was sent");
        eve.get(&lost).await.is(410).says("used by someone else");

        // Nor do administrators send links that do not work.
        let page = root.get(&format!("/admin/users?search={EVE}")).await;
        let page = page.select(".list th a")[0]["href"].clone();
        for button in ["Send password reset email", "Send confirmation email again"] {
            let refused = root.press(&page, button, &[]).await;
            refused.is(409).says("The invitation of this sign-up");
        }

        // A new invitation helps, in the same browser and with the same address.
        let (_, link) = invite(&root, &TO_COPY).await;
        eve.press(&link, "Create account", &account(EVE)).await.goes_to("/auth/check-mail");
        let confirm = app.mailed_path(EVE).await;
        eve.press(&confirm, "Confirm and sign in", &[]).await.goes_to("/dashboard");
        eve.get(&lost).await.is(410).says("Your apps page shows whether your email is confirmed");
    }
}

#[tokio::test]
async fn a_signed_in_user_with_an_invitation_can_sign_out() {
    let (_app, root) = site("invite", &[]).await;
    let (_, link) = invite(&root, &TO_COPY).await;
    let page = root.get(&link).await;
    page.is(409).says("so you already have an account");
    assert_eq!(page.inside("h1"), "You are already signed in");
    assert_eq!(page.select("main a.button")[0]["href"], "/auth/logout");
}

#[tokio::test]
async fn an_emailed_invitation_is_for_its_address() {
    let (app, root) = site("invite", &[]).await;
    let fields = [("email", "Ada@example.org"), ("by_mail", "on"), ("days", "30")];
    let (_, link) = invite(&root, &fields).await;
    let mailed = app.path_in("Ada@example.org", "you have been invited").await;
    assert_eq!(mailed, link);
    let mails = app.mails().await;
    let mail = mails.iter().find(|it| it.subject.contains("invited")).unwrap();
    assert!(mail.text.contains("expires in 30 days"), "{}", mail.text);
    assert!(!mail.text.contains("root@example.org") && !mail.text.contains("127.0.0.1"));

    let ada = app.browser();
    assert_eq!(ada.get(&link).await.value("email").as_deref(), Some("Ada@example.org"));
    let refused = ada.press(&link, "Create account", &account("eve@example.org")).await;
    refused.is(422).says("This invitation is for a different email address");
    assert_eq!(refused.value("email").as_deref(), Some("eve@example.org"));
    ada.press(&link, "Create account", &account(ADA)).await.goes_to("/auth/check-mail");
    // It may expire between sign-up and confirmation.
    let confirm = app.mailed_path(ADA).await;
    ada.press(&confirm, "Confirm and sign in", &[]).await.goes_to("/dashboard");
    let again = root.press("/admin/users/invite", "Create invitation", &fields).await;
    again.is(409).says("There is already an account with this email address.");
}

#[tokio::test]
async fn a_sign_up_starts_in_the_language_of_its_invitation() {
    let (app, root) = site("invite", &[]).await;
    let wrong = root
        .press("/admin/users/invite", "Create invitation", &[("days", "7"), ("language", "xx")])
        .await;
    wrong.is(422).says("Choose a language from the list.");
    let (page, link) = invite(&root, &[("days", "7"), ("language", "de")]).await;
    root.get(&page).await.says("Language Deutsch");

    let language = |page: &Page| {
        let of_html = page.select("html")[0]["lang"].clone();
        assert_eq!(page.header("content-language"), of_html);
        of_html
    };
    let ada = app.browser();
    let opened = ada.get(&link).await;
    assert_eq!(language(&opened), "de");
    let hidden = |name: &str| opened.value(name).unwrap();
    let (csrf, form) = (hidden("csrf_token"), hidden("form"));
    let fields = [("csrf_token", csrf.as_str()), ("form", form.as_str()), ("email", ADA)];
    let again = ada.post(&link, &fields).await;
    assert_eq!(language(again.is(422)), "de", "also the answer to the form");
    assert_eq!(language(&ada.get("/auth/login").await), "de");

    let eve = app.browser();
    eve.set_cookie("authflow-language", "en");
    assert_eq!(language(&eve.get(&link).await), "en", "this browser's choice comes first");
    // A later invitation in another language is followed, because neither was a choice of the visitor.
    let (_, english) = invite(&root, &[("days", "7"), ("language", "en")]).await;
    assert_eq!(language(&ada.get(&english).await), "en");
}

#[tokio::test]
async fn a_revoked_or_expired_invitation_is_refused() {
    let (app, root) = site("open", &[]).await;
    let (page, link) = invite(&root, &TO_COPY).await;
    let ada = app.browser();
    ada.press(&link, "Create account", &account(ADA)).await.goes_to("/auth/check-mail");
    let confirm = app.mailed_path(ADA).await;
    root.press(&page, "Revoke invitation", &[]).await.goes_to(&page);
    let shown = root.get(&page).await;
    shown.says("revoked");
    assert!(shown.each("code").is_empty(), "the link is no longer shown");
    ada.get(&confirm).await.is(410).says("or revoked").says("Sign up again");
    ada.get(&link).await.is(410);
    root.post(&format!("{page}/revoke"), &[]).await.is(403);

    let (_, link) = invite(&root, &[("email", ""), ("by_mail", ""), ("days", "1")]).await;
    let waiting = [("email", "eve@example.org"), ("by_mail", "on"), ("days", "1")];
    root.press("/admin/users/invite", "Create invitation", &waiting).await.is(303);
    app.wait(86_400);
    ada.get(&link).await.is(410);
    assert!(
        app.subjects("eve@example.org").await.is_empty(),
        "an email with a useless link is not sent"
    );
    app.wait(100 * 86_400);
    authflow::services::operations::retention::clean_up(&app.app).await.unwrap();
    assert_eq!(app.rows("invitations").await, 0);
}

#[tokio::test]
async fn without_email_verification_an_invitation_is_used_at_once() {
    let (app, root) = site("invite", &[("EMAIL_VERIFICATION", "off")]).await;
    let (_, link) = invite(&root, &TO_COPY).await;
    let (ada, eve) = (app.browser(), app.browser());
    let open = eve.get(&link).await;
    ada.press(&link, "Create account", &account(ADA)).await.goes_to("/dashboard");
    ada.get("/dashboard").await.says("family and staff");
    eve.press_on(&open, "Create account", &account("eve@example.org")).await.is(410);
    assert_eq!(app.rows("users").await, 2);
    ada.get(&link).await.is(410);
}

#[tokio::test]
async fn an_invalid_invitation_form_is_shown_again_and_registration_stays_closed() {
    let (app, root) = site("closed", &[]).await;
    let closed = root.press("/admin/users/invite", "Create invitation", &TO_COPY).await;
    closed.is(409).says("not even by invitation");
    assert_eq!(closed.value("roles").as_deref(), Some("family staff"));
    let wrong = root
        .press(
            "/admin/users/invite",
            "Create invitation",
            &[("email", ""), ("by_mail", "on"), ("roles", "Admin"), ("days", "7")],
        )
        .await;
    wrong.is(422).says("Enter the address to email the link to").says("looks like the role");
    let wrong = root.press("/admin/users/invite", "Create invitation", &[("days", "8")]).await;
    wrong.is(422).says("Choose when the invitation expires.");
    app.wait(16 * 60);
    let confirm = "/auth/confirm-password?return_to=%2Fadmin%2Fusers%2Finvite";
    root.get("/admin/users/invite").await.goes_to(confirm);
    root.get("/admin/invitations").await.is(200);
    root.get("/admin/invitations/x").await.is(404);
    assert_eq!(app.rows("invitations").await, 0);
}

#[tokio::test]
async fn an_invitation_needs_no_address_at_the_first_try() {
    let (app, root) = site("invite", &[]).await;
    let form = root.get("/admin/users/invite").await;
    assert_eq!(form.select(".sections [aria-current]")[0]["href"], "/admin/invitations");
    let ways = form.select("fieldset input[type=radio][name=by_mail]");
    assert!(ways.len() == 2 && ways[1].contains_key("checked"), "{ways:?}");
    let untouched = root.press("/admin/users/invite", "Create invitation", &[]).await;
    let page = root.get(untouched.is(303).header("location")).await;
    page.is(200).says("It was not emailed").says("http://localhost:5000/auth/invitation/");
    let named = root.press("/admin/users/invite", "Create invitation", &[("email", ADA)]).await;
    let page = root.get(named.is(303).header("location")).await;
    page.is(200).says(ADA).says("It was not emailed");
    assert!(app.subjects(ADA).await.is_empty());
}

#[tokio::test]
async fn the_api_says_that_sign_up_needs_an_invitation() {
    let (app, _) = site("invite", &[]).await;
    let api = app.api().await;
    api.register(ADA)
        .await
        .refuses(403, "registration_closed")
        .says("Sign-up is by invitation only");
}

/// A way to lose the right to invite.
#[derive(Clone, Copy, Debug)]
enum End {
    Demoted,
    Disabled,
    Deleted,
    DeletedByOwner,
    NotMe,
}

#[tokio::test]
async fn an_invitation_is_revoked_when_its_creator_loses_the_right_to_invite() {
    for (end, why) in [
        (End::Demoted, "is no longer an administrator"),
        (End::Disabled, "was disabled"),
        (End::Deleted, "was deleted"),
        (End::DeletedByOwner, "was deleted"),
        (End::NotMe, "someone else had used their account"),
    ] {
        let (app, root) = site("invite", &[]).await;
        let (maker, browser) = administrator(&app, "maker@example.org").await;
        let as_admin = [("email", ""), ("by_mail", ""), ("roles", "admin"), ("days", "7")];
        let (page, link) = invite(&browser, &as_admin).await;
        let (_, others) = invite(&root, &TO_COPY).await;
        let waiting = [("email", "eve@example.org"), ("by_mail", "on"), ("days", "7")];
        browser.press("/admin/users/invite", "Create invitation", &waiting).await.is(303);
        let mallory = app.browser();
        mallory.press(&link, "Create account", &account(ADA)).await.goes_to("/auth/check-mail");
        let confirm = path_to_confirm(&app).await;
        let opened = mallory.get(&confirm).await;

        let source = Source::command_line();
        let actor = Actor { id: None, source: &source };
        match end {
            End::Demoted => {
                role_assignment::set_roles(&app.app, actor, maker, &[].into()).await.unwrap();
            }
            End::Disabled => user_status::disable(&app.app, actor, maker).await.unwrap(),
            End::Deleted => user_status::delete(&app.app, actor, maker).await.unwrap(),
            End::DeletedByOwner => {
                let fields = [("password", PASSWORD)];
                browser
                    .press("/profile/delete?confirm=on", "Delete my account", &fields)
                    .await
                    .is(303);
            }
            End::NotMe => {
                browser.press("/profile/password", "Change password", &CHANGE).await.is(303);
                let notice = app.path_in("maker@example.org", "password was changed").await;
                app.browser()
                    .press(&notice, "Sign out everywhere", &[("not_me", "on")])
                    .await
                    .is(303);
            }
        }
        app.browser().get(&link).await.is(410).says("used or revoked");
        mallory.get(&confirm).await.is(410).says("or revoked");
        mallory.press_on(&opened, "Confirm and sign in", &[]).await.is(410);
        assert!(!mallory.is_signed_in().await, "{end:?}");
        root.get(&page).await.says("Revoked because").says(why);
        root.get("/admin/invitations").await.says(why);
        app.browser().get(&others).await.is(200);
        assert_eq!(app.audit_entries(Event::InvitationRevoked).await.len(), 2, "{end:?}");
        // Becoming an administrator again does not restore them.
        if let End::Demoted = end {
            let roles = [Role::admin()].into();
            role_assignment::set_roles(&app.app, actor, maker, &roles).await.unwrap();
            app.browser().get(&link).await.is(410);
        }
    }
}

/// Postpones invitations, delivers all other emails, and returns Ada's confirmation link.
async fn path_to_confirm(app: &TestApp) -> String {
    app.change("UPDATE outbox SET due_at = due_at + 3600 WHERE kind = 'invitation'").await;
    app.mailed_path(ADA).await
}

#[tokio::test]
async fn an_invitation_of_a_former_administrator_is_void() {
    let (app, root) = site("invite", &[]).await;
    let (_, browser) = administrator(&app, "maker@example.org").await;
    let (page, link) = invite(&browser, &TO_COPY).await;
    let mallory = app.browser();
    mallory.press(&link, "Create account", &account(ADA)).await.goes_to("/auth/check-mail");
    let confirm = app.mailed_path(ADA).await;
    // Earlier versions did not revoke invitations along with the role.
    app.take_roles("maker@example.org").await;
    app.browser().get(&link).await.is(410);
    mallory.get(&confirm).await.is(410).says("or revoked");
    root.get(&page).await.says("can no longer invite anyone");
}

#[tokio::test]
async fn an_invitation_from_the_command_line_does_not_depend_on_an_administrator() {
    let (app, _) = site("invite", &[]).await;
    let source = Source::command_line();
    let actor = Actor { id: None, source: &source };
    let new = NewInvitation {
        email: None,
        by_mail: false,
        roles: &[Role::admin()].into(),
        lasts: std::time::Duration::from_hours(1),
        language: "en",
    };
    let id = inviting::invite(&app.app, actor, &new).await.unwrap();
    let link = inviting::link(&app.app, id).reveal().clone();
    app.browser().get(link.strip_prefix("http://localhost:5000").unwrap()).await.is(200);
}

#[tokio::test]
async fn a_pending_sign_up_cannot_be_confirmed_once_registration_is_closed() {
    for policy in [Registration::Closed, Registration::Invite] {
        let (app, root) = site("open", &[]).await;
        let ada = app.browser();
        ada.press("/auth/register", "Create account", &account(ADA))
            .await
            .goes_to("/auth/check-mail");
        let confirm = app.mailed_path(ADA).await;
        ada.press("/auth/forgot-password", "Send reset link", &[("email", ADA)]).await.is(303);
        let reset = app.path_in(ADA, "reset your password").await;
        let page = ada.get(&confirm).await;
        let reset_page = ada.get(&reset).await;
        let mails = app.subjects(ADA).await.len();

        let mut config = (*app.app.config).clone();
        config.registration = policy;
        let changed = App { config: config.into(), ..app.app.clone() };
        let address = app.beside(|it| *it = changed.clone()).await.address();
        let (ada, root) = (ada.moved_to(address), root.moved_to(address));
        let says = match policy {
            Registration::Invite => "Sign-up is by invitation only",
            _ => "Sign-up is closed",
        };
        // The link, a page opened before, a password reset and the API.
        ada.get(&confirm).await.is(403).says(says);
        ada.press_on(&page, "Confirm and sign in", &[]).await.is(403).says(says);
        ada.get(&reset).await.is(403).says(says);
        let fields = [("password", NEW_PASSWORD), ("confirm_password", NEW_PASSWORD)];
        ada.press_on(&reset_page, "Set password", &fields).await.is(403).says(says);
        let token = reset.rsplit('/').next().unwrap();
        let sent = serde_json::json!({ "token": token, "password": NEW_PASSWORD });
        let api = app.api().await.moved_to(address);
        api.post("/api/auth/reset-password", sent).await.refuses(403, "registration_closed");
        for password in [PASSWORD, NEW_PASSWORD] {
            ada.sign_in(ADA, password).await.is(401);
        }
        assert!(!ada.is_signed_in().await);
        assert!(app.user(ADA).await.activated_at.is_none());
        // No email with a useless link is sent, and the page tells administrators the reason.
        ada.press("/auth/forgot-password", "Send reset link", &[("email", ADA)]).await.is(303);
        deliver_all(&changed).await;
        assert_eq!(app.subjects(ADA).await.len(), mails);
        let id = user_lookup::named(&app.app, ADA).await.unwrap().unwrap().id;
        let user = format!("/admin/users/{id}");
        let refused = root.press(&user, "Send confirmation email again", &[]).await;
        refused.is(409).says("never confirmed");
    }
}
