//! No sentence for users is left in a template or in code: they are all messages in `locales`.

use std::fs;
use std::path::Path;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// The folders whose code puts sentences before users.
const FOLDERS: [&str; 6] =
    ["src/domain", "src/handlers", "src/mail", "src/services", "src/web", "src/wording"];

/// Files and folders whose sentences are not for readers of pages and emails, and who reads them.
const EXCUSED: [(&str, &str); 5] = [
    ("src/handlers/api", "programs: the API speaks English"),
    ("src/web/api", "programs: the API speaks English"),
    ("src/services/administration/import.rs", "operators, on the command line"),
    ("src/services/administration/import_file.rs", "operators, on the command line"),
    ("src/mail/resend.rs", "operators, in the log and beside a failed email"),
];

/// Literals that are the same in every language: names of products, and the plain text of the gate for programs.
const SAME: [&str; 5] = [
    "Samsung Internet",
    "Mac OSX",
    "Windows Phone",
    "You are not signed in.\\n",
    "This needs a sign-in with a second factor.\\n",
];

/// Macros and methods whose text goes to the log or to developers.
const FOR_DEVELOPERS: [&str; 14] = [
    "expect",
    "panic",
    "unreachable",
    "assert",
    "assert_eq",
    "assert_ne",
    "debug_assert",
    "error",
    "warn",
    "info",
    "debug",
    "trace",
    "error_span",
    "info_span",
];

#[test]
fn templates_contain_no_text() {
    let mut faults = Vec::new();
    for path in super::files(Path::new("templates")) {
        if path.starts_with("templates/proxy") {
            continue; // the configuration of another program
        }
        let text = fs::read_to_string(&path).unwrap();
        faults.extend(texts(&text).into_iter().map(|it| format!("{}: {it}", path.display())));
    }
    assert!(faults.is_empty(), "{} texts:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn code_contains_no_sentences_for_users() {
    let mut faults = Vec::new();
    for folder in FOLDERS {
        for path in super::code_files(Path::new(folder)) {
            if EXCUSED.iter().any(|(excused, _)| path.starts_with(excused)) {
                continue;
            }
            let tokens: TokenStream = fs::read_to_string(&path).unwrap().parse().unwrap();
            let found =
                sentences(tokens).into_iter().filter(|it| !SAME.contains(&it.trim_matches('"')));
            faults.extend(found.map(|it| format!("{}: {it}", path.display())));
        }
    }
    assert!(faults.is_empty(), "{} sentences:\n{}", faults.len(), faults.join("\n"));
}

/// The words of a template that are not code: between tags, in attributes that are read aloud, and in literals of its code.
fn texts(template: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut html = String::new();
    let mut rest = template;
    while let Some(start) =
        rest.find("{%").into_iter().chain(rest.find("{{")).chain(rest.find("{#")).min()
    {
        html.push_str(&rest[..start]);
        let (end, is_comment) = match &rest[start..start + 2] {
            "{%" => ("%}", false),
            "{{" => ("}}", false),
            _ => ("#}", true),
        };
        let length = rest[start..].find(end).expect("template code is closed") + 2;
        let code = &rest[start..start + length];
        if !is_comment {
            let literals = code.split('"').skip(1).step_by(2);
            found.extend(literals.filter(|it| is_sentence(it)).map(ToOwned::to_owned));
        }
        // Code stands for a value, also within a tag.
        html.push('\u{1}');
        rest = &rest[start + length..];
    }
    html.push_str(rest);
    let mut outside = html.as_str();
    while let Some(start) = outside.find('<') {
        found.extend(words(&outside[..start]));
        let length = outside[start..].find('>').expect("a tag is closed") + 1;
        let tag = &outside[start..start + length];
        for attribute in ["aria-label", "title", "placeholder", "alt"] {
            let value = tag
                .split_once(&format!(" {attribute}=\""))
                .and_then(|(_, it)| it.split('"').next());
            found.extend(value.and_then(words));
        }
        outside = &outside[start + length..];
    }
    found.extend(words(outside));
    found
}

/// The text, if it has letters that are not those of an entity.
fn words(text: &str) -> Option<String> {
    let mut plain = text.trim().to_owned();
    for entity in ["&nbsp;", "&amp;", "&lt;", "&gt;", "&shy;"] {
        plain = plain.replace(entity, "");
    }
    plain.chars().any(char::is_alphabetic).then_some(plain)
}

/// Whether a literal is meant to be read: several words, or one that begins with a capital letter.
fn is_sentence(literal: &str) -> bool {
    let has_words = literal
        .split(' ')
        .filter(|it| it.chars().filter(|c| c.is_alphabetic()).count() > 1)
        .count()
        > 1;
    let mut chars = literal.chars();
    let is_capital = chars.next().is_some_and(char::is_uppercase) && chars.all(char::is_alphabetic);
    has_words || is_capital
}

/// The literals of code that begin like a sentence, outside of tests, attributes, logs and messages for developers.
fn sentences(tokens: TokenStream) -> Vec<String> {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        match token {
            // An attribute, and the module that `#[cfg(test)]` stands before.
            TokenTree::Punct(it) if it.as_char() == '#' => {
                let attribute = tokens.get(at + 1).map(ToString::to_string).unwrap_or_default();
                at += 1;
                if attribute.contains("cfg") && attribute.contains("test") {
                    while tokens.get(at).is_some_and(|it| !ends_item(it)) {
                        at += 1;
                    }
                }
            }
            TokenTree::Ident(name) if FOR_DEVELOPERS.contains(&&*name.to_string()) => {
                // `expect("…")` or `warn!("…")`
                let bang =
                    matches!(tokens.get(at + 1), Some(TokenTree::Punct(it)) if it.as_char() == '!');
                let next = at + 1 + usize::from(bang);
                if matches!(tokens.get(next), Some(TokenTree::Group(_))) {
                    at = next;
                }
            }
            TokenTree::Group(group) => found.extend(sentences(group.stream())),
            TokenTree::Literal(literal) => {
                let text = literal.to_string();
                if begins_like_a_sentence(&text) {
                    found.push(text);
                }
            }
            _ => {}
        }
        at += 1;
    }
    found
}

/// Whether an item ends with this token: its body in braces, or a semicolon.
fn ends_item(token: &TokenTree) -> bool {
    match token {
        TokenTree::Group(it) => it.delimiter() == Delimiter::Brace,
        TokenTree::Punct(it) => it.as_char() == ';',
        _ => false,
    }
}

/// Whether a literal begins with a capitalised word and has another one: `"Sign in again."`, but not `"SELECT id FROM …"`.
fn begins_like_a_sentence(literal: &str) -> bool {
    let Some(text) = literal.strip_prefix('"') else { return false };
    let mut words = text.trim_end_matches('"').split([' ', '\n']);
    let (Some(first), Some(second)) = (words.next(), words.next()) else { return false };
    let mut letters = first.chars();
    let is_capitalised = letters.next().is_some_and(char::is_uppercase)
        && letters.all(|c| c.is_lowercase() || matches!(c, '’' | '\'' | '-' | ',' | ':'));
    is_capitalised && second.chars().any(char::is_alphabetic)
}

#[test]
fn texts_in_templates_are_found() {
    for (template, found) in [
        ("<h1>{{ page.t.x() }}</h1>", &[][..]),
        ("<p>Hello</p>", &["Hello"]),
        ("{# a comment #}<p>{% if x == \"account\" %}·{% endif %}&nbsp;</p>", &[]),
        ("<nav aria-label=\"Account\"></nav>", &["Account"]),
        ("<nav aria-label=\"{{ page.t.x() }}\"></nav>", &[]),
        ("{% call form::field(\"email\", \"Email address\") %}{% endcall %}", &["Email address"]),
        ("{% call form::field(\"email\", \"Email\") %}{% endcall %}", &["Email"]),
        ("<option>UTC {{ x }}</option>", &["UTC \u{1}"]),
    ] {
        assert_eq!(texts(template), found, "{template}");
    }
}

#[test]
fn sentences_in_code_are_found() {
    for (code, found) in [
        ("let x = \"Sign in again.\";", 1),
        ("fn f() { g(format!(\"We sent {n} emails.\")) }", 1),
        ("let x = \"SELECT id FROM users\";", 0),
        ("let x = \"the server closed the connection\";", 0),
        ("#[doc = \"Sign in again.\"] struct A;", 0),
        ("tracing::warn!(%error, \"Sign in again.\");", 0),
        ("x.expect(\"Always there.\");", 0),
        ("#[cfg(test)] mod tests { const A: &str = \"Sign in again.\"; }", 0),
        ("#[cfg(test)] mod tests; const A: &str = \"Sign in again.\";", 1),
        ("let x = \"Set-Cookie\";", 0),
    ] {
        assert_eq!(sentences(code.parse().unwrap()).len(), found, "{code}");
    }
}
