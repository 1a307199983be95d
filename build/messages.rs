//! Reads message files (Fluent syntax 1.0): which messages a folder has, and which parameters each takes. The build script and the tests
//! share this file.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use fluent_syntax::ast::{
    CallArguments, Entry, Expression, InlineExpression, Pattern, PatternElement,
};

/// The marks that a message can put around words without being given an argument: `{ $strong-start }…{ $strong-end }`.
pub const MARKS: [&str; 3] = ["address", "code", "strong"];

/// The most links in one message: `i18n::localized` has a pair of markers for each.
const MOST_LINKS: usize = 4;

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

/// The messages of the files of one language, by ID. The error lists every fault.
pub fn read(files: &[(String, String)]) -> Result<BTreeMap<String, Message>, String> {
    let mut faults = Vec::new();
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
    let mut messages = BTreeMap::new();
    for (id, value) in &sources {
        let mut names = BTreeSet::new();
        if let Err(fault) = variables(value, &sources, 0, &mut names) {
            faults.push(format!("{id}: {fault}"));
        }
        match parameters(&names) {
            Ok((parameters, marks)) => {
                messages.insert(id.clone(), Message { parameters, marks, text: source(value) });
            }
            Err(fault) => faults.push(format!("{id}: {fault}")),
        }
    }
    if faults.is_empty() { Ok(messages) } else { Err(faults.join("\n")) }
}

/// Sorts the variables of a message into values, links and marks.
fn parameters(names: &BTreeSet<String>) -> Result<(Vec<Parameter>, BTreeSet<String>), String> {
    let mut parameters = Vec::new();
    let mut marks = BTreeSet::new();
    for name in names {
        if let Some(pair) = name.strip_suffix("-start") {
            if !names.contains(&format!("{pair}-end")) {
                return Err(format!("${name} has no ${pair}-end"));
            }
            if MARKS.contains(&pair) {
                marks.insert(pair.to_owned());
            } else {
                parameters.push(Parameter::Link(pair.to_owned()));
            }
        } else if let Some(pair) = name.strip_suffix("-end") {
            if !names.contains(&format!("{pair}-start")) {
                return Err(format!("${name} has no ${pair}-start"));
            }
        } else {
            parameters.push(Parameter::Value(name.clone()));
        }
    }
    let links = parameters.iter().filter(|it| matches!(it, Parameter::Link(_))).count();
    if links > MOST_LINKS {
        return Err(format!("has {links} links, but a message can have at most {MOST_LINKS}"));
    }
    parameters.sort_by(|one, other| one.name().cmp(other.name()));
    Ok((parameters, marks))
}

type Sources<'a> = BTreeMap<String, Pattern<&'a str>>;

fn variables(
    pattern: &Pattern<&str>,
    all: &Sources<'_>,
    depth: u8,
    names: &mut BTreeSet<String>,
) -> Result<(), String> {
    for element in &pattern.elements {
        if let PatternElement::Placeable { expression } = element {
            of_expression(expression, all, depth, names)?;
        }
    }
    Ok(())
}

fn of_expression(
    expression: &Expression<&str>,
    all: &Sources<'_>,
    depth: u8,
    names: &mut BTreeSet<String>,
) -> Result<(), String> {
    match expression {
        Expression::Inline(inline) => of_inline(inline, all, depth, names),
        Expression::Select { selector, variants } => {
            of_inline(selector, all, depth, names)?;
            variants.iter().try_for_each(|variant| variables(&variant.value, all, depth, names))
        }
    }
}

fn of_inline(
    inline: &InlineExpression<&str>,
    all: &Sources<'_>,
    depth: u8,
    names: &mut BTreeSet<String>,
) -> Result<(), String> {
    match inline {
        InlineExpression::VariableReference { id } => {
            names.insert(id.name.to_owned());
            Ok(())
        }
        InlineExpression::MessageReference { id, attribute: None } if depth < 5 => {
            let referenced =
                all.get(id.name).ok_or_else(|| format!("there is no message {}", id.name))?;
            variables(referenced, all, depth + 1, names)
        }
        InlineExpression::Placeable { expression } => of_expression(expression, all, depth, names),
        InlineExpression::StringLiteral { .. } | InlineExpression::NumberLiteral { .. } => Ok(()),
        InlineExpression::FunctionReference { id, arguments: CallArguments { .. } } => {
            Err(format!("there is no function {}", id.name))
        }
        InlineExpression::MessageReference { id, .. } => {
            Err(format!("cannot follow the reference to {}", id.name))
        }
        InlineExpression::TermReference { id, .. } => Err(format!("there is no term -{}", id.name)),
    }
}

/// The pattern as text, for documentation.
fn source(pattern: &Pattern<&str>) -> String {
    let mut text = String::new();
    for element in &pattern.elements {
        match element {
            PatternElement::TextElement { value } => text.push_str(value),
            PatternElement::Placeable {
                expression: Expression::Inline(InlineExpression::VariableReference { id }),
            } => {
                let _ = write!(text, "{{ ${} }}", id.name);
            }
            PatternElement::Placeable {
                expression: Expression::Inline(InlineExpression::MessageReference { id, .. }),
            } => {
                let _ = write!(text, "{{ {} }}", id.name);
            }
            PatternElement::Placeable { expression: Expression::Select { variants, .. } } => {
                let default = variants.iter().find(|variant| variant.default);
                text.push_str(&default.map(|variant| source(&variant.value)).unwrap_or_default());
            }
            PatternElement::Placeable { expression: Expression::Inline(_) } => {}
        }
    }
    text
}
