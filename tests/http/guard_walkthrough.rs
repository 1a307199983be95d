//! The commands of the documentation that put an app behind nginx work as printed.

use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::Command;

use tempfile::TempDir;

use super::support::*;

/// The blocks of a language in a section.
fn blocks(page: &str, heading: &str, language: &str) -> String {
    let (_, text) = page.split_once(heading).expect(heading);
    let text = text.split("\n## ").next().unwrap();
    let fence = format!("```{language}\n");
    let blocks = text.split(&fence).skip(1);
    blocks.map(|block| block.split_once("```").expect("a block should end").0).collect()
}

/// What belongs to the machine, and what it does here. The service runs in the working directory.
const STAND_INS: [(&str, &str); 5] = [
    ("sudo", "exec \"$@\""),
    ("certbot", ""),
    ("nginx", ""),
    ("authflowctl", "exec authflow \"$@\""),
    (
        "systemctl",
        "[ \"$*\" = 'restart authflow' ] || exit 0
authflow serve >authflow.log 2>&1 &
echo $! >pid
for n in $(seq 200); do authflow healthcheck 2>/dev/null && exit; sleep 0.05; done
cat authflow.log; exit 1",
    ),
];

#[test]
fn an_app_is_guarded_in_five_minutes() {
    let (page, heading) = (include_str!("../../docs/guard/nginx.md"), "\n## In five minutes\n");
    let folder = TempDir::new().unwrap();
    let [programs, work, nginx] = ["programs", "work", "nginx"].map(|it| folder.path().join(it));
    for folder in [&programs, &work, &nginx] {
        std::fs::create_dir(folder).unwrap();
    }
    for (program, does) in STAND_INS {
        let path = programs.join(program);
        std::fs::write(&path, format!("#!/bin/sh\n{does}\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    let binary = std::env::var("TEST_BINARY");
    symlink(binary.as_deref().unwrap_or(env!("CARGO_BIN_EXE_authflow")), programs.join("authflow"))
        .unwrap();
    std::fs::write(work.join(".env"), blocks(page, heading, "env")).unwrap();
    let walk = blocks(page, heading, "sh").replace("/etc/nginx/conf.d", nginx.to_str().unwrap());
    let script =
        format!("set -euo pipefail; trap 'kill $(cat pid)' EXIT\n{walk}\nauthflow healthcheck");

    let port = free_port().to_string();
    let path = std::env::var("PATH").unwrap();
    #[expect(clippy::disallowed_methods, reason = "the rule is for the server")]
    let mut bash = Command::new("bash");
    bash.args(["-c", &script]).current_dir(&work).env_clear();
    bash.env("PATH", format!("{}:{path}", programs.display())).env("PORT", &port);
    let output = bash.output().unwrap();
    let said = said(&output);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("https://login.example.org/auth/") && said.contains("ready"), "{said}");
    let printed = |name: &str| std::fs::read_to_string(nginx.join(name)).unwrap();
    assert!(printed("login.conf").contains(&format!("server 127.0.0.1:{port};")));
    assert!(printed("app.conf").contains("server_name app.example.org;"));
    assert!(work.join("data/authflow.db").exists());
}
