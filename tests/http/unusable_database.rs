//! A database that cannot be used: the server and the commands name the setting and the fix, and don't wait where waiting cannot help.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Output;

use super::support::*;
use reqwest::Url;
use tempfile::TempDir;

/// Asserts that `serve` and `check` fail at once with all of these words, and without the password.
#[track_caller]
fn is_refused(folder: &Path, variables: &[(&str, &str)], words: &[&str]) {
    for arguments in [&["serve"][..], &["check"]] {
        is_explained(&run(folder, variables, arguments), words);
    }
}

#[track_caller]
fn is_explained(output: &Output, words: &[&str]) {
    let said = said(output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(!said.contains("trying again") && !said.contains("hunter2"), "{said}");
    for word in words {
        assert!(said.contains(word), "{word}: {said}");
    }
    let page = if said.contains("PostgreSQL") { "postgresql.md" } else { "troubleshooting.md#" };
    assert!(said.contains(&format!("Help: docs/{page}")), "{said}");
}

#[test]
fn a_file_that_is_no_database_is_named_with_a_fix() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("x.db");
    let variables = [("DATABASE_URL", "sqlite://x.db"), ("SECRET_KEY", SECRET_KEY)];
    let named = "DATABASE_URL: x.db cannot be used: ";
    fs::create_dir(&path).unwrap();
    is_refused(folder.path(), &variables, &[named, "x.db is a folder"]);
    fs::remove_dir(&path).unwrap();

    fs::write(&path, "this is no database, but long enough to look like one".repeat(100)).unwrap();
    is_refused(folder.path(), &variables, &[named, "not a database", "authflow restore --replace"]);

    fs::write(&path, "").unwrap();
    fs::write(folder.path().join("x.db-wal"), "").unwrap();
    fs::remove_file(folder.path().join("x.db-wal")).unwrap();
    fs::create_dir(folder.path().join("x.db-wal")).unwrap();
    is_refused(folder.path(), &variables, &[named, "x.db-wal is a folder"]);

    let below = [("DATABASE_URL", "sqlite://x.db/y.db"), ("SECRET_KEY", SECRET_KEY)];
    let named = "DATABASE_URL: x.db/y.db cannot be used: ";
    is_refused(folder.path(), &below, &[named, "is a file, not a folder"]);

    // The place of the setting is named as well.
    let line = format!("SECRET_KEY='{SECRET_KEY}'\nDATABASE_URL=sqlite://x.db\n");
    fs::write(folder.path().join(".env"), line).unwrap();
    is_refused(folder.path(), &[], &["DATABASE_URL (.env:2): x.db cannot be used: "]);
}

/// Runs the program as an ordinary user, to whom permissions apply. Tests that run as root become another user.
fn run_as_user(folder: &Path, variables: &[(&str, &str)], arguments: &[&str]) -> Output {
    let other_user = ["setpriv", "--reuid=65533", "--regid=65533", "--clear-groups"];
    let outer = if is_root() { &other_user[..] } else { &[] };
    command_under(outer, folder, variables, arguments).output().unwrap()
}

#[test]
fn what_another_user_owns_is_named_with_its_owner_and_a_fix() {
    let folder = TempDir::new().unwrap();
    let allow =
        |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    allow(folder.path(), 0o755);
    let data = folder.path().join("data");
    fs::create_dir(&data).unwrap();
    allow(&data, 0o555);
    let owned = if is_root() {
        "belongs to root (user 0), but authflow runs as user 65533. Run authflow as the owner, or run as root: `chown"
    } else {
        "Run: `chmod u+rwX data"
    };
    let fix = if is_root() { "chown 65533 data" } else { owned };
    // Without SECRET_KEY, the secret is created first.
    let output = run_as_user(folder.path(), &[], &["serve"]);
    let text = said(&output);
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert!(text.contains("data/secret.key cannot be used: Permission denied"), "{text}");
    assert!(text.contains(owned), "{text}");

    let key = [("SECRET_KEY", SECRET_KEY)];
    for arguments in [&["serve"][..], &["check"], &["migrate"]] {
        let output = run_as_user(folder.path(), &key, arguments);
        let named =
            "DATABASE_URL (not set): data/authflow.db cannot be used: data cannot be written to";
        is_explained(&output, &[named, owned, fix]);
    }

    // A database that was created by another user, and the log that was left beside it.
    allow(&data, 0o755);
    let output = run(folder.path(), &key, &["migrate"]);
    assert!(output.status.success(), "{}", said(&output));
    if is_root() {
        std::os::unix::fs::chown(&data, Some(65_533), None).unwrap();
        std::os::unix::fs::chown(data.join("authflow.db"), Some(65_533), None).unwrap();
    }
    let log = data.join("authflow.db-wal");
    for file in [&log, &data.join("authflow.db")] {
        fs::write(&log, "").unwrap();
        allow(file, 0o400);
        if is_root() {
            std::os::unix::fs::chown(file, Some(0), None).unwrap();
        }
        let shown = format!("data/{} cannot be written to: ", file.file_name().unwrap().display());
        for arguments in [&["serve"][..], &["check"], &["user", "list"]] {
            let output = run_as_user(folder.path(), &key, arguments);
            let command = owned.strip_suffix(" data").unwrap_or(owned);
            is_explained(&output, &[&shown, command, "DATABASE_URL (not set): "]);
        }
        let _ = fs::remove_file(&log);
    }
}

#[test]
fn commands_without_a_database_say_so_and_create_none() {
    let folder = TempDir::new().unwrap();
    for arguments in [
        &["user", "show", ADA][..],
        &["user", "list"],
        &["user", "create", ADA],
        &["keys", "list"],
        &["keys", "rotate"],
        &["mail", "list"],
        &["mail", "retry", "--all"],
        &["backup", "x.db"],
    ] {
        let named = "DATABASE_URL (not set): data/authflow.db cannot be used: there is no database";
        let fix = "To create it, start the server once or run authflow migrate.";
        is_explained(&run(folder.path(), &[], arguments), &[named, fix]);
        assert_eq!(folder.path().read_dir().unwrap().count(), 0, "{arguments:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_postgres_that_refuses_the_login_is_named_with_a_fix() {
    let Some(database) = PostgresDatabase::make().await else { return };
    let with = |change: &dyn Fn(&mut Url)| {
        let mut url = Url::parse(&database.url).unwrap();
        change(&mut url);
        String::from(url)
    };
    let missing = with(&|url| url.set_path("/no_such_database"));
    let unknown = with(&|url| {
        url.set_username("no_such_role").unwrap();
        url.set_password(Some("hunter2")).unwrap();
    });
    let folder = TempDir::new().unwrap();
    for (url, words) in [
        (&missing, ["database \"no_such_database\" does not exist", "Create it (createdb"]),
        (&unknown, ["\"no_such_role\"", ". Check "]),
    ] {
        let variables = [("DATABASE_URL", url.as_str()), ("SECRET_KEY", SECRET_KEY)];
        let words = [&["DATABASE_URL: PostgreSQL at "][..], &words].concat();
        is_refused(folder.path(), &variables, &words);
        is_explained(&run(folder.path(), &variables, &["user", "list"]), &words);
    }
    // Without its tables, the fix is to create them.
    let variables = [("DATABASE_URL", database.url.as_str()), ("SECRET_KEY", SECRET_KEY)];
    let words = ["DATABASE_URL: PostgreSQL at ", "has no tables yet", "authflow migrate"];
    is_explained(&run(folder.path(), &variables, &["user", "list"]), &words);
}
