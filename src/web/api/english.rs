//! What is wrong with the fields of a body, in English, which is the language of the API.

use crate::i18n::message::Message;

/// Why a value is refused, in English.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct English(pub String);

impl From<&str> for English {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

/// An error that has words in English: a message, an error that belongs to a message, or a sentence of the API's own.
pub trait InEnglish {
    /// The words.
    fn in_english(self) -> English;
}

impl<M: Into<Message>> InEnglish for M {
    fn in_english(self) -> English {
        English(self.into().english())
    }
}

impl InEnglish for English {
    fn in_english(self) -> English {
        self
    }
}

/// What is wrong with each field.
#[derive(Clone, Debug, Default)]
pub struct FieldErrors(Vec<(&'static str, English)>);

impl FieldErrors {
    /// Returns the value, or adds the error of the field.
    pub fn check<T>(
        &mut self,
        field: &'static str,
        parsed: Result<T, impl InEnglish>,
    ) -> Option<T> {
        parsed.map_err(|why| self.add(field, why)).ok()
    }

    /// Adds the error of a field.
    pub fn add(&mut self, field: &'static str, why: impl InEnglish) {
        self.0.push((field, why.in_english()));
    }

    /// Whether all fields are valid.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The errors, by field.
    #[must_use]
    pub fn into_all(self) -> Vec<(&'static str, English)> {
        self.0
    }
}
