//! The titles of the steps that complete an installation.

use crate::domain::setup_step::SetupStep;
use crate::i18n::message::{self, Message};

impl From<SetupStep> for Message {
    fn from(step: SetupStep) -> Self {
        match step {
            SetupStep::PublicUrl => message::setup_public_url(),
            SetupStep::Email => message::setup_email(),
            SetupStep::FirstApp => message::setup_first_app(),
            SetupStep::SecondFactor => message::setup_second_factor(),
            SetupStep::Backup => message::setup_backup(),
        }
    }
}
