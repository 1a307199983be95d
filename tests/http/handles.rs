//! Handles: how accounts get them, and that none is ever given to another account.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use authflow::db::query;
use authflow::domain::account::email::EmailAddress;
use authflow::domain::account::username::Username;
use authflow::domain::audit_event::Event;
use authflow::domain::email::mail_kind::MailKind;
use authflow::domain::source::Source;
use authflow::services::administration::user_creation::{self, NewAccount};
use authflow::services::administration::{audit_search, user_links, user_lookup, user_status};
use authflow::services::audit::Actor;
use serde_json::{Value, json};
use sqlx::{Connection, Executor};
use tempfile::TempDir;

use super::support::*;

const WRONG: &str = "a wrong guess, surely";
const NO_MATCH: &str = "Wrong email, handle or password,";

impl TestApp {
    async fn handle(&self, email: &str) -> Option<String> {
        self.user(email).await.handle.map(|handle| handle.to_string())
    }

    /// Creates an account as an administrator does. Returns its handle.
    async fn create(&self, email: &str) -> String {
        let source = Source::command_line();
        let address = EmailAddress::parse(email).unwrap();
        let (username, roles) = (Username::plain(&address), BTreeSet::new());
        let new = NewAccount { email: &address, username: &username, roles: &roles };
        let actor = Actor { id: None, source: &source };
        user_creation::create(&self.app, actor, &new).await.unwrap();
        self.handle(email).await.unwrap()
    }

    async fn delete(&self, email: &str) {
        let (id, source) = (self.user(email).await.id, Source::command_line());
        let actor = Actor { id: None, source: &source };
        user_status::delete(&self.app, actor, id).await.unwrap();
    }
}

#[tokio::test]
async fn an_account_gets_the_handle_of_its_address_or_the_first_free_number() {
    let app = TestApp::start().await;
    let ada = app.browser();
    ada.sign_up(ADA).await;
    assert_eq!(app.handle(ADA).await, None, "the address is not confirmed yet");
    ada.press(&app.mailed_path(ADA).await, "Confirm and sign in", &[]).await.is(303);
    assert_eq!(app.handle(ADA).await.as_deref(), Some("ada"));
    for (email, handle) in [
        ("ada@example.net", "ada-2"),
        ("Ada+shop@example.com", "ada-3"),
        ("ada-3@example.com", "ada-3-2"),
        ("admin@example.org", "admin-2"),
        ("x@example.org", "user-x"),
        ("!@example.org", "user-2"),
        ("ada@example.edu", "ada-4"),
        ("ada@eu.example.org", "ada-5"),
    ] {
        assert_eq!(app.create(email).await, handle, "{email}");
    }
}

#[tokio::test]
async fn every_way_into_an_account_gives_it_a_handle() {
    // The link of a reset confirms a sign-up.
    let app = TestApp::start().await;
    app.browser().sign_up(ADA).await;
    let fields = [("email", ADA)];
    app.browser().press("/auth/forgot-password", "Send reset link", &fields).await.is(303);
    let path = app.path_in(ADA, "reset your password").await;
    let fields = [("password", NEW_PASSWORD), ("confirm_password", NEW_PASSWORD)];
    app.browser().press(&path, "Set password", &fields).await.goes_to("/auth/login");
    assert_eq!(app.handle(ADA).await.as_deref(), Some("ada"));
    // So does an administrator.
    app.browser().sign_up("eve@example.org").await;
    let (id, source) = (app.user("eve@example.org").await.id, Source::command_line());
    let actor = Actor { id: None, source: &source };
    user_links::verify_email(&app.app, actor, id).await.unwrap();
    assert_eq!(app.handle("eve@example.org").await.as_deref(), Some("eve"));
    // An account does not get another one.
    app.forget_confirmations().await;
    user_links::verify_email(&app.app, actor, id).await.unwrap();
    assert_eq!(app.handle("eve@example.org").await.as_deref(), Some("eve"));

    let app = TestApp::with(&[("EMAIL_VERIFICATION", "off")]).await;
    app.browser().sign_up(ADA).await.goes_to("/dashboard");
    assert_eq!(app.handle(ADA).await.as_deref(), Some("ada"));
    let registered = app.api().await.register("ada@example.net").await;
    assert_eq!(registered.is(201).value["user"]["handle"], "ada-2");
}

#[tokio::test]
async fn a_sign_up_that_is_refused_uses_up_no_handle() {
    let (app, root) = super::invitations::site("approval", &[]).await;
    for (button, handle) in [("Reject sign-up", None), ("Approve account", Some("eve"))] {
        let browser = app.browser();
        let fields = [
            ("username", "Eve"),
            ("email", "eve@example.org"),
            ("password", PASSWORD),
            ("confirm_password", PASSWORD),
        ];
        browser.press("/auth/register", "Create account", &fields).await.is(303);
        let path = app.mailed_path("eve@example.org").await;
        browser.press(&path, "Confirm email", &[]).await.goes_to("/auth/awaiting-approval");
        assert_eq!(app.handle("eve@example.org").await, None);
        let page = format!("/admin/users/{}", app.user("eve@example.org").await.id);
        root.get(&page).await.says("None until the account is confirmed and approved");
        if handle.is_none() {
            root.press(&format!("{page}/reject"), button, &[]).await.is(303);
        } else {
            root.press(&page, button, &[]).await.goes_to(&page);
            assert_eq!(app.handle("eve@example.org").await.as_deref(), handle);
        }
    }
}

#[tokio::test]
async fn a_handle_never_goes_to_another_account() {
    let app = TestApp::start().await;
    let root = app.person("root@example.org").await;
    app.give_role("root@example.org", "admin").await;
    let ada = app.person(ADA).await;
    let page = format!("/admin/users/{}", app.user(ADA).await.id);
    let change =
        async |handle: &str| root.press(&page, "Change handle", &[("handle", handle)]).await;
    change(" Countess ").await.goes_to(&page);
    assert_eq!(app.handle(ADA).await.as_deref(), Some("countess"));
    assert_eq!(app.create("ada@example.net").await, "ada-2", "the former one stays reserved");
    // Back to the former one, and to a reserved one.
    for handle in ["ada", "admin", "ada"] {
        change(handle).await.goes_to(&page);
        assert_eq!(app.handle(ADA).await.as_deref(), Some(handle));
    }
    ada.press("/profile/delete?confirm=on", "Delete my account", &[("password", PASSWORD)])
        .await
        .is(303);
    app.delete("ada@example.net").await;
    for (email, handle) in
        [(ADA, "ada-3"), ("countess@example.org", "countess-2"), ("ada-2@example.org", "ada-2-2")]
    {
        assert_eq!(app.create(email).await, handle, "{email}");
    }
    assert_eq!(app.count("SELECT COUNT(*) FROM users WHERE handle = 'ada'").await, 0);
}

#[tokio::test]
async fn accounts_that_open_at_the_same_time_get_different_handles() {
    let app = TestApp::start().await;
    let creating = (0..12).map(|n| {
        let app = app.app.clone();
        tokio::spawn(async move {
            let source = Source::command_line();
            let address = EmailAddress::parse(&format!("ada@{n}.example.org")).unwrap();
            let (username, roles) = (Username::plain(&address), BTreeSet::new());
            let new = NewAccount { email: &address, username: &username, roles: &roles };
            let actor = Actor { id: None, source: &source };
            user_creation::create(&app, actor, &new).await.unwrap()
        })
    });
    for created in creating.collect::<Vec<_>>() {
        created.await.unwrap();
    }
    let handles = query(&app.app.db, "SELECT handle FROM users").all::<(String,)>().await.unwrap();
    let handles: BTreeSet<String> = handles.into_iter().map(|(handle,)| handle).collect();
    let mut expected: BTreeSet<String> = (2..=12).map(|n| format!("ada-{n}")).collect();
    expected.insert("ada".to_owned());
    assert_eq!(handles, expected);
    assert_eq!(app.rows("handles").await, 12);
}

#[tokio::test]
async fn users_sign_in_with_their_handle() {
    let app = TestApp::start().await;
    app.person(ADA).await.get("/profile").await.says("Your handle is ada .");
    let page = app.browser().get("/auth/login").await;
    let field = &page.select("input[name=email]")[0];
    assert_eq!(
        (field["type"].as_str(), field["inputmode"].as_str(), field["autocomplete"].as_str()),
        ("text", "email", "username")
    );
    page.says("Email or handle");
    for name in ["ada", " ADA ", ADA] {
        let browser = app.browser();
        browser.sign_in(name, PASSWORD).await.goes_to("/dashboard");
        assert_eq!(browser.get("/dashboard").await.each("dd code"), ["ada"]);
    }
    for name in ["ada", "unknown", "unknown@example.org"] {
        let refused = app.browser().sign_in(name, WRONG).await;
        refused.is(401).says(NO_MATCH);
        assert_eq!(refused.value("email").as_deref(), Some(name));
    }
    app.browser().sign_in("Ada Lovelace", PASSWORD).await.is(422).says("or your handle.");
    app.browser().sign_in("", PASSWORD).await.is(422).says("Enter your email or handle.");
    // A reset link goes to an address.
    let fields = [("email", "ada")];
    app.browser().press("/auth/forgot-password", "Send reset link", &fields).await.is(422);

    let mut api = app.api().await;
    let signed_in = api.login("ada", PASSWORD).await;
    assert_eq!(signed_in.is(200).value["user"]["handle"], "ada");
    assert_eq!(api.get("/api/auth/profile").await.is(200).value["user"]["handle"], "ada");
    let claims = signed_in.text("accessToken").split('.').nth(1).unwrap().to_owned();
    let claims: Value =
        serde_json::from_slice(&authflow::secret::decode(&claims).unwrap()).unwrap();
    assert_eq!(claims["preferred_username"], "ada");
    api.login("unknown", PASSWORD).await.refuses(401, "wrong_credentials");
    api.login("a b", PASSWORD).await.names(&["email"]);
}

#[tokio::test]
async fn limits_do_not_tell_which_address_a_handle_belongs_to() {
    let app = TestApp::start().await;
    let ada = app.person(ADA).await;
    ada.press("/dashboard", "Sign out", &[]).await;
    let attacker = app.browser_at("198.51.100.7");
    for name in ["ada", "unknown"] {
        for _ in 0..5 {
            attacker.sign_in(name, WRONG).await.is(401);
        }
        attacker.sign_in(name, WRONG).await.is(429);
    }
    attacker.sign_in(ADA, WRONG).await.is(401);
    app.browser_at("203.0.113.9").sign_in("ada", PASSWORD).await.goes_to("/dashboard");
    // A new password also ends the wait of the handle.
    let fields = [("email", ADA)];
    attacker.press("/auth/forgot-password", "Send reset link", &fields).await.is(303);
    let path = app.path_in(ADA, "reset your password").await;
    let fields = [("password", NEW_PASSWORD), ("confirm_password", NEW_PASSWORD)];
    attacker.press(&path, "Set password", &fields).await.goes_to("/auth/login");
    attacker.sign_in("ada", NEW_PASSWORD).await.goes_to("/dashboard");
}

#[tokio::test]
async fn an_attack_by_handle_is_reported_to_the_owner() {
    let app = TestApp::start().await;
    app.person(ADA).await.press("/dashboard", "Sign out", &[]).await;
    for name in ["ada", "unknown"] {
        for n in 0..11 {
            let network = app.browser_at(&format!("198.51.{n}.7"));
            while network.sign_in(name, WRONG).await.status == 401 {}
        }
    }
    let subject = "many wrong passwords for your account";
    assert_eq!(app.subjects(ADA).await.iter().filter(|it| *it == subject).count(), 1);
    let emails = app.emails(MailKind::PasswordsRefused).await;
    assert_eq!(emails.len(), 1, "an unknown handle causes no email");
}

#[tokio::test]
async fn administrators_change_handles_with_a_fresh_proof() {
    let app = TestApp::start().await;
    let root = app.person("root@example.org").await;
    app.give_role("root@example.org", "admin").await;
    let ada = app.person(ADA).await;
    app.person("eve@example.org").await;
    let page = format!("/admin/users/{}", app.user(ADA).await.id);
    let change =
        async |handle: &str| root.press(&page, "Change handle", &[("handle", handle)]).await;
    for (handle, why) in [
        ("eve", "Another account has or had this handle."),
        ("", "Enter a handle."),
        ("-ada", "begins with a letter or digit"),
        ("lady ada", "A handle cannot contain spaces."),
    ] {
        let refused = change(handle).await;
        refused.is(422).says(why);
        assert_eq!(refused.value("handle").as_deref(), Some(handle), "the input is kept");
    }
    change("lady.ada").await.goes_to(&page);
    root.get(&page).await.says("Handle changed.").says("lady.ada");
    // The log keeps its entries, so it would keep former handles in clear.
    let entries = app.audit_entries(Event::HandleChanged).await;
    assert_eq!(entries.iter().map(|it| it.detail.as_deref()).collect::<Vec<_>>(), [None]);
    ada.get("/profile").await.says("Your handle is lady.ada .");
    ada.get("/profile/activity").await.says("Handle changed by an administrator");
    let exported: Value =
        serde_json::from_str(&ada.get("/profile/export").await.is(200).body).unwrap();
    assert_eq!(exported["user"]["handle"], "lady.ada");
    // The list finds and shows it.
    let list = root.get("/admin/users?search=ADY.A").await;
    assert_eq!(list.each(".list code"), ["lady.ada"]);
    root.get("/admin/audit?person=lady.ada").await.says("Handle changed");
    change("lady.ada").await.goes_to(&page);
    assert_eq!(app.audit_entries(Event::HandleChanged).await.len(), 1, "nothing has changed");

    let open = root.get(&page).await;
    app.wait(16 * 60);
    let asked = root.press_on(&open, "Change handle", &[("handle", "ada.l")]).await;
    let confirm = asked.is(303).header("location").to_owned();
    root.press(&confirm, "Confirm", &[("password", PASSWORD)]).await.goes_to(&page);
    let back = root.get(&page).await;
    assert_eq!(back.value("handle").as_deref(), Some("ada.l"), "the input is kept");
    assert_eq!(back.value("roles").as_deref(), Some(""));
    assert_eq!(app.handle(ADA).await.as_deref(), Some("lady.ada"), "but not saved yet");
    root.press_on(&back, "Change handle", &[]).await.goes_to(&page);
    assert_eq!(app.handle(ADA).await.as_deref(), Some("ada.l"));
}

#[tokio::test]
async fn accounts_of_an_earlier_version_get_handles_in_the_order_of_their_creation() {
    let app = TestApp::start().await;
    for n in 0..250 {
        app.create(&format!("ada@{n}.example.org")).await;
        app.wait(1);
    }
    app.browser().sign_up("pending@example.org").await;
    app.change("DELETE FROM handles").await;
    app.change("UPDATE users SET handle = NULL").await;
    let starting = (0..4).map(|_| {
        let (config, clock) = (app.ground.config.clone(), app.app.clock.clone());
        tokio::spawn(async move { Box::pin(authflow::app::App::start(config, clock)).await })
    });
    for started in starting.collect::<Vec<_>>() {
        started.await.unwrap().expect("the instance should start").db.close().await;
    }
    assert_eq!(app.handle("ada@0.example.org").await.as_deref(), Some("ada"));
    for n in 1..250 {
        let handle = app.handle(&format!("ada@{n}.example.org")).await.unwrap();
        assert_eq!(handle, format!("ada-{}", n + 1));
    }
    assert_eq!(app.handle("pending@example.org").await, None);
    assert_eq!(app.rows("handles").await, 250);
}

#[tokio::test(flavor = "multi_thread")]
async fn handles_are_given_under_the_lock_of_migrations() {
    let Some(database) = PostgresDatabase::make().await else { return };
    let ground = Ground::on(Some(&database.url), &[]);
    let clock = authflow::clock::Clock::System;
    ground.start(&clock).await.unwrap().db.close().await;
    let mut other = sqlx::PgConnection::connect(&database.url).await.unwrap();
    other.execute("BEGIN; SELECT id FROM migration_lock FOR UPDATE").await.unwrap();
    // Nothing is missing: no lock is needed.
    let app = ground.start(&clock).await.unwrap();
    let user = "INSERT INTO users (id, email, email_key, username, credential_version, created_at, activated_at)
                VALUES ('0b0e7a4e-7f4e-4c6c-9d38-4a5f5d3f2b11', 'ada@a.example', 'ada@a.example', 'A', 0, 1, 1)";
    sqlx::PgConnection::connect(&database.url).await.unwrap().execute(user).await.unwrap();
    let config = ground.config.clone();
    let starting =
        tokio::spawn(async move { Box::pin(authflow::app::App::start(config, clock)).await });
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    let given = "SELECT COUNT(*) FROM users WHERE handle = 'ada'";
    let count = async || query(&app.db, given).one::<(i64,)>().await.unwrap().0;
    assert!(!starting.is_finished() && count().await == 0, "it should wait for the lock");
    other.execute("ROLLBACK").await.unwrap();
    starting.await.unwrap().expect("the instance should start").db.close().await;
    assert_eq!(count().await, 1);
    app.db.close().await;
}

#[tokio::test]
async fn a_handle_that_looks_like_the_id_of_another_account_names_its_own_account() {
    let app = TestApp::start().await;
    app.create("eve@example.org").await;
    let eve = app.user("eve@example.org").await.id;
    let handle = eve.0.simple().to_string();
    let address = format!("{handle}@example.org");
    assert_eq!(app.create(&address).await, handle);
    let other = app.user(&address).await.id;
    for (name, id) in [(handle, other), (eve.to_string(), eve)] {
        let named = user_lookup::named(&app.app, &name).await.unwrap().unwrap();
        assert_eq!(named.id, id, "{name}");
        assert_eq!(audit_search::person(&app.app, &name).await.unwrap(), Some(id), "{name}");
    }
}

/// Two accounts, the older one last, and a sign-up in the schema before handles.
const EARLIER: &str = "
    INSERT INTO users (id, email, email_key, username, password_hash, credential_version, created_at, activated_at)
    VALUES (unhex(printf('%032x', 1)), 'ada@b.example', 'ada@b.example', 'A', '!', 0, 200, 200),
           (unhex(printf('%032x', 2)), 'ada@a.example', 'ada@a.example', 'A', '!', 0, 100, 100),
           (unhex(printf('%032x', 3)), 'eve@a.example', 'eve@a.example', 'E', '!', 0, 100, NULL)";

/// A database of the version before handles.
async fn earlier_database(folder: &Path, name: &str) {
    let earlier = folder.join("earlier");
    fs::create_dir(&earlier).unwrap();
    for file in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations")).unwrap() {
        let file = file.unwrap();
        if file.file_name().to_str().unwrap() < "0014" {
            fs::copy(file.path(), earlier.join(file.file_name())).unwrap();
        }
    }
    let file = folder.join(name);
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&file).create_if_missing(true);
    let pool = sqlx::SqlitePool::connect_with(options).await.unwrap();
    sqlx::migrate::Migrator::new(earlier.as_path()).await.unwrap().run(&pool).await.unwrap();
    pool.close().await;
    write_sqlite(&file, EARLIER).await;
}

/// The handles in `user list`, by address.
fn listed(folder: &Path, variables: &[(&str, &str)]) -> Vec<(String, Value)> {
    let output = run(folder, variables, &["user", "list", "--sort", "email", "--json"]);
    let list: Vec<Value> =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", said(&output)));
    list.into_iter()
        .map(|it| (it["email"].as_str().unwrap().to_owned(), it["handle"].clone()))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn restored_and_copied_databases_of_an_earlier_version_get_handles() {
    let folder = TempDir::new().unwrap();
    let expected = [
        ("ada@a.example".to_owned(), json!("ada")),
        ("ada@b.example".to_owned(), json!("ada-2")),
        ("eve@a.example".to_owned(), Value::Null),
    ];
    earlier_database(folder.path(), "old.db").await;
    let secret = [("SECRET_KEY", SECRET_KEY)];
    let restored = run(folder.path(), &secret, &["restore", "old.db"]);
    assert!(restored.status.success(), "{}", said(&restored));
    assert_eq!(listed(folder.path(), &secret), expected);

    let Some(database) = PostgresDatabase::make().await else { return };
    let folder = TempDir::new().unwrap();
    earlier_database(folder.path(), "data/authflow.db").await;
    let copied = run(folder.path(), &secret, &["db", "copy", "--to", &database.url]);
    assert!(copied.status.success(), "{}", said(&copied));
    let variables = [("DATABASE_URL", database.url.as_str()), ("SECRET_KEY", SECRET_KEY)];
    assert_eq!(listed(folder.path(), &variables), expected);
}
