//! Tests of the layer rules in `src/lib.rs`: allowed dependencies, no import cycles, and unique names.

mod documents;
mod graph;
mod languages;
mod literals;
mod names;

use std::fs;
use std::path::{Path, PathBuf};

use graph::{Graph, Module};

/// `(folder, forbidden text, excused files)`
const RULES: [(&str, &[&str], &[&str]); 5] = [
    ("handlers", &["crate::repositories", "crate::db", "sqlx", "app.db", "app.hasher"], &[]),
    ("web", &["crate::repositories", "crate::db", "sqlx"], &["browser_state_store.rs"]),
    (
        "services",
        &[
            "axum",
            "tower_sessions",
            "crate::web",
            "crate::handlers",
            "sqlx",
            "query(",
            "Location::",
            "Db::Sqlite",
            "Db::Postgres",
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

/// Names that several public types may have, and why.
const SHARED_NAMES: [(&str, &str); 3] = [
    ("Fields", "the form of a page; each page has its own, used in its file alone"),
    ("Error", "named with its module, as in the standard library: db::Error"),
    ("Result", "named with its module, like Error"),
];

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

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

/// Every file of code below `folder`.
fn code_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = files(folder);
    found.retain(|path| path.extension().is_some_and(|it| it == "rs"));
    found
}

/// The lines of code that contain one of these texts.
fn offenders(text: &str, forbidden: &[&str]) -> Vec<String> {
    let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    let bad = code.filter(|line| forbidden.iter().any(|word| line.contains(word)));
    bad.map(ToOwned::to_owned).collect()
}

#[test]
fn no_layer_uses_a_forbidden_layer() {
    for (folder, forbidden, excused) in RULES {
        let found = files(&source().join(folder));
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
fn a_forbidden_import_is_found_and_a_comment_is_not() {
    assert_eq!(
        offenders("use crate::db::Db;\n// crate::db\nlet x = 1;", &["crate::db"]),
        ["use crate::db::Db;"]
    );
}

#[test]
fn services_contain_no_sql() {
    for path in code_files(&source().join("services")) {
        let found = names::sql_literals(&fs::read_to_string(&path).unwrap());
        assert!(found.is_empty(), "{}: {found:?}", path.display());
    }
}

#[test]
fn sql_is_found_only_in_literals() {
    let code = r##"
        /// Not SELECT in a comment.
        fn delete_all() { run(call("DELETE FROM users"), r#"INSERT INTO users"#, "SELECTED"); }
        #[cfg(test)]
        mod tests { const SQL: &str = "UPDATE users"; }
    "##;
    assert_eq!(names::sql_literals(code), ["\"DELETE FROM users\"", "r#\"INSERT INTO users\"#"]);
}

#[test]
fn no_two_public_types_share_a_name() {
    let mut declared = names::public_types_below(&source());
    declared.retain(|name, files| {
        let is_excused = SHARED_NAMES.iter().any(|(excused, _)| name == excused);
        files.len() > 1 && !is_excused
    });
    assert!(declared.is_empty(), "{declared:#?}");
}

#[test]
fn no_source_file_is_longer_than_400_lines() {
    let long = code_files(&source()).into_iter().filter_map(|path| {
        let lines = fs::read_to_string(&path).unwrap().lines().count();
        (lines > 400).then(|| format!("{}: {lines}", path.display()))
    });
    assert_eq!(long.collect::<Vec<_>>(), [""; 0]);
}

#[test]
fn public_types_are_found_in_macros_and_modules_too() {
    let code = r"
        pub struct One;
        struct Private;
        pub(crate) enum Crate {}
        mod inner { pub enum Two {} }
        events! { pub trait Three {} }
        macro_rules! id { ($name:ident) => { pub struct $name; }; }
        pub type Four<T> = Vec<T>;
        #[cfg(test)]
        mod tests { pub struct Five; }
    ";
    assert_eq!(names::public_types(code), ["One", "Two", "Three", "Four"]);
}

/// The names of the modules below `folder`.
fn module_names(folder: &Path) -> Vec<String> {
    let stems = code_files(folder).into_iter();
    let mut names: Vec<String> =
        stems.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect();
    names.retain(|name| name != "mod");
    names
}

#[test]
fn no_service_has_the_name_of_a_repository() {
    let repositories = module_names(&source().join("repositories"));
    let mut services = module_names(&source().join("services"));
    assert!(repositories.contains(&"users".to_owned()) && services.contains(&"login".to_owned()));
    services.retain(|name| repositories.contains(name));
    assert!(services.is_empty(), "{services:?}");
}

#[test]
fn templates_contain_no_script_style_or_unescaped_output() {
    for path in files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("templates")) {
        let mut text = fs::read_to_string(&path).unwrap();
        if path.ends_with("pages/gate.html") {
            // The page is shown on other hosts, so it includes our own stylesheet.
            text = text.replacen("<style>{{ assets.gate_style|safe }}</style>", "", 1);
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

fn shown(cycle: &[(Module, Module)]) -> String {
    let lines =
        cycle.iter().map(|(from, to)| format!("  {} -> {}\n", from.join("::"), to.join("::")));
    lines.collect()
}

#[test]
fn files_have_no_import_cycle() {
    let cycles = Graph::read(&source()).cycles();
    let shown: Vec<String> = cycles.iter().map(|cycle| shown(cycle)).collect();
    assert!(shown.is_empty(), "{} cycles:\n{}", shown.len(), shown.join("\n"));
}

#[test]
fn folders_have_no_import_cycle() {
    let folders = Graph::read(&source()).cycles_of_folders();
    let lines = folders.iter().flat_map(|(folder, cycles)| {
        cycles.iter().map(move |cycle| format!("in {}:\n{}", folder.join("::"), shown(cycle)))
    });
    let lines: Vec<String> = lines.collect();
    assert!(lines.is_empty(), "{} cycles:\n{}", lines.len(), lines.join("\n"));
}

/// Identifiers for refused forms that only `web::forms::refused` may use.
const OF_REFUSALS: [&str; 4] =
    ["Stale", "UNPROCESSABLE_ENTITY", "TOO_MANY_REQUESTS", "retry_after"];

#[test]
fn handlers_refuse_forms_only_through_the_shared_module() {
    // Filters in a query are not a posted form, and a health check is not a page.
    let excused = ["api", "gate", "audit", "health.rs"];
    for path in files(&source().join("handlers")) {
        if !path.iter().any(|part| excused.iter().any(|it| part == *it)) {
            let bad = offenders(&fs::read_to_string(&path).unwrap(), &OF_REFUSALS);
            assert!(bad.is_empty(), "{}: {bad:?}", path.display());
        }
    }
}

/// The graph of a small crate: paths of modules, and their code.
fn graph(files: &[(&str, &str)]) -> Graph {
    let path = PathBuf::new();
    let module = |name: &str| name.split("::").map(ToOwned::to_owned).collect::<Module>();
    Graph::of(files.iter().map(|(name, code)| (module(name), *code, &path)))
}

/// The number of edges in all cycles.
fn cyclic_edges(files: &[(&str, &str)]) -> usize {
    graph(files).cycles().iter().map(Vec::len).sum()
}

#[test]
fn a_chain_of_imports_is_not_a_cycle() {
    let files = [("a", "use crate::b::B;"), ("b", "use crate::c::C;"), ("c", "pub struct C;")];
    assert_eq!(cyclic_edges(&files), 0);
}

#[test]
fn a_cycle_through_a_grouped_import_is_found() {
    let files = [("a", "use crate::{c::C, b::{self, B}};"), ("b", "use crate::a;"), ("c", "")];
    assert_eq!(cyclic_edges(&files), 2);
}

#[test]
fn a_cycle_through_three_files_is_found() {
    let files =
        [("a", "use crate::b::B;"), ("b", "use crate::c::C;"), ("c", "fn f() { crate::a::f() }")];
    assert_eq!(cyclic_edges(&files), 3);
}

#[test]
fn a_cycle_through_a_path_in_a_macro_is_found() {
    let call = "fn f() { transaction!(db, |tx| { let x = crate::b::find(tx)?; Ok(x) }) }";
    let macro_rules = "macro_rules! m { () => { $crate::a::f() }; }";
    assert_eq!(cyclic_edges(&[("a", call), ("b", "use crate::a::f;")]), 2);
    assert_eq!(cyclic_edges(&[("a", "use crate::b::B;"), ("b", macro_rules)]), 2);
}

#[test]
fn a_cycle_between_parent_and_child_is_found() {
    let child = |code| [("a", "mod child; pub use self::child::B;"), ("a::child", code)];
    assert_eq!(cyclic_edges(&child("use super::A;")), 2);
    assert_eq!(cyclic_edges(&child("use crate::a::A;")), 2);
    assert_eq!(cyclic_edges(&child("pub struct B;")), 0);
}

#[test]
fn imports_of_tests_do_not_count() {
    let inline = "#[cfg(test)] mod tests { use crate::a::A; }";
    assert_eq!(cyclic_edges(&[("a", "use crate::b::B;"), ("b", inline)]), 0);
    let own_file = [
        ("a", "use crate::b::B;"),
        ("b", "#[cfg(test)] mod tests;"),
        ("b::tests", "use crate::a::A;"),
    ];
    assert_eq!(cyclic_edges(&own_file), 0);
}

#[test]
fn a_cycle_of_folders_is_found_without_a_cycle_of_files() {
    let files = [
        ("a", ""),
        ("b", ""),
        ("a::one", "use crate::b::one::X;"),
        ("b::one", "pub struct X;"),
        ("b::two", "use crate::a::two::Y;"),
        ("a::two", "pub struct Y;"),
    ];
    let graph = graph(&files);
    assert!(graph.cycles().is_empty());
    assert_eq!(graph.cycles_of_folders().len(), 1);
}
