//! The state of an email in the outbox.

use serde::{Deserialize, Serialize};

/// The state of an email.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type)]
#[sqlx(type_name = "TEXT", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum MailState {
    /// It is waiting to be sent, now or after a delay.
    Waiting,
    /// The mail server has accepted it.
    Sent,
    /// It could not be sent, and is only retried if an administrator requests it.
    Failed,
    /// It was no longer needed before it was sent.
    Cancelled,
}

impl MailState {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Waiting, Self::Sent, Self::Failed, Self::Cancelled];

    /// The state with this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }

    /// Its name in the database and on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}

impl From<MailState> for &'static str {
    fn from(state: MailState) -> Self {
        state.name()
    }
}
