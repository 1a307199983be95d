//! Codes that are not well-formed.

use crate::domain::sign_in::emailed_code::InvalidEmailedCode;
use crate::domain::two_factor::code::InvalidCode;
use crate::i18n::message::{self, Message};

impl From<InvalidCode> for Message {
    fn from(why: InvalidCode) -> Self {
        match why {
            InvalidCode::Empty => message::code_missing(),
            InvalidCode::Malformed => message::code_malformed(),
        }
    }
}

impl From<InvalidEmailedCode> for Message {
    fn from(why: InvalidEmailedCode) -> Self {
        match why {
            InvalidEmailedCode::Empty => message::emailed_code_missing(),
            InvalidEmailedCode::Malformed => message::emailed_code_malformed(),
        }
    }
}
