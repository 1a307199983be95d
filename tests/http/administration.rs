//! The pages for administrators about people, and what they do to an account.

use authflow::config::Registration;
use authflow::db::transaction::TryOutcome;
use authflow::domain::account::email::EmailAddress;
use authflow::domain::account::username::Username;
use authflow::domain::source::Source;
use authflow::services::administration::accounts::{self, Actor, NewAccount};

use super::support::*;

/// A site with an administrator, who is signed in.
async fn site() -> (TestApp, Browser) {
    let app = TestApp::start().await;
    let root = app.person("root@example.org").await;
    app.change("INSERT INTO user_roles (user_id, role) SELECT id, 'admin' FROM users").await;
    (app, root)
}

/// The page of whoever has this address.
async fn page_of(root: &Browser, email: &str) -> String {
    let list = root.get(&format!("/admin/users?search={}", email.replace('@', "%40"))).await;
    let links = list.is(200).select(".rows a");
    assert_eq!(links.len(), 1, "{}", list.text());
    links[0]["href"].clone()
}

#[tokio::test]
async fn people_are_found_narrowed_sorted_and_paged() {
    let (app, root) = site().await;
    root.get("/admin").await.goes_to("/admin/users");
    app.person("zoe@example.org").await;
    app.change("UPDATE users SET username = 'Ångström', name_key = 'ångström' WHERE email_key = 'zoe@example.org'")
        .await;
    for n in 0..120 {
        let sql = "INSERT INTO users (id, email, email_key, username, name_key, password_hash, credential_version, created_at,
                                      activated_at, email_verified_at, disabled_at)
                   VALUES ($1, $2, $2, $3, $3, '!', 0, $4, $4, $5, $6)";
        let id = authflow::domain::id::UserId::new(app.app.clock.now());
        let at = app.app.clock.now().0 - 1_000 + n / 3; // three of the same second: the id decides
        let (verified, closed) = ((n % 2 == 0).then_some(at), (n % 10 == 0).then_some(at));
        let mut tx = app.app.db.begin().await.unwrap();
        let query = authflow::db::query(&mut tx, sql).bind(id).bind(format!("p{n:03}@example.org"));
        let query = query.bind(format!("100%_{n:03}")).bind(at).bind(verified).bind(closed);
        query.execute().await.unwrap();
        let TryOutcome::Done(Ok(())) = tx.end::<_, authflow::db::Error>(Ok(())).await else {
            panic!("not committed")
        };
    }
    let names = async |query: &str| {
        let (mut all, mut path) = (Vec::new(), format!("/admin/users?{query}"));
        loop {
            let page = root.get(&path).await;
            all.extend(page.is(200).each(".rows strong"));
            let next = page.select(".links a").into_iter().find(|it| it["href"].contains("after="));
            let Some(next) = next else { return all };
            path = next["href"].clone();
            assert!(all.len() < 500, "pages without end");
        }
    };
    // Every order shows everybody once, however many are alike in what it sorts by.
    for sort in ["newest", "name", "address", "last-sign-in", "nonsense"] {
        let mut all = names(&format!("sort={sort}")).await;
        assert_eq!(all.len(), 122, "{sort}");
        if sort == "name" {
            assert!(
                all.windows(2).all(|pair| pair[0].to_lowercase() <= pair[1].to_lowercase()),
                "{all:?}"
            );
        }
        all.sort();
        all.dedup();
        assert_eq!(all.len(), 122, "{sort}");
    }
    let latest = &names("sort=last-sign-in").await[..2];
    assert!(latest.iter().all(|name| !name.starts_with("100")), "{latest:?}");
    assert_eq!(names("search=P00").await.len(), 10, "letters of either kind");
    assert_eq!(names("search=%C3%85NG").await, ["Ångström"]);
    assert_eq!(names("search=100%25_").await.len(), 120, "signs of patterns mean themselves");
    assert_eq!(names("search=100%25x").await.len(), 0);
    assert_eq!(names("standing=unverified").await.len(), 60);
    assert_eq!(names("standing=disabled").await.len(), 12);
    assert_eq!(names("standing=active").await.len(), 50);
    assert_eq!(names("role=admin").await.len(), 1);
    assert_eq!(names("role=nobody").await.len(), 0);
    assert_eq!(names("second_factor=on").await.len(), 0);
    assert_eq!(names("second_factor=off&standing=disabled&search=p0").await.len(), 10);
    // What was chosen is still there.
    let page = root.get("/admin/users?search=%3Cb%3E&standing=disabled&sort=name").await;
    assert_eq!(page.value("search").as_deref(), Some("<b>"));
    let chosen: Vec<_> =
        page.select("option[selected]").iter().map(|it| it["value"].clone()).collect();
    assert_eq!(chosen, ["disabled", "name"]);
    page.says("Nobody is like that.");
}

#[tokio::test]
async fn an_account_is_closed_and_opened_again() {
    let (app, root) = site().await;
    let ada = app.person(ADA).await;
    let page = page_of(&root, ADA).await;
    root.get(&page).await.is(200).says(ADA).says("Signed in").says("Registered");
    root.press(&page, "Close the account", &[]).await.goes_to(&page);
    root.get(&page)
        .await
        .says("The account is closed, and everybody is signed out of it.")
        .says("closed since");
    ada.get("/dashboard").await.goes_to("/auth/login?return_to=%2Fdashboard");
    ada.get("/auth/login").await.says("Your account has been closed by an administrator");
    let nobody = app.browser();
    nobody.sign_in(ADA, PASSWORD).await.is(401);
    nobody
        .press("/auth/forgot-password", "Send me a link", &[("email", ADA)])
        .await
        .goes_to("/auth/check-mail");
    let before = app.mails().await.len();
    assert_eq!(
        app.subjects(ADA).await.len(),
        before - app.subjects("root@example.org").await.len()
    );
    assert!(
        !app.subjects(ADA).await.iter().any(|it| it.contains("new password")),
        "no link for a closed account"
    );
    root.press(&page, "Open the account again", &[]).await.goes_to(&page);
    nobody.sign_in(ADA, PASSWORD).await.goes_to("/dashboard");
    assert_eq!(app.count("SELECT COUNT(*) FROM audit_events WHERE event IN ('user_disabled', 'user_enabled') AND actor_id <> subject_id").await, 2);
    // Its owner sees that it was an administrator, and not from where.
    let activity = nobody.get("/profile/activity").await;
    activity.says("Account closed").says("by an administrator");
    let file = nobody.get("/profile/export").await;
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
async fn roles_count_from_the_next_request_on() {
    let (app, root) = site().await;
    let ada = app.person(ADA).await;
    ada.get("/admin").await.is(403);
    let page = page_of(&root, ADA).await;
    let refused = root.press(&page, "Set the roles", &[("roles", "family, Admin")]).await;
    refused.is(422).says("looks like the role “admin”, but is not");
    assert_eq!(refused.value("roles").as_deref(), Some("family, Admin"), "kept");
    assert_eq!(app.count("SELECT COUNT(*) FROM user_roles").await, 1);
    root.press(&page, "Set the roles", &[("roles", "staff, admin family")]).await.goes_to(&page);
    root.get(&page).await.says("admin family staff").says("admin, family, staff; before: no roles");
    ada.get("/admin/users").await.is(200);

    // Of two administrators either may be taken away, and neither by themselves.
    let own = page_of(&ada, ADA).await;
    let refused = ada.press(&own, "Set the roles", &[("roles", "family")]).await;
    refused.is(409).says("This is your own account");
    ada.press(&own, "Set the roles", &[("roles", "admin")]).await.goes_to(&own);
    root.press(&page, "Set the roles", &[("roles", "")]).await.goes_to(&page);
    ada.get("/admin/users").await.is(403);
    root.get(&page_of(&root, "root@example.org").await).await.says("This is your own account");
    let acts = root.get(&page_of(&root, "root@example.org").await).await;
    assert!(!acts.body.contains("Close the account"), "nobody shuts themselves out");
    let leaving =
        root.press("/profile/delete", "Delete my account", &[("password", PASSWORD)]).await;
    leaving.is(409).says("You are the last administrator");
    assert_eq!(app.count("SELECT COUNT(*) FROM users").await, 2);
}

#[tokio::test]
async fn the_last_administrator_stays_whoever_asks_at_the_same_time() {
    use authflow::domain::source::Source;
    use authflow::services::administration::accounts::{self, ActError, Actor};
    let (app, _) = site().await;
    app.person(ADA).await;
    app.change("INSERT INTO user_roles (user_id, role) SELECT id, 'admin' FROM users WHERE email_key = 'ada@example.org'").await;
    let source = Source::command_line();
    let actor = Actor { id: None, source: &source };
    let id = async |email| accounts::named(&app.app, email).await.unwrap().unwrap().id;
    let (root, ada) = (id("root@example.org").await, id(ADA).await);
    let none = std::collections::BTreeSet::new();
    let (one, other) = tokio::join!(
        accounts::set_roles(&app.app, actor, root, &none),
        accounts::disable(&app.app, actor, ada),
    );
    let refused = [one.err(), other.err()];
    let refused: Vec<_> = refused.iter().flatten().collect();
    assert!(matches!(refused[..], [ActError::LastAdministrator]), "{refused:?}");
    let left = if matches!(accounts::find(&app.app, ada).await.unwrap(), Some(it) if it.user.disabled_at.is_none())
    {
        ada
    } else {
        root
    };
    let deleted = accounts::delete(&app.app, actor, left).await;
    assert!(matches!(deleted, Err(ActError::LastAdministrator)), "{deleted:?}");
    assert_eq!(app.count("SELECT COUNT(*) FROM users").await, 2);
}

#[tokio::test]
async fn acting_needs_a_password_of_the_last_quarter_of_an_hour() {
    let (app, root) = site().await;
    let ada = app.person(ADA).await;
    let page = page_of(&root, ADA).await;
    let open = root.get(&page).await; // with its forms, kept open
    app.wait(16 * 60);
    let shown = root.get(&page).await;
    shown.says("To change something here, show first that it is you.");
    assert!(!shown.body.contains("Close the account"));
    let answer = root.press_on(&open, "Close the account", &[]).await;
    let confirm = format!("/auth/confirm-password?return_to={}", page.replace('/', "%2F"));
    answer.goes_to(&confirm);
    assert!(ada.is_signed_in().await, "nothing has been done");
    root.press_on(&open, "Set the roles", &[("roles", "family staff")]).await.goes_to(&confirm);
    for path in ["delete", "remove-second-factor"] {
        let path = format!("{page}/{path}");
        let confirm = format!("/auth/confirm-password?return_to={}", path.replace('/', "%2F"));
        root.get(&path).await.goes_to(&confirm);
    }
    root.press(&confirm, "Confirm", &[("password", PASSWORD)]).await.goes_to(&page);
    let back = root.get(&page).await;
    assert_eq!(back.value("roles").as_deref(), Some("family staff"), "what was typed is kept");
    assert_eq!(app.count("SELECT COUNT(*) FROM user_roles").await, 1, "and not done yet");
    root.press_on(&back, "Set the roles", &[]).await.goes_to(&page);
    assert_eq!(app.count("SELECT COUNT(*) FROM user_roles").await, 3);
}

#[tokio::test]
async fn whoever_lost_the_second_factor_gets_in_again_and_is_told_why() {
    let (app, root) = site().await;
    let ada = app.person(ADA).await;
    let page = page_of(&root, ADA).await;
    root.get(&page).await.says("Two-factor sign-in off");
    ada.enable_two_factor(&app).await;
    let path = format!("{page}/remove-second-factor");
    root.press(&path, "Take it off", &[("reason", " ")]).await.is(422).says("Say why");
    let reason = "She lost her phone, <b>and</b> called me";
    root.press(&path, "Take it off", &[("reason", reason)]).await.goes_to(&page);
    assert!(!ada.is_signed_in().await);
    app.browser().sign_in(ADA, PASSWORD).await.goes_to("/dashboard");
    let mails = app.mails().await;
    let told = mails.iter().find(|it| it.subject.contains("taken off")).unwrap();
    assert!(told.text.contains("She lost her phone"), "the reason");
    root.get(&page).await.says(reason).says("Two-factor sign-in off");
    root.press(&path, "Take it off", &[("reason", "again")])
        .await
        .is(409)
        .says("has no second factor");
    assert_eq!(app.count("SELECT COUNT(*) FROM recovery_codes").await, 0);
}

#[tokio::test]
async fn links_are_sent_sessions_ended_and_accounts_deleted() {
    let (app, root) = site().await;
    let ada = app.person(ADA).await;
    let page = page_of(&root, ADA).await;
    root.press(&page, "Send a link for a new password", &[]).await.goes_to(&page);
    let path = app.path_in(ADA, "set a new password").await;
    let mail = app.mails().await;
    let mail = mail.iter().find(|it| it.subject.contains("set a new")).unwrap();
    assert!(mail.text.contains("An administrator of authflow asks you"), "{}", mail.text);
    assert!(!mail.text.contains("127.0.0.1"), "not from where");
    app.browser().get(&path).await.is(200);
    root.press(&page, "End all sessions", &[]).await.goes_to(&page);
    assert!(!ada.is_signed_in().await);
    ada.get("/auth/login").await.says("You were signed out by an administrator");

    // A sign-up that waits gets its mail again, and another link that is as good.
    let eve = app.browser();
    eve.sign_up("eve@example.org").await;
    let waiting = page_of(&root, "eve@example.org").await;
    root.get(&waiting).await.says("a sign-up that waits for its mail");
    root.press(&waiting, "Send the confirmation again", &[]).await.goes_to(&waiting);
    let mails = app.subjects("eve@example.org").await;
    assert_eq!(mails.len(), 2, "{mails:?}");

    let asked = root.get(&format!("{page}/delete")).await;
    asked.is(200).says("This cannot be undone").says(ADA);
    root.press(&format!("{page}/delete"), "Delete the account", &[]).await.goes_to("/admin/users");
    root.get(&page).await.is(404);
    assert!(app.subjects(ADA).await.iter().any(|it| it.contains("your account was deleted")));
    assert_eq!(
        app.count("SELECT COUNT(*) FROM outbox WHERE recipient = 'ada@example.org'").await,
        0
    );
    assert_eq!(
        app.count("SELECT COUNT(*) FROM audit_events WHERE event = 'user_deleted'").await,
        1
    );
    for odd in [
        "/admin/users/x",
        "/admin/users/019adf6b-1c40-7000-8000-00000000beef",
        "/admin/users/x/delete",
    ] {
        root.get(odd).await.is(404);
    }
}

#[tokio::test]
async fn a_stale_form_does_nothing_and_comes_back() {
    let (app, root) = site().await;
    let ada = app.person(ADA).await;
    let page = page_of(&root, ADA).await;
    for act in
        ["disable", "enable", "revoke-sessions", "send-reset", "resend-confirmation", "delete"]
    {
        root.post(&format!("{page}/{act}"), &[]).await.is(403).says("This form was out of date");
    }
    let roles = root.post(&format!("{page}/roles"), &[("roles", "admin")]).await;
    assert_eq!(roles.is(403).value("roles").as_deref(), Some("admin"));
    let reason = root.post(&format!("{page}/remove-second-factor"), &[("reason", "lost")]).await;
    assert_eq!(reason.is(403).value("reason").as_deref(), Some("lost"));
    assert!(ada.is_signed_in().await);
    assert_eq!(app.count("SELECT COUNT(*) FROM user_roles").await, 1);
}

#[tokio::test]
async fn administrators_vouch_for_an_address() {
    const BUTTON: &str = "Confirm the address yourself";
    let (app, root) = site().await;
    let ada = app.person(ADA).await;
    let page = page_of(&root, ADA).await;
    assert!(!root.get(&page).await.text().contains(BUTTON), "it is confirmed");
    app.change("UPDATE users SET email_verified_at = NULL WHERE email_key = 'ada@example.org'")
        .await;

    // The administrator's password of the last 15 minutes is asked for.
    let form = root.get(&page).await.form(BUTTON);
    app.wait(16 * 60);
    let verify = format!("{page}/verify-email");
    let asked = root.post(&verify, &form.filled(&[])).await;
    assert!(asked.is(303).header("location").starts_with("/auth/confirm-password?"));
    assert_eq!(app.count("SELECT COUNT(*) FROM users WHERE email_verified_at IS NULL").await, 1);
    root.press(asked.header("location"), "Confirm", &[("password", PASSWORD)]).await.goes_to(&page);
    root.press(&page, BUTTON, &[]).await.goes_to(&page);
    root.get(&page).await.says("The email address counts as confirmed.");
    assert_eq!(app.count("SELECT COUNT(*) FROM users WHERE email_verified_at IS NULL").await, 0);
    assert_eq!(
        app.count("SELECT COUNT(*) FROM audit_events WHERE event = 'email_verified_by_administrator' AND actor_id <> subject_id").await,
        1
    );
    ada.get("/profile/activity").await.says("Email address confirmed by an administrator");
    root.post(&verify, &form.filled(&[])).await.is(409).says("confirmed already");

    // Not for one's own, and not for an account that is closed.
    app.change("UPDATE users SET email_verified_at = NULL, disabled_at = CASE WHEN email_key = 'ada@example.org' THEN 1 END").await;
    root.post(&verify, &form.filled(&[])).await.is(409).says("The account is closed");
    let own = page_of(&root, "root@example.org").await;
    assert!(!root.get(&own).await.text().contains(BUTTON));
    root.post(&format!("{own}/verify-email"), &form.filled(&[]))
        .await
        .is(409)
        .says("your own account");
    assert_eq!(app.count("SELECT COUNT(*) FROM users WHERE email_verified_at IS NULL").await, 2);
}

#[tokio::test]
async fn nobody_is_offered_to_vouch_for_a_sign_up_that_cannot_open() {
    const BUTTON: &str = "Confirm the address yourself";
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
    there.says("Delete the account");
}

#[tokio::test]
async fn vouching_opens_a_sign_up_by_the_same_rules() {
    const BUTTON: &str = "Confirm the address yourself";
    for (registration, standing) in [("open", "active"), ("approval", "waiting")] {
        let (app, root) = super::invitations::site(registration, &[]).await;
        let ada = app.browser();
        ada.sign_up(ADA).await.goes_to("/auth/check-mail");
        let confirm = app.mailed_path(ADA).await;
        let page = page_of(&root, ADA).await;
        root.get(&page).await.says("can then sign in with the password they chose");
        root.press(&page, BUTTON, &[]).await.goes_to(&page);
        let list = root.get(&format!("/admin/users?standing={standing}&search=ada")).await;
        assert_eq!(list.select(".rows a").len(), 1, "{registration}");
        let is_open = registration == "open";
        let there = ada.sign_in(ADA, PASSWORD).await;
        there.goes_to(if is_open { "/dashboard" } else { "/auth/awaiting-approval" });
        assert_eq!(app.subjects(ADA).await.iter().any(|it| it.contains("is ready")), is_open);
        // The link that was mailed deletes nothing any more.
        let other = app.browser();
        let found = other.get(&confirm).await;
        assert!(!found.text().contains("I did not sign up"), "{}", found.status);
        assert_eq!(
            app.count("SELECT COUNT(*) FROM users WHERE email_key = 'ada@example.org'").await,
            1
        );
    }
}

#[tokio::test]
async fn a_link_that_is_handed_over_proves_no_address() {
    let app = TestApp::with(&[("EMAIL_VERIFICATION", "off"), ("REGISTRATION", "open")]).await;
    let source = Source::command_line();
    let actor = Actor { id: None, source: &source };
    let reset = async |id| {
        let link = accounts::reset_link(&app.app, actor, id).await.unwrap();
        link.reveal().strip_prefix("http://localhost:5000").unwrap().to_owned()
    };
    let confirmed = "SELECT COUNT(*) FROM users WHERE email_verified_at IS NOT NULL";
    let browser = app.browser();
    browser.sign_up(ADA).await.goes_to("/dashboard");
    let ada = accounts::named(&app.app, ADA).await.unwrap().unwrap().id;
    let fields = [("password", NEW_PASSWORD), ("confirm_password", NEW_PASSWORD)];
    let (first, second) = (reset(ada).await, reset(ada).await);
    app.browser().press(&second, "Set password", &fields).await.goes_to("/auth/login");
    assert_eq!(app.count(confirmed).await, 0, "nobody has shown who reads her mail");
    browser.sign_in(ADA, NEW_PASSWORD).await.goes_to("/dashboard");
    // It ends like any other link, with a change of the password as well.
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

    // A mailed one proves it.
    browser.press("/auth/forgot-password", "Send me a link", &[("email", ADA)]).await;
    let mailed = app.path_in(ADA, "set a new password").await;
    let fields = [("password", NEW_PASSWORD), ("confirm_password", NEW_PASSWORD)];
    browser.press(&mailed, "Set password", &fields).await.goes_to("/auth/login");
    assert_eq!(app.count(confirmed).await, 1);

    // Whoever makes an account vouches for its address, so that it can be used where addresses must be confirmed.
    let address = EmailAddress::parse("eve@example.org").unwrap();
    let (username, roles) = (Username::plain(&address), [].into());
    let new = NewAccount { email: &address, username: &username, roles: &roles };
    let eve = accounts::create(&app.app, actor, &new).await.unwrap();
    let link = reset(eve).await;
    app.browser().press(&link, "Set password", &fields).await.goes_to("/auth/login");
    assert_eq!(app.count(confirmed).await, 2);
    app.change("UPDATE users SET email_verified_at = NULL").await;
    let link = reset(eve).await;
    app.browser().press(&link, "Set password", &fields).await.goes_to("/auth/login");
    assert_eq!(app.count(confirmed).await, 0, "it is in use now");
}
