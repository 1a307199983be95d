//! Error messages for the fields of a form, in the order of the form.

use crate::domain::sign_in::password::{PasswordVerdict, Strength};
use crate::domain::two_factor::code::Code;
use crate::i18n::message::{self, Message};
use crate::wording::passwords::again;

/// Messages by field.
#[derive(Clone, Debug, Default)]
pub struct Errors {
    all: Vec<(&'static str, Message)>,
    /// How hard the new password is to guess. Set if the password is good but another field is refused, so that it has to be entered again.
    strength: Option<Strength>,
}

impl Errors {
    /// One message.
    #[must_use]
    pub fn of(field: &'static str, message: Message) -> Self {
        Self { all: vec![(field, message)], strength: None }
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
        self.all.push((field, message));
    }

    /// Takes what is to be said about a new password, and checks it against its repetition, even if the password itself is refused. A
    /// missing password is told once.
    pub fn check_new_password(
        &mut self,
        judged: PasswordVerdict,
        password: &str,
        confirm_password: &str,
    ) {
        self.strength = self.check("password", judged).flatten();
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

    /// What is said beside the field of a new password whose form is refused for something else: passwords are never sent back.
    #[must_use]
    pub fn password_again(&self) -> Option<Message> {
        let is_due = !self.is_empty() && self.on("password").is_none();
        is_due.then(|| again(self.strength))
    }

    /// The first message for this field.
    #[must_use]
    pub fn on(&self, field: &str) -> Option<&Message> {
        self.all.iter().find(|(name, _)| *name == field).map(|(_, message)| message)
    }

    /// Whether the field has the only error. Then it is told there alone, and the field has the focus.
    #[must_use]
    pub fn is_only_on(&self, field: &str) -> bool {
        matches!(self.all(), [(only, _)] if *only == field)
    }

    /// All messages, for the summary above the form.
    #[must_use]
    pub fn all(&self) -> &[(&'static str, Message)] {
        &self.all
    }

    /// All messages, owned.
    #[must_use]
    pub fn into_all(self) -> Vec<(&'static str, Message)> {
        self.all
    }

    /// Whether there are no messages.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
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
