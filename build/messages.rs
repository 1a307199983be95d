//! Reads message files (Fluent syntax 1.0): which messages a folder has, and which parameters each takes. The build script and the tests
//! share this file.

mod pattern;

use std::collections::{BTreeMap, BTreeSet};

use fluent_syntax::ast::Entry;
use unic_langid::LanguageIdentifier;

use pattern::Sources;

/// The marks that a message can put around words without being given an argument: `{ $strong-start }…{ $strong-end }`.
pub const MARKS: [&str; 3] = ["address", "code", "strong"];

/// The most links in one message. `i18n::localized` has markers for as many: code for more would not compile.
const MOST_LINKS: usize = 4;

/// Words that Rust does not accept as the name of a function or an argument.
const KEYWORDS: [&str; 51] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate",
    "do", "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl",
    "in", "let", "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref",
    "return", "self", "static", "struct", "super", "trait", "true", "try", "type", "typeof",
    "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// A parameter of a message.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Parameter {
    /// `{ $name }`
    Value(String),
    /// `{ $name-start }…{ $name-end }`: a link. Its argument is the address.
    Link(String),
}

impl Parameter {
    /// Its name, without `$`.
    pub fn name(&self) -> &str {
        match self {
            Self::Value(name) | Self::Link(name) => name,
        }
    }
}

/// A message of one language.
#[derive(Clone, Debug)]
pub struct Message {
    /// Its parameters in alphabetical order, so that rewording a message never swaps its arguments.
    pub parameters: Vec<Parameter>,
    /// The marks in it.
    pub marks: BTreeSet<String>,
    /// Its source text.
    pub text: String,
}

/// The messages of a language, by ID, from its folder's name and files. The error lists every fault, one a line.
pub fn language(
    code: &str,
    files: &[(String, String)],
) -> Result<BTreeMap<String, Message>, String> {
    let id: Option<LanguageIdentifier> = code.parse().ok();
    if id.is_none_or(|id| id != code) {
        return Err("the folder's name is not the code of a language, such as de or pt-BR".into());
    }
    let messages = read(files)?;
    let text = |id: &str| messages.get(id).map(|it| it.text.as_str());
    if text("language-name").is_none() {
        return Err("language-name is missing: the language's name in itself".into());
    }
    if !matches!(text("language-direction"), Some("ltr" | "rtl")) {
        return Err("language-direction must be ltr or rtl".into());
    }
    Ok(messages)
}

/// The messages of some files, by ID. The error lists every fault, one a line.
pub fn read(files: &[(String, String)]) -> Result<BTreeMap<String, Message>, String> {
    let mut faults = Vec::new();
    let sources = sources(files, &mut faults);
    let mut messages = BTreeMap::new();
    for (id, value) in &sources {
        let variables = pattern::variables(value, &sources);
        match name(id).and(variables).and_then(|names| parameters(&names)) {
            Ok((parameters, marks)) => {
                let text = pattern::source(value);
                messages.insert(id.clone(), Message { parameters, marks, text });
            }
            Err(fault) => faults.push(format!("{id}: {fault}")),
        }
    }
    if faults.is_empty() { Ok(messages) } else { Err(faults.join("\n")) }
}

/// The texts of the messages in these files.
fn sources<'a>(files: &'a [(String, String)], faults: &mut Vec<String>) -> Sources<'a> {
    let mut sources = BTreeMap::new();
    for (name, text) in files {
        let resource = match fluent_syntax::parser::parse(text.as_str()) {
            Ok(resource) => resource,
            Err((_, errors)) => {
                faults.extend(errors.iter().map(|error| format!("{name}: {error}")));
                continue;
            }
        };
        for entry in resource.body {
            match entry {
                Entry::Message(message) => {
                    let id = message.id.name.to_owned();
                    let Some(value) = message.value else {
                        faults.push(format!("{name}: {id} has no text"));
                        continue;
                    };
                    if !message.attributes.is_empty() {
                        faults
                            .push(format!("{name}: {id} has attributes, which are not used here"));
                    }
                    if sources.insert(id.clone(), value).is_some() {
                        faults.push(format!("{name}: {id} is there twice"));
                    }
                }
                Entry::Comment(_) | Entry::GroupComment(_) | Entry::ResourceComment(_) => {}
                Entry::Term(term) => faults
                    .push(format!("{name}: use a message instead of the term -{}", term.id.name)),
                Entry::Junk { content } => faults.push(format!("{name}: cannot read {content:?}")),
            }
        }
    }
    sources
}

/// Sorts the variables of a message into values, links and marks.
fn parameters(names: &BTreeSet<String>) -> Result<(Vec<Parameter>, BTreeSet<String>), String> {
    let mut parameters = Vec::new();
    let mut marks = BTreeSet::new();
    for variable in names {
        if let Some(pair) = variable.strip_suffix("-start") {
            if MARKS.contains(&pair) {
                marks.insert(pair.to_owned());
            } else {
                parameters.push(Parameter::Link(pair.to_owned()));
            }
        } else if !variable.ends_with("-end") {
            parameters.push(Parameter::Value(variable.clone()));
        }
    }
    let links = parameters.iter().filter(|it| matches!(it, Parameter::Link(_))).count();
    if links > MOST_LINKS {
        return Err(format!("has {links} links, but a message can have at most {MOST_LINKS}"));
    }
    parameters.sort_by(|one, other| one.name().cmp(other.name()));
    for (at, parameter) in parameters.iter().enumerate() {
        name(parameter.name())?;
        if at > 0 && parameters[at - 1].name() == parameter.name() {
            return Err(format!("${} is both a value and a link", parameter.name()));
        }
    }
    Ok((parameters, marks))
}

/// Checks that an ID or the name of a parameter can be one in Rust, once `_` stands for `-`, and that no other name becomes the same.
fn name(name: &str) -> Result<(), String> {
    if KEYWORDS.contains(&name) {
        return Err(format!("{name} is a keyword of Rust: choose another name"));
    }
    let is_part = |part: &str| {
        !part.is_empty() && part.bytes().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit())
    };
    if !name.split('-').all(is_part) {
        return Err(format!("{name} is not a name of lower-case words with hyphens between them"));
    }
    Ok(())
}
