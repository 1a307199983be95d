//! Error messages for the fields of a form, in the order of the form.

use crate::domain::two_factor::code::Code;
use crate::i18n::message::{self, Message};

/// Messages by field.
#[derive(Clone, Debug, Default)]
pub struct Errors(Vec<(&'static str, Message)>);

impl Errors {
    /// One message.
    #[must_use]
    pub fn of(field: &'static str, message: Message) -> Self {
        Self(vec![(field, message)])
    }

    /// Returns the value, or adds the error as the field's message.
    pub fn check<T>(
        &mut self,
        field: &'static str,
        parsed: Result<T, impl Into<Message>>,
    ) -> Option<T> {
        parsed.map_err(|why| self.add(field, why.into())).ok()
    }

    /// Adds a message for a field.
    pub fn add(&mut self, field: &'static str, message: Message) {
        self.0.push((field, message));
    }

    /// Checks a new password against its repetition, even if the password itself is refused. A missing password is told once.
    pub fn check_repeated(&mut self, password: &str, confirm_password: &str) {
        if password.is_empty() || password == confirm_password {
            return;
        }
        let why = if confirm_password.is_empty() {
            message::password_repeat_missing()
        } else {
            message::passwords_differ()
        };
        self.add("confirm_password", why);
    }

    /// The first message for this field.
    #[must_use]
    pub fn on(&self, field: &str) -> Option<&Message> {
        self.0.iter().find(|(name, _)| *name == field).map(|(_, message)| message)
    }

    /// Whether the field has the only error. Then it is told there alone, and the field has the focus.
    #[must_use]
    pub fn is_only_on(&self, field: &str) -> bool {
        matches!(self.all(), [(only, _)] if *only == field)
    }

    /// All messages, for the summary above the form.
    #[must_use]
    pub fn all(&self) -> &[(&'static str, Message)] {
        &self.0
    }

    /// All messages, owned.
    #[must_use]
    pub fn into_all(self) -> Vec<(&'static str, Message)> {
        self.0
    }

    /// Whether there are no messages.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The message of every form and the API for a rejected code. It is the same for every reason.
#[must_use]
pub fn wrong_code(code: &Code) -> Message {
    match code {
        Code::Totp(_) => message::code_wrong(),
        Code::Recovery(_) => message::recovery_code_wrong(),
    }
}
