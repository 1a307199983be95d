//! Who may import whom (see `src/lib.rs`): searched in the text, so that a short cut does not pass unnoticed.

mod graph;

use std::fs;
use std::path::{Path, PathBuf};

use graph::{Graph, Module};

/// `(folder, what must not stand in it, files that may)`
const RULES: [(&str, &[&str], &[&str]); 5] = [
    ("handlers", &["crate::repositories", "crate::db", "sqlx", "app.db", "app.hasher"], &[]),
    ("web", &["crate::repositories", "crate::db", "sqlx"], &["browser_state.rs"]),
    (
        "services",
        &[
            "axum",
            "tower_sessions",
            "crate::web",
            "crate::handlers",
            "query(",
            "SELECT ",
            "UPDATE ",
        ],
        &[],
    ),
    (
        "repositories",
        &["axum", "crate::services", "crate::web", "crate::handlers", "crate::app"],
        &[],
    ),
    (
        "domain",
        &[
            "crate::app",
            "crate::config",
            "crate::db",
            "crate::error",
            "crate::mail",
            "crate::repositories",
            "crate::services",
            "crate::web",
            "axum",
        ],
        &[],
    ),
];

/// Every file below `folder`.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found
}

fn offenders(text: &str, forbidden: &[&str]) -> Vec<String> {
    let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    let bad = code.filter(|line| forbidden.iter().any(|word| line.contains(word)));
    bad.map(ToOwned::to_owned).collect()
}

#[test]
fn nobody_takes_a_short_cut() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for (folder, forbidden, excused) in RULES {
        let found = files(&source.join(folder));
        assert!(found.len() > 3, "{folder} has moved");
        for path in found {
            let name = path.file_name().unwrap().to_str().unwrap();
            if !excused.contains(&name) {
                let bad = offenders(&fs::read_to_string(&path).unwrap(), forbidden);
                assert!(bad.is_empty(), "{}: {bad:?}", path.display());
            }
        }
    }
}

#[test]
fn the_search_bites() {
    assert_eq!(
        offenders("use crate::db::Db;\n// crate::db\nlet x = 1;", &["crate::db"]),
        ["use crate::db::Db;"]
    );
}

#[test]
fn templates_hold_no_script_style_or_unescaped_output() {
    for path in files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("templates")) {
        let mut text = fs::read_to_string(&path).unwrap();
        if path.ends_with("pages/gate.html") {
            // The page is shown at other hosts, and brings our own stylesheet along.
            text = text.replacen("<style>{{ style|safe }}</style>", "", 1);
        }
        assert!(
            !text.contains("<script") && !text.contains("|safe") && !text.contains("| safe"),
            "{}",
            path.display()
        );
        let is_mail = path.components().any(|part| part.as_os_str() == "mail");
        assert!(is_mail || !text.contains("style="), "{}", path.display());
    }
}

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn shown(circle: &[(Module, Module)]) -> String {
    let lines =
        circle.iter().map(|(from, to)| format!("  {} -> {}\n", from.join("::"), to.join("::")));
    lines.collect()
}

#[test]
fn no_file_takes_from_one_that_takes_from_it() {
    let circles = Graph::read(&source()).circles();
    let shown: Vec<String> = circles.iter().map(|circle| shown(circle)).collect();
    assert!(shown.is_empty(), "{} circles:\n{}", shown.len(), shown.join("\n"));
}

#[test]
fn no_folder_takes_from_one_that_takes_from_it() {
    let folders = Graph::read(&source()).circles_of_folders();
    let lines = folders.iter().flat_map(|(folder, circles)| {
        circles.iter().map(move |circle| format!("in {}:\n{}", folder.join("::"), shown(circle)))
    });
    let lines: Vec<String> = lines.collect();
    assert!(lines.is_empty(), "{} circles:\n{}", lines.len(), lines.join("\n"));
}

/// Words of refused forms that belong to `web::forms::refused`.
const OF_REFUSALS: [&str; 4] =
    ["Stale", "UNPROCESSABLE_ENTITY", "TOO_MANY_REQUESTS", "retry_after"];

#[test]
fn no_page_refuses_a_form_by_hand() {
    // A form in a query is no form that was sent, and a health check is no page.
    let excused = ["api", "gate", "audit", "health.rs"];
    for path in files(&source().join("handlers")) {
        if !path.iter().any(|part| excused.iter().any(|it| part == *it)) {
            let bad = offenders(&fs::read_to_string(&path).unwrap(), &OF_REFUSALS);
            assert!(bad.is_empty(), "{}: {bad:?}", path.display());
        }
    }
}
