//! Settings in `.env` and in files, read by the program itself.

use std::fs;
use std::path::Path;

use super::support::*;
use tempfile::TempDir;

/// Writes `.env`, and returns the exit code and the output of `authflow check`.
fn check(folder: &Path, env_file: &[u8], variables: &[(&str, &str)]) -> (Option<i32>, String) {
    fs::write(folder.join(".env"), env_file).unwrap();
    let output = run(folder, variables, &["check"]);
    (output.status.code(), said(&output))
}

#[test]
fn problems_in_env_files_have_their_line() {
    let folder = TempDir::new().unwrap();
    let lines = [
        "\u{feff}REGISTRATION=sometimes",
        "# a comment",
        "export SITE_NAME=two words",
        "LOG_FORMAT='\"json\"'",
        "SMTP_URL=smtp://ada:hunter$two@mail.example.org",
        "hunter3",
        "MAIL_FROM = \"never closed",
        "GATE_ORIGINS=https://app.example.org/path # a comment",
        "ROTATE_AFTER=1m",
        "ROTATION_GRACE=1m",
        "OTHER_PROGRAM=two words",
        "PORT=hunter4",
    ];
    for line_end in ["\n", "\r\n"] {
        let (code, said) = check(folder.path(), lines.join(line_end).as_bytes(), &[]);
        assert_eq!(code, Some(2), "{said}");
        for problem in [
            ".env:1: REGISTRATION must be one of",
            ".env:3: SITE_NAME has a value with spaces",
            ".env:4: LOG_FORMAT has quotation marks around its value",
            ".env:5: SMTP_URL in .env contains a $, which refers to another variable",
            ".env:5: SMTP_URL has no effect with MAIL_TRANSPORT=file",
            ".env:6: this line is not NAME=value",
            ".env:7: MAIL_FROM has a quotation mark that is never closed",
            ".env:8: GATE_ORIGINS must be origins",
            ".env:9: ROTATE_AFTER must be longer than ROTATION_GRACE",
        ] {
            assert!(said.contains(problem), "{problem}: {said}");
        }
        assert_eq!(said.matches("\n  - ").count(), 9, "{said}");
        assert!(!said.contains("hunter"), "{said}");
        assert!(said.contains("Help: docs/configuration.md"), "{said}");
    }
    let utf16: Vec<u8> = "\u{feff}PORT=1\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let (code, said) = check(folder.path(), &utf16, &[]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains(".env:1: the file is saved as UTF-16"), "{said}");
    // The environment overrides the file, also a line that cannot be read.
    let (code, said) = check(folder.path(), b"SITE_NAME=two words\n", &[("SITE_NAME", "One")]);
    assert_eq!(code, Some(0), "{said}");
}

#[test]
fn settings_in_env_files_without_effect_have_their_line() {
    let folder = TempDir::new().unwrap();
    let file = "SITE_NAME=First\nPGHOST=db\nSITE_NAME=\"$SITE_NAME & Second\"\nAUTHFLOW_SITE_NAME=x\nSMTP_CA_FILE=/x\n";
    let (code, said) = check(folder.path(), file.as_bytes(), &[]);
    assert_eq!(code, Some(0), "{said}");
    for note in [
        "good: First & Second at",
        "note: .env:2: PGHOST in .env has no effect: set it in the environment, or write host=",
        "note: .env:3: SITE_NAME is set twice in .env: line 1 has no effect",
        "note: .env:3: SITE_NAME in .env contains a $",
        "note: .env:4: AUTHFLOW_SITE_NAME is not a variable of authflow",
        "note: .env:5: SMTP_CA_FILE has no effect with MAIL_TRANSPORT=file",
    ] {
        assert!(said.contains(note), "{note}: {said}");
    }
    assert_eq!(said.matches("note: ").count(), 5, "{said}");
}

#[test]
fn secrets_in_files_are_used_and_never_printed() {
    let folder = TempDir::new().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let url = file("url", "postgres://ada:hunter2@127.0.0.1:1/x\n");
    let key = file("key", &format!("{SECRET_KEY}\n"));
    let line = format!("SECRET_KEY_FILE={key}\n");
    let (code, said) = check(folder.path(), line.as_bytes(), &[("DATABASE_URL_FILE", &url)]);
    assert_eq!(code, Some(1), "{said}");
    let named =
        format!("DATABASE_URL ({url}): PostgreSQL at 127.0.0.1:1, database x cannot be used");
    assert!(said.contains(&named) && !said.contains("hunter2"), "{said}");

    let both = format!("{line}SECRET_KEY='{SECRET_KEY}'\n");
    let (code, said) = check(folder.path(), both.as_bytes(), &[]);
    assert_eq!(code, Some(2), "{said}");
    let problem = ".env:1: SECRET_KEY_FILE and SECRET_KEY are both set. Remove one of them.";
    assert!(said.contains(problem) && !said.contains(SECRET_KEY), "{said}");

    // The path may be the secret itself by mistake.
    let (code, said) = check(folder.path(), b"SECRET_KEY_FILE=hunter2\n", &[]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains(".env:1: SECRET_KEY_FILE names a file that cannot be read"), "{said}");
    assert!(!said.contains("hunter2"), "{said}");
}

#[test]
fn a_named_settings_file_is_read_in_place_of_the_env_file() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join(".env"), "SITE_NAME=Other\nhunter2\n").unwrap();
    let file = folder.path().join("settings");
    fs::write(&file, "SITE_NAME=\"My Site\"\nPGHOST=db\nPUBLIC_URL=http://localhost:7000\n")
        .unwrap();
    let file = file.to_str().unwrap();
    // The option may be before and after the command.
    for arguments in [["--env-file", file, "check"], ["check", "--env-file", file]] {
        let output = run(folder.path(), &[], &arguments);
        let said = said(&output);
        assert!(output.status.success() && said.contains("good: My Site at"), "{said}");
        let overridden = format!(
            "note: {file}:3: PUBLIC_URL has no effect, because the environment sets it to another value."
        );
        let without_effect = format!("note: {file}:2: PGHOST in {file} has no effect");
        assert!(said.contains(&overridden) && said.contains(&without_effect), "{said}");
        assert!(!said.contains("hunter2"), "{said}");
    }

    fs::write(file, "PUBLIC_URL=http://localhost:5000\nREGISTRATION=sometimes\n").unwrap();
    let output = run(folder.path(), &[], &["--env-file", file, "check"]);
    let said = said(&output);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains(&format!("{file}:2: REGISTRATION must be one of")), "{said}");
}

#[test]
fn a_named_settings_file_that_cannot_be_read_is_an_error() {
    let folder = TempDir::new().unwrap();
    let output = run(folder.path(), &[], &["--env-file", "settings", "check"]);
    let missing = said(&output);
    assert_eq!(output.status.code(), Some(2), "{missing}");
    assert!(missing.contains("settings cannot be read: No such file or directory"), "{missing}");

    fs::write(folder.path().join("settings"), "SITE_NAME=x\n").unwrap();
    let Some(output) = run_as_nobody(folder.path(), &["--env-file", "settings", "check"]) else {
        return left_out("a settings file of another user", "only root can try it");
    };
    let closed = said(&output);
    assert_eq!(output.status.code(), Some(2), "{closed}");
    for words in [
        "settings cannot be read: Permission denied",
        "It belongs to root (user 0), but authflow runs as nobody (user 65534).",
        "Run the command as the user of the service, or let this user read the file: `chgrp 65534 settings && chmod g+r settings`",
    ] {
        assert!(closed.contains(words), "{words}: {closed}");
    }
}

/// Runs authflow as `nobody` in a folder of root, whose files it can see but not read. `None` if root does not run the tests.
fn run_as_nobody(folder: &Path, arguments: &[&str]) -> Option<std::process::Output> {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    if fs::metadata("/proc/self").unwrap().uid() != 0 {
        return None;
    }
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).unwrap();
    fs::set_permissions(folder.join("settings"), fs::Permissions::from_mode(0o600)).unwrap();
    let nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
    Some(command_under(&nobody, folder, &[], arguments).output().unwrap())
}

#[test]
fn the_log_level_can_be_set_in_env_files() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join(".env"), "RUST_LOG=debug\n").unwrap();
    drop(Program::start(folder.path(), &[]));
    let log = fs::read_to_string(folder.path().join("log")).unwrap();
    assert!(log.contains("DEBUG"), "{log}");
}

#[test]
fn an_address_that_cannot_be_used_is_reported_with_its_setting() {
    let folder = TempDir::new().unwrap();
    let output = run(folder.path(), &[("HOST", "192.0.2.7")], &["serve"]);
    assert_eq!(output.status.code(), Some(1));
    let said = said(&output);
    assert!(said.contains("192.0.2.7 is not an address of this machine. Set HOST"), "{said}");
}
