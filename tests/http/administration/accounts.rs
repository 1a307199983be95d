//! Administrators disable, delete and change accounts.

use super::*;
use authflow::domain::audit_event::Event;

#[tokio::test]
async fn an_account_is_disabled_and_enabled_again() {
    let (app, root) = site().await;
    let ada = app.person(ADA).await;
    let page = page_of(&root, ADA).await;
    root.get(&page).await.is(200).says(ADA).says("Signed in").says("Signed up");
    root.press(&page, "Disable account", &[]).await.goes_to(&page);
    root.get(&page)
        .await
        .says("Account disabled. It is signed out everywhere.")
        .says("Disabled since");
    ada.get("/dashboard").await.goes_to("/auth/login?return_to=%2Fdashboard");
    ada.get("/auth/login").await.says("Your account has been disabled");
    let browser = app.browser();
    browser.sign_in(ADA, PASSWORD).await.is(401);
    browser
        .press("/auth/forgot-password", "Send reset link", &[("email", ADA)])
        .await
        .goes_to("/auth/check-mail");
    let before = app.mails().await.len();
    assert_eq!(
        app.subjects(ADA).await.len(),
        before - app.subjects("root@example.org").await.len()
    );
    assert!(
        !app.subjects(ADA).await.iter().any(|it| it.contains("new password")),
        "a disabled account gets no link"
    );
    root.press(&page, "Enable account", &[]).await.goes_to(&page);
    browser.sign_in(ADA, PASSWORD).await.goes_to("/dashboard");
    for event in [Event::UserDisabled, Event::UserEnabled] {
        let entries = app.audit_entries(event).await;
        assert!(entries.len() == 1 && entries[0].actor_id != entries[0].subject_id, "{entries:?}");
    }
    // The owner sees that an administrator did it, but not from which IP address.
    let activity = browser.get("/profile/activity").await;
    activity.says("Account disabled").says("By an administrator");
    let file = browser.get("/profile/export").await;
    let data: serde_json::Value = serde_json::from_str(&file.is(200).body).unwrap();
    let entry = |event: &str| {
        let entries = data["auditEntries"].as_array().unwrap();
        entries.iter().find(|it| it["event"] == event).unwrap().clone()
    };
    let (closed, signed_in) = (entry("user_disabled"), entry("signed_in"));
    assert_eq!(closed["byAdministrator"], true);
    assert!(closed["networkAddress"].is_null() && closed["userAgent"].is_null(), "{closed}");
    assert_eq!(signed_in["byAdministrator"], false);
    assert!(signed_in["networkAddress"].is_string(), "{signed_in}");
}

#[tokio::test]
async fn role_changes_apply_from_the_next_request() {
    let (app, root) = site().await;
    let ada = app.person(ADA).await;
    ada.get("/admin").await.is(403);
    let page = page_of(&root, ADA).await;
    let refused = root.press(&page, "Save roles", &[("roles", "family, Admin")]).await;
    refused.is(422).says("looks like the role “admin” but is a different one");
    assert_eq!(refused.value("roles").as_deref(), Some("family, Admin"), "the input is kept");
    assert_eq!(app.rows("user_roles").await, 1);
    root.press(&page, "Save roles", &[("roles", "staff, admin family")]).await.goes_to(&page);
    let set = root.get(&page).await;
    assert_eq!(set.value("roles").as_deref(), Some("admin, family, staff"));
    set.says("admin, family, staff; before: no roles");
    app.change("UPDATE users SET language = 'de'").await;
    root.get(&page).await.says("admin, family, staff; vorher: keine Rollen");
    app.change("UPDATE users SET language = 'en'").await;
    ada.get("/admin/users").await.is(200);

    // Two administrators can demote each other, but not themselves.
    let own = page_of(&ada, ADA).await;
    let refused = ada.press(&own, "Save roles", &[("roles", "family")]).await;
    refused.is(409).says("You cannot take the role “admin” from yourself");
    ada.press(&own, "Save roles", &[("roles", "admin")]).await.goes_to(&own);
    root.press(&page, "Save roles", &[("roles", "")]).await.goes_to(&page);
    ada.get("/admin/users").await.is(403);
    root.get(&page_of(&root, "root@example.org").await).await.says("This is your own account");
    let gone = root.get("/admin/users/01a22b9f-87c8-7852-9191-27860b112d24").await;
    assert_eq!(gone.is(404).inside("h1"), "User not found");
    let acts = root.get(&page_of(&root, "root@example.org").await).await;
    assert!(!acts.body.contains("Disable account"), "administrators cannot disable themselves");
    let leaving = root
        .press("/profile/delete?confirm=on", "Delete my account", &[("password", PASSWORD)])
        .await;
    leaving.is(409).says("You are the last administrator");
    assert_eq!(app.rows("users").await, 2);
}

#[tokio::test]
async fn parallel_requests_cannot_remove_the_last_administrator() {
    use authflow::domain::source::Source;
    use authflow::services::administration::act::{ActError, Unfit};
    use authflow::services::administration::role_assignment;
    use authflow::services::administration::user_lookup;
    use authflow::services::administration::user_status;
    use authflow::services::audit::Actor;
    let (app, _) = site().await;
    app.person(ADA).await;
    app.give_role(ADA, "admin").await;
    let source = Source::command_line();
    let actor = Actor { id: None, source: &source };
    let id = async |email| user_lookup::named(&app.app, email).await.unwrap().unwrap().id;
    let (root, ada) = (id("root@example.org").await, id(ADA).await);
    let none = std::collections::BTreeSet::new();
    let (one, other) = tokio::join!(
        role_assignment::set_roles(&app.app, actor, root, &none),
        user_status::disable(&app.app, actor, ada),
    );
    let refused = [one.err(), other.err()];
    let refused: Vec<_> = refused.iter().flatten().collect();
    assert!(matches!(refused[..], [ActError::Unfit(Unfit::LastAdministrator)]), "{refused:?}");
    let left = if matches!(user_lookup::find(&app.app, ada).await.unwrap(), Some(it) if it.user.disabled_at.is_none())
    {
        ada
    } else {
        root
    };
    let deleted = user_status::delete(&app.app, actor, left).await;
    assert!(matches!(deleted, Err(ActError::Unfit(Unfit::LastAdministrator))), "{deleted:?}");
    assert_eq!(app.rows("users").await, 2);
}

#[tokio::test]
async fn changes_need_a_password_entered_in_the_last_15_minutes() {
    let (app, root) = site().await;
    let ada = app.person(ADA).await;
    let page = page_of(&root, ADA).await;
    let open = root.get(&page).await; // kept open, with its forms
    app.wait(16 * 60);
    let shown = root.get(&page).await;
    shown.says("Confirm that it’s you to make changes.");
    assert!(!shown.body.contains("Disable account"));
    let answer = root.press_on(&open, "Disable account", &[]).await;
    let confirm = format!("/auth/confirm-password?return_to={}", page.replace('/', "%2F"));
    answer.goes_to(&confirm);
    assert!(ada.is_signed_in().await, "nothing has changed");
    root.press_on(&open, "Save roles", &[("roles", "family staff")]).await.goes_to(&confirm);
    for path in ["delete", "remove-second-factor"] {
        let path = format!("{page}/{path}");
        let confirm = format!("/auth/confirm-password?return_to={}", path.replace('/', "%2F"));
        root.get(&path).await.goes_to(&confirm);
    }
    root.press(&confirm, "Confirm", &[("password", PASSWORD)]).await.goes_to(&page);
    let back = root.get(&page).await;
    assert_eq!(back.value("roles").as_deref(), Some("family staff"), "the input is kept");
    assert_eq!(app.rows("user_roles").await, 1, "but not saved yet");
    root.press_on(&back, "Save roles", &[]).await.goes_to(&page);
    assert_eq!(app.rows("user_roles").await, 3);
}

#[tokio::test]
async fn removing_a_lost_second_factor_tells_its_owner_why() {
    let (app, root) = site().await;
    let ada = app.person(ADA).await;
    let page = page_of(&root, ADA).await;
    root.get(&page).await.says("Two-factor authentication Off");
    ada.enable_two_factor(&app).await;
    let path = format!("{page}/remove-second-factor");
    root.press(&path, "Turn off", &[("reason", " ")]).await.is(422).says("Enter a reason");
    let reason = "She lost her phone, <b>and</b> called me";
    let kept = root.get(&path).await; // in another tab
    root.press(&path, "Turn off", &[("reason", reason)]).await.goes_to(&page);
    assert!(!ada.is_signed_in().await);
    app.browser().sign_in(ADA, PASSWORD).await.goes_to("/dashboard");
    let mails = app.mails().await;
    let told =
        mails.iter().find(|it| it.subject.contains("turned off by an administrator")).unwrap();
    assert!(told.text.contains("She lost her phone"), "the email gives the reason");
    root.get(&page).await.says(reason).says("Two-factor authentication Off");
    let off = root.get(&path).await;
    off.is(200).says("already off for this account");
    assert!(off.select("main form").is_empty());
    root.press_on(&kept, "Turn off", &[("reason", "again")])
        .await
        .is(409)
        .says("already off for this account");
    assert_eq!(app.rows("recovery_codes").await, 0);
}

#[tokio::test]
async fn administrators_send_links_end_sessions_and_delete_accounts() {
    let (app, root) = site().await;
    let ada = app.person(ADA).await;
    let page = page_of(&root, ADA).await;
    root.press(&page, "Send password reset email", &[]).await.goes_to(&page);
    let path = app.path_in(ADA, "reset your password").await;
    let mail = app.mails().await;
    let mail = mail.iter().find(|it| it.subject.contains("reset your password")).unwrap();
    assert!(mail.text.contains("An administrator of authflow asks you"), "{}", mail.text);
    assert!(!mail.text.contains("127.0.0.1"), "the email does not name the IP address");
    app.browser().get(&path).await.is(200);
    root.press(&page, "End all sessions", &[]).await.goes_to(&page);
    assert!(!ada.is_signed_in().await);
    ada.get("/auth/login").await.says("An administrator signed you out.");

    // A pending sign-up gets another email, with a new valid link.
    let eve = app.browser();
    eve.sign_up("eve@example.org").await;
    let waiting = page_of(&root, "eve@example.org").await;
    root.get(&waiting).await.says("Status Email not confirmed");
    root.press(&waiting, "Send confirmation email again", &[]).await.goes_to(&waiting);
    let mails = app.subjects("eve@example.org").await;
    assert_eq!(mails.len(), 2, "{mails:?}");

    let asked = root.get(&format!("{page}/delete")).await;
    asked.is(200).says("This permanently deletes the account").says(ADA);
    root.press(&format!("{page}/delete"), "Delete account", &[]).await.goes_to("/admin/users");
    root.get(&page).await.is(404);
    assert!(app.subjects(ADA).await.iter().any(|it| it.contains("your account was deleted")));
    assert!(app.emails_to(ADA).await.is_empty());
    assert_eq!(app.audit_entries(Event::UserDeleted).await.len(), 1);
    for odd in [
        "/admin/users/x",
        "/admin/users/019adf6b-1c40-7000-8000-00000000beef",
        "/admin/users/x/delete",
    ] {
        root.get(odd).await.is(404);
    }
}

#[tokio::test]
async fn what_administrators_cannot_do_to_themselves_is_explained_without_a_form() {
    let (app, root) = site().await;
    app.person(ADA).await;
    let own = page_of(&root, "root@example.org").await;
    let page = root.get(&own).await;
    assert!(page.select(".peril").is_empty(), "{}", page.text());
    for (act, said, way) in [
        ("delete", "so you cannot delete it here", "/profile/delete"),
        ("remove-second-factor", "This is your own account.", "/profile/two-factor"),
    ] {
        let page = root.get(&format!("{own}/{act}")).await;
        page.is(200).says(said);
        assert!(page.select("main form").is_empty(), "{act}");
        assert_eq!(page.select(&format!("main a[href='{way}']")).len(), 1, "{act}");
    }
    let page = root.get(&page_of(&root, ADA).await).await;
    assert_eq!(page.inside(".peril h2"), "Danger zone");
    assert_eq!(page.each(".peril button"), ["End all sessions", "Disable account"]);
    assert_eq!(page.each(".peril a"), ["Delete account…"]);
    // No field repeats the title of its panel.
    assert_eq!(page.each("main h2").iter().filter(|it| it.starts_with("Roles")).count(), 1);
    assert_eq!(page.each("label[for=roles]"), ["Role names (optional)"]);
}

#[tokio::test]
async fn a_stale_form_changes_nothing_and_is_shown_again() {
    let (app, root) = site().await;
    let ada = app.person(ADA).await;
    ada.enable_two_factor(&app).await;
    let page = page_of(&root, ADA).await;
    for act in
        ["disable", "enable", "revoke-sessions", "send-reset", "resend-confirmation", "delete"]
    {
        root.post(&format!("{page}/{act}"), &[]).await.is(403).says("This page had expired");
    }
    let roles = root.post(&format!("{page}/roles"), &[("roles", "admin")]).await;
    assert_eq!(roles.is(403).value("roles").as_deref(), Some("admin"));
    let reason = root.post(&format!("{page}/remove-second-factor"), &[("reason", "lost")]).await;
    assert_eq!(reason.is(403).value("reason").as_deref(), Some("lost"));
    assert!(ada.is_signed_in().await);
    assert_eq!(app.rows("user_roles").await, 1);
}
