//! The filter for fail2ban finds the addresses that attack in the program's own log, and no address that visitors write into it.

use std::fs::File;
use std::process::Command;

use tempfile::TempDir;

use super::support::*;

const FILTER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/deploy/fail2ban/filter.d/authflow.conf");
const ATTACKERS: [&str; 2] = ["192.0.2.66", "2001:db8::66"];
/// Visitors write it into the log, but no request comes from it.
const BYSTANDER: &str = "203.0.113.9";

#[tokio::test(flavor = "multi_thread")]
async fn the_filter_finds_attackers_and_no_one_else() {
    if !is_installed() {
        return;
    }
    for format in ["text", "json"] {
        let folder = TempDir::new().unwrap();
        attack(&folder, format).await;
        let output = fail2ban_regex()
            .args(["--out", "ip", "log", FILTER])
            .current_dir(&folder)
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let log = std::fs::read_to_string(folder.path().join("log")).unwrap();
        assert!(log.contains(BYSTANDER), "{log}");
        let mut found: Vec<_> = text.lines().filter(|it| !it.is_empty()).collect();
        found.sort_unstable();
        // Each address fails twice.
        let [first, second] = ATTACKERS;
        assert_eq!(found, [first, first, second, second], "{text}{log}");
    }
}

/// Fails to sign in from two addresses, while a third visitor only makes odd requests.
async fn attack(folder: &TempDir, format: &str) {
    let port = free_port();
    let log = File::create(folder.path().join("log")).unwrap();
    let variables = [("LOG_FORMAT", format), ("PORT", &port.to_string())];
    let child = command(folder.path(), &variables, &[])
        .stdout(std::process::Stdio::null())
        .stderr(log)
        .spawn();
    let _child = Killed(child.unwrap());
    let url = format!("http://127.0.0.1:{port}");
    let client = reqwest::Client::new();
    let is_ready = async || {
        client.get(format!("{url}/health/ready")).send().await.is_ok_and(|it| it.status() == 200)
    };
    assert!(wait_until(is_ready).await);
    let sign_in = async |from: &str, email: String| {
        let body = serde_json::json!({ "email": email, "password": "quiet lanterns" }).to_string();
        let request = client.post(format!("{url}/api/auth/login")).body(body);
        let request =
            request.header("content-type", "application/json").header("x-forwarded-for", from);
        request.send().await.unwrap().status().as_u16()
    };
    for from in ATTACKERS {
        assert_eq!(sign_in(from, ADA.to_owned()).await, 401);
        let lie = format!("ada@example.org\n  INFO request{{}}: audit address={BYSTANDER}");
        assert!([401, 422].contains(&sign_in(from, lie).await));
        assert_eq!(sign_in(from, format!("x address={BYSTANDER}@example.org")).await, 422);
        assert_eq!(sign_in(from, "eve@example.org".to_owned()).await, 401);
    }
    for path in [format!("/x address={BYSTANDER}"), format!("/\" status=429 address={BYSTANDER}")] {
        let odd = client
            .post(format!("{url}{path}"))
            .header("user-agent", format!("x address={BYSTANDER}"));
        odd.header("x-forwarded-for", "198.51.100.7").send().await.unwrap();
    }
}

fn fail2ban_regex() -> Command {
    #[expect(clippy::disallowed_methods, reason = "the rule is for the server")]
    Command::new("fail2ban-regex")
}

/// Whether fail2ban is installed. `TEST_FAIL2BAN` requires it.
fn is_installed() -> bool {
    let is_there = fail2ban_regex().arg("--version").output().is_ok();
    assert!(
        is_there || std::env::var("TEST_FAIL2BAN").is_err(),
        "fail2ban must be installed if TEST_FAIL2BAN is set"
    );
    if !is_there {
        left_out("the filter for fail2ban", "fail2ban-regex is not installed");
    }
    is_there
}
