//! The steps that complete a new installation.

use serde::Deserialize;

/// A step that the dashboard of an administrator shows until it is done or dismissed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "TEXT", rename_all = "snake_case")]
pub enum SetupStep {
    /// Set `PUBLIC_URL` to an https address that other devices can open.
    PublicUrl,
    /// Send emails instead of writing them to files.
    Email,
    /// Guard the first app.
    FirstApp,
    /// Turn on 2FA for the administrator's own account.
    SecondFactor,
    /// Make a backup.
    Backup,
}

impl SetupStep {
    /// Every step, in the order in which they are shown.
    pub const ALL: [Self; 5] =
        [Self::PublicUrl, Self::Email, Self::FirstApp, Self::SecondFactor, Self::Backup];

    /// The name in forms and in the database.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::PublicUrl => "public_url",
            Self::Email => "email",
            Self::FirstApp => "first_app",
            Self::SecondFactor => "second_factor",
            Self::Backup => "backup",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_can_be_named_in_a_form() {
        for step in SetupStep::ALL {
            let parsed: SetupStep = serde_json::from_value(step.name().into()).unwrap();
            assert_eq!(parsed, step);
        }
    }
}
