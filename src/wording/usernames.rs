//! Display names that are not valid.

use crate::domain::account::username::{InvalidUsername, MAX_LENGTH};
use crate::i18n::message::{self, Message};
use crate::wording::characters::character;

impl From<InvalidUsername> for Message {
    fn from(why: InvalidUsername) -> Self {
        match why {
            InvalidUsername::Empty => message::name_missing(),
            InvalidUsername::TooLong => message::name_too_long(MAX_LENGTH),
            InvalidUsername::Unprintable(c) => message::name_unprintable(character(c)),
        }
    }
}
