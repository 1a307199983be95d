//! The program itself, started in an empty folder without any configuration.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;
use std::time::Duration;

use super::support::*;
use tempfile::TempDir;

#[tokio::test]
async fn a_user_can_sign_up_in_an_empty_folder_and_stay_signed_in_after_a_restart() {
    let folder = TempDir::new().unwrap();
    let mut program = Program::start(folder.path(), &[]);
    assert_eq!(program.hello[0], "authflow is ready at http://localhost:5000");
    assert!(program.hello[2].ends_with("data/authflow.db"), "{:?}", program.hello);
    assert!(program.hello[3].ends_with("data/mail, shown at http://localhost:5000/dev/mail"));
    for entry in folder.path().join("data").read_dir().unwrap() {
        // The startup check may create and delete a file in the email folder at this moment.
        let Ok(found) = entry.unwrap().metadata() else { continue };
        assert_eq!(found.permissions().mode() & 0o077, 0, "only the owner can read the data");
    }
    let browser = program.browser();
    browser.sign_up(ADA).await.goes_to("/auth/check-mail");
    let link = program.mailed_path(&browser, "confirm your email address").await;
    browser.press(&link, "Confirm and sign in", &[]).await.goes_to("/dashboard");
    browser.get("/dashboard").await.is(200).says("Hello, Ada Lovelace");
    browser.press("/dashboard", "Sign out", &[]).await.goes_to("/auth/login");
    browser
        .press("/auth/forgot-password", "Send reset link", &[("email", ADA)])
        .await
        .goes_to("/auth/check-mail");
    let link = program.mailed_path(&browser, "reset your password").await;
    let fields = [("password", NEW_PASSWORD), ("confirm_password", NEW_PASSWORD)];
    browser.press(&link, "Set password", &fields).await.goes_to("/auth/login");
    browser.sign_in(ADA, NEW_PASSWORD).await.goes_to("/dashboard");
    assert!(browser.is_signed_in().await);

    let jwks = browser.get("/.well-known/jwks.json").await.body;
    program.signal("-TERM");
    assert!(program.end().success());
    // The next start keeps sessions and keys.
    let again = Program::start(folder.path(), &[]);
    let returning = again.browser();
    returning.set_cookie("authflow-refresh", &browser.cookie("authflow-refresh").unwrap());
    assert!(returning.is_signed_in().await);
    assert_eq!(returning.get("/.well-known/jwks.json").await.body, jwks);
}

#[tokio::test]
async fn kill_9_loses_nothing_that_was_confirmed() {
    let folder = TempDir::new().unwrap();
    let mut signed_up = Vec::new();
    for round in 0..4 {
        let mut program = Program::start(folder.path(), &[]);
        let email = format!("person{round}@example.org");
        let browser = program.browser();
        browser.sign_up(&email).await.goes_to("/auth/check-mail");
        program.child.kill().unwrap(); // SIGKILL, with the email queued
        program.end();
        signed_up.push((email, browser.cookies()));
    }
    let program = Program::start(folder.path(), &[]);
    for (email, cookies) in signed_up {
        let browser = program.browser();
        for (name, value) in &cookies {
            browser.set_cookie(name, value);
        }
        let link = wait_for(async || {
            let list = browser.get("/dev/mail").await;
            let mails = list.select(".list a");
            let mut found = None;
            for mail in mails {
                let mail = browser.get(&mail["href"]).await;
                if mail.text().contains(&format!("To {email}")) {
                    let link = mail.select("pre a")[0]["href"].clone();
                    found = Some(link.strip_prefix("http://localhost:5000").unwrap().to_owned());
                }
            }
            found
        });
        let link = link.await.unwrap_or_else(|| panic!("the email to {email} is lost"));
        browser.press(&link, "Confirm and sign in", &[]).await.goes_to("/dashboard");
        assert!(browser.is_signed_in().await);
    }
}

#[tokio::test]
async fn clients_cannot_delay_a_stop() {
    let folder = TempDir::new().unwrap();
    let mut program = Program::start(folder.path(), &[]);
    let idle = TcpStream::connect(program.address).unwrap();
    let mut half_header = TcpStream::connect(program.address).unwrap();
    half_header.write_all(b"GET /health HTTP/1.1\r\nhost: x\r\nx-slow: ").unwrap();
    let mut half_body = TcpStream::connect(program.address).unwrap();
    let head = "POST /auth/login HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: 900\r\n\r\na=";
    half_body.write_all(head.as_bytes()).unwrap();
    tokio::time::sleep(Duration::from_millis(200)).await;
    program.signal("-TERM");
    let end = tokio::task::spawn_blocking(move || program.end());
    let status =
        tokio::time::timeout(Duration::from_mins(2), end).await.expect("the server should stop");
    assert!(status.unwrap().success());
    drop(idle);
}

#[tokio::test]
async fn a_connection_with_an_unfinished_header_is_closed() {
    let folder = TempDir::new().unwrap();
    let program = Program::start(folder.path(), &[]);
    let mut slow = TcpStream::connect(program.address).unwrap();
    slow.write_all(b"GET /health HTTP/1.1\r\nhost: x\r\nx-slow: ").unwrap();
    slow.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let read = tokio::task::spawn_blocking(move || slow.read(&mut [0; 1_024])).await.unwrap();
    assert!(read.is_ok(), "expected a closed connection or 408: {read:?}");
}

#[test]
fn all_problems_are_reported_at_once() {
    let folder = TempDir::new().unwrap();
    let variables = [
        ("HOST", "everywhere"),
        ("ROTATE_AFTER", "soon"),
        ("PUBLIC_URL", "example.org"),
        ("AUTHFLOW_SITE_NAME", "x"),
    ];
    for arguments in [&[][..], &["check"]] {
        let output = run(folder.path(), &variables, arguments);
        let errors = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{errors}");
        for name in ["HOST must", "ROTATE_AFTER must", "PUBLIC_URL is no URL"] {
            assert!(errors.contains(name), "{errors}");
        }
    }
    std::fs::write(folder.path().join(".env"), "SECRET_KEY=two words\n").unwrap();
    let errors = String::from_utf8(run(folder.path(), &[], &["check"]).stderr).unwrap();
    assert!(errors.contains("quotes") && !errors.contains("two"), "{errors}");
    std::fs::write(
        folder.path().join(".env"),
        "REGISTRATION=sometimes\nSITE_NAME='From the file'\n",
    )
    .unwrap();
    let output = run(folder.path(), &[], &["check"]);
    assert!(
        String::from_utf8(output.stderr)
            .unwrap()
            .contains("REGISTRATION must be one of: open, invite, approval, closed")
    );
    let output = run(folder.path(), &[("REGISTRATION", "closed")], &["check"]);
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && said.contains("From the file"), "{said}");
}

#[tokio::test]
async fn check_migrate_and_healthcheck_have_correct_exit_codes() {
    let folder = TempDir::new().unwrap();
    let check = run(folder.path(), &[], &["check"]);
    let said = String::from_utf8(check.stdout).unwrap();
    assert!(
        check.status.success() && said.contains("will be created at the first start"),
        "{said}"
    );
    assert_eq!(folder.path().read_dir().unwrap().count(), 0, "check creates no files");
    assert_eq!(run(folder.path(), &[("PORT", "1")], &["healthcheck"]).status.code(), Some(1));

    let migrated = run(folder.path(), &[], &["migrate"]);
    assert!(migrated.status.success() && folder.path().join("data/authflow.db").exists());
    let check = run(folder.path(), &[], &["check"]);
    assert!(
        check.status.success() && String::from_utf8(check.stdout).unwrap().contains("is sound")
    );
    let program = Program::start(folder.path(), &[]);
    let port = program.address.port().to_string();
    let healthy = run(folder.path(), &[("PORT", &port)], &["healthcheck"]);
    assert!(healthy.status.success(), "{healthy:?}");
    let taken = run(folder.path(), &[("PORT", &port)], &[]);
    assert_eq!(taken.status.code(), Some(1));
    let said = String::from_utf8(taken.stderr).unwrap();
    let fix = format!("Another program uses port {port}, perhaps another authflow.");
    assert!(said.contains(&fix) && said.contains("or set PORT to another"), "{said}");
    drop(program);

    std::fs::write(
        folder.path().join("data/authflow.db"),
        "this is no database, but long enough to look like one".repeat(100),
    )
    .unwrap();
    let check = run(folder.path(), &[], &["check"]);
    assert_eq!(check.status.code(), Some(1));
    assert!(String::from_utf8(check.stdout).unwrap().contains("BAD"));
    assert_eq!(run(folder.path(), &[], &["fly"]).status.code(), Some(2));
    assert!(run(folder.path(), &[], &["--help"]).status.success());
}

/// `serve` starts exactly if `check` succeeds.
#[test]
fn risks_are_refused_until_they_are_accepted() {
    let folder = TempDir::new().unwrap();
    let risky = [
        ("PUBLIC_URL", "http://login.lan"),
        ("TRUSTED_PROXIES", "0.0.0.0/0"),
        ("SECRET_KEY", "changeme-changeme-changeme-changeme"),
    ];
    let named = ["PUBLIC_URL is http://login.lan", "TRUSTED_PROXIES covers", "SECRET_KEY can be"];
    for arguments in [&["check"][..], &["serve"], &["doctor"], &["migrate"]] {
        let output = run(folder.path(), &risky, arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let text = String::from_utf8(output.stderr).unwrap();
        for (name, word) in named.into_iter().zip(["plain-http", "any-proxy", "weak-secret"]) {
            let line = text.lines().find(|line| line.contains(name));
            let line = line.unwrap_or_else(|| panic!("{name}: {text}"));
            assert!(line.ends_with(&format!("add {word} to ACCEPT_RISKS.")), "{line}");
        }
    }
    let accepted = [&risky[..], &[("ACCEPT_RISKS", "plain-http,any-proxy,weak-secret")]].concat();
    let output = run(folder.path(), &accepted, &["check"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}");
    let notes = || text.lines().filter(|line| line.contains("note: "));
    assert_eq!(notes().count(), named.len(), "{text}");
    assert!(named.iter().all(|name| notes().any(|line| line.contains(name))), "{text}");

    drop(Program::start(folder.path(), &accepted));
    let log = std::fs::read_to_string(folder.path().join("log")).unwrap();
    assert!(named.iter().all(|name| log.contains(name)), "{log}");
}

#[test]
fn a_different_secret_key_is_refused_with_a_fix() {
    let folder = TempDir::new().unwrap();
    drop(Program::start(folder.path(), &[]));
    for arguments in [&[][..], &["check"]] {
        let output = run(folder.path(), &[("SECRET_KEY", SECRET_KEY)], arguments);
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8(said).unwrap();
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains("put the former key back"), "{said}");
    }
    std::fs::remove_file(folder.path().join("data/secret.key")).unwrap();
    let output = run(folder.path(), &[], &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8(output.stderr).unwrap().contains("is missing"));
}

#[tokio::test]
async fn the_log_has_one_line_per_request_and_contains_no_secret() {
    let folder = TempDir::new().unwrap();
    let variables = [("RUST_LOG", "trace"), ("EMAIL_VERIFICATION", "required")];
    let mut program = Program::start(folder.path(), &variables);
    let browser = program.browser();
    browser.sign_up(ADA).await;
    let link = program.mailed_path(&browser, "confirm your email address").await;
    browser.press(&link, "Confirm and sign in", &[]).await.goes_to("/dashboard");
    browser.get(&link.replace("verify-email", "verify-emial")).await.is(404);
    let marker = browser.get("/nothing-here").await.header("x-request-id").to_owned();
    let mut secrets: Vec<String> = browser.cookies().into_values().collect();
    secrets.extend([PASSWORD.to_owned(), link.rsplit('/').next().unwrap().to_owned()]);
    secrets.push(std::fs::read_to_string(folder.path().join("data/secret.key")).unwrap());
    program.signal("-TERM");
    program.end();
    let log = std::fs::read_to_string(folder.path().join("log")).unwrap();
    for secret in &secrets {
        let found = log.lines().find(|line| line.contains(secret.as_str()));
        assert!(found.is_none(), "{found:?}");
    }
    let lines = log.lines().filter(|line| line.contains(&marker) && line.contains("status="));
    assert_eq!(lines.count(), 1);
    assert!(log.contains("/auth/verify-email/{token}") && !log.contains('\u{1b}'));
}

#[test]
fn commands_end_quietly_when_no_one_reads_on() {
    let folder = TempDir::new().unwrap();
    for (arguments, code) in [(&["check"][..], 0), (&["proxy", "caddy"], 0), (&["user", "list"], 1)]
    {
        let mut command = command(folder.path(), &[], arguments);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert!(!said(&output).contains("panicked"), "{}", said(&output));
        assert_eq!(output.status.code(), Some(code), "{}", said(&output));
    }
}

#[tokio::test]
async fn the_log_can_be_json() {
    let folder = TempDir::new().unwrap();
    let log = std::fs::File::create(folder.path().join("log")).unwrap();
    let port = free_port().to_string();
    let mut child = command(folder.path(), &[("LOG_FORMAT", "json"), ("PORT", &port)], &[])
        .stderr(log)
        .spawn()
        .unwrap();
    let address: SocketAddr = format!("127.0.0.1:{port}").parse().unwrap();
    let browser = Browser::at(address);
    let is_ready = async || {
        let ready = browser.try_send(reqwest::Method::GET, "/health/ready", &[], None).await;
        ready.is_ok_and(|page| page.status.is_success())
    };
    assert!(wait_until(is_ready).await);
    browser.get("/auth/login").await.is(200);
    child.kill().unwrap();
    child.wait().unwrap();
    let log = std::fs::read_to_string(folder.path().join("log")).unwrap();
    let lines: Vec<serde_json::Value> =
        log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let line = lines.iter().find(|line| line["path"] == "/auth/login").unwrap();
    assert_eq!((&line["method"], &line["status"]), (&"GET".into(), &200.into()));
    assert_eq!(line["request"].as_str().unwrap().len(), 32);
}
