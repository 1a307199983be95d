//! Sign-ups by invitation.

use authflow::domain::email::EmailAddress;
use authflow::domain::role::Role;
use authflow::domain::source::Source;
use authflow::domain::username::Username;
use authflow::services::administration::{self, Actor, NewAccount};

use super::support::*;

pub(super) async fn site(registration: &str, more: &[(&str, &str)]) -> (TestApp, Browser) {
    let variables = [&[("REGISTRATION", registration)], more].concat();
    let app = TestApp::with(&variables).await;
    // The first administrator comes from the command line.
    let source = Source::command_line();
    let actor = Actor { id: None, source: &source };
    let email = EmailAddress::parse("root@example.org").unwrap();
    let (username, roles) = (Username::plain(&email), [Role::admin()].into());
    let new = NewAccount { email: &email, username: &username, roles: &roles };
    let id = administration::create(&app.app, actor, &new).await.unwrap();
    let link = administration::reset_link(&app.app, actor, id).await.unwrap();
    let root = app.browser();
    let path = link.reveal().strip_prefix("http://localhost:5000").unwrap();
    let fields = [("password", PASSWORD), ("confirm_password", PASSWORD)];
    root.press(path, "Set password", &fields).await.goes_to("/auth/login");
    root.sign_in("root@example.org", PASSWORD).await.goes_to("/dashboard");
    (app, root)
}

/// Makes an invitation; its page and its link.
async fn invite(root: &Browser, fields: &[(&str, &str)]) -> (String, String) {
    let made = root.press("/admin/users/invite", "Invite", fields).await;
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
async fn an_invitation_lets_one_person_in_with_its_roles() {
    let (app, root) = site("invite", &[]).await;
    let stranger = app.browser();
    stranger.get("/auth/register").await.is(403).says("New accounts need an invitation here");
    assert!(stranger.get("/auth/login").await.select("a[href*='register']").is_empty());
    stranger.post("/auth/register", &account(ADA)).await.is(403);

    let (page, link) = invite(&root, &TO_COPY).await;
    root.get("/admin/invitations").await.says("Whoever has the link open family, staff");
    let (ada, eve) = (app.browser(), app.browser());
    let form = ada.get(&link).await;
    form.is(200).says("You are invited to authflow");
    assert_eq!(form.header("referrer-policy"), "no-referrer");
    // Both sign up; whoever confirms first is in.
    ada.press(&link, "Create account", &account(ADA)).await.goes_to("/auth/check-mail");
    eve.press(&link, "Create account", &account("eve@example.org"))
        .await
        .goes_to("/auth/check-mail");
    let (first, second) = (app.mailed_path(ADA).await, app.mailed_path("eve@example.org").await);
    ada.press(&first, "Confirm and sign in", &[]).await.goes_to("/dashboard");
    ada.get("/dashboard").await.says("family, staff");
    eve.press(&second, "Confirm and sign in", &[]).await.is(410);
    assert!(!eve.is_signed_in().await);
    // Nor does a new password make an account of it.
    eve.press("/auth/forgot-password", "Send me a link", &[("email", "eve@example.org")])
        .await
        .is(303);
    let path = app.path_in("eve@example.org", "set a new password").await;
    let fields = [("password", NEW_PASSWORD), ("confirm_password", NEW_PASSWORD)];
    eve.press(&path, "Set password", &fields).await.is(410);
    app.browser().sign_in("eve@example.org", NEW_PASSWORD).await.is(401);
    app.browser().sign_in("eve@example.org", PASSWORD).await.is(401);

    app.browser().get(&link).await.is(410).says("used or taken back");
    root.get(&page).await.says("used by this account");
    assert_eq!(app.count("SELECT COUNT(*) FROM user_roles").await, 3);
    assert_eq!(
        app.count("SELECT COUNT(*) FROM audit_events WHERE event = 'invitation_used'").await,
        1
    );
    app.browser().get("/auth/invitation/nonsense").await.is(410);
}

#[tokio::test]
async fn an_invitation_by_mail_is_for_its_address() {
    let (app, root) = site("invite", &[]).await;
    let fields = [("email", "Ada@example.org"), ("by_mail", "on"), ("days", "30")];
    let (_, link) = invite(&root, &fields).await;
    let mailed = app.path_in("Ada@example.org", "you are invited").await;
    assert_eq!(mailed, link);
    let mails = app.mails().await;
    let mail = mails.iter().find(|it| it.subject.contains("invited")).unwrap();
    assert!(mail.text.contains("within 30 days"), "{}", mail.text);
    assert!(!mail.text.contains("root@example.org") && !mail.text.contains("127.0.0.1"));

    let ada = app.browser();
    assert_eq!(ada.get(&link).await.value("email").as_deref(), Some("Ada@example.org"));
    let refused = ada.press(&link, "Create account", &account("eve@example.org")).await;
    refused.is(422).says("The invitation is for another address");
    assert_eq!(refused.value("email").as_deref(), Some("eve@example.org"));
    ada.press(&link, "Create account", &account(ADA)).await.goes_to("/auth/check-mail");
    // Its time may end between signing up and confirming.
    let confirm = app.mailed_path(ADA).await;
    ada.press(&confirm, "Confirm and sign in", &[]).await.goes_to("/dashboard");
    let again = root.press("/admin/users/invite", "Invite", &fields).await;
    again.is(409).says("There is an account with this address already.");
}

#[tokio::test]
async fn what_is_taken_back_or_over_opens_nothing() {
    let (app, root) = site("open", &[]).await;
    let (page, link) = invite(&root, &TO_COPY).await;
    let ada = app.browser();
    ada.press(&link, "Create account", &account(ADA)).await.goes_to("/auth/check-mail");
    let confirm = app.mailed_path(ADA).await;
    root.press(&page, "Take it back", &[]).await.goes_to(&page);
    let shown = root.get(&page).await;
    shown.says("taken back");
    assert!(shown.each("code").is_empty(), "no link any more");
    ada.press(&confirm, "Confirm and sign in", &[]).await.is(410);
    ada.get(&link).await.is(410);
    root.post(&format!("{page}/revoke"), &[]).await.is(403);

    let (_, link) = invite(&root, &[("email", ""), ("by_mail", ""), ("days", "1")]).await;
    let waiting = [("email", "eve@example.org"), ("by_mail", "on"), ("days", "1")];
    root.press("/admin/users/invite", "Invite", &waiting).await.is(303);
    app.wait(86_400);
    ada.get(&link).await.is(410);
    assert!(
        app.subjects("eve@example.org").await.is_empty(),
        "a mail that would lead nowhere is not sent"
    );
    app.wait(100 * 86_400);
    authflow::services::retention::clean_up(&app.app).await.unwrap();
    assert_eq!(app.count("SELECT COUNT(*) FROM invitations").await, 0);
}

#[tokio::test]
async fn without_confirmation_the_invitation_is_used_at_once() {
    let (app, root) = site("invite", &[("EMAIL_VERIFICATION", "off")]).await;
    let (_, link) = invite(&root, &TO_COPY).await;
    let (ada, eve) = (app.browser(), app.browser());
    let open = eve.get(&link).await;
    ada.press(&link, "Create account", &account(ADA)).await.goes_to("/dashboard");
    ada.get("/dashboard").await.says("family, staff");
    eve.press_on(&open, "Create account", &account("eve@example.org")).await.is(410);
    assert_eq!(app.count("SELECT COUNT(*) FROM users").await, 2);
    ada.get(&link).await.is(410);
}

#[tokio::test]
async fn a_form_that_is_wrong_comes_back_and_a_closed_site_stays_closed() {
    let (app, root) = site("closed", &[]).await;
    let closed = root.press("/admin/users/invite", "Invite", &TO_COPY).await;
    closed.is(409).says("not even by invitation");
    assert_eq!(closed.value("roles").as_deref(), Some("family staff"));
    let wrong = root
        .press(
            "/admin/users/invite",
            "Invite",
            &[("email", ""), ("by_mail", "on"), ("roles", "Admin"), ("days", "7")],
        )
        .await;
    wrong.is(422).says("Enter the address that the mail goes to").says("looks like the role");
    app.wait(16 * 60);
    let confirm = "/auth/confirm-password?return_to=%2Fadmin%2Fusers%2Finvite";
    root.get("/admin/users/invite").await.goes_to(confirm);
    root.get("/admin/invitations").await.is(200);
    root.get("/admin/invitations/x").await.is(404);
    assert_eq!(app.count("SELECT COUNT(*) FROM invitations").await, 0);
}

#[tokio::test]
async fn programs_are_told_that_one_has_to_be_invited() {
    let (app, _) = site("invite", &[]).await;
    let api = app.api().await;
    api.register(ADA).await.refuses(403, "registration_closed").says("need an invitation");
}
