//! What the documentation and the manual page say about a variable.

use super::table::GROUPS;
use super::variable::{Standard, Values, Variable, as_written};

/// The values that a variable takes, its default and an example, as sentences in Markdown.
pub fn facts(variable: &Variable) -> String {
    let mut facts = Vec::new();
    match &variable.values {
        Values::Number(range) => {
            facts.push(format!("A whole number from {} to {}.", range.start(), range.end()));
        }
        Values::Duration(range) => {
            let [least, most] = [range.start(), range.end()].map(|it| as_written(*it));
            facts.push(format!("A length of time from `{least}` to `{most}`."));
        }
        Values::Text | Values::Words(_) => {}
    }
    facts.push(match variable.default {
        Standard::Fixed(default) => format!("Default: `{default}`."),
        Standard::Derived(default) => format!("Default: {default}."),
        Standard::None => "Not set by default.".to_owned(),
    });
    if let Some(example) = variable.example {
        facts.push(format!("Example: `{example}`."));
    }
    facts.join(" ")
}

/// The text without code marks. Links within the documentation become names of its files.
pub fn plain(markdown: &str) -> String {
    let mut text = markdown.replace('`', "");
    while let Some((before, rest)) = text.split_once("](") {
        let (target, after) = rest.split_once(')').unwrap_or_default();
        let (before, words) = before.rsplit_once('[').unwrap_or_default();
        let page = match target {
            it if it.starts_with("https://") => String::new(),
            it if it.starts_with('#') => format!("docs/configuration.md{it}"),
            it => format!("docs/{it}"),
        };
        let words = match (&*page, before.ends_with('(') && after.starts_with(')')) {
            ("", _) => words.to_owned(),
            (page, true) => page.to_owned(),
            (page, false) => format!("{words} ({page})"),
        };
        text = format!("{before}{words}{after}");
    }
    text
}

/// All variables with their groups, and what each does, in plain text.
pub fn manual() -> impl Iterator<Item = (&'static str, Vec<(&'static str, String)>)> {
    GROUPS.iter().map(|group| (group.title, group.variables.iter().map(entry).collect()))
}

fn entry(variable: &Variable) -> (&'static str, String) {
    let mut sentences = vec![variable.meaning.to_owned()];
    if let Values::Words(words) = variable.values {
        sentences.extend(words.iter().map(|(word, what)| format!("{word}: {what}")));
    }
    sentences.push(facts(variable));
    (variable.name, plain(&sentences.join(" ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_becomes_plain_text() {
        for (markdown, text) in [
            ("`a` ([Email](email.md#smtp)), [b](c.md).", "a (docs/email.md#smtp), b (docs/c.md)."),
            ("See [Risks](#risks).", "See Risks (docs/configuration.md#risks)."),
            ("[Resend](https://resend.com) delivers.", "Resend delivers."),
        ] {
            assert_eq!(plain(markdown), text);
        }
    }
}
