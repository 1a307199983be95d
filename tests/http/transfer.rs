//! Backup, restore and migration to PostgreSQL, with the program itself.

use std::fs;
use std::path::Path;
use std::process::Output;
use std::sync::atomic::{AtomicBool, Ordering};

use authflow::db::transfer::{self, ExistingData, TransferError};
use authflow::db::{Db, Location};
use tempfile::TempDir;

use super::support::*;

#[track_caller]
fn succeeds(output: &Output) -> String {
    assert!(output.status.success(), "{}", said(output));
    said(output)
}

#[track_caller]
fn fails(output: &Output, why: &str) {
    assert_eq!(output.status.code(), Some(1), "{}", said(output));
    assert!(said(output).contains(why), "{}", said(output));
}

/// Creates Ada, who is signed in, and Bob, whose sign-up email is queued.
async fn some_people(program: &Program) -> Browser {
    let browser = someone(program).await;
    program.browser().sign_up("bob@example.org").await.goes_to("/auth/check-mail");
    browser
}

/// A signed-in user's browser.
async fn someone(program: &Program) -> Browser {
    let browser = program.browser();
    browser.sign_up(ADA).await.goes_to("/auth/check-mail");
    let link = program.mailed_path(&browser, "confirm your email address").await;
    browser.press(&link, "Confirm and sign in", &[]).await.goes_to("/dashboard");
    assert!(browser.is_signed_in().await);
    browser
}

fn postgres(url: &str) -> Location {
    Location::Postgres(Box::new(authflow::db::Server::read(url, 2, None).unwrap()))
}

fn sqlite(path: &Path) -> Location {
    Location::Sqlite(path.to_owned())
}

#[tokio::test]
async fn a_backup_of_a_running_server_restores_accounts_and_sessions() {
    let (folder, elsewhere) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let program = Program::start(folder.path(), &[]);
    let browser = someone(&program).await;
    // No email can be sent from now on, so Bob's is still queued at the time of the backup.
    fs::remove_dir_all(folder.path().join("data/mail")).unwrap();
    fs::write(folder.path().join("data/mail"), "").unwrap();
    program.browser().sign_up("bob@example.org").await.goes_to("/auth/check-mail");
    let file = elsewhere.path().join("backup.db");
    let name = file.to_str().unwrap().to_owned();
    let backup = back_up_while_others_write(&program, folder.path(), &name).await;
    let text = succeeds(&backup);
    assert!(text.contains("2 users, 1 session,") && text.contains("secret"), "{text}");
    assert_eq!(elsewhere.path().read_dir().unwrap().count(), 1, "a single file");
    let mode = std::os::unix::fs::PermissionsExt::mode(&file.metadata().unwrap().permissions());
    assert_eq!(mode & 0o077, 0, "only the owner can read it");
    fails(&run(folder.path(), &[], &["backup", &name]), "already exists");
    assert_eq!(elsewhere.path().read_dir().unwrap().count(), 1, "the backup is not changed");

    // A later sign-up is not in the backup.
    program.browser().sign_up("late@example.org").await.goes_to("/auth/check-mail");
    fails(&run(folder.path(), &[], &["restore", &name]), "stop every authflow");
    let restore = run(folder.path(), &[], &["restore", "--replace", &name]);
    fails(&restore, "stop every authflow");
    drop(program);
    fails(&run(folder.path(), &[], &["restore", &name]), "--replace");
    let text = succeeds(&run(folder.path(), &[], &["restore", "--replace", &name]));
    assert!(text.contains("2 users, 1 session,"), "{text}");
    let former = folder.path().join("data/authflow.db.before-restore-1");
    let former = Db::open_existing(&sqlite(&former)).await.unwrap();
    let users = count(&former, "SELECT COUNT(*) FROM users").await;
    assert_eq!(users, 3, "the former database is kept");
    former.close().await;

    let again = Program::start(folder.path(), &[]);
    assert!(browser.carried_to(&again.browser()).is_signed_in().await);
    drop(again);
    a_new_machine_needs_the_secret(folder.path(), &name, &browser).await;
}

/// The output of `authflow backup` while requests write to the database.
async fn back_up_while_others_write(program: &Program, folder: &Path, to: &str) -> Output {
    let (writer, is_over) = (program.browser(), std::sync::Arc::new(AtomicBool::new(false)));
    let over = std::sync::Arc::clone(&is_over);
    let writing = tokio::spawn(async move {
        let mut tries = 0;
        while !over.load(Ordering::SeqCst) {
            writer.sign_in(ADA, "not this one").await;
            tries += 1;
        }
        tries
    });
    let (at, to) = (folder.to_owned(), to.to_owned());
    let backup =
        tokio::task::spawn_blocking(move || run(&at, &[], &["backup", &to])).await.unwrap();
    is_over.store(true, Ordering::SeqCst);
    assert!(writing.await.unwrap() > 0);
    backup
}

/// Restores on a new machine, to which the secret has to be copied first.
async fn a_new_machine_needs_the_secret(folder: &Path, name: &str, browser: &Browser) {
    let new = TempDir::new().unwrap();
    let other_secret = run(new.path(), &[("SECRET_KEY", SECRET_KEY)], &["restore", name]);
    fails(&other_secret, "put the former key back");
    assert!(!new.path().join("data/authflow.db").exists(), "nothing is left half written");
    fs::create_dir_all(new.path().join("data")).unwrap();
    fs::copy(folder.join("data/secret.key"), new.path().join("data/secret.key")).unwrap();
    succeeds(&run(new.path(), &[], &["restore", name]));
    let there = Program::start(new.path(), &[]);
    assert!(browser.carried_to(&there.browser()).is_signed_in().await, "users stay signed in");
    there.browser().sign_in(ADA, PASSWORD).await.goes_to("/dashboard");
    // The queued email is sent.
    there.mailed_path(&there.browser(), "confirm your email address").await;
}

#[tokio::test]
async fn a_damaged_backup_is_refused_and_changes_nothing() {
    let folder = TempDir::new().unwrap();
    succeeds(&run(folder.path(), &[], &["migrate"]));
    succeeds(&run(folder.path(), &[], &["backup", "good.db"]));
    let before = fs::read(folder.path().join("data/authflow.db")).unwrap();
    let good = fs::read(folder.path().join("good.db")).unwrap();
    fs::write(folder.path().join("text.db"), "this is no database").unwrap();
    fs::write(folder.path().join("cut.db"), &good[..good.len() / 2]).unwrap();
    let mut scribbled = good.clone();
    let middle = good.len() / 2;
    scribbled[middle..middle + 4_096].fill(0x5a);
    fs::write(folder.path().join("scribbled.db"), scribbled).unwrap();
    fs::write(folder.path().join("astray.db"), &good).unwrap();
    let astray = folder.path().join("astray.db");
    let role = "INSERT INTO user_roles (user_id, role) VALUES (zeroblob(16), 'admin')";
    write_sqlite(&astray, role).await;
    fs::write(folder.path().join("empty.db"), "").unwrap();
    let foreign = folder.path().join("foreign.db");
    write_sqlite(&foreign, "CREATE TABLE photos (x INTEGER)").await;
    // `good.db` is intact, but has no account.
    for name in [
        "nowhere.db",
        "text.db",
        "cut.db",
        "scribbled.db",
        "astray.db",
        "empty.db",
        "foreign.db",
        "good.db",
        ".",
    ] {
        let restore = run(folder.path(), &[], &["restore", "--replace", name]);
        fails(&restore, "Nothing was restored");
    }
    fails(&run(folder.path(), &[], &["backup", "no/such/folder/b.db"]), "no/such/folder");
    assert_eq!(fs::read(folder.path().join("data/authflow.db")).unwrap(), before);
    let beside = folder.path().join("data").read_dir().unwrap();
    let beside: Vec<_> = beside.map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
    let left = beside.iter().find(|it| it.contains("partial") || it.contains("before"));
    assert_eq!(left, None, "nothing is left half written");
}

#[tokio::test]
async fn a_restore_keeps_the_files_of_a_damaged_database() {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("data");
    let database = data.join("authflow.db");
    let program = Program::start(folder.path(), &[]);
    let browser = some_people(&program).await;
    succeeds(&run(folder.path(), &[], &["backup", "good.db"]));
    program.browser().sign_up("late@example.org").await.goes_to("/auth/check-mail");
    drop(program); // killed: its last writes are in the log next to the file
    assert!(data.join("authflow.db-wal").metadata().unwrap().len() > 0);

    // The file was deleted by hand, but not its log, which must not be applied to the restored database.
    fs::remove_file(&database).unwrap();
    succeeds(&run(folder.path(), &[], &["restore", "good.db"]));
    assert!(data.join("authflow.db.before-restore-1-wal").exists(), "kept");
    let program = Program::start(folder.path(), &[]);
    assert!(browser.carried_to(&program.browser()).is_signed_in().await);
    let db = Db::open_existing(&sqlite(&database)).await.unwrap();
    let users = count(&db, "SELECT COUNT(*) FROM users").await;
    assert_eq!(users, 2);
    db.close().await;
    drop(program);

    // A damaged database is replaced only on request, and its file is kept unchanged.
    for (n, damage) in ["no database at all", ""].iter().enumerate() {
        fs::write(&database, damage.repeat(500)).unwrap();
        fails(&run(folder.path(), &[], &["restore", "good.db"]), "--replace");
        succeeds(&run(folder.path(), &[], &["restore", "--replace", "good.db"]));
        let former = data.join(format!("authflow.db.before-restore-{}", n + 2));
        assert_eq!(fs::read_to_string(former).unwrap(), damage.repeat(500));
        let program = Program::start(folder.path(), &[]);
        assert!(browser.carried_to(&program.browser()).is_signed_in().await);
    }
}

#[tokio::test]
async fn a_database_of_another_program_is_refused() {
    let folder = TempDir::new().unwrap();
    fs::create_dir(folder.path().join("data")).unwrap();
    let file = folder.path().join("data/authflow.db");
    write_sqlite(&file, "CREATE TABLE photos (x INTEGER)").await;
    let secret = [("SECRET_KEY", SECRET_KEY)];
    for arguments in [&[][..], &["migrate"], &["check"]] {
        fails(&run(folder.path(), &secret, arguments), "not an authflow database");
    }
}

#[test]
fn an_interrupted_backup_leaves_nothing_behind() {
    let folder = TempDir::new().unwrap();
    succeeds(&run(folder.path(), &[], &["migrate"]));
    // The command waits while opening its file, since the folder is locked.
    let lock = fs::File::open(folder.path()).unwrap();
    lock.lock().unwrap();
    let mut child = command(folder.path(), &[], &["backup", "b.db"]).spawn().unwrap();
    let partial = || {
        let mut names = folder.path().read_dir().unwrap().map(|it| it.unwrap().file_name());
        names.any(|it| it.to_str().unwrap().contains("partial"))
    };
    while !partial() {
        assert!(child.try_wait().unwrap().is_none(), "the command is still running");
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    #[expect(clippy::disallowed_methods, reason = "the rule is for the server")]
    let mut kill = std::process::Command::new("kill");
    assert!(kill.args(["-INT", &child.id().to_string()]).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(1));
    assert!(!partial() && !folder.path().join("b.db").exists());
}

/// A user, and the second migration as it was before its text was corrected.
const AS_IN_AN_EARLIER_VERSION: &str = "
    INSERT INTO users (id, email, email_key, username, password_hash, credential_version, created_at)
    VALUES (zeroblob(16), 'a@b.c', 'a@b.c', 'A', 'x', 0, 1);
    DROP INDEX audit_events_by_subject;
    CREATE INDEX audit_events_of_subject ON audit_events (subject_id, id);
    UPDATE _sqlx_migrations
    SET checksum = X'622a6514f9c904ec2ef4d6f21cab40544c1bd7e941365c8e0a5720b7700872916a97fe13508d447c256f50fe38b229c4'
    WHERE version = 2";

#[tokio::test]
async fn a_backup_of_an_earlier_version_is_migrated() {
    let folder = TempDir::new().unwrap();
    let earlier = folder.path().join("earlier");
    fs::create_dir(&earlier).unwrap();
    for name in ["0001_accounts.sql", "0002_in_the_owners_hands.sql"] {
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(name);
        fs::copy(from, earlier.join(name)).unwrap();
    }
    let old = folder.path().join("old.db");
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&old).create_if_missing(true);
    let pool = sqlx::SqlitePool::connect_with(options).await.unwrap();
    sqlx::migrate::Migrator::new(earlier.as_path()).await.unwrap().run(&pool).await.unwrap();
    pool.close().await;
    write_sqlite(&old, AS_IN_AN_EARLIER_VERSION).await;
    let before = fs::read(&old).unwrap();
    let text = succeeds(&run(folder.path(), &[], &["migrate"]));
    assert!(text.contains("up to date"));
    let text = succeeds(&run(folder.path(), &[], &["restore", "--replace", "old.db"]));
    assert!(text.contains("1 user,"), "{text}");
    assert_eq!(fs::read(&old).unwrap(), before, "the backup is not changed");
    let place = sqlite(&folder.path().join("data/authflow.db"));
    let db = Db::open_existing(&place).await.unwrap();
    db.must_be_current().await.unwrap();
    let indexes =
        "SELECT COUNT(*) FROM sqlite_master WHERE name LIKE 'audit_events!_%subject' ESCAPE '!'";
    let indexes = count(&db, indexes).await;
    assert_eq!(indexes, 1);
    db.close().await;
}

#[tokio::test]
async fn sqlite_moves_to_postgres_and_users_stay_signed_in() {
    let Some(database) = PostgresDatabase::make().await else { return };
    let folder = TempDir::new().unwrap();
    let program = Program::start(folder.path(), &[]);
    let browser = some_people(&program).await;
    let copy = ["db", "copy", "--to", database.url.as_str()];
    fails(&run(folder.path(), &[], &copy), "stop every authflow");
    // All data moves along, such as a sign-in that waits for its code, and recovery codes.
    drop(program);
    let text = succeeds(&run(folder.path(), &[], &copy));
    assert!(text.contains("2  users") && text.contains("1  sessions"), "{text}");
    let text = succeeds(&run(folder.path(), &[], &copy));
    assert!(text.contains("already has the same data"), "{text}");
    // The secret is where it was: in this file, or, whatever the file has, in the variable.
    let file = folder.path().canonicalize().unwrap().join("data/secret.key");
    assert!(text.contains(&format!("SECRET_KEY_FILE to {},", file.display())), "{text}");
    let secret = fs::read_to_string(&file).unwrap();
    let text = succeeds(&run(folder.path(), &[("SECRET_KEY", &secret)], &copy));
    assert!(text.contains("Keep the secret as it is"), "{text}");

    let moved = TempDir::new().unwrap();
    let variables = [("DATABASE_URL", database.url.as_str()), ("SECRET_KEY", secret.as_str())];
    let there = Program::start(moved.path(), &variables);
    assert!(there.hello[2].contains("PostgreSQL at"), "{:?}", there.hello);
    assert!(browser.carried_to(&there.browser()).is_signed_in().await, "users stay signed in");
    there.browser().sign_in(ADA, PASSWORD).await.goes_to("/dashboard");
    // The target is in use now, and its new data is not overwritten.
    fails(&run(folder.path(), &[], &copy), "stop every authflow");
    let replace = [&copy[..], &["--replace"]].concat();
    fails(&run(folder.path(), &[], &replace), "stop every authflow");
    assert!(browser.carried_to(&there.browser()).is_signed_in().await);

    // From there into a file, and back.
    succeeds(&run(moved.path(), &variables, &["backup", "from-postgres.db"]));
    there.browser().sign_up("late@example.org").await.goes_to("/auth/check-mail");
    let restore = ["restore", "--replace", "from-postgres.db"];
    fails(&run(moved.path(), &variables, &restore), "stop every authflow");
    drop(there);
    fails(&run(folder.path(), &[], &copy), "--replace");
    fails(&run(moved.path(), &variables, &["restore", "from-postgres.db"]), "--replace");
    let text =
        succeeds(&run(moved.path(), &variables, &["restore", "--replace", "from-postgres.db"]));
    assert!(text.contains("2 users, 2 sessions"), "{text}");
    let there = Program::start(moved.path(), &variables);
    assert!(browser.carried_to(&there.browser()).is_signed_in().await);
    drop(there);
    let file = moved.path().join("from-postgres.db");
    fs::remove_file(folder.path().join("data/authflow.db")).unwrap();
    succeeds(&run(folder.path(), &[], &["restore", file.to_str().unwrap()]));
    let home = Program::start(folder.path(), &[]);
    assert!(
        browser.carried_to(&home.browser()).is_signed_in().await,
        "back in SQLite, the user stays signed in"
    );

    for address in ["mysql://somewhere", "postgres://ada:hunter#2@localhost/x"] {
        let wrong = run(folder.path(), &[], &["db", "copy", "--to", address]);
        assert_eq!(wrong.status.code(), Some(2), "{}", said(&wrong));
        assert!(!said(&wrong).contains("hunter"), "{}", said(&wrong));
    }
    let unreachable = "postgres://nobody@127.0.0.1:1/x";
    drop(home);
    fails(&run(folder.path(), &[], &["db", "copy", "--to", unreachable]), "Nothing was copied");
}

#[tokio::test]
async fn an_interrupted_copy_writes_nothing_and_a_repeated_one_completes() {
    let Some(database) = PostgresDatabase::make().await else { return };
    let app = TestApp::upon(Ground::on(None, &[])).await;
    let browser = app.person(ADA).await;
    browser.enable_two_factor(&app).await;
    let other = app.browser();
    other.sign_in(ADA, PASSWORD).await.goes_to("/auth/two-factor");
    let many = "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 2000)
                INSERT INTO throttles (id, count, since, blocked_until) SELECT CAST('x' || n AS BLOB), n, n, 0 FROM n";
    app.change(many).await;

    let to = postgres(&database.url);
    Db::open(&to).await.unwrap().close().await;
    let target = Db::open_existing(&to).await.unwrap();
    let progress = |done: u64, _: u64| assert!(done < 1_500, "the copy should be interrupted");
    let from = app.app.db.clone();
    let on = target.clone();
    let broken =
        tokio::spawn(
            async move { transfer::copy(&from, &on, ExistingData::Refuse, &progress).await },
        );
    assert!(broken.await.unwrap_err().is_panic());
    let rows = "SELECT (SELECT COUNT(*) FROM throttles) + (SELECT COUNT(*) FROM users)";
    assert_eq!(count(&target, rows).await, 0, "either every row or none");

    let copied =
        transfer::copy(&app.app.db, &target, ExistingData::Refuse, &|_, _| {}).await.unwrap();
    assert!(!copied.was_there && copied.rows("tower_sessions") > 0 && copied.rows("totp") == 1);
    assert_eq!(count(&target, rows).await, app.count(rows).await);
    let copied =
        transfer::copy(&app.app.db, &target, ExistingData::Refuse, &|_, _| {}).await.unwrap();
    assert!(copied.was_there);
    // A single changed byte is detected.
    let Db::Postgres { pool, .. } = &target else { panic!() };
    sqlx::query("UPDATE users SET username = username || '.'").execute(pool).await.unwrap();
    let refused = transfer::copy(&app.app.db, &target, ExistingData::Refuse, &|_, _| {}).await;
    assert!(matches!(refused, Err(TransferError::Occupied)), "{refused:?}");
    let copied =
        transfer::copy(&app.app.db, &target, ExistingData::Replace, &|_, _| {}).await.unwrap();
    assert!(!copied.was_there);

    // A sign-in in progress continues on the new database, which accepts the code.
    target.close().await;
    let mut moved = app.app.clone();
    moved.db = Db::open(&to).await.unwrap();
    let there = app.beside(|app| *app = moved.clone()).await;
    for (name, value) in other.cookies() {
        there.set_cookie(&name, &value);
    }
    there.get("/auth/two-factor").await.is(200).says("code");
    moved.db.close().await;
}

#[tokio::test]
async fn the_command_line_works_while_the_server_runs() {
    let folder = TempDir::new().unwrap();
    let program = Program::start(folder.path(), &[]);
    let browser = some_people(&program).await;
    for _ in 0..3 {
        succeeds(&run(folder.path(), &[], &["check"]));
        succeeds(&run(folder.path(), &[], &["migrate"]));
        browser.press("/profile", "Save", &[("username", "Ada")]).await.goes_to("/profile");
    }
    // A second server on the same file works too.
    let second = Program::start(folder.path(), &[]);
    let there = browser.carried_to(&second.browser());
    there.press("/profile", "Save", &[("username", "Augusta")]).await.goes_to("/profile");
    assert_eq!(browser.get("/profile").await.value("username").as_deref(), Some("Augusta"));
}
