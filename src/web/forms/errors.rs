//! Error messages for the fields of a form, in the order of the form.

use std::fmt::Display;

use crate::domain::two_factor::code::Code;

/// Messages by field.
#[derive(Clone, Debug, Default)]
pub struct Errors(Vec<(&'static str, String)>);

impl Errors {
    /// One message.
    #[must_use]
    pub fn of(field: &'static str, message: impl Into<String>) -> Self {
        Self(vec![(field, message.into())])
    }

    /// Returns the value, or adds the error as the field's message.
    pub fn check<T>(&mut self, field: &'static str, parsed: Result<T, impl Display>) -> Option<T> {
        parsed.map_err(|why| self.add(field, why.to_string())).ok()
    }

    /// Adds a message for a field.
    pub fn add(&mut self, field: &'static str, message: impl Into<String>) {
        self.0.push((field, message.into()));
    }

    /// Checks a new password against its repetition, even if the password itself is refused. A missing password is told once.
    pub fn check_repeated(&mut self, password: &str, confirm_password: &str) {
        if password.is_empty() || password == confirm_password {
            return;
        }
        let why = if confirm_password.is_empty() {
            "Type the password a second time."
        } else {
            "The two passwords are not the same."
        };
        self.add("confirm_password", why);
    }

    /// The first message for this field.
    #[must_use]
    pub fn on(&self, field: &str) -> Option<&str> {
        self.0.iter().find(|(name, _)| *name == field).map(|(_, message)| message.as_str())
    }

    /// All messages, for the summary above the form.
    #[must_use]
    pub fn all(&self) -> &[(&'static str, String)] {
        &self.0
    }

    /// All messages, owned.
    #[must_use]
    pub fn into_all(self) -> Vec<(&'static str, String)> {
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
pub fn wrong_code(code: &Code) -> &'static str {
    match code {
        Code::Totp(_) => WRONG_CODE,
        Code::Recovery(_) => WRONG_RECOVERY_CODE,
    }
}

const WRONG_RECOVERY_CODE: &str = "This recovery code does not work. Check it for typing errors. Each works once: if you have used this one, \
                                   take another.";
const WRONG_CODE: &str = "This code does not work. Each code works once and only for a short time: wait for the next one. If none works, \
                              check that the clock of your device is right.";
