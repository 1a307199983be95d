//! `authflow user import`, while the server runs.

use std::fmt::Write;
use std::process::Output;

use authflow::i18n::languages::Languages;
use authflow::services::administration::import_file::{self, BadLine, Format};
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use serde_json::Value;
use tempfile::TempDir;

use super::support::*;

/// The start of a hash from another program, up to the salt.
const ARGON2: &str = "$argon2i$v=19$m=64,t=3,p=1$c29tZXNhbHRzb21lc2FsdA$";
const PEOPLE: &str = "people.csv";

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

    fn import(&self, file: &str, text: &str, more: &[&str]) -> Output {
        std::fs::write(self.folder.path().join(file), text).unwrap();
        let arguments = [&["user", "import", file], more].concat();
        run(self.folder.path(), &variables(self.postgres.as_ref()), &arguments)
    }

    fn list(&self) -> Vec<Value> {
        let arguments = ["user", "list", "--sort", "email", "--limit", "1000000", "--json"];
        let listed = run(self.folder.path(), &variables(self.postgres.as_ref()), &arguments);
        serde_json::from_slice(&listed.stdout).unwrap()
    }
}

fn variables(postgres: Option<&PostgresDatabase>) -> Vec<(&str, &str)> {
    postgres.map_or(Vec::new(), |it| {
        vec![("DATABASE_URL", it.url.as_str()), ("SECRET_KEY", SECRET_KEY)]
    })
}

/// A hash as another program would create it.
fn argon2_hash(password: &str) -> String {
    let params = argon2::Params::new(64, 3, 1, Some(32)).unwrap();
    let argon2 = argon2::Argon2::new(argon2::Algorithm::Argon2i, argon2::Version::V0x13, params);
    let mut output = [0; 32];
    argon2.hash_password_into(password.as_bytes(), b"somesaltsomesalt", &mut output).unwrap();
    format!("{ARGON2}{}", STANDARD_NO_PAD.encode(output))
}

#[tokio::test(flavor = "multi_thread")]
async fn imported_accounts_keep_their_passwords_and_ids() {
    let site = Site::start().await;
    let (argon2, bcrypt) = (argon2_hash(PASSWORD), bcrypt::hash(NEW_PASSWORD, 5).unwrap());
    let id = "0b0e7a4e-7f4e-4c6c-9d38-4a5f5d3f2b11";
    let text = format!(
        "id,email,username,password_hash,roles,verified,language,time_zone\n\
         {id},Ada@Example.org,Ada Lovelace,\"{argon2}\",\"family, staff\",true,,\n\
         ,eve@example.org,,{bcrypt},,yes,de,Europe/Berlin\n,new@example.org,Newcomer,,,no,,\n"
    );
    let dry = site.import(PEOPLE, &text, &["--dry-run"]);
    assert!(said(&dry).contains("3 accounts can be imported."), "{}", said(&dry));
    assert!(site.list().is_empty());
    let imported = site.import(PEOPLE, &text, &[]);
    assert_eq!(imported.status.code(), Some(0), "{}", said(&imported));
    assert!(said(&imported).contains("3 accounts imported."), "{}", said(&imported));

    let listed = site.list();
    let emails: Vec<_> = listed.iter().map(|it| it["email"].as_str().unwrap()).collect();
    assert_eq!(emails, ["Ada@example.org", "eve@example.org", "new@example.org"]);
    assert_eq!(
        (&listed[0]["id"], &listed[0]["roles"]),
        (&id.into(), &serde_json::json!(["family", "staff"]))
    );
    assert_eq!(
        listed.iter().map(|it| it["status"].clone()).collect::<Vec<_>>(),
        ["active", "active", "unverified"]
    );

    // Both passwords work, and signing in replaces their hashes.
    let (ada, eve) = (site.program.browser(), site.program.browser());
    ada.sign_in(ADA, "another password altogether").await.is(401);
    ada.sign_in(ADA, PASSWORD).await.goes_to("/dashboard");
    ada.get("/profile/activity").await.says("Account imported from another system");
    eve.sign_in("eve@example.org", PASSWORD).await.is(401);
    eve.sign_in("eve@example.org", NEW_PASSWORD).await.goes_to("/dashboard");
    let arguments = ["user", "export", "-", "--password-hashes"];
    let exported = run(site.folder.path(), &variables(site.postgres.as_ref()), &arguments);
    let exported = said(&exported);
    for line in exported.lines().filter(|line| !line.contains("new@example.org")) {
        assert!(line.contains("$argon2id$v=19$m=19456,t=2,p=1$"), "{line}");
    }
    let again = site.program.browser();
    again.sign_in("eve@example.org", NEW_PASSWORD).await.goes_to("/dashboard");

    a_password_is_set_by_email(&site).await;

    // A second import changes nothing, and importing the export changes nothing either.
    let again = site.import(PEOPLE, &text, &[]);
    assert!(
        said(&again).contains("0 accounts imported.") && said(&again).contains("3 exist already"),
        "{}",
        said(&again)
    );
    let again = site.import("taken.jsonl", &exported, &[]);
    assert!(said(&again).contains("3 exist already"), "{}", said(&again));
    assert!(ada.is_signed_in().await);
    assert_eq!(site.list().len(), 3);

    the_export_recreates_the_accounts_on_an_empty_site(&site, &exported).await;
}

/// An account that was imported without a password.
async fn a_password_is_set_by_email(site: &Site) {
    let newcomer = site.program.browser();
    newcomer.sign_in("new@example.org", PASSWORD).await.is(401);
    newcomer
        .press("/auth/forgot-password", "Send reset link", &[("email", "new@example.org")])
        .await
        .is(303);
    let path = site.program.mailed_path(&newcomer, "reset your password").await;
    let fields = [("password", PASSWORD), ("confirm_password", PASSWORD)];
    newcomer.press(&path, "Set password", &fields).await.goes_to("/auth/login");
    newcomer.sign_in("new@example.org", PASSWORD).await.goes_to("/dashboard");
}

async fn the_export_recreates_the_accounts_on_an_empty_site(site: &Site, exported: &str) {
    let other = Site::start().await;
    let moved = other.import("taken.jsonl", exported, &[]);
    assert!(said(&moved).contains("3 accounts imported."), "{}", said(&moved));
    let eve = other.program.browser();
    eve.sign_in("eve@example.org", NEW_PASSWORD).await.goes_to("/dashboard");
    let profile = eve.get("/profile").await;
    let chosen = profile.select("option[selected]").into_iter().map(|it| it["value"].clone());
    assert_eq!(chosen.collect::<Vec<_>>(), ["de", "Europe/Berlin"]);
    let without_dates = |site: &Site| {
        let strip = |user: &Value| {
            (
                user["id"].clone(),
                user["email"].clone(),
                user["username"].clone(),
                user["roles"].clone(),
            )
        };
        site.list().iter().map(strip).collect::<Vec<_>>()
    };
    assert_eq!(without_dates(&other), without_dates(site));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_with_another_ending_does_not_lock_the_owner_out() {
    let site = Site::start().await;
    let common = "a long sentence that is exactly seventy-two bytes long and not one longer";
    let common = &common[..72];
    let own = format!("{common}, with the owner's ending");
    let hash = bcrypt::hash(&own, 4).unwrap();
    let text = format!("email,password_hash,verified\n{ADA},{hash},true\n");
    assert!(said(&site.import(PEOPLE, &text, &[])).contains("1 account imported."));
    // bcrypt cannot tell these from the owner's password.
    for typed in [format!("{common}, with another"), common.to_owned(), own.clone(), own] {
        site.program.browser().sign_in(ADA, &typed).await.goes_to("/dashboard");
    }
    let arguments = ["user", "export", "-", "--password-hashes"];
    let exported = run(site.folder.path(), &variables(site.postgres.as_ref()), &arguments);
    assert!(said(&exported).contains(&hash), "the hash is kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn hashes_that_cannot_be_checked_are_refused_with_their_line() {
    let site = Site::start().await;
    let argon2 = argon2_hash(PASSWORD);
    let bcrypt = bcrypt::hash(PASSWORD, 4).unwrap();
    let text = format!(
        "email,password_hash\na@example.org,{}\nb@example.org,\"{}\"\nc@example.org,\"{}\"\nd@example.org,{}\n\
         e@example.org,{}\nf@example.org,\"{}\"\n",
        &bcrypt[..59],
        argon2.replace(",p=1", ",p=1,keyid=Hj5+dsK0"),
        argon2.replace(",p=1", ""),
        bcrypt.replace("$2b$04$", "$2b$04$!"),
        bcrypt.replace("$2b$", "$2x$"),
        argon2.replace("v=19$", ""),
    );
    let refused = site.import(PEOPLE, &text, &["--dry-run"]);
    let told = said(&refused);
    for line in [
        "line 2, password_hash: No password can be checked against it: a bcrypt hash has 60",
        "line 3, password_hash: No password can be checked against it: it was made with a secret",
        "line 4, password_hash: No password can be checked against it: a parameter is missing",
        "line 5, password_hash: No password can be checked against it: a bcrypt hash has 60",
        "line 6, password_hash: It is neither argon2",
    ] {
        assert!(told.contains(line), "{told}");
    }
    assert!(!told.contains("line 7"), "an argon2 hash without a version can be checked: {told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_is_all_or_nothing_unless_bad_lines_are_skipped() {
    let site = Site::start().await;
    let browser = site.program.browser();
    browser.sign_up(ADA).await;
    let path = site.program.mailed_path(&browser, "confirm").await;
    browser.press(&path, "Confirm and sign in", &[]).await.goes_to("/dashboard");
    // A sign-up that was not confirmed does not block an import.
    site.program.browser().sign_up("waiting@example.org").await;
    let text = "email,id,password_hash\n\
                ada@example.org,0b0e7a4e-7f4e-4c6c-9d38-4a5f5d3f2b11,\n\
                waiting@example.org,,\n\
                nonsense,,\n\
                eve@example.org,,$1$secret$hash\n\
                good@example.org,,\n";
    let refused = site.import(PEOPLE, text, &[]);
    let told = said(&refused);
    assert_eq!(refused.status.code(), Some(1), "{told}");
    for line in [
        "line 2, id: This address already has an account",
        "line 4, email:",
        "line 5, password_hash: It is neither argon2",
    ] {
        assert!(told.contains(line), "{told}");
    }
    assert!(
        told.contains("Nothing was imported. Fix 3 lines") && !told.contains("secret"),
        "{told}"
    );
    assert_eq!(site.list().len(), 2);

    let json = site.import(PEOPLE, text, &["--skip-bad", "--json"]);
    assert_eq!(json.status.code(), Some(0));
    let told: Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(
        (&told["imported"], told["bad"].as_array().unwrap().len()),
        (&2.into(), 3),
        "{told}"
    );
    assert_eq!(told["bad"][0]["line"], 2);
    let emails: Vec<_> = site.list().iter().map(|it| it["email"].clone()).collect();
    assert_eq!(emails, [ADA, "good@example.org", "waiting@example.org"]);
    assert!(browser.is_signed_in().await, "existing accounts stay unchanged");

    let unreadable = site.import(PEOPLE, "mail;name\n", &[]);
    assert_eq!(unreadable.status.code(), Some(1));
    assert!(said(&unreadable).contains("not semicolons"), "{}", said(&unreadable));
    let missing = run(
        site.folder.path(),
        &variables(site.postgres.as_ref()),
        &["user", "import", "none.csv"],
    );
    assert_eq!(missing.status.code(), Some(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_import_runs_in_batches_while_people_sign_in() {
    let site = Site::start().await;
    let mut text = String::from("email,username,password_hash,roles\n");
    let hash = bcrypt::hash(PASSWORD, 4).unwrap();
    for n in 0..3_000 {
        writeln!(text, "person{n}@example.org,Person {n},{hash},member").unwrap();
    }
    let imported = site.import(PEOPLE, &text, &[]);
    assert!(said(&imported).contains("3000 accounts imported."), "{}", said(&imported));
    assert_eq!(site.list().len(), 3_000);
    let arguments = ["user", "show", "person2999@example.org", "--json"];
    let shown = run(site.folder.path(), &variables(site.postgres.as_ref()), &arguments);
    let shown: Value = serde_json::from_slice(&shown.stdout).unwrap();
    assert_eq!(shown["audit_entries"][0]["event"], "user_imported");
    assert_eq!(shown["roles"], serde_json::json!(["member"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn imported_accounts_get_the_handles_of_the_file() {
    let site = Site::start().await;
    let id = "0b0e7a4e-7f4e-4c6c-9d38-4a5f5d3f2b11";
    let text = format!(
        "email,handle,id\nada@example.net,,\nada@example.org,Ada,{id}\nroot@example.org,admin,\n"
    );
    let imported = site.import(PEOPLE, &text, &[]);
    assert_eq!(imported.status.code(), Some(0), "{}", said(&imported));
    let handles: Vec<_> = site.list().iter().map(|it| it["handle"].clone()).collect();
    assert_eq!(handles, ["ada-2", "ada", "admin"], "a named handle goes before one of an address");

    // A deleted account comes back with its ID and its handle; no other account gets the handle.
    let delete = ["user", "delete", "ada", "--yes"];
    let deleted = run(site.folder.path(), &variables(site.postgres.as_ref()), &delete);
    assert!(deleted.status.success(), "{}", said(&deleted));
    let text = "email,handle\nother@example.org,ada\neve@example.org,e!\na@example.org,a.b\nb@example.org,A.B\n";
    let refused = site.import(PEOPLE, text, &[]);
    assert_eq!(refused.status.code(), Some(1), "{}", said(&refused));
    for problem in [
        "line 2, handle: This handle belongs to another account, or did before.",
        "line 3, handle: A handle cannot contain “!”. Use letters from a to z, digits, dots, underscores and hyphens.",
        "line 5, handle: Line 4 has the same handle.",
    ] {
        assert!(said(&refused).contains(problem), "{problem}: {}", said(&refused));
    }
    let text = format!("email,handle,id\nada@example.com,ada,{id}\n");
    let imported = site.import(PEOPLE, &text, &[]);
    assert_eq!(imported.status.code(), Some(0), "{}", said(&imported));
}

#[test]
fn a_problem_is_a_sentence() {
    for (field, value, problem) in [
        ("id", "x", "It is not a UUID."),
        ("email", "", "Enter an email address."),
        (
            "email",
            "ada @example.org",
            "This email address has a space after “ada”. Enter an address in the form name@example.org.",
        ),
        (
            "username",
            "a\u{7}b",
            "This name contains a control character (U+0007). Remove it or retype the name.",
        ),
        (
            "handle",
            "ada@x",
            "A handle cannot contain “@”. Use letters from a to z, digits, dots, underscores and hyphens.",
        ),
        (
            "roles",
            "Admin",
            "“Admin” looks like the role “admin” but is a different one. Enter “admin” or choose another name.",
        ),
        ("verified", "perhaps", "It is neither true nor false."),
        ("language", "tlh", "It is not a language of authflow, such as en."),
        ("time_zone", "Mars/Olympus", "It is not a time zone, such as Europe/Berlin."),
    ] {
        let email = if field == "email" { "" } else { ",email" };
        let text = format!("{field}{email}\n\"{value}\"{}\n", email.replace("email", ADA));
        let languages = Languages::embedded();
        let found = import_file::read(text.as_bytes(), Format::Csv, languages).unwrap().bad;
        assert_eq!(found, [BadLine::of(2, field, problem)]);
    }
}
