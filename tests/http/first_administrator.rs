//! The first start: the link that makes the first administrator, and the steps that the dashboard then shows.

use authflow::app::App;
use authflow::domain::account::email::EmailAddress;
use authflow::domain::account::role::Role;
use authflow::domain::account::username::Username;
use authflow::domain::audit_event::Event;
use authflow::domain::source::Source;
use authflow::services::administration::user_creation::{self, NewAccount};
use authflow::services::administrators;
use authflow::services::audit::Actor;
use authflow::services::email::delivery;
use authflow::services::sign_up::first_administrator;
use authflow::transaction;

use super::support::*;

const BUTTON: &str = "Create administrator";
const EVE: &str = "eve@example.org";

fn account(email: &str) -> [(&str, &str); 4] {
    [
        ("username", "Ada Lovelace"),
        ("email", email),
        ("password", PASSWORD),
        ("confirm_password", PASSWORD),
    ]
}

/// The path of the link that this instance would print now.
async fn printed(app: &App) -> Option<String> {
    let link = first_administrator::link_to_print(app).await.unwrap()?;
    Some(link.url.reveal().strip_prefix("http://localhost:5000").unwrap().to_owned())
}

async fn link(app: &TestApp) -> String {
    printed(&app.app).await.expect("a link should be printed")
}

#[tokio::test]
async fn the_printed_link_makes_the_first_administrator_once() {
    let app = TestApp::with(&[("REGISTRATION", "closed")]).await;
    let link = link(&app).await;
    let browser = app.browser();
    let page = browser.get(&link).await;
    page.is(200).says("has no administrator yet");
    let headers = (page.header("referrer-policy"), page.header("cache-control"));
    assert_eq!(headers, ("no-referrer", "no-store"));
    browser.press_on(&page, BUTTON, &account(ADA)).await.goes_to("/dashboard");
    browser.get("/dashboard").await.is(200).says("You are the administrator").says("Confirmed");
    browser.get("/admin/users").await.is(200).says(ADA);
    assert!(app.subjects(ADA).await.is_empty());
    let entries = app.audit_entries(Event::FirstAdministratorCreated).await;
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0].actor_id, Some(app.user(ADA).await.id));

    let other = app.browser();
    other.get(&link).await.is(410).says("This link does not work");
    assert_eq!(printed(&app.app).await, None);
    other.sign_in(ADA, PASSWORD).await.goes_to("/dashboard");
    assert_eq!(app.rows("first_administrator_links").await, 0);
}

#[tokio::test]
async fn the_form_can_be_sent_twice() {
    let app = TestApp::start().await;
    let link = link(&app).await;
    let first = app.browser();
    let page = first.get(&link).await;
    let second = first.copy();
    first.press_on(&page, BUTTON, &account(ADA)).await.goes_to("/dashboard");
    second.press_on(&page, BUTTON, &account(ADA)).await.goes_to("/dashboard");
    assert!(first.is_signed_in().await && second.is_signed_in().await);
    assert_eq!((app.rows("users").await, app.active_sessions().await), (1, 1));
}

#[tokio::test]
async fn of_two_people_with_the_link_one_becomes_the_administrator() {
    let app = TestApp::start().await;
    let link = link(&app).await;
    let (ada, eve) = (app.browser(), app.browser());
    let (page, other) = (ada.get(&link).await, eve.get(&link).await);
    let (ada_fields, eve_fields) = (account(ADA), account(EVE));
    let (one, two) = tokio::join!(
        ada.press_on(&page, BUTTON, &ada_fields),
        eve.press_on(&other, BUTTON, &eve_fields)
    );
    let mut statuses = [one.status.as_u16(), two.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 410]);
    assert_eq!((app.rows("users").await, app.rows("user_roles").await), (1, 1));
}

#[tokio::test]
async fn every_instance_and_every_start_prints_the_same_link_until_it_expires() {
    let app = TestApp::start().await;
    let (another, elsewhere) = app.another().await;
    let (first, second) = tokio::join!(printed(&app.app), printed(&another));
    let first = first.unwrap();
    assert_eq!(second.as_ref(), Some(&first));
    elsewhere.get(&first).await.is(200);
    app.wait(86_399);
    assert_eq!(link(&app).await, first);
    let open = elsewhere.get(&first).await;
    app.wait(1);
    app.browser().get(&first).await.is(410).says("restart authflow");
    elsewhere.press_on(&open, BUTTON, &account(ADA)).await.is(410);
    let (one, two) = tokio::join!(printed(&app.app), printed(&another));
    assert_eq!(one, two, "instances that replace it at the same time agree");
    let renewed = one.unwrap();
    assert_ne!(renewed, first);
    app.browser().get(&first).await.is(410);
    app.browser().press(&renewed, BUTTON, &account(ADA)).await.goes_to("/dashboard");
}

#[tokio::test]
async fn a_link_from_a_clock_that_was_ahead_is_replaced() {
    let app = TestApp::start().await;
    app.wait(365 * 86_400);
    let early = link(&app).await;
    app.set_back(365 * 86_400);
    app.browser().get(&early).await.is(410);
    let renewed = link(&app).await;
    assert_ne!(renewed, early);
    app.browser().press(&renewed, BUTTON, &account(ADA)).await.goes_to("/dashboard");
}

#[tokio::test]
async fn the_database_alone_does_not_reveal_the_link() {
    let app = TestApp::start().await;
    let printed_here = link(&app).await;
    // Another SECRET_KEY makes another link of the same row.
    let mut other = app.app.clone();
    let key = authflow::secret::MasterKey::new(vec![7; 32]);
    other.secrets = std::sync::Arc::new(authflow::app::Secrets::derive(&key));
    let elsewhere = printed(&other).await.unwrap();
    assert_ne!(elsewhere, printed_here);
    app.browser().get(&elsewhere).await.is(410);
    app.browser().get(&printed_here).await.is(200);
    let start = &printed_here[..printed_here.len() - 20];
    app.browser().get(start).await.is(410).says("This link is incomplete");
}

#[tokio::test]
async fn the_link_is_dead_once_there_is_an_administrator_even_a_disabled_one() {
    let app = TestApp::start().await;
    let link = link(&app).await;
    let browser = app.browser();
    let open = browser.get(&link).await;
    let source = Source::command_line();
    let actor = Actor { id: None, source: &source };
    let (email, roles) = (EmailAddress::parse(EVE).unwrap(), [Role::admin()].into());
    let username = Username::plain(&email);
    let new = NewAccount { email: &email, username: &username, roles: &roles };
    user_creation::create(&app.app, actor, &new).await.unwrap();
    browser.get(&link).await.is(410).says("has an administrator now");
    browser.press_on(&open, BUTTON, &account(ADA)).await.is(410);
    app.disable(EVE).await;
    browser.get(&link).await.is(410);
    assert_eq!(printed(&app.app).await, None);
    // The next start prints another one when there is none again.
    app.take_roles(EVE).await;
    browser.get(&link).await.is(410);
    let renewed = printed(&app.app).await.unwrap();
    assert_ne!(renewed, link);
    browser.press(&renewed, BUTTON, &account(ADA)).await.goes_to("/dashboard");
}

#[tokio::test]
async fn a_sign_up_that_has_the_role_is_no_administrator_until_it_is_an_account() {
    let app = TestApp::with(&[("REGISTRATION", "approval")]).await;
    let eve = app.browser();
    eve.sign_up(EVE).await.goes_to("/auth/check-mail");
    app.give_role(EVE, "admin").await;
    let link = link(&app).await;
    let browser = app.browser();
    browser.get(&link).await.is(200);
    let confirm = app.mailed_path(EVE).await;
    eve.press(&confirm, "Confirm email", &[]).await.goes_to("/auth/awaiting-approval");
    assert_eq!(printed(&app.app).await.as_ref(), Some(&link));
    // Nor is it the last one, so its role can be removed.
    let id = app.user(EVE).await.id;
    let is_last = transaction!(app.app.db, |tx| { administrators::is_last(tx, id).await });
    assert!(!is_last.unwrap());
    browser.press(&link, BUTTON, &account(ADA)).await.goes_to("/dashboard");
    assert_eq!(printed(&app.app).await, None);
}

#[tokio::test]
async fn an_unconfirmed_sign_up_is_replaced_and_an_account_is_not() {
    let app = TestApp::start().await;
    let link = link(&app).await;
    app.person(EVE).await;
    app.browser().sign_up(ADA).await.goes_to("/auth/check-mail");
    let confirm = app.mailed_path(ADA).await;
    let browser = app.browser();
    let taken = browser.press(&link, BUTTON, &account(EVE)).await;
    taken.is(422).says("authflow user roles eve@example.org --add admin");
    assert_eq!(app.rows("user_roles").await, 0);
    browser.press_on(&taken, BUTTON, &account(ADA)).await.goes_to("/dashboard");
    app.browser().get(&confirm).await.is(410);
    assert_eq!(app.rows("users").await, 2);
}

#[tokio::test]
async fn a_former_address_of_an_account_is_refused() {
    let app = TestApp::start().await;
    let link = link(&app).await;
    let eve = app.person(EVE).await;
    eve.press("/profile/email", "Change email", &[("email", "new@example.org")]).await.is(303);
    let confirm = app.path_in("new@example.org", "confirm your new email address").await;
    eve.press(&confirm, "Use this email", &[]).await.is(303);
    let refused = app.browser().press(&link, BUTTON, &account(EVE)).await;
    refused.is(422).says("can still be moved back");
}

#[tokio::test]
async fn invalid_fields_are_told_all_at_once_and_the_policy_for_passwords_applies() {
    let app = TestApp::start().await;
    let link = link(&app).await;
    let browser = app.browser();
    let fields = [("username", ""), ("email", "x"), ("password", "a"), ("confirm_password", "b")];
    let refused = browser.press(&link, BUTTON, &fields).await;
    refused.is(422);
    assert_eq!(refused.each(".error").len(), 4);
    let weak = "password1234";
    let fields =
        [("username", "A"), ("email", ADA), ("password", weak), ("confirm_password", weak)];
    let refused = browser.press_on(&refused, BUTTON, &fields).await;
    refused.is(422);
    assert_eq!(refused.value("email").as_deref(), Some(ADA));
    browser.post(&link, &account(ADA)).await.is(403);
    assert_eq!(app.rows("users").await, 0);
}

#[tokio::test]
async fn a_signed_in_user_is_told_how_to_become_the_administrator() {
    let app = TestApp::start().await;
    let ada = app.person(ADA).await;
    let page = ada.get(&link(&app).await).await;
    page.is(409).says("authflow user roles ada@example.org --add admin");
    assert_eq!(page.inside("h1"), "You are already signed in");
}

#[tokio::test]
async fn a_start_without_an_administrator_prints_the_link() {
    let folder = tempfile::TempDir::new().unwrap();
    let program = Program::start(folder.path(), &[]);
    let link = program.first_administrator().await;
    drop(program);
    let program = Program::start(folder.path(), &[]);
    assert_eq!(program.first_administrator().await, link, "a later start prints it again");
    let browser = program.browser();
    browser.press(&link, BUTTON, &account(ADA)).await.goes_to("/dashboard");
    let log = std::fs::read_to_string(folder.path().join("log")).unwrap();
    let token = link.rsplit('/').next().unwrap();
    assert!(!log.contains(token), "the log has no link");
    drop(program);
    // With LOG_FORMAT=json it is a field of the line that says that the server is ready.
    let other = tempfile::TempDir::new().unwrap();
    let log = std::fs::File::create(other.path().join("log")).unwrap();
    let mut child = command(other.path(), &[("LOG_FORMAT", "json")], &[])
        .stderr(log.try_clone().unwrap())
        .stdout(log)
        .spawn()
        .unwrap();
    let ready = wait_for_log(other.path(), &["\"ready\""]).await;
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(serde_json::from_str::<serde_json::Value>(&ready).is_ok(), "{ready}");
    for part in ["http://localhost:5000/auth/first-administrator/", "first_administrator_until"] {
        assert!(ready.contains(part), "{ready}");
    }
}

#[tokio::test]
async fn the_dashboard_of_an_administrator_shows_what_is_left_to_set_up() {
    let app = TestApp::start().await;
    let eve = app.person(EVE).await;
    assert!(!eve.get("/dashboard").await.text().contains("Finish setting up"));
    let root = app.person(ADA).await;
    app.give_role(ADA, "admin").await;
    let steps = async |browser: &Browser| browser.get("/dashboard").await.is(200).each(".setup h3");
    let all = ["Public address", "Email", "First app", "Two-factor authentication", "Backup"];
    assert_eq!(steps(&root).await, all);
    root.get("/dashboard").await.says("The address of this site is http://localhost:5000");

    root.enable_two_factor(&app).await;
    assert_eq!(steps(&root).await, ["Public address", "Email", "First app", "Backup"]);
    let page = root.get("/dashboard").await;
    let form = page.form("Dismiss");
    root.post(&form.action, &form.filled(&[("step", "first_app")])).await.goes_to("/dashboard");
    root.post(&form.action, &form.filled(&[("step", "first_app")])).await.goes_to("/dashboard");
    assert_eq!(steps(&root).await, ["Public address", "Email", "Backup"]);
    let stale = root.post(&form.action, &[("step", "email"), ("csrf_token", "x")]).await;
    stale.is(403).says("Public address");
    root.post(&form.action, &form.filled(&[("step", "x")])).await.is(400);
    eve.post(&form.action, &[("step", "email")]).await.is(403);
    // Each administrator dismisses steps only for themselves.
    app.give_role(EVE, "admin").await;
    assert_eq!(steps(&eve).await, all);
}

#[tokio::test]
async fn steps_that_are_done_are_not_shown() {
    let app = TestApp::with(&[
        ("PUBLIC_URL", "https://login.example.org"),
        ("GATE_ORIGINS", "https://app.example.org"),
        ("MAIL_TRANSPORT", "smtp"),
        ("SMTP_URL", "smtp://localhost:1"),
        ("SECOND_FACTOR", "optional"),
        FROM,
    ])
    .await;
    let url = first_administrator::link_to_print(&app.app).await.unwrap().unwrap().url;
    let link = url.reveal().strip_prefix("https://login.example.org").unwrap().to_owned();
    let root = app.browser();
    root.press(&link, BUTTON, &account(ADA)).await.goes_to("/dashboard");
    let steps = async || root.get("/dashboard").await.is(200).each(".setup h3");
    assert_eq!(steps().await, ["Two-factor authentication", "Backup"]);
    // The server could not send the latest email.
    app.app.mail_failures.store(1, std::sync::atomic::Ordering::Relaxed);
    assert_eq!(steps().await, ["Email", "Two-factor authentication", "Backup"]);
    root.get("/dashboard").await.says("Emails can’t be sent at the moment.");
    app.app.mail_failures.store(0, std::sync::atomic::Ordering::Relaxed);
    // The check at the start failed, and no email has been sent since.
    delivery::check_transport(&app.app).await;
    assert_eq!(steps().await, ["Email", "Two-factor authentication", "Backup"]);
    app.app.mail_check_failed.store(false, std::sync::atomic::Ordering::Relaxed);
    root.get("/dashboard")
        .await
        .says("authflow knows of no recent backup. To make backups, see docs/backup.md");

    let file = app.ground.data.path().join("backup.db");
    let (database, clock) = (&app.ground.config.database, &app.app.clock);
    authflow::services::operations::transfer::back_up(database, &file, clock, &|_, _| ())
        .await
        .unwrap();
    assert_eq!(app.audit_entries(Event::BackupMade).await.len(), 1);
    assert_eq!(steps().await, ["Two-factor authentication"]);
}
