//! Administrators confirm email addresses, and hand over links that do not confirm one.

use authflow::config::Registration;
use authflow::domain::account::email::EmailAddress;
use authflow::domain::account::username::Username;
use authflow::domain::audit_event::Event;
use authflow::domain::source::Source;
use authflow::services::administration::user_creation::{self, NewAccount};
use authflow::services::administration::user_links;
use authflow::services::administration::user_lookup;
use authflow::services::audit::Actor;

use super::*;

#[tokio::test]
async fn an_administrator_confirms_an_address() {
    const BUTTON: &str = "Mark email as confirmed";
    let (app, root) = site().await;
    let ada = app.person(ADA).await;
    let page = page_of(&root, ADA).await;
    assert!(!root.get(&page).await.text().contains(BUTTON), "the address is confirmed already");
    app.forget_confirmation(ADA).await;

    // The administrator must have entered the password in the last 15 minutes.
    let form = root.get(&page).await.form(BUTTON);
    app.wait(16 * 60);
    let verify = format!("{page}/verify-email");
    let asked = root.post(&verify, &form.filled(&[])).await;
    assert!(asked.is(303).header("location").starts_with("/auth/confirm-password?"));
    assert!(app.user(ADA).await.email_verified_at.is_none());
    root.press(asked.header("location"), "Confirm", &[("password", PASSWORD)]).await.goes_to(&page);
    root.press(&page, BUTTON, &[]).await.goes_to(&page);
    root.get(&page).await.says("Email address confirmed.");
    assert!(app.user(ADA).await.email_verified_at.is_some());
    let entries = app.audit_entries(Event::EmailVerifiedByAdministrator).await;
    assert!(entries.len() == 1 && entries[0].actor_id != entries[0].subject_id, "{entries:?}");
    ada.get("/profile/activity").await.says("Email confirmed by an administrator");
    root.post(&verify, &form.filled(&[])).await.is(409).says("already confirmed");

    // Not their own address, and not the address of a disabled account.
    app.forget_confirmations().await;
    app.disable(ADA).await;
    root.post(&verify, &form.filled(&[])).await.is(409).says("This account is disabled");
    let own = page_of(&root, "root@example.org").await;
    assert!(!root.get(&own).await.text().contains(BUTTON));
    root.post(&format!("{own}/verify-email"), &form.filled(&[]))
        .await
        .is(409)
        .says("your own account");
    for email in [ADA, "root@example.org"] {
        assert!(app.user(email).await.email_verified_at.is_none(), "{email}");
    }
}

#[tokio::test]
async fn a_sign_up_that_cannot_become_an_account_cannot_be_confirmed() {
    const BUTTON: &str = "Mark email as confirmed";
    let (app, root) = site().await;
    app.browser().sign_up(ADA).await.goes_to("/auth/check-mail");
    let page = page_of(&root, ADA).await;
    assert!(root.get(&page).await.text().contains(BUTTON));
    let closed = app
        .beside(|app| {
            let mut config = (*app.config).clone();
            config.registration = Registration::Closed;
            app.config = config.into();
        })
        .await;
    let there = root.moved_to(closed.address()).get(&page).await;
    assert!(!there.is(200).text().contains(BUTTON));
    there.says("Delete account");
}

#[tokio::test]
async fn confirming_a_sign_up_is_checked_like_confirming_an_account() {
    const BUTTON: &str = "Mark email as confirmed";
    for (registration, standing) in [("open", "active"), ("approval", "waiting")] {
        let (app, root) = super::super::invitations::site(registration, &[]).await;
        let ada = app.browser();
        ada.sign_up(ADA).await.goes_to("/auth/check-mail");
        let confirm = app.mailed_path(ADA).await;
        let page = page_of(&root, ADA).await;
        root.get(&page).await.says("can then sign in with the password they chose");
        root.press(&page, BUTTON, &[]).await.goes_to(&page);
        let list = root.get(&format!("/admin/users?status={standing}&search=ada")).await;
        assert_eq!(list.select(".list th a").len(), 1, "{registration}");
        let is_open = registration == "open";
        let there = ada.sign_in(ADA, PASSWORD).await;
        there.goes_to(if is_open { "/dashboard" } else { "/auth/awaiting-approval" });
        assert_eq!(app.subjects(ADA).await.iter().any(|it| it.contains("is ready")), is_open);
        // The emailed link no longer deletes anything.
        let other = app.browser();
        let found = other.get(&confirm).await;
        assert!(!found.text().contains("I did not sign up"), "{}", found.status);
        app.user(ADA).await;
    }
}

#[tokio::test]
async fn a_handed_over_link_confirms_no_address() {
    let app = TestApp::with(&[("EMAIL_VERIFICATION", "off"), ("REGISTRATION", "open")]).await;
    let source = Source::command_line();
    let actor = Actor { id: None, source: &source };
    let reset = async |id| {
        let link = user_links::reset_link(&app.app, actor, id).await.unwrap();
        link.reveal().strip_prefix("http://localhost:5000").unwrap().to_owned()
    };
    let is_confirmed = async |email: &str| app.user(email).await.email_verified_at.is_some();
    let browser = app.browser();
    browser.sign_up(ADA).await.goes_to("/dashboard");
    let ada = user_lookup::named(&app.app, ADA).await.unwrap().unwrap().id;
    let fields = [("password", NEW_PASSWORD), ("confirm_password", NEW_PASSWORD)];
    let (first, second) = (reset(ada).await, reset(ada).await);
    app.browser().press(&second, "Set password", &fields).await.goes_to("/auth/login");
    assert!(!is_confirmed(ADA).await, "no one has proved that they can read her emails");
    browser.sign_in(ADA, NEW_PASSWORD).await.goes_to("/dashboard");
    // A password change revokes it, like any other link.
    browser.get(&first).await.is(410);
    browser.get(&second).await.is(410);
    let third = reset(ada).await;
    let fields = [
        ("current_password", NEW_PASSWORD),
        ("password", PASSWORD),
        ("confirm_password", PASSWORD),
    ];
    browser.press("/profile/password", "Change password", &fields).await;
    browser.get(&third).await.is(410);

    // An emailed link confirms it.
    browser.press("/auth/forgot-password", "Send reset link", &[("email", ADA)]).await;
    let mailed = app.path_in(ADA, "reset your password").await;
    let fields = [("password", NEW_PASSWORD), ("confirm_password", NEW_PASSWORD)];
    browser.press(&mailed, "Set password", &fields).await.goes_to("/auth/login");
    assert!(is_confirmed(ADA).await);

    // An administrator who creates an account vouches for its address, so it counts as confirmed.
    let address = EmailAddress::parse("eve@example.org").unwrap();
    let (username, roles) = (Username::plain(&address), [].into());
    let new = NewAccount { email: &address, username: &username, roles: &roles };
    let eve = user_creation::create(&app.app, actor, &new).await.unwrap();
    let link = reset(eve).await;
    app.browser().press(&link, "Set password", &fields).await.goes_to("/auth/login");
    assert!(is_confirmed("eve@example.org").await);
    app.forget_confirmations().await;
    let link = reset(eve).await;
    app.browser().press(&link, "Set password", &fields).await.goes_to("/auth/login");
    assert!(!is_confirmed("eve@example.org").await, "the address is in use now");
}
