//! Tests of the message files: every language has every message with the same parameters, and every message is used.
//!
//! `cargo test --test layers languages` lists what a language lacks.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

#[path = "../../build/messages.rs"]
mod messages;

use messages::Message;

type Messages = BTreeMap<String, Message>;

/// The messages of each folder of `locales`, by code.
fn all() -> BTreeMap<String, Messages> {
    let folders = fs::read_dir("locales").unwrap().map(|it| it.unwrap().path());
    let read = |folder: std::path::PathBuf| {
        let code = folder.file_name().unwrap().to_str().unwrap().to_owned();
        let files: Vec<_> = files(&folder);
        let messages =
            messages::read(&files).unwrap_or_else(|faults| panic!("locales/{code}:\n{faults}"));
        (code, messages)
    };
    folders.filter(|it| it.is_dir()).map(read).collect()
}

/// The names and texts of the message files in a folder.
fn files(folder: &Path) -> Vec<(String, String)> {
    let paths = fs::read_dir(folder).unwrap().map(|it| it.unwrap().path());
    let mut paths: Vec<_> =
        paths.filter(|it| it.extension().is_some_and(|it| it == "ftl")).collect();
    paths.sort();
    let name = |path: &Path| path.file_name().unwrap().to_str().unwrap().to_owned();
    paths.iter().map(|path| (name(path), fs::read_to_string(path).unwrap())).collect()
}

/// What `other` lacks, has besides, or takes differently than `english`.
fn differences(english: &Messages, other: &Messages) -> Vec<String> {
    let mut differences = Vec::new();
    for (id, message) in english {
        match other.get(id) {
            None => differences.push(format!("{id} is missing: {}", message.text)),
            Some(it) if it.parameters != message.parameters => differences.push(format!(
                "{id} takes {:?} instead of {:?}",
                it.parameters, message.parameters
            )),
            Some(it) if it.marks != message.marks => differences
                .push(format!("{id} marks {:?} instead of {:?}", it.marks, message.marks)),
            Some(_) => {}
        }
    }
    let more = other.keys().filter(|id| !english.contains_key(*id));
    differences.extend(more.map(|id| format!("{id} is not an English message")));
    differences
}

#[test]
fn every_language_has_every_message_with_the_same_parameters() {
    let all = all();
    let english = &all["en"];
    let mut faults = Vec::new();
    for (code, messages) in &all {
        faults.extend(differences(english, messages).into_iter().map(|it| format!("{code}: {it}")));
    }
    assert!(faults.is_empty(), "{} differences:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn differences_are_found() {
    let read = |text: &str| messages::read(&[("x.ftl".to_owned(), text.to_owned())]).unwrap();
    let english = read(
        "a = A { $x }\nm = { $code-start }M{ $code-end }\nb = { $link-start }B{ $link-end }\nc = C\n",
    );
    let other = read("a = A { $y }\nm = M\nb = { $link-start }B{ $link-end }\nd = D\n");
    let found = differences(&english, &other);
    assert_eq!(found.len(), 4, "{found:?}");
    assert!(found[0].starts_with("a takes"), "{found:?}");
    assert_eq!(found[1], "c is missing: C");
    assert!(found[2].starts_with("m marks"), "{found:?}");
    assert_eq!(found[3], "d is not an English message");
}

#[test]
fn every_message_is_used() {
    let mut words = BTreeSet::new();
    for folder in ["src", "templates"] {
        collect_words(Path::new(folder), &mut words);
    }
    let all = all();
    // A message may also be used by another one of its language.
    let mut referenced = String::new();
    for (_, text) in files(Path::new("locales/en")) {
        referenced.push_str(&text);
    }
    let is_used = |id: &str| {
        words.contains(&id.replace('-', "_"))
            || words.contains(&format!("\"{id}\""))
            || referenced.contains(&format!("{{ {id} }}"))
    };
    let unused: Vec<_> = all["en"].keys().filter(|id| !is_used(id)).collect();
    assert!(unused.is_empty(), "{} unused messages: {unused:#?}", unused.len());
}

/// Collects identifiers, and IDs in quotes.
fn collect_words(folder: &Path, words: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect_words(&path, words);
            continue;
        }
        let text = fs::read_to_string(&path).unwrap_or_default();
        let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '"');
        words.extend(text.split(|c| !is_part(c)).map(ToOwned::to_owned));
    }
}

#[test]
fn a_message_with_more_links_than_markers_is_refused() {
    let message = |links: usize| {
        let links = (0..links).map(|it| format!("{{ $l{it}-start }}x{{ $l{it}-end }}"));
        [("x.ftl".to_owned(), format!("a = {}\n", links.collect::<String>()))]
    };
    assert_eq!(messages::read(&message(4)).unwrap()["a"].parameters.len(), 4);
    let refused = messages::read(&message(5)).unwrap_err();
    assert!(refused.contains("at most 4"), "{refused}");
}
