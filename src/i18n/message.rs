//! Messages that are not yet in any language, their arguments, and one function for each message.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::i18n::catalogue::{Parameter, SHAPES, Shape, number_of};
use crate::i18n::localized::Marked;

include!(concat!(env!("OUT_DIR"), "/message.rs"));

/// A sentence in no language: its number and its arguments. It can be stored and put into words later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Stored", into = "Stored")]
pub struct Message {
    pub(super) number: usize,
    pub(super) arguments: Vec<Argument>,
}

impl Message {
    /// `number` and `arguments` must fit together, as they do in the generated functions.
    pub(super) fn new(number: usize, arguments: Vec<Argument>) -> Self {
        Self { number, arguments }
    }

    /// Whether it is `other`, or has it in one of its arguments.
    #[must_use]
    pub fn contains(&self, other: &Self) -> bool {
        let inside =
            |it: &Argument| matches!(it, Argument::Message(inner) if inner.contains(other));
        self == other || self.arguments.iter().any(inside)
    }

    /// Whether it shows text that is in no message, such as a name or an address.
    #[must_use]
    pub fn quotes(&self) -> bool {
        let mut arguments = self.shape().parameters.iter().zip(&self.arguments);
        arguments.any(|(parameter, it)| matches!(parameter, Parameter::Value(_)) && it.quotes())
    }

    /// Its ID, for example `sign-in-title`.
    #[must_use]
    pub fn id(&self) -> &'static str {
        self.shape().id
    }

    pub(super) fn shape(&self) -> &'static Shape {
        &SHAPES[self.number]
    }
}

/// A stored message. Its ID outlives a version in which messages are added.
#[derive(Serialize, Deserialize)]
struct Stored {
    id: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    arguments: Vec<Argument>,
}

impl From<Message> for Stored {
    fn from(message: Message) -> Self {
        Self { id: message.id().to_owned(), arguments: message.arguments }
    }
}

impl TryFrom<Stored> for Message {
    type Error = String;

    fn try_from(stored: Stored) -> Result<Self, String> {
        let Stored { id, arguments } = stored;
        let fits = |number: &usize| {
            let parameters = SHAPES[*number].parameters;
            let is_of_kind = |(parameter, argument): (&Parameter, &Argument)| match parameter {
                Parameter::Value(_) => true,
                Parameter::Link(_) => matches!(argument, Argument::Text(_)),
            };
            parameters.len() == arguments.len() && parameters.iter().zip(&arguments).all(is_of_kind)
        };
        let number = number_of(&id).filter(fits);
        let number =
            number.ok_or_else(|| format!("there is no message {id} with such arguments"))?;
        Ok(Self { number, arguments })
    }
}

/// An argument of a message, which has no language yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Argument {
    /// Text that is the same in every language, such as a name or an address. It may be a visitor's: it is escaped in HTML.
    Text(String),
    /// A number, which also selects a plural form.
    Number(i64),
    /// A moment: `28 Nov 2026, 13:27 CET`.
    Time(Timestamp),
    /// A moment that people compare with others: `3 minutes ago (28 Nov 2026, 13:27 CET)`.
    Ago(Timestamp),
    /// A day: `28 Nov 2026`.
    Day(Timestamp),
    /// A duration in seconds, in the largest unit that is exact: `30 minutes`.
    Span(u64),
    /// Another message.
    Message(Box<Message>),
    /// Several: `Ada, Grace and Alan`.
    List(Vec<Argument>),
    /// Text of the localizer's own with its markup. It is never stored.
    #[serde(skip)]
    Marked(Marked),
}

impl Argument {
    fn quotes(&self) -> bool {
        match self {
            Self::Text(_) | Self::Marked(_) => true,
            Self::Message(message) => message.quotes(),
            Self::List(all) => all.iter().any(Self::quotes),
            Self::Number(_) | Self::Time(_) | Self::Ago(_) | Self::Day(_) | Self::Span(_) => false,
        }
    }
}

/// A moment that people compare with others: `3 minutes ago (28 Nov 2026, 13:27 CET)`.
#[must_use]
pub fn ago(at: Timestamp) -> Argument {
    Argument::Ago(at)
}

/// A day: `28 Nov 2026`.
#[must_use]
pub fn day(at: Timestamp) -> Argument {
    Argument::Day(at)
}

/// Several things: `Ada, Grace and Alan`.
#[must_use]
pub fn list(all: impl IntoIterator<Item = impl ToArgument>) -> Argument {
    Argument::List(all.into_iter().map(|it| it.to_argument()).collect())
}

/// A value that can be the argument of a message.
pub trait ToArgument {
    /// The argument.
    fn to_argument(&self) -> Argument;
}

impl<T: ToArgument + ?Sized> ToArgument for &T {
    fn to_argument(&self) -> Argument {
        (**self).to_argument()
    }
}

impl ToArgument for Argument {
    fn to_argument(&self) -> Argument {
        self.clone()
    }
}

impl ToArgument for str {
    fn to_argument(&self) -> Argument {
        Argument::Text(self.to_owned())
    }
}

impl ToArgument for String {
    fn to_argument(&self) -> Argument {
        Argument::Text(self.clone())
    }
}

impl ToArgument for Marked {
    fn to_argument(&self) -> Argument {
        Argument::Marked(self.clone())
    }
}

impl ToArgument for Timestamp {
    fn to_argument(&self) -> Argument {
        Argument::Time(*self)
    }
}

impl ToArgument for Duration {
    fn to_argument(&self) -> Argument {
        Argument::Span(self.as_secs())
    }
}

impl ToArgument for Message {
    fn to_argument(&self) -> Argument {
        Argument::Message(Box::new(self.clone()))
    }
}

/// Numbers, up to the largest that fits.
macro_rules! numbers {
    ($($number:ty)*) => {
        $(impl ToArgument for $number {
            fn to_argument(&self) -> Argument {
                Argument::Number(i64::try_from(*self).unwrap_or(i64::MAX))
            }
        })*
    };
}

numbers!(i64 u64 usize u32 u16 u8);

#[cfg(test)]
mod tests {
    use serde_json::{from_value, json, to_value};

    use super::*;
    use crate::i18n::localizer::Localizer;

    const ADDRESS: &str = "ada@example.org";

    #[test]
    fn a_stored_message_is_read_back() {
        let all = [
            sign_in_to_see(),
            sign_in_continue("<Ada> \u{fdd4}"),
            form_problems(3_u8),
            too_many_attempts(Duration::from_mins(2)),
            two_sentences(sign_in_to_see(), sign_in_continue(list(["a", "b"]))),
            sign_in_continue(Timestamp(1)),
            sign_in_continue(ago(Timestamp(2))),
            sign_in_continue(day(Timestamp(3))),
            sign_in_new_here("/auth/register"),
        ];
        for message in all {
            let stored = to_value(&message).unwrap();
            assert_eq!(stored["id"], message.id());
            assert_eq!(from_value::<Message>(stored).unwrap(), message);
        }
        let stored = to_value(sign_in_continue("x")).unwrap();
        assert_eq!(stored, json!({"id": "sign-in-continue", "arguments": [{"text": "x"}]}));
        assert_eq!(to_value(sign_in_to_see()).unwrap(), json!({"id": "sign-in-to-see"}));
    }

    #[test]
    fn every_message_that_shows_an_address_quotes_it() {
        let t = Localizer::english(None);
        let messages = SHAPES.iter().enumerate().map(|(number, shape)| {
            Message::new(number, vec![ADDRESS.to_argument(); shape.parameters.len()])
        });
        let mut quoting = 0;
        for message in messages {
            let nested = two_sentences(sign_in_to_see(), &message);
            for it in [&message, &nested, &sign_in_continue(list([&message]))] {
                let shows_it = t.say(it).plain().contains(ADDRESS);
                assert!(it.quotes() || !shows_it, "{}", message.id());
                quoting += usize::from(shows_it);
            }
        }
        assert!(quoting > 300, "{quoting}");
        for silent in [
            sign_in_to_see(),
            form_problems(3_u8),
            too_many_attempts(Duration::from_mins(2)),
            sign_in_continue(list([day(Timestamp(1)), ago(Timestamp(2))])),
            two_sentences(sign_in_to_see(), sign_in_new_here("/auth/register")),
        ] {
            assert!(!silent.quotes(), "{}", silent.id());
        }
    }

    #[test]
    fn a_message_of_another_version_is_an_error() {
        for stored in [
            json!({"id": "no-such-message"}),
            json!({"id": "sign-in-continue"}),
            json!({"id": "sign-in-to-see", "arguments": [{"text": "x"}]}),
            json!({"id": "sign-in-continue", "arguments": [{"colour": "x"}]}),
            // A link to something that is no address.
            json!({"id": "sign-in-new-here", "arguments": [{"number": 1}]}),
            json!("Your name has been changed."),
            json!(null),
        ] {
            assert!(from_value::<Message>(stored.clone()).is_err(), "{stored}");
        }
    }
}
