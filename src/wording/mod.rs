//! Puts typed values of the domain into messages: the only place that knows which sentence belongs to which error, event or state.

pub mod devices;
mod characters;
mod codes;
mod email_addresses;
mod passwords;
pub mod session_ends;
mod usernames;
pub mod events;

use crate::i18n::message::{self, Message};

impl From<&str> for Message {
    fn from(text: &str) -> Self {
        message::untranslated(text)
    }
}

impl From<String> for Message {
    fn from(text: String) -> Self {
        message::untranslated(text)
    }
}

impl From<&String> for Message {
    fn from(text: &String) -> Self {
        message::untranslated(text)
    }
}

macro_rules! untranslated {
    ($($error:path)*) => {
        $(impl From<$error> for Message {
            fn from(error: $error) -> Self {
                message::untranslated(error.to_string())
            }
        })*
    };
}

untranslated! {
    crate::domain::account::handle::InvalidHandle
    crate::domain::account::role::InvalidRole
    crate::services::administration::handle_change::HandleError
}
