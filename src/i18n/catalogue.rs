//! Which messages there are, and the message files of each language. `build.rs` writes both.

use crate::i18n::localized::marker;

/// The two variables around the words of a link or mark, and the markers that they become.
#[derive(Debug)]
pub struct Pair {
    /// The variable before the words.
    pub start: &'static str,
    /// The variable after them.
    pub end: &'static str,
    /// What is set for them.
    pub markers: marker::Markers,
}

/// A parameter of a message.
#[derive(Debug)]
pub enum Parameter {
    /// `{ $name }`
    Value(&'static str),
    /// `{ $name-start }…{ $name-end }`: a link, whose argument is the address.
    Link(Pair),
}

/// The properties of a message, which are the same in every language.
#[derive(Debug)]
pub struct Shape {
    /// For example `sign-in-title`.
    pub id: &'static str,
    /// In alphabetical order.
    pub parameters: &'static [Parameter],
    /// Its marks such as `{ $strong-start }…{ $strong-end }`.
    pub marks: &'static [Pair],
}

impl Shape {
    /// Whether its text is always the same in a language.
    pub fn is_fixed(&self) -> bool {
        self.parameters.is_empty() && self.marks.is_empty()
    }
}

/// The number of the message with this ID.
pub fn number_of(id: &str) -> Option<usize> {
    SHAPES.binary_search_by(|shape| shape.id.cmp(id)).ok()
}

include!(concat!(env!("OUT_DIR"), "/catalogue.rs"));
