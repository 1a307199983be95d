//! Accounts without a password: their pages, their sign-in, and databases from before passwords had a table of their own.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use authflow::clock::Timestamp;
use authflow::config::PasswordConfig;
use authflow::db::{Db, Location, Result, Server};
use authflow::domain::audit_event::Event;
use authflow::domain::email::mail_kind::MailKind;
use authflow::domain::id::UserId;
use authflow::domain::sign_in::password::Password;
use authflow::domain::sign_in::session::EndReason;
use authflow::hasher::{Asker, Hasher};
use authflow::repositories::passwords;
use authflow::transaction;
use serde_json::Value;
use sqlx::migrate::Migrator;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Executor, PgPool, SqlitePool};
use tempfile::TempDir;

use super::support::*;

const NEW: [(&str, &str); 2] = [("password", NEW_PASSWORD), ("confirm_password", NEW_PASSWORD)];

#[tokio::test]
async fn an_account_without_a_password_sets_one() {
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    let elsewhere = app.browser();
    elsewhere.sign_in(ADA, PASSWORD).await.goes_to("/dashboard");
    let change = browser.get("/profile/password").await;
    change.form("Change password");
    app.forget_password(ADA).await;

    let links = browser.get("/dashboard").await.select("a[href='/profile/password']");
    assert_eq!(links[0]["aria-label"], "Set: Password");
    let asked = browser.get("/profile/password").await;
    let asked = browser.get(asked.is(303).header("location")).await;
    assert_eq!(asked.select("main .links a")[0]["href"], "/profile", "the way back asks no more");
    let page = browser.prove_by_email(&app, "/profile/password").await;
    page.is(200).says("Your account has no password.");
    assert!(page.select("[name=current_password]").is_empty());
    let fields = [("password", "short"), ("confirm_password", "other")];
    let again = browser.press_on(&page, "Set password", &fields).await;
    again.is(422).says("Use at least 8 characters.");
    browser.press_on(&again, "Set password", &NEW).await.goes_to("/profile/password");
    browser
        .get("/profile/password")
        .await
        .says("Your password has been set")
        .form("Change password");
    assert!(browser.is_signed_in().await && !elsewhere.is_signed_in().await);
    assert_eq!(app.sessions_ended_by(ADA, EndReason::PasswordChanged).await, 1);
    app.browser().sign_in(ADA, NEW_PASSWORD).await.goes_to("/dashboard");
    app.browser().sign_in(ADA, PASSWORD).await.is(401);
    assert_eq!(app.audit_entries(Event::PasswordSet).await.len(), 1);
    browser.get("/profile/activity").await.says("Password set");
    let not_me = app.path_in(ADA, "a password was set").await;
    app.browser().press(&not_me, "Sign out everywhere", &[("not_me", "on")]).await.is(303);
    app.browser().sign_in(ADA, NEW_PASSWORD).await.is(401);
}

#[tokio::test]
async fn setting_a_password_needs_a_recent_proof() {
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    app.forget_password(ADA).await;
    let page = browser.prove_by_email(&app, "/profile/password").await;
    app.wait(15 * 60);
    let confirm = "/auth/confirm-password?return_to=%2Fprofile%2Fpassword";
    browser.get("/profile/password").await.goes_to(confirm);
    browser.press_on(&page, "Set password", &NEW).await.goes_to(confirm);
    assert_eq!(app.rows("passwords").await, 0);
}

#[tokio::test]
async fn a_password_is_never_set_over_another_one() {
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    let hash = app.password_hash(ADA).await;
    app.forget_password(ADA).await;
    let page = browser.prove_by_email(&app, "/profile/password").await;
    let (user, now) = (app.user(ADA).await.id, app.app.clock.now());
    let put =
        transaction!(app.app.db, |tx| -> Result<_> { passwords::put(tx, user, &hash, now).await });
    put.unwrap();
    browser
        .press_on(&page, "Set password", &NEW)
        .await
        .is(422)
        .says("Enter your current password.");
    app.browser().sign_in(ADA, PASSWORD).await.goes_to("/dashboard");
}

#[tokio::test]
async fn the_removed_password_is_not_accepted_when_one_is_set() {
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    app.lock(ADA).await;
    let page = browser.prove_by_email(&app, "/profile/password").await;
    let former = [("password", PASSWORD), ("confirm_password", PASSWORD)];
    let again = browser.press_on(&page, "Set password", &former).await;
    again.is(422).says("This password was disabled");
    browser.press_on(&again, "Set password", &NEW).await.goes_to("/profile/password");
    app.browser().sign_in(ADA, NEW_PASSWORD).await.goes_to("/dashboard");
    assert_eq!(app.rows("passwords").await, 1, "one row for each account");
}

#[tokio::test]
async fn an_account_without_a_password_is_deleted_after_a_recent_proof() {
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    app.forget_password(ADA).await;
    let page = browser.get("/profile/delete?confirm=on").await;
    assert!(page.select("[name=password], [name=code]").is_empty());
    let confirm = "/auth/confirm-password?return_to=%2Fprofile%2Fdelete%3Fconfirm%3Don";
    browser.press_on(&page, "Delete my account", &[]).await.goes_to(confirm);
    // The password that began the session is gone, and proves nothing.
    browser.prove_by_email(&app, "/profile/export").await.is(200);
    app.wait(15 * 60);
    browser.press_on(&page, "Delete my account", &[]).await.goes_to(confirm);
    assert_eq!(app.rows("users").await, 1);
    browser.prove_by_email(&app, "/profile/export").await.is(200);
    browser.press_on(&page, "Delete my account", &[]).await.goes_to("/auth/login");
    assert_eq!(app.rows("users").await, 0);
}

#[tokio::test]
async fn a_second_factor_is_asked_for_after_the_emailed_code() {
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    let authenticator = browser.enable_two_factor(&app).await;
    app.forget_password(ADA).await;
    app.wait(15 * 60);
    let page = browser.prove_by_email(&app, "/profile/password").await;
    page.is(200).says("Confirm that it’s you");
    assert!(page.select("[name=password]").is_empty());
    let wrong = browser.press_on(&page, "Confirm", &[("code", "000000")]).await;
    wrong.is(401).says("That code is wrong");
    let code = authenticator.code(&app);
    let proven = browser.press_on(&wrong, "Confirm", &[("code", &code)]).await;
    proven.goes_to("/profile/password");
    browser.press("/profile/password", "Set password", &NEW).await.goes_to("/profile/password");
}

#[tokio::test]
async fn an_account_that_has_just_got_a_password_is_not_deleted_without_it() {
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    let hash = app.password_hash(ADA).await;
    app.forget_password(ADA).await;
    browser.prove_by_email(&app, "/profile/export").await.is(200);
    let page = browser.get("/profile/delete?confirm=on").await;
    let (user, now) = (app.user(ADA).await.id, app.app.clock.now());
    let put =
        transaction!(app.app.db, |tx| -> Result<_> { passwords::put(tx, user, &hash, now).await });
    put.unwrap();
    let again = browser.press_on(&page, "Delete my account", &[]).await;
    again.is(422).says("Enter a password.");
    browser.press_on(&again, "Delete my account", &[("password", PASSWORD)]).await.is(303);
    assert_eq!(app.rows("users").await, 0);
}

#[tokio::test]
async fn a_sign_in_without_a_password_looks_like_one_to_an_unknown_address() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    app.forget_password(ADA).await;
    let known = app.browser().sign_in(ADA, PASSWORD).await;
    let unknown = app.browser().sign_in("eve@example.org", PASSWORD).await;
    assert_eq!(known.is(401).text(), unknown.is(401).text().replace("eve@example.org", ADA));
}

#[tokio::test]
async fn an_account_in_use_that_never_had_a_password_is_told_of_a_reset() {
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    app.forget_password(ADA).await;
    browser.press("/auth/forgot-password", "Send reset link", &[("email", ADA)]).await.is(303);
    let link = app.path_in(ADA, "reset your password").await;
    browser.get(&link).await.says("This signs you out everywhere.");
    browser.press(&link, "Set password", &NEW).await.goes_to("/auth/login");
    assert_eq!(app.subjects(ADA).await.last().unwrap(), "your password was changed");
    assert_eq!(app.emails(MailKind::Welcome).await.len(), 1, "from the sign-up");
}

#[tokio::test]
async fn users_see_in_their_data_when_the_password_was_set() {
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    let set_at = async || {
        let file = browser.get("/profile/export").await;
        let data: Value = serde_json::from_str(&file.is(200).body).unwrap();
        data["user"]["passwordSetAt"].clone()
    };
    let first = app.app.clock.now().to_rfc3339();
    app.wait(60);
    assert_eq!(set_at().await, Value::from(first));
    browser.press("/profile/password", "Change password", &CHANGE).await.is(303);
    assert_eq!(set_at().await, Value::from(app.app.clock.now().to_rfc3339()));
    app.lock(ADA).await;
    browser.prove_by_email(&app, "/profile/export").await.is(200);
    assert_eq!(set_at().await, Value::Null);
    app.forget_password(ADA).await;
    assert_eq!(set_at().await, Value::Null);
}

/// The accounts of an earlier version, by what the column `password_hash` held.
const FORMER: [(u128, &str, &str); 4] = [
    (1, ADA, "@hash"),
    (2, "removed@example.org", "!@hash"),
    (3, "never@example.org", "!"),
    (4, "imported@example.org", "@hash"),
];
const CREATED_AT: i64 = 1_750_000_000;
const CHANGED_AT: i64 = 1_760_000_000;
const REMOVED_AT: i64 = 1_770_000_000;

/// Creates a database with the schema from before the table `passwords`, and accounts in it. All have the password [`PASSWORD`].
async fn former_database(place: &Location, url: Option<&str>, config: &PasswordConfig) {
    let folder = TempDir::new().unwrap();
    let all = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").read_dir().unwrap();
    for file in all.map(|it| it.unwrap()) {
        let name = file.file_name().into_string().unwrap();
        if name.as_str() < "0014" {
            fs::copy(file.path(), folder.path().join(name)).unwrap();
        }
    }
    let mut migrator = Migrator::new(folder.path()).await.unwrap();
    migrator.set_locking(false);
    let hasher = Hasher::start(config).unwrap();
    let hash = hasher.hash(Asker::server(), &Password::parse(PASSWORD).unwrap()).await.unwrap();
    match (place, url) {
        (Location::Sqlite(path), _) => {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            let options = SqliteConnectOptions::new().filename(path).create_if_missing(true);
            let pool = SqlitePool::connect_with(options).await.unwrap();
            migrator.run(&pool).await.unwrap();
            pool.execute(former_rows(&hash, |id| format!("X'{id:032x}'")).as_str()).await.unwrap();
            pool.close().await;
        }
        (_, url) => {
            let pool = PgPool::connect(url.unwrap()).await.unwrap();
            migrator.run(&pool).await.unwrap();
            let rows = former_rows(&hash, |id| format!("CAST('{id:032x}' AS UUID)"));
            pool.execute(rows.as_str()).await.unwrap();
            pool.close().await;
        }
    }
}

/// The statements that fill the former database.
fn former_rows(hash: &str, uuid: impl Fn(u128) -> String) -> String {
    let users = FORMER.map(|(id, email, stored)| {
        let (id, stored) = (uuid(id), stored.replace("@hash", hash));
        format!(
            "INSERT INTO users (id, email, email_key, username, password_hash, credential_version, created_at, activated_at,
                                email_verified_at)
             VALUES ({id}, '{email}', '{email}', 'Ada', '{stored}', 0, {CREATED_AT}, {CREATED_AT}, {CREATED_AT});"
        )
    });
    let events = [
        (1, 1, "password_changed", CHANGED_AT),
        (2, 1, "signed_in", REMOVED_AT),
        (3, 2, "account_secured", REMOVED_AT),
    ];
    let events = events.map(|(n, subject, event, at)| {
        let (id, subject) = (uuid(n), uuid(subject));
        format!(
            "INSERT INTO audit_events (id, at, event, outcome, subject_id, address, user_agent, request_id)
             VALUES ({id}, {at}, '{event}', 'success', {subject}, '192.0.2.1', '', '');"
        )
    });
    users.into_iter().chain(events).collect()
}

/// `(user, set_at, revoked_at)` of all rows.
async fn stored(db: &Db) -> Vec<(u128, i64, Option<i64>)> {
    let mut all = Vec::new();
    for (id, ..) in FORMER {
        let user = UserId(uuid::Uuid::from_u128(id));
        if let Some(it) = passwords::find(db, user).await.unwrap() {
            all.push((id, it.set_at.0, it.revoked_at.map(|Timestamp(at)| at)));
        }
    }
    all
}

const STORED: [(u128, i64, Option<i64>); 3] =
    [(1, CHANGED_AT, None), (2, CREATED_AT, Some(REMOVED_AT)), (4, CREATED_AT, None)];

#[tokio::test]
async fn passwords_of_an_earlier_version_keep_their_state() {
    let database = PostgresDatabase::make().await;
    let url = database.as_ref().map(|it| it.url.as_str());
    let ground = Ground::on(url, &[]);
    former_database(&ground.config.database, url, &ground.config.passwords).await;
    let app = TestApp::upon(ground).await;
    assert_eq!(stored(&app.app.db).await, STORED);
    assert_eq!(app.rows("users").await, 4);

    for email in [ADA, "imported@example.org"] {
        app.browser().sign_in(email, PASSWORD).await.goes_to("/dashboard");
    }
    for email in ["removed@example.org", "never@example.org"] {
        app.browser().sign_in(email, PASSWORD).await.is(401);
    }
    let browser = app.browser();
    let ask = async |email: &str| {
        browser
            .press("/auth/forgot-password", "Send reset link", &[("email", email)])
            .await
            .is(303);
        browser.get(&app.path_in(email, "reset your password").await).await
    };
    let former = [("password", PASSWORD), ("confirm_password", PASSWORD)];
    let page = ask("removed@example.org").await;
    page.says("Reset your password");
    let refused = browser.press_on(&page, "Set password", &former).await;
    refused.is(422).says("This password was disabled");
    let page = ask("never@example.org").await;
    page.says("Choose a password");
    browser.press_on(&page, "Set password", &former).await.goes_to("/auth/login");
    browser.sign_in("never@example.org", PASSWORD).await.goes_to("/dashboard");
}

#[tokio::test]
async fn databases_and_backups_of_an_earlier_version_move() {
    let folder = TempDir::new().unwrap();
    let run = |arguments: &[&str]| run(folder.path(), &[], arguments);
    // The secret and the signing keys are made by this version, in a database of its own.
    assert!(run(&["migrate"]).status.success());
    let data = folder.path().join("data");
    let old = Location::Sqlite(folder.path().join("old.db"));
    let ground = Ground::on(None, &[]);
    former_database(&old, None, &ground.config.passwords).await;
    let backup = fs::read(folder.path().join("old.db")).unwrap();
    let restored = run(&["restore", "--replace", "old.db"]);
    assert!(restored.status.success(), "{}", said(&restored));
    assert!(said(&restored).contains("4 users"), "{}", said(&restored));
    assert_eq!(
        fs::read(folder.path().join("old.db")).unwrap(),
        backup,
        "the backup is not changed"
    );
    let db = Db::open_existing(&Location::Sqlite(data.join("authflow.db"))).await.unwrap();
    assert_eq!(stored(&db).await, STORED);
    db.close().await;

    let Some(database) = PostgresDatabase::make().await else { return };
    fs::copy(folder.path().join("old.db"), data.join("authflow.db")).unwrap();
    let copy = ["db", "copy", "--to", database.url.as_str()];
    let files =
        || data.read_dir().unwrap().map(|it| it.unwrap().file_name()).collect::<BTreeSet<_>>();
    let before = files();
    let copied = run(&copy);
    assert!(copied.status.success(), "{}", said(&copied));
    assert!(said(&copied).contains("3  passwords"), "{}", said(&copied));
    let file = fs::read(data.join("authflow.db")).unwrap();
    assert!(file == backup, "the source is not changed");
    assert_eq!(files(), before, "the migrated copy is deleted");
    assert!(said(&run(&copy)).contains("already has the same data"));
    let server = Server::read(&database.url, 2, None).unwrap();
    let there = Db::open_existing(&Location::Postgres(Box::new(server))).await.unwrap();
    assert_eq!(stored(&there).await, STORED);
    there.close().await;
}
