//! Tests of the message files: every language has every message with the same parameters, and every message is used.
//!
//! `cargo test --test layers languages` lists what a language lacks.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

#[path = "../../build/messages.rs"]
mod messages;

use messages::Message;
use proc_macro2::TokenTree;

use super::graph::Graph;
use super::names;

type Messages = BTreeMap<String, Message>;

/// The messages of each folder of `locales`, by code.
fn all() -> BTreeMap<String, Messages> {
    let folders = fs::read_dir("locales").unwrap().map(|it| it.unwrap().path());
    let read = |folder: std::path::PathBuf| {
        let code = folder.file_name().unwrap().to_str().unwrap().to_owned();
        let files: Vec<_> = files(&folder);
        let messages =
            messages::language(&code, &files).unwrap_or_else(|faults| panic!("{code}:\n{faults}"));
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
    let english = read(
        "a = A { $x }\nm = { $code-start }M{ $code-end }\nb = { $link-start }B{ $link-end }\nc = C\n",
    )
    .unwrap();
    let other = read("a = A { $y }\nm = M\nb = { $link-start }B{ $link-end }\nd = D\n").unwrap();
    let found = differences(&english, &other);
    assert_eq!(found.len(), 4, "{found:?}");
    assert!(found[0].starts_with("a takes"), "{found:?}");
    assert_eq!(found[1], "c is missing: C");
    assert!(found[2].starts_with("m marks"), "{found:?}");
    assert_eq!(found[3], "d is not an English message");
}

#[test]
fn every_message_is_used() {
    let mut used = BTreeSet::new();
    for path in Graph::read(Path::new("src")).modules.values() {
        let is_localizer = path.starts_with("src/i18n");
        used.extend(used_in_code(&fs::read_to_string(path).unwrap(), is_localizer));
    }
    for path in super::files(Path::new("templates")) {
        used.extend(used_in_template(&fs::read_to_string(&path).unwrap()));
    }
    let mut english = String::new();
    for (_, text) in files(Path::new("locales/en")) {
        english.extend(text.lines().filter(|line| !line.starts_with('#')));
    }
    // A message may also be used by another one of its language.
    let is_used =
        |id: &str| used.contains(&id.replace('-', "_")) || english.contains(&format!("{{ {id} }}"));
    let all = all();
    let unused: Vec<_> = all["en"].keys().filter(|id| !is_used(id)).collect();
    assert!(unused.is_empty(), "{} unused messages: {unused:#?}", unused.len());
}

/// The names of messages in code: `message::NAME`, `t.NAME(…)`, and in the localizer itself `self.NAME(…)` and `"ID"`.
fn used_in_code(code: &str, is_localizer: bool) -> BTreeSet<String> {
    use TokenTree::{Group, Ident, Literal, Punct};
    let mut used = BTreeSet::new();
    names::visit(code, &mut |tokens| match tokens {
        [Ident(module), Punct(one), Punct(two), Ident(name), ..]
            if module == "message" && one.as_char() == ':' && two.as_char() == ':' =>
        {
            used.insert(name.to_string());
        }
        [Ident(reader), Punct(dot), Ident(name), Group(_), ..]
            if dot.as_char() == '.'
                && (is_localizer && reader == "self" || reader == "t" || reader == "reader") =>
        {
            used.insert(name.to_string());
        }
        [Literal(id), ..] if is_localizer => {
            used.insert(id.to_string().trim_matches('"').replace('-', "_"));
        }
        _ => {}
    });
    used
}

/// The names of messages in a template: `t.NAME(…)` and `message::NAME(…)`.
fn used_in_template(template: &str) -> BTreeSet<String> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut used = BTreeSet::new();
    for before in ["t.", "message::"] {
        for (at, _) in template.match_indices(before) {
            let name = template[at + before.len()..].split(|c| !is_part(c)).next().unwrap();
            let is_call = template[at + before.len() + name.len()..].starts_with('(');
            if is_call && !template[..at].ends_with(is_part) {
                used.insert(name.to_owned());
            }
        }
    }
    used
}

#[test]
fn only_uses_of_messages_count() {
    let code = "use crate::i18n::message::{self, Message};
        // message::a, t.b()
        mod c { const C: &str = \"c\"; }
        fn f() { message::d(1); all.map(message::e); page.t.g().h(); kind.i(); self.j(); }
        #[cfg(test)] mod tests { fn k() { message::k() } }";
    assert_eq!(used_in_code(code, false), ["d", "e", "g"].map(String::from).into());
    let of_localizer = used_in_code(code, true);
    assert!(of_localizer.contains("j") && of_localizer.contains("c"), "{of_localizer:?}");
    let template = "{{ page.t.a() }}{% call x(t.b(1), message::c(), t.d, d.format.e()) %} f()";
    assert_eq!(used_in_template(template), ["a", "b", "c"].map(String::from).into());
}

/// The messages of a file in no language.
fn read(text: &str) -> Result<Messages, String> {
    messages::read(&[("x.ftl".to_owned(), text.to_owned())])
}

#[test]
fn a_message_with_more_links_than_markers_is_refused() {
    let message = |links: usize| {
        let links = (0..links).map(|it| format!("{{ $l{it}-start }}x{{ $l{it}-end }}"));
        format!("a = {}\n", links.collect::<String>())
    };
    assert_eq!(read(&message(4)).unwrap()["a"].parameters.len(), 4);
    let refused = read(&message(5)).unwrap_err();
    assert!(refused.contains("at most 4"), "{refused}");
}

#[test]
fn links_and_marks_are_pairs_in_every_variant() {
    for valid in [
        "{ $a-start }x{ $a-end } { $b-start }x{ $b-end }",
        "{ $a-start }{ $strong-start }x{ $strong-end }{ $a-end }",
        "{ $code-start }x{ $code-end } { $code-start }x{ $code-end }",
        "{ $a-start }{ $n ->\n [one] x\n *[other] y\n }{ $a-end }",
        "{ $n ->\n [one] { $a-start }x{ $a-end }\n *[other] y { $a-start }x{ $a-end }\n }",
        "{ $n ->\n [one] x\n *[other] { $strong-start }{ $n }{ $strong-end }\n }",
        "{ b }\nb = { $a-start }x{ $a-end }",
    ] {
        assert!(read(&format!("a = {valid}\n")).is_ok(), "{valid}: {:?}", read(valid));
    }
    for (faulty, says) in [
        ("{ $a-start }x", "$a-start has no $a-end"),
        ("x{ $a-end }", "$a-end does not close"),
        ("{ $strong-end }x{ $strong-start }", "$strong-end does not close"),
        ("{ $a-start }x{ $a-end }{ $a-end }", "$a-end does not close"),
        ("{ $a-start }{ $strong-start }x{ $a-end }{ $strong-end }", "$a-end does not close"),
        ("{ $a-start }x{ $a-end } { $a-start }x{ $a-end }", "$a-start is there twice"),
        ("{ $a-start }{ $b-start }x{ $b-end }{ $a-end }", "$b-start is in another link"),
        ("{ $n ->\n [one] x\n *[other] { $a-start }x{ $a-end }\n }", "lacks the link $a-start"),
        ("{ $n ->\n [one] { $a-start }x\n *[other] { $a-start }\n }{ $a-end }", "has no $a-end"),
        ("{ $a-start }{ $n ->\n [one] x{ $a-end }\n *[other] { $a-end }\n }", "does not close"),
        ("{ $a-start ->\n *[other] x\n }{ $a-end }", "cannot select"),
        ("{ b }{ $a-end }\nb = { $a-start }x", "$a-start has no $a-end"),
    ] {
        let faults = read(&format!("a = {faulty}\n")).expect_err(faulty);
        assert!(faults.contains(says), "{faulty}: {faults}");
    }
}

/// A command that is copied from a page must work where the service is installed, with `sudo authflowctl`.
#[test]
fn commands_name_the_program_as_it_is_run_here() {
    let read = |text: &str| read(&format!("a = {text}\n"));
    let message = read("Run { $code-start }{ AUTHFLOW() } check{ $code-end }.").unwrap();
    assert!(message["a"].parameters.is_empty());
    assert_eq!(message["a"].text, "Run { $code-start }authflow check{ $code-end }.");
    for (faulty, says) in [
        ("Run { AUTHFLOW() } check.", "not between $code-start and $code-end"),
        ("{ $code-start }{ AUTHFLOW(1) }{ $code-end }", "there is no function"),
        ("{ $code-start }{ UPPER() }{ $code-end }", "there is no function UPPER"),
    ] {
        let faults = read(faulty).expect_err(faulty);
        assert!(faults.contains(says), "{faulty}: {faults}");
    }
    for file in super::files(Path::new("locales")) {
        let text = fs::read_to_string(&file).unwrap();
        let fixed = text.lines().find(|line| line.contains("{ $code-start }authflow"));
        assert_eq!(fixed, None, "{}: write {{ AUTHFLOW() }}", file.display());
    }
}

#[test]
fn names_become_names_in_rust() {
    for name in ["type", "self", "loop", "a_b", "aB"] {
        for text in [
            format!("{name} = x\n"),
            format!("x = {{ ${name} }}\n"),
            format!("x = {{ ${name}-start }}x{{ ${name}-end }}\n"),
        ] {
            assert!(read(&text).is_err(), "{text}");
        }
    }
    assert!(read("x = { $a }{ $a-start }x{ $a-end }\n").unwrap_err().contains("value and a link"));
    assert!(read("type-2-self = { $for-all }\n").is_ok());
}

#[test]
fn a_language_states_its_name_and_direction() {
    let language = |code: &str, text: &str| {
        messages::language(code, &[("x.ftl".to_owned(), text.to_owned())]).map(|_| ())
    };
    let facts = "language-name = x\nlanguage-direction = rtl\n";
    for code in ["fr", "pt-BR", "zh-Hant"] {
        assert_eq!(language(code, facts), Ok(()), "{code}");
    }
    for code in ["_old", "de-translation", "DE", "pt_BR", ""] {
        assert!(language(code, facts).unwrap_err().contains("code of a language"), "{code}");
    }
    assert!(language("fr", "language-direction = ltr\n").unwrap_err().contains("language-name"));
    for direction in ["", "language-direction = RTL\n", "language-direction = left\n"] {
        let faults = language("fr", &format!("language-name = x\n{direction}")).unwrap_err();
        assert!(faults.contains("must be ltr or rtl"), "{faults}");
    }
}
