//! Languages that exist only in tests. They are made from the English message files, as a translator would make them: a folder, and no
//! code.

use std::path::Path;
use std::sync::OnceLock;

use authflow::i18n::languages::Languages;
use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement, Resource};
use fluent_syntax::{parser, serializer};

/// Accented English, almost half as long again: shows untranslated text, and layouts with no room for longer words.
pub const LONG: &str = "en-XA";
/// English in Hebrew letters: shows what assumes that text runs from left to right.
pub const RIGHT_TO_LEFT: &str = "ar-XB";

/// The real languages and the two pseudo languages.
pub fn languages() -> &'static Languages {
    static ALL: OnceLock<Languages> = OnceLock::new();
    ALL.get_or_init(|| {
        let english = folder("en");
        let german = folder("de");
        let long = english.iter().map(|file| translated(file, lengthened)).collect();
        let right_to_left =
            english.iter().map(|file| translated(file, in_hebrew_letters)).collect();
        let folders: [(&str, Vec<String>); 4] =
            [("en", english), ("de", german), (LONG, long), (RIGHT_TO_LEFT, right_to_left)];
        Languages::read(&folders).unwrap()
    })
}

/// The message files of a language.
pub fn folder(code: &str) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("locales").join(code);
    let paths = std::fs::read_dir(folder).unwrap().map(|it| it.unwrap().path());
    let paths = paths.filter(|it| it.extension().is_some_and(|it| it == "ftl"));
    paths.map(|it| std::fs::read_to_string(it).unwrap()).collect()
}

/// A message file with every text changed.
fn translated(file: &str, change: fn(&str) -> String) -> String {
    let resource = parser::parse(file.to_owned()).unwrap();
    let body = resource.body.into_iter().map(|entry| match entry {
        Entry::Message(mut message) => {
            let is_fact = message.id.name.starts_with("language-");
            let is_direction = message.id.name == "language-direction";
            if let Some(pattern) = message.value.as_mut() {
                if !is_fact {
                    change_all(pattern, change);
                } else if is_direction && change("a") == in_hebrew_letters("a") {
                    pattern.elements = vec![PatternElement::TextElement { value: "rtl".into() }];
                }
            }
            Entry::Message(message)
        }
        entry => entry,
    });
    serializer::serialize(&Resource { body: body.collect() })
}

fn change_all(pattern: &mut Pattern<String>, change: fn(&str) -> String) {
    for element in &mut pattern.elements {
        match element {
            PatternElement::TextElement { value } => *value = change(value),
            PatternElement::Placeable { expression } => change_expression(expression, change),
        }
    }
}

fn change_expression(expression: &mut Expression<String>, change: fn(&str) -> String) {
    match expression {
        Expression::Select { variants, .. } => {
            for variant in variants {
                change_all(&mut variant.value, change);
            }
        }
        Expression::Inline(InlineExpression::Placeable { expression }) => {
            change_expression(expression, change);
        }
        Expression::Inline(_) => {}
    }
}

/// `Sign in` becomes `Šîîĝñ îîñ`.
fn lengthened(text: &str) -> String {
    text.chars().map(accented).collect()
}

fn accented(c: char) -> String {
    let plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let accented = "ÅƁÇÐÉƑĜĤÎĴĶĻṀÑÖÞǪŔŠŢÛṼŴẊÝŽåƀçðéƒĝĥîĵķļɱñöþǫŕšţûṽŵẋýž";
    let Some(at) = plain.find(c) else { return c.to_string() };
    let shown = accented.chars().nth(at).unwrap().to_string();
    if "aeiou".contains(c) { shown.repeat(2) } else { shown }
}

fn in_hebrew_letters(text: &str) -> String {
    let letters: Vec<char> = "אבגדהוזחטיכלמנסעפצקרשתםןףץ".chars().collect();
    let letter = |c: char| {
        let number = (c.to_ascii_lowercase() as usize).wrapping_sub('a' as usize);
        letters.get(number).copied().unwrap_or(c)
    };
    text.chars().map(letter).collect()
}
