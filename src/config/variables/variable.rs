//! What there is to know about one variable. The reader takes limits and defaults from here, and the documentation is generated from it.

use std::ops::RangeInclusive;
use std::time::Duration;

/// A variable that authflow reads.
pub struct Variable {
    pub name: &'static str,
    pub values: Values,
    pub default: Standard,
    /// A value as operators write it, where neither the default nor the values show one.
    pub example: Option<&'static str>,
    /// What it does, in Markdown with links relative to `docs/`. The first sentence says it by itself.
    pub meaning: &'static str,
}

/// The values that a variable may have.
pub enum Values {
    /// A text; the meaning says which.
    Text,
    /// A whole number.
    Number(RangeInclusive<u32>),
    /// A length of time with its unit.
    Duration(RangeInclusive<Duration>),
    /// One of these words, each with what it does, in Markdown.
    Words(&'static [(&'static str, &'static str)]),
}

/// The value of a variable that is not set.
pub enum Standard {
    /// Always this one.
    Fixed(&'static str),
    /// It follows from other settings or the machine. In Markdown.
    Derived(&'static str),
    None,
}

impl Variable {
    pub const fn text(name: &'static str, meaning: &'static str) -> Self {
        Self { name, values: Values::Text, default: Standard::None, example: None, meaning }
    }

    pub const fn number(
        name: &'static str,
        range: RangeInclusive<u32>,
        meaning: &'static str,
    ) -> Self {
        Self { values: Values::Number(range), ..Self::text(name, meaning) }
    }

    pub const fn duration(
        name: &'static str,
        range: RangeInclusive<Duration>,
        meaning: &'static str,
    ) -> Self {
        Self { values: Values::Duration(range), ..Self::text(name, meaning) }
    }

    /// The words come with what they do.
    pub const fn words(
        name: &'static str,
        words: &'static [(&'static str, &'static str)],
        meaning: &'static str,
    ) -> Self {
        Self { values: Values::Words(words), ..Self::text(name, meaning) }
    }

    pub const fn fixed(self, default: &'static str) -> Self {
        Self { default: Standard::Fixed(default), ..self }
    }

    pub const fn derived(self, default: &'static str) -> Self {
        Self { default: Standard::Derived(default), ..self }
    }

    pub const fn example(self, example: &'static str) -> Self {
        Self { example: Some(example), ..self }
    }
}

/// Variables about one subject.
pub struct Group {
    pub title: &'static str,
    pub variables: &'static [Variable],
}

/// A length of time as the operator writes it: `400d`, not "1year 1month".
pub fn as_written(length: Duration) -> String {
    let seconds = length.as_secs();
    let units = [(86_400, "d"), (3_600, "h"), (60, "m"), (1, "s")];
    let fits = units.into_iter().find(|(unit, _)| seconds.is_multiple_of(*unit));
    fits.map_or_else(|| format!("{seconds}s"), |(unit, name)| format!("{}{name}", seconds / unit))
}
