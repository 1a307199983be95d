//! Completions and manual pages, which authflow makes from its own commands.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use super::support::*;
use tempfile::TempDir;

/// Settings that no command accepts, so that only those that read no settings succeed.
const UNUSABLE: [(&str, &str); 1] = [("PORT", "none")];

/// The output of another program; `None` if it is not installed.
fn output_of(program: &str, arguments: &[&str], folder: &Path) -> Option<String> {
    #[expect(clippy::disallowed_methods, reason = "the rule is for the server")]
    let output = Command::new(program).args(arguments).current_dir(folder).output().ok()?;
    Some(said(&output))
}

#[test]
fn every_command_has_a_manual_page() {
    let folder = TempDir::new().unwrap();
    let written = run(folder.path(), &UNUSABLE, &["manpage", "--directory", "share/man1"]);
    assert!(written.status.success(), "{}", said(&written));
    let pages = folder.path().join("share/man1");
    let found: BTreeSet<String> = fs::read_dir(&pages)
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    for page in ["authflow.1", "authflow-serve.1", "authflow-user.1", "authflow-user-create.1"] {
        assert!(found.contains(page), "{page}: {found:?}");
    }
    let names: Vec<&str> = found.iter().map(String::as_str).collect();
    for name in &names {
        let page = fs::read_to_string(pages.join(name)).unwrap();
        for section in
            ["NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "\"EXIT STATUS\"", "\"SEE ALSO\""]
        {
            assert!(page.contains(&format!(".SH {section}\n")), "{name}: {section}");
        }
        assert!(!page.contains('`'), "{name}");
        // Each command on a page has a page of its own.
        for line in page.lines().filter(|line| line.ends_with("(1)") && !line.contains(' ')) {
            let other = line.trim_start_matches("\\fB").replace("\\fR", "").replace("\\-", "-");
            let other = other.replace("(1)", ".1");
            assert!(found.contains(&other), "{name}: {other}");
        }
    }
    match output_of("mandoc", &[&["-T", "lint", "-W", "warning"], &names[..]].concat(), &pages) {
        Some(warnings) => assert_eq!(warnings, ""),
        None => left_out("the form of manual pages", "mandoc is not installed"),
    }
    // On a terminal of 80 columns.
    for name in names {
        let groff = ["-Kutf8", "-man", "-Tutf8", "-ww", "-rLL=78n", name];
        match output_of("groff", &groff, &pages) {
            Some(shown) => assert!(!shown.contains("warning"), "{name}: {shown}"),
            None => return left_out("how manual pages look", "groff is not installed"),
        }
    }
}

#[test]
fn a_wrong_id_comes_with_the_command_that_lists_the_right_ones() {
    let folder = TempDir::new().unwrap();
    for (arguments, hint) in [
        (["keys", "revoke", "x"], "not a key ID; `keys list` shows them"),
        (["mail", "retry", "5"], "not the ID of an email; `mail list` shows them"),
    ] {
        let output = run(folder.path(), &[], &arguments);
        let text = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{text}");
        assert!(text.contains(hint), "{text}");
    }
}

#[test]
fn shells_complete_commands_and_options() {
    let folder = TempDir::new().unwrap();
    for (shell, start) in [
        ("bash", "_authflowctl() {"),
        ("zsh", "#compdef authflowctl"),
        ("fish", "# Print an optspec for argparse to handle cmd's options"),
    ] {
        let output = run(folder.path(), &UNUSABLE, &["completion", shell, "--for", "authflowctl"]);
        let script = said(&output);
        assert!(output.status.success() && script.starts_with(start), "{script}");
    }
    let script = run(folder.path(), &UNUSABLE, &["completion", "bash"]);
    fs::write(folder.path().join("completion"), script.stdout).unwrap();
    for (words, completed) in [
        (&["authflow", "heal"][..], "healthcheck"),
        (&["authflow", "user", "cre"], "create"),
        (&["authflow", "user", "create", "--na"], "--name"),
        (&["authflow", "completion", "z"], "zsh"),
    ] {
        let (last, before) = (words[words.len() - 1], words[words.len() - 2]);
        let program = format!(
            ". ./completion; COMP_WORDS=({}); COMP_CWORD={}; _authflow authflow {last} {before}; echo \"${{COMPREPLY[*]}}\"",
            words.join(" "),
            words.len() - 1
        );
        let completions = output_of("bash", &["-c", &program], folder.path()).unwrap();
        assert_eq!(completions.trim(), completed, "{words:?}");
    }
}
