//! Generates `docs/configuration.md` and `.env.example` from the table of variables.

use std::fmt::Write;

use super::risk::Risk;
use super::variables::{ENVIRONMENT_ONLY, GROUPS, Standard, Values, Variable, facts, plain};
use crate::generated;

/// The head of the page: how variables are set.
const HEAD: &str = include_str!("reference/head.md");
/// What needs more words than a variable has.
const FOOT: &str = include_str!("reference/foot.md");

#[test]
fn the_page_of_the_configuration_is_current() {
    generated::check("docs/configuration.md", &page());
}

#[test]
fn the_example_of_an_env_file_is_current() {
    generated::check(".env.example", &env_example());
}

fn page() -> String {
    let mut page = format!("{HEAD}\n");
    for group in &GROUPS {
        let _ = writeln!(page, "## {}\n", group.title);
        for variable in group.variables {
            section(&mut page, variable);
        }
    }
    page + &FOOT.replace("{risks}", &risks()).replace("{libpq}", &environment_only())
}

fn section(page: &mut String, variable: &Variable) {
    let Variable { name, meaning, .. } = variable;
    let _ = writeln!(page, "### `{name}`\n\n{meaning}\n");
    if let Values::Words(words) = variable.values {
        for (word, what) in words {
            let _ = writeln!(page, "- `{word}`: {what}");
        }
        page.push('\n');
    }
    let _ = writeln!(page, "{}\n", facts(variable));
}

fn risks() -> String {
    let row = |risk: Risk| format!("| `{}` | {} |\n", risk.word(), risk.meaning());
    Risk::ALL.map(row).concat()
}

fn environment_only() -> String {
    let names: Vec<_> = ENVIRONMENT_ONLY.iter().map(|(name, _)| format!("`{name}`")).collect();
    names.join(", ")
}

fn env_example() -> String {
    let mut text = String::from(
        "# Copy this file to .env, remove the # before a setting and change it. Every setting has a default. Quote values with spaces; put values\n\
         # with a $ in single quotes. NAME_FILE=/path/to/file reads a value from a file. docs/configuration.md explains every setting.\n",
    );
    for group in &GROUPS {
        let _ = writeln!(text, "\n# == {} ==", group.title);
        for variable in group.variables {
            let _ = writeln!(
                text,
                "\n# {}\n#{}={}",
                first_sentence(variable),
                variable.name,
                value(variable)
            );
        }
    }
    text
}

/// A value as it stands in `.env`, with quotes where they are needed.
fn value(variable: &Variable) -> String {
    let value = match (variable.example, &variable.default, &variable.values) {
        (Some(example), ..) => example,
        (None, Standard::Fixed(default), _) => default,
        (None, _, Values::Words(words)) => words[0].0,
        (None, ..) => "",
    };
    if value.contains(' ') && !value.starts_with('"') {
        format!("\"{value}\"")
    } else {
        value.to_owned()
    }
}

/// The first sentence of the meaning, without Markdown, and the choices.
fn first_sentence(variable: &Variable) -> String {
    let end = variable.meaning.find(". ").map_or(variable.meaning.len(), |end| end + 1);
    let sentence = plain(&variable.meaning[..end]);
    match variable.values {
        Values::Words(words) => {
            let words: Vec<_> = words.iter().map(|it| it.0).collect();
            format!("{sentence} One of: {}.", words.join(", "))
        }
        _ => sentence,
    }
}
