//! `authflow user` on the command line, while the server runs.

use std::os::unix::fs::PermissionsExt;
use std::process::Output;

use serde_json::Value;
use tempfile::TempDir;

use super::support::*;

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

struct Site {
    folder: TempDir,
    program: Program,
    postgres: Option<PostgresDatabase>,
}

impl Site {
    async fn start() -> Self {
        let folder = TempDir::new().unwrap();
        let postgres = PostgresDatabase::make().await;
        let program = Program::start(folder.path(), &variables(postgres.as_ref()));
        Self { folder, program, postgres }
    }

    fn user(&self, arguments: &[&str]) -> Output {
        let arguments = [&["user"], arguments].concat();
        run(self.folder.path(), &variables(self.postgres.as_ref()), &arguments)
    }

    fn json(&self, arguments: &[&str]) -> Value {
        let output = self.user(&[arguments, &["--json"]].concat());
        assert_eq!(output.status.code(), Some(0), "{}", err(&output));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// Asserts that the command fails with this exit code, and returns its error message.
    fn refused(&self, code: i32, arguments: &[&str]) -> String {
        let output = self.user(arguments);
        assert_eq!(output.status.code(), Some(code), "{}{}", out(&output), err(&output));
        err(&output)
    }
}

fn variables(postgres: Option<&PostgresDatabase>) -> Vec<(&str, &str)> {
    postgres.map_or(Vec::new(), |it| {
        vec![("DATABASE_URL", it.url.as_str()), ("SECRET_KEY", SECRET_KEY)]
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_administrator_comes_from_the_command_line() {
    let site = Site::start().await;
    let made = site.user(&["create", "Root@Example.org", "--name", "The Root", "--role", "admin"]);
    assert_eq!(made.status.code(), Some(0), "{}", err(&made));
    let link = out(&made);
    let path = link.trim().strip_prefix("http://localhost:5000").unwrap();
    assert!(err(&made).contains("once, within 24 hours"), "{}", err(&made));

    let root = site.program.browser();
    root.sign_in("root@example.org", PASSWORD).await.is(401);
    let fields = [("password", PASSWORD), ("confirm_password", PASSWORD)];
    root.press(path, "Set password", &fields).await.goes_to("/auth/login");
    root.get(path).await.is(410);
    root.sign_in("root@example.org", PASSWORD).await.goes_to("/dashboard");
    root.get("/admin/users").await.is(200).says("The Root").says("admin");

    let again = site.refused(1, &["create", "root@example.org"]);
    assert!(again.contains("There is already an account with this email address."), "{again}");
    let wrong = site.refused(2, &["create", "nonsense"]);
    assert!(wrong.contains("Enter an email address in the form name@example.org."), "{wrong}");
    for wrong in ["a b", "a;b", "", ","] {
        let why = site.refused(2, &["create", ADA, "--role", wrong]);
        assert!(why.contains("is not a valid role") && why.contains("with commas"), "{why}");
    }
    let made =
        site.user(&["create", "eve@example.org", "--role", "staff, family", "--role", "ops"]);
    assert_eq!(made.status.code(), Some(0), "{}", err(&made));
    assert_eq!(
        site.json(&["roles", "eve@example.org"]),
        serde_json::json!(["family", "ops", "staff"])
    );
    assert!(site.refused(2, &["list", "--sort", "size"]).contains("last-sign-in"));
    let last = site.refused(1, &["delete", "root@example.org", "--yes"]);
    assert!(last.contains("This is the last administrator"), "{last}");
    assert!(site.refused(1, &["disable", "root@example.org"]).contains("the last administrator"));
    let last = site.refused(1, &["roles", "root@example.org", "--set", ""]);
    assert!(last.contains("the last administrator"), "{last}");

    // `show` includes the audit entries of the account.
    let shown = site.json(&["show", "root@example.org"]);
    let events: Vec<_> =
        shown["audit_entries"].as_array().unwrap().iter().map(|it| it["event"].clone()).collect();
    assert!(events.contains(&"user_created".into()), "{shown}");
    assert_eq!(shown["sessions"].as_array().unwrap().len(), 1);
    assert!(out(&site.user(&["show", "root@example.org"])).contains("user_created (admin)"));
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_are_listed_changed_and_deleted_while_the_server_runs() {
    let site = Site::start().await;
    let browser = site.program.browser();
    browser.sign_up(ADA).await;
    let path = site.program.mailed_path(&browser, "confirm").await;
    browser.press(&path, "Confirm and sign in", &[]).await.goes_to("/dashboard");
    site.user(&["create", "eve@example.org"]);

    let listed = site.json(&["list", "--sort", "email"]);
    let addresses: Vec<_> =
        listed.as_array().unwrap().iter().map(|it| it["email"].as_str()).collect();
    assert_eq!(addresses, [Some(ADA), Some("eve@example.org")]);
    assert_eq!(site.json(&["list", "--status", "unverified"]).as_array().unwrap().len(), 1);
    assert_eq!(site.json(&["list", "--search", "LOVE"])[0]["email"], ADA);
    assert_eq!(site.json(&["list", "--limit", "1"]).as_array().unwrap().len(), 1);
    assert!(
        site.refused(0, &["list", "--limit", "1"])
            .contains("There are more accounts than this one")
    );
    assert_eq!(site.refused(0, &["list"]), "");
    let id = listed[0]["id"].as_str().unwrap().to_owned();

    assert_eq!(
        site.json(&["roles", ADA, "--add", "family", "--add", "staff"]),
        serde_json::json!(["family", "staff"])
    );
    browser.get("/dashboard").await.says("family and staff");
    assert_eq!(site.json(&["roles", &id, "--remove", "staff"]), serde_json::json!(["family"]));
    assert!(
        site.refused(1, &["roles", ADA, "--remove", "staff"]).contains("does not have the role")
    );
    assert!(out(&site.user(&["roles", ADA])).contains("family"));
    assert_eq!(site.json(&["list", "--role", "family"])[0]["id"], id.as_str());

    assert_eq!(site.user(&["disable", ADA]).status.code(), Some(0));
    browser.get("/dashboard").await.goes_to("/auth/login?return_to=%2Fdashboard");
    assert!(site.refused(1, &["disable", ADA]).contains("already disabled"));
    assert!(site.refused(1, &["reset-link", ADA]).contains("Enable it first"));
    assert_eq!(site.user(&["enable", ADA]).status.code(), Some(0));
    browser.sign_in(ADA, PASSWORD).await.goes_to("/dashboard");
    let link = site.json(&["reset-link", ADA]);
    let path = link["link"].as_str().unwrap().strip_prefix("http://localhost:5000").unwrap();
    browser.get(path).await.is(200).says("new password");

    assert!(
        site.refused(2, &["delete", ADA]).contains("--yes"),
        "a script has to confirm the deletion"
    );
    assert!(browser.is_signed_in().await);
    assert_eq!(site.user(&["delete", ADA, "--yes"]).status.code(), Some(0));
    assert!(!browser.is_signed_in().await);
    assert!(site.refused(1, &["show", ADA]).contains("There is no account"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_contains_password_hashes_only_on_request() {
    let site = Site::start().await;
    let browser = site.program.browser();
    browser.sign_up(ADA).await;
    let path = site.program.mailed_path(&browser, "confirm").await;
    browser.press(&path, "Confirm and sign in", &[]).await.goes_to("/dashboard");
    site.program.browser().sign_up("waiting@example.org").await;
    site.user(&["create", "eve@example.org", "--role", "staff"]);
    let lines = |output: &Output| -> Vec<Value> {
        let mut lines: Vec<Value> =
            out(output).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        lines.sort_by_key(|line| line["email"].to_string());
        lines
    };
    let without = lines(&site.user(&["export", "-"]));
    assert_eq!(without.len(), 2, "unconfirmed sign-ups are not exported: {without:?}");
    assert_eq!((&without[0]["email"], &without[0]["verified"]), (&ADA.into(), &true.into()));
    assert!(without.iter().all(|it| it.get("password_hash").is_none()));
    assert_eq!(without[1]["roles"], serde_json::json!(["staff"]));

    assert_eq!(site.user(&["export", "users.jsonl", "--password-hashes"]).status.code(), Some(0));
    let file = site.folder.path().join("users.jsonl");
    let text = std::fs::read_to_string(&file).unwrap();
    let of = |email: &str| text.lines().find(|line| line.contains(email)).unwrap();
    assert!(of(ADA).contains("$argon2id$"), "{text}");
    assert!(
        !of("eve@example.org").contains("password_hash"),
        "the account has no password yet: {text}"
    );
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    let again = site.refused(1, &["export", "users.jsonl"]);
    assert!(again.contains("users.jsonl"), "an existing file is not overwritten: {again}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handle_is_shown_changed_and_names_the_account() {
    let site = Site::start().await;
    site.user(&["create", ADA, "--role", "staff"]);
    site.user(&["create", "eve@example.org"]);
    assert_eq!(out(&site.user(&["handle", ADA])), "ada@example.org: ada\n");
    let changed = site.json(&["handle", ADA, "Countess"]);
    assert_eq!((&changed["email"], &changed["handle"]), (&ADA.into(), &"countess".into()));
    assert_eq!(site.json(&["show", "countess"])["handle"], "countess");
    assert_eq!(site.json(&["roles", "countess"]), serde_json::json!(["staff"]));
    assert!(out(&site.user(&["show", ADA])).contains("handle_changed"));
    assert!(out(&site.user(&["list", "--search", "untes"])).contains("  countess  "));
    assert!(site.refused(1, &["show", "ada"]).contains("There is no account"));
    let taken = site.refused(1, &["handle", "eve", "ada"]);
    assert!(taken.contains("Another account has or had this handle."), "{taken}");
    let wrong = site.refused(2, &["handle", "eve", "eve@x"]);
    let why = "A handle cannot contain “@”. Use letters from a to z, digits, dots, underscores and hyphens.";
    assert!(wrong.contains(why), "{wrong}");
    // The export has the handles, and an import of it elsewhere keeps them.
    assert_eq!(site.user(&["export", "users.jsonl"]).status.code(), Some(0));
    let there = Site::start().await;
    let file = site.folder.path().join("users.jsonl");
    let imported = there.user(&["import", file.to_str().unwrap()]);
    assert_eq!(imported.status.code(), Some(0), "{}", err(&imported));
    assert_eq!(there.json(&["handle", ADA])["handle"], "countess");
}

#[test]
fn without_a_database_the_command_fails() {
    let folder = TempDir::new().unwrap();
    let made = run(folder.path(), &[], &["user", "create", ADA]);
    assert_eq!(made.status.code(), Some(1));
    assert!(err(&made).contains("there is no database"), "{}", err(&made));
    assert!(!folder.path().join("data").exists(), "no database is created");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_vouches_for_an_address() {
    let site = Site::start().await;
    let sign_up = site.program.browser();
    let fields = [
        ("username", "Ada Lovelace"),
        ("email", ADA),
        ("password", PASSWORD),
        ("confirm_password", PASSWORD),
    ];
    sign_up.press("/auth/register", "Create account", &fields).await.is(303);
    assert_eq!(site.json(&["show", ADA])["status"], "unverified");
    let done = site.user(&["verify-email", ADA]);
    assert_eq!((done.status.code(), out(&done)), (Some(0), format!("{ADA} is confirmed.\n")));
    assert!(err(&done).contains("can now sign in with the password they chose"), "{}", err(&done));
    let shown = site.json(&["show", ADA]);
    assert_eq!(shown["status"], "active");
    assert!(shown["email_verified_at"].is_string() && shown["activated_at"].is_string());
    site.program.browser().sign_in(ADA, PASSWORD).await.goes_to("/dashboard");
    let shown = out(&site.user(&["show", ADA]));
    assert!(shown.contains("email_verified_by_administrator"), "{shown}");
    // With approval, no one can sign in yet.
    let grace = "grace@example.org";
    let fields = [&[("email", grace)], &fields[..1], &fields[2..]].concat();
    site.program.browser().press("/auth/register", "Create account", &fields).await.is(303);
    let approval =
        [&variables(site.postgres.as_ref())[..], &[("REGISTRATION", "approval")]].concat();
    let done = run(site.folder.path(), &approval, &["user", "verify-email", grace]);
    assert!(out(&done).contains("waits for approval: authflow user approve"), "{}", out(&done));
    assert!(err(&done).contains("can then sign in with the password"), "{}", err(&done));
    // It also works by id, and a second time reports that the address is confirmed already.
    let id = site.json(&["show", ADA])["id"].as_str().unwrap().to_owned();
    assert!(site.refused(1, &["verify-email", &id]).contains("already confirmed"));
    assert!(site.refused(1, &["verify-email", "eve@example.org"]).contains("There is no account"));
    for (command, said) in [
        ("verify-email", "sign in with the password they chose"),
        ("reset-link", "does not confirm the email address of an account that is in use"),
    ] {
        let help =
            out(&site.user(&[command, "--help"])).split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(help.contains(said), "{help}");
    }
}
