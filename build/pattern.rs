//! Walks through the text of a message: which variables it has, and whether its links and marks are pairs in every variant.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use fluent_syntax::ast::{Expression, InlineExpression, Pattern, PatternElement};

use super::MARKS;

/// The function that names the program as operators run it: `authflow`, or `sudo authflowctl` where that is installed.
const AUTHFLOW: &str = "AUTHFLOW";

/// The texts of the messages of one language, by ID.
pub type Sources<'a> = BTreeMap<String, Pattern<&'a str>>;

/// The variables of a text. The error says what is wrong with it.
pub fn variables(
    pattern: &Pattern<&str>,
    sources: &Sources<'_>,
) -> Result<BTreeSet<String>, String> {
    let mut walk = Walk {
        sources,
        depth: 0,
        variables: BTreeSet::new(),
        open: Vec::new(),
        outside: 0,
        links: BTreeSet::new(),
    };
    walk.pattern(pattern)?;
    Ok(walk.variables)
}

struct Walk<'a> {
    sources: &'a Sources<'a>,
    /// How many references to other messages lead here.
    depth: u8,
    variables: BTreeSet<String>,
    /// The links and marks that are open here.
    open: Vec<String>,
    /// How many of them were opened outside of this pattern, which cannot close them.
    outside: usize,
    /// The links so far.
    links: BTreeSet<String>,
}

impl Walk<'_> {
    /// A text, or one of its variants. It closes what it opens.
    fn pattern(&mut self, pattern: &Pattern<&str>) -> Result<(), String> {
        let outside = std::mem::replace(&mut self.outside, self.open.len());
        for element in &pattern.elements {
            if let PatternElement::Placeable { expression } = element {
                self.expression(expression)?;
            }
        }
        if let Some(pair) = self.open.get(self.outside) {
            return Err(format!("${pair}-start has no ${pair}-end in the same variant"));
        }
        self.outside = outside;
        Ok(())
    }

    fn expression(&mut self, expression: &Expression<&str>) -> Result<(), String> {
        match expression {
            Expression::Inline(inline) => self.inline(inline),
            Expression::Select { selector, variants } => {
                if let InlineExpression::VariableReference { id } = selector
                    && (id.name.ends_with("-start") || id.name.ends_with("-end"))
                {
                    return Err(format!("${} cannot select a variant", id.name));
                }
                self.inline(selector)?;
                let before = self.links.clone();
                let mut of_variants = BTreeSet::new();
                for variant in variants {
                    self.links.clone_from(&before);
                    self.pattern(&variant.value)?;
                    of_variants.insert(self.links.clone());
                }
                let all: BTreeSet<_> = of_variants.iter().flatten().collect();
                match all.iter().find(|link| !of_variants.iter().all(|it| it.contains(**link))) {
                    Some(link) => Err(format!("a variant lacks the link ${link}-start")),
                    None => Ok(()),
                }
            }
        }
    }

    fn inline(&mut self, inline: &InlineExpression<&str>) -> Result<(), String> {
        match inline {
            InlineExpression::VariableReference { id } => self.variable(id.name),
            InlineExpression::MessageReference { id, attribute: None } if self.depth < 5 => {
                let sources = self.sources;
                let referenced = sources.get(id.name);
                let referenced =
                    referenced.ok_or_else(|| format!("there is no message {}", id.name))?;
                self.depth += 1;
                self.pattern(referenced)?;
                self.depth -= 1;
                Ok(())
            }
            InlineExpression::Placeable { expression } => self.expression(expression),
            InlineExpression::StringLiteral { .. } | InlineExpression::NumberLiteral { .. } => {
                Ok(())
            }
            InlineExpression::FunctionReference { id, arguments }
                if id.name == AUTHFLOW
                    && arguments.positional.is_empty()
                    && arguments.named.is_empty() =>
            {
                // People who copy a command must see where it begins and ends.
                if self.open.iter().any(|it| it == "code") {
                    Ok(())
                } else {
                    Err(format!("{AUTHFLOW}() is not between $code-start and $code-end"))
                }
            }
            InlineExpression::FunctionReference { id, .. } => {
                Err(format!("there is no function {}", id.name))
            }
            InlineExpression::MessageReference { id, .. } => {
                Err(format!("cannot follow the reference to {}", id.name))
            }
            InlineExpression::TermReference { id, .. } => {
                Err(format!("there is no term -{}", id.name))
            }
        }
    }

    fn variable(&mut self, name: &str) -> Result<(), String> {
        self.variables.insert(name.to_owned());
        if let Some(pair) = name.strip_suffix("-start") {
            if !MARKS.contains(&pair) {
                if self.open.iter().any(|it| !MARKS.contains(&it.as_str())) {
                    return Err(format!("the link ${name} is in another link"));
                }
                if !self.links.insert(pair.to_owned()) {
                    return Err(format!("the link ${name} is there twice"));
                }
            }
            self.open.push(pair.to_owned());
        } else if let Some(pair) = name.strip_suffix("-end") {
            if self.open[self.outside..].last().is_none_or(|it| it != pair) {
                return Err(format!(
                    "${name} does not close the nearest open pair, in the same variant"
                ));
            }
            self.open.pop();
        }
        Ok(())
    }
}

/// The text without Fluent's syntax, for documentation and lists. Of several variants it has the default.
pub fn source(pattern: &Pattern<&str>) -> String {
    let mut text = String::new();
    for element in &pattern.elements {
        match element {
            PatternElement::TextElement { value } => text.push_str(value),
            PatternElement::Placeable { expression } => match expression {
                Expression::Inline(InlineExpression::VariableReference { id }) => {
                    let _ = write!(text, "{{ ${} }}", id.name);
                }
                Expression::Inline(InlineExpression::MessageReference { id, .. }) => {
                    let _ = write!(text, "{{ {} }}", id.name);
                }
                Expression::Inline(InlineExpression::StringLiteral { value }) => {
                    text.push_str(value);
                }
                Expression::Inline(InlineExpression::FunctionReference { .. }) => {
                    text.push_str("authflow");
                }
                Expression::Inline(_) => {}
                Expression::Select { variants, .. } => {
                    let default = variants.iter().find(|variant| variant.default);
                    text.push_str(&default.map(|it| source(&it.value)).unwrap_or_default());
                }
            },
        }
    }
    text
}
