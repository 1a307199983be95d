//! The pages of administrators.

use super::super::super::lists;
use super::*;

pub async fn add(states: &mut States) {
    let app = states.server(&[("REGISTRATION", "approval")]).await;
    let root = administrator(&app).await;
    states.open(&root, "dashboard, administrator", "/dashboard").await;
    lists_with_little(states, &root).await;
    invitations(states, &app, &root).await;
    users(states, &app, &root).await;
    lists::add_users(&app, 60).await;
    lists::add_invitations(&app, 60).await;
    lists::add_requests(&app, 120).await;
    let mine = format!("/admin/users/{}", app.user(ADA).await.id);
    lists::add_sessions(&app, 1..=60, 2).await;
    lists::add_emails(&app, 60).await;
    for (name, path) in [
        ("overview", "/admin"),
        ("roles", "/admin/roles"),
        ("emails, many", "/admin/emails"),
        ("emails, failed", "/admin/emails?state=failed"),
        ("users, many", "/admin/users"),
        ("users, filtered", "/admin/users?search=user1&status=active&sort=name"),
        ("users, none found", "/admin/users?search=no-one-has-this-name"),
        ("invitations, many", "/admin/invitations"),
        ("audit log, much", "/admin/audit"),
        ("audit log, filtered", "/admin/audit?event=password_confirmed&outcome=success"),
        ("audit log, refused", "/admin/audit?outcome=refused"),
        ("audit log, none found", "/admin/audit?from=2001-01-01&until=2001-01-02"),
        ("audit log, all wrong", "/admin/audit?from=nonsense&until=x&person=no-one"),
        ("user, oneself", &mine),
        ("health", "/admin/doctor"),
    ] {
        states.open(&root, name, path).await;
    }
}

/// An administrator, who has signed up before the site asked for approval.
async fn administrator(app: &TestApp) -> Browser {
    let open = app.beside(|app| {
        let mut config = authflow::config::Config::clone(&app.config);
        config.registration = authflow::config::Registration::Open;
        app.config = config.into();
    });
    let browser = open.await;
    send(&browser, "/auth/register", "/auth/register", &account(ADA)).await.is(303);
    let link = app.mailed_path(ADA).await;
    send(&browser, &link, &link, &[]).await.goes_to("/dashboard");
    app.give_role(ADA, "admin").await;
    browser.get("/dashboard").await.is(200);
    browser.moved_to(app.address)
}

async fn lists_with_little(states: &mut States, root: &Browser) {
    for (name, path) in [
        ("overview, at the start", "/admin"),
        ("roles, one", "/admin/roles"),
        ("emails, few", "/admin/emails"),
        ("users, one", "/admin/users"),
        ("invitations, none", "/admin/invitations"),
        ("invite", "/admin/users/invite"),
        ("audit log", "/admin/audit"),
    ] {
        states.open(root, name, path).await;
    }
    let path = "/admin/users/invite";
    let wrong = [("email", "x"), ("roles", "No; role")];
    states.refuse(root, "invite, all wrong", (path, path), &wrong).await;
}

async fn invitations(states: &mut States, app: &TestApp, root: &Browser) {
    let path = "/admin/users/invite";
    let made = send(root, path, path, &[("email", "guest@example.org"), ("roles", "family")]).await;
    let invitation = made.is(303).header("location").to_owned();
    let link = root.get(&invitation).await.each("code")[0].clone();
    let link = link.strip_prefix("http://localhost:5000").unwrap().to_owned();
    states.open(root, "invitation, open", &invitation).await;
    let guest = app.browser();
    states.open(&guest, "invitation link", &link).await;
    states.refuse(&guest, "invitation link, empty", (&link, &link), &[("email", "")]).await;
    send(&guest, &link, &link, &account("guest@example.org")).await.is(303);
    let made = send(root, path, path, &[("email", "other@example.org")]).await;
    let other = made.is(303).header("location").to_owned();
    send(root, &other, &format!("{other}/revoke"), &[]).await.is(303);
    states.open(root, "invitation, revoked", &other).await;
    states.open(root, "invitations, some", "/admin/invitations").await;
}

/// The pages of users in every state.
async fn users(states: &mut States, app: &TestApp, root: &Browser) {
    let page_of = async |email: &str| format!("/admin/users/{}", app.user(email).await.id);
    let grace = app.browser();
    let email = "grace@example.org";
    send(&grace, "/auth/register", "/auth/register", &account(email)).await.is(303);
    let user = page_of(email).await;
    states.open(root, "user, not confirmed", &user).await;
    let link = app.mailed_path(email).await;
    send(&grace, &link, &link, &[]).await.is(303);
    states.open(root, "user, waiting", &user).await;
    states.open(root, "user, to be rejected", &format!("{user}/reject")).await;
    states.open(root, "users, one waiting", "/admin/users").await;
    send(root, &user, &format!("{user}/approve"), &[]).await.is(303);
    let fields = [("email", email), ("password", PASSWORD)];
    send(&grace, "/auth/login", "/auth/login", &fields).await.goes_to("/dashboard");
    grace.enable_two_factor(app).await;
    states.open(root, "user", &user).await;
    states
        .refuse(
            root,
            "user, wrong roles",
            (&user, &format!("{user}/roles")),
            &[("roles", "No; role")],
        )
        .await;
    states
        .refuse(
            root,
            "user, wrong handle",
            (&user, &format!("{user}/handle")),
            &[("handle", "x y")],
        )
        .await;
    states.open(root, "user, to be deleted", &format!("{user}/delete")).await;
    let path = format!("{user}/remove-second-factor");
    states.open(root, "user, two-factor to be removed", &path).await;
    states.refuse(root, "user, two-factor not removed", (&path, &path), &[("reason", "")]).await;
    send(root, &user, &format!("{user}/disable"), &[]).await.is(303);
    states.open(root, "user, disabled just now", &user).await;
    app.wait(16 * 60);
    states.open(root, "user, password to be confirmed", &user).await;
    let confirm = "/auth/confirm-password";
    send(root, confirm, confirm, &[("password", PASSWORD)]).await.is(303);
}
