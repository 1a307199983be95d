//! Which messages there are, and the message files of each language. `build.rs` writes both.

/// A parameter of a message.
#[derive(Clone, Copy, Debug)]
pub enum Parameter {
    /// `{ $name }`
    Value(&'static str),
    /// `{ $name-start }…{ $name-end }`: a link, whose argument is the address.
    Link {
        /// The variable before the words of the link.
        start: &'static str,
        /// The variable after them.
        end: &'static str,
    },
}

/// The properties of a message, which are the same in every language.
#[derive(Debug)]
pub struct Shape {
    /// For example `sign-in-title`.
    pub id: &'static str,
    /// In alphabetical order.
    pub parameters: &'static [Parameter],
    /// Whether it has marks such as `{ $strong-start }…{ $strong-end }`.
    pub has_marks: bool,
}

/// The number of the message with this ID.
pub fn number_of(id: &str) -> Option<usize> {
    SHAPES.binary_search_by(|shape| shape.id.cmp(id)).ok()
}

include!(concat!(env!("OUT_DIR"), "/catalogue.rs"));
