//! The credentials in forms that ask signed-in users for them.

use crate::domain::sign_in::demand::Missing;
use crate::domain::sign_in::device::Device;
use crate::domain::sign_in::password::Password;
use crate::domain::source::Source;
use crate::domain::two_factor::code::Code;
use crate::services::sign_in::step_up::Entered;
use crate::web::forms::errors::Errors;

/// The credentials in a form, well-formed but not yet checked.
#[derive(Debug)]
pub struct FormCredentials {
    password: Option<Password>,
    code: Option<Code>,
}

impl FormCredentials {
    /// Parses those that the form has to ask for. Each field is its id, which shows the error, and its text.
    pub fn read(
        missing: Missing,
        password: (&'static str, &str),
        code: (&'static str, &str),
        errors: &mut Errors,
    ) -> Option<Self> {
        let parsed = missing.password().then(|| Password::parse(password.1)).transpose();
        let password = errors.check(password.0, parsed);
        let parsed = missing.second_factor.then(|| Code::parse(code.1)).transpose();
        let code = errors.check(code.0, parsed);
        Some(Self { password: password?, code: code? })
    }

    /// The credentials of this browser and client.
    #[must_use]
    pub fn entered<'a>(&'a self, device: Option<&'a Device>, source: &'a Source) -> Entered<'a> {
        Entered { password: self.password.as_ref(), code: self.code.as_ref(), device, source }
    }
}
