//! Languages for tests: English and German alone, and all languages with two that exist only in tests. Those are made from the English
//! message files, as a translator would make them: a folder, and no code.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use authflow::i18n::languages::Languages;
use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement, Resource};
use fluent_syntax::{parser, serializer};

/// Accented English, almost half as long again: shows untranslated text, and layouts with no room for longer words.
pub const LONG: &str = "en-XA";
/// English in Hebrew letters: shows what assumes that text runs from left to right.
pub const RIGHT_TO_LEFT: &str = "ar-XB";

/// English and German, so that a further language changes no test.
pub fn english_and_german() -> &'static Languages {
    static BOTH: LazyLock<Languages> =
        LazyLock::new(|| Languages::read(&["en", "de"].map(|code| (code, folder(code)))).unwrap());
    &BOTH
}

/// Every language of `locales` and the two pseudo languages.
pub fn languages() -> &'static Languages {
    static ALL: LazyLock<Languages> = LazyLock::new(|| {
        let entries = std::fs::read_dir(locales()).unwrap().map(|it| it.unwrap());
        let codes = entries.filter(|it| it.path().is_dir()).map(|it| it.file_name());
        let codes: Vec<String> = codes.map(|it| it.into_string().unwrap()).collect();
        let mut folders: Vec<_> = codes.iter().map(|code| (&**code, folder(code))).collect();
        let pseudo = |change: fn(&str) -> String| -> Vec<String> {
            folder("en").iter().map(|file| translated(file, change)).collect()
        };
        folders.push((LONG, pseudo(lengthened)));
        folders.push((RIGHT_TO_LEFT, pseudo(in_hebrew_letters)));
        Languages::read(&folders).unwrap()
    });
    &ALL
}

fn locales() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("locales")
}

/// The message files of a language.
fn folder(code: &str) -> Vec<String> {
    let paths = std::fs::read_dir(locales().join(code)).unwrap().map(|it| it.unwrap().path());
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
