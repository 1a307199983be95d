//! No sentence for users is left in a template or in code: they are all messages in `locales`.

use std::fs;
use std::path::Path;

use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};

/// The folders whose code puts sentences before users.
const FOLDERS: [&str; 6] =
    ["src/domain", "src/handlers", "src/mail", "src/services", "src/web", "src/wording"];

/// Files and folders whose sentences are not for readers of pages and emails, and who reads them.
const EXCUSED: [(&str, &str); 20] = [
    ("src/handlers/api", "programs: the API speaks English"),
    ("src/web/api", "programs: the API speaks English"),
    ("src/handlers/operations/health.rs", "programs that watch the server"),
    ("src/domain/account/email.rs", "programs and operators; pages use wording::email_addresses"),
    ("src/domain/typed_text.rs", "programs and operators; pages use wording::characters"),
    ("src/domain/audit_detail.rs", "no one: it is stored; pages use wording::events"),
    ("src/domain/gate/public_path.rs", "operators, in problems of the configuration"),
    ("src/domain/proxy.rs", "operators, in problems of the configuration"),
    ("src/domain/public_url.rs", "operators, in problems of the configuration"),
    ("src/domain/sign_in/guessable.rs", "operators, in problems of the configuration"),
    ("src/services/administration/import.rs", "operators, on the command line"),
    ("src/services/administration/import_file.rs", "operators, on the command line"),
    ("src/services/operations/finding.rs", "operators, on the command line"),
    ("src/services/throttle/subject.rs", "no one: names of counters in the database"),
    ("src/services/email/delivery.rs", "operators, in the log and beside a failed email"),
    ("src/services/email/preparation.rs", "operators, in the log and beside a failed email"),
    ("src/mail/file.rs", "operators, in the log and beside a failed email"),
    ("src/mail/resend.rs", "operators, in the log and beside a failed email"),
    ("src/mail/smtp", "operators, in the log and beside a failed email"),
    ("src/mail/smtp.rs", "operators, in the log and beside a failed email"),
];

/// Literals that are the same in every language: names of products, the plain text of the gate for programs, names that are stored or that
/// keys are derived from, and a text of the log.
const SAME: [&str; 14] = [
    "Samsung Internet",
    "Mac OSX",
    "Windows Phone",
    "Windows",
    "Mozilla",
    "You are not signed in.\\n",
    "This app requires two-factor authentication.\\n",
    "an administrator",
    "gate token",
    "browser state",
    "signed token",
    "totp enrolment",
    "bcrypt {cost}",
    "reading the files of the emails",
];

/// How literals begin that are the same in every language: the values of headers, and commands of this program.
const SAME_BEGINNINGS: [&str; 10] = [
    "Accept-Language, ",
    "accelerometer=(), ",
    "attachment; ",
    "authflow ",
    "{} user ",
    "default-src ",
    "form-action ",
    "public, ",
    "sandbox ",
    "{POLICY}; ",
];

/// Macros whose text goes to the log or to developers.
const FOR_DEVELOPERS: [&str; 13] = [
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
        // The configuration of another program, and the output and the app of a command: the command line speaks English.
        if path.starts_with("templates/proxy") || path.starts_with("templates/demo") {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        faults.extend(texts(&text).into_iter().map(|it| format!("{}: {it}", path.display())));
    }
    assert!(faults.is_empty(), "{} texts:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn code_contains_no_sentences_for_users() {
    let mut faults = Vec::new();
    for path in super::graph::Graph::read(Path::new("src")).modules.values() {
        let is_of = |folder: &str| path.starts_with(folder);
        if !FOLDERS.iter().any(|it| is_of(it)) || EXCUSED.iter().any(|(it, _)| is_of(it)) {
            continue;
        }
        let tokens: TokenStream = fs::read_to_string(path).unwrap().parse().unwrap();
        let found = sentences(tokens).into_iter().filter(|it| !is_same(it));
        faults.extend(found.map(|it| format!("{}: {it}", path.display())));
    }
    assert!(faults.is_empty(), "{} sentences:\n{}", faults.len(), faults.join("\n"));
}

fn is_same(literal: &str) -> bool {
    let text = literal.trim_matches('"');
    SAME.contains(&text) || SAME_BEGINNINGS.iter().any(|it| text.starts_with(it))
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
    let html = without_attributes(&html);
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

/// The literals of code that can be text for readers, outside of tests, attributes, logs and messages for developers.
fn sentences(tokens: TokenStream) -> Vec<String> {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        match token {
            // An attribute, and the module that `#[cfg(test)]` stands before.
            TokenTree::Punct(it) if it.as_char() == '#' => {
                let is_group = |it: &TokenTree| matches!(it, TokenTree::Group(_));
                at += tokens[at..].iter().position(is_group).expect("an attribute has brackets");
                let attribute = tokens[at].to_string();
                if attribute.contains("cfg") && attribute.contains("test") {
                    while tokens.get(at).is_some_and(|it| !ends_item(it)) {
                        at += 1;
                    }
                }
            }
            TokenTree::Ident(name) if is_for_developers(name, tokens.get(at + 1)) => {
                let is_group = |it: &TokenTree| matches!(it, TokenTree::Group(_));
                at += tokens[at..].iter().position(is_group).unwrap_or_default();
            }
            TokenTree::Group(group) => found.extend(sentences(group.stream())),
            TokenTree::Literal(literal) => {
                let text = literal.to_string();
                if is_for_readers(&text) {
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

/// Whether this is `expect(…)`, or a macro such as `warn!(…)`.
fn is_for_developers(name: &Ident, next: Option<&TokenTree>) -> bool {
    match next {
        Some(TokenTree::Punct(bang)) if bang.as_char() == '!' => {
            FOR_DEVELOPERS.iter().any(|it| name == it)
        }
        Some(TokenTree::Group(_)) => name == "expect",
        _ => false,
    }
}

/// Whether a literal can be text for readers: several words, a word beside a value, or one capitalised word.
fn is_for_readers(literal: &str) -> bool {
    let start = literal.trim_start_matches('r').trim_start_matches('#');
    let Some(text) = start.strip_prefix('"') else { return false };
    let text = text.trim_end_matches('#').trim_end_matches('"').replace("\\n", " ");
    // What stands between the values of `format!`.
    let parts = text.split('{').map(|it| it.split_once('}').map_or(it, |(_, after)| after));
    let parts: Vec<&str> = parts.collect();
    let words = parts.iter().flat_map(|it| it.split_whitespace()).filter(|it| is_word(it)).count();
    let has_space = text.contains(char::is_whitespace);
    let is_capitalised = || {
        let mut letters = text.trim_end_matches(['.', ':', '…', '?', '!']).chars();
        letters.next().is_some_and(char::is_uppercase)
            && letters.clone().count() > 0
            && letters.all(char::is_lowercase)
    };
    words > 1 || (words == 1 && has_space && parts.len() > 1) || is_capitalised()
}

/// Whether this is a word, with or without punctuation.
fn is_word(text: &str) -> bool {
    let text = text.trim_matches(|c: char| c.is_ascii_punctuation() || "…“”‘’".contains(c));
    text.chars().count() > 1
        && text.chars().all(|c| c.is_alphabetic() || matches!(c, '’' | '\'' | '-'))
        && !text.chars().all(char::is_uppercase)
}

/// The template without attributes that no one reads. A macro can have them outside a tag, for that of its caller.
fn without_attributes(html: &str) -> String {
    let mut html = html.replace(" autofocus", "");
    for attribute in [" aria-invalid=\"", " aria-describedby=\""] {
        while let Some(start) = html.find(attribute) {
            let value = start + attribute.len();
            let end = html[value..].find('"').expect("a value is closed") + value + 1;
            html.replace_range(start..end, "");
        }
    }
    html
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
        ("{% if x %} autofocus aria-describedby=\"{{ id }}-error {{ id }}-hint\"{% endif %}", &[]),
    ] {
        assert_eq!(texts(template), found, "{template}");
    }
}

#[test]
fn sentences_in_code_are_found() {
    for (code, found) in [
        ("let x = \"Sign in again.\";", 1),
        ("let x = r#\"Sign in again.\"#;", 1),
        ("fn f() { g(format!(\"We sent {n} emails.\")) }", 1),
        ("fn f() { g(format!(\"{n} emails\"), format!(\" and {n} more\")) }", 2),
        ("let x = [\"Email\", \"Saved.\", \"your account\"];", 3),
        ("fn f() { errors.error(\"Sign in again.\"); page.info(\"Saved.\") }", 2),
        ("let x = [\"email\", \"ES256\", \"{name}-start\", \"/auth/login\", \"a=b; c={d}\"];", 0),
        ("#![doc = \"Sign in again.\"] #[doc = \"Sign in again.\"] struct A;", 0),
        ("tracing::warn!(%error, \"Sign in again.\");", 0),
        ("x.expect(\"Always there.\");", 0),
        ("#[cfg(test)] mod tests { const A: &str = \"Sign in again.\"; }", 0),
        ("#[cfg(test)] mod tests; const A: &str = \"Sign in again.\";", 1),
        ("let x = \"Set-Cookie\";", 0),
    ] {
        assert_eq!(sentences(code.parse().unwrap()).len(), found, "{code}");
    }
}
