//! An email as the pages show it.

use crate::config::Config;
use crate::domain::email::mail_state::MailState;
use crate::domain::id::MailId;
use crate::domain::stored::Stored;
use crate::i18n::localized::Localized;
use crate::i18n::localizer::Localizer;
use crate::i18n::message::{self, Message};
use crate::services::email::overview::OutboxEntry;
use crate::web::pages::list_pages::When;

/// The data of an email for the templates.
pub struct EmailRow {
    pub id: MailId,
    /// What it is about.
    pub kind: Localized,
    pub recipient: String,
    pub state: Localized,
    pub failed: bool,
    pub queued: When,
    /// When it was sent, failed or was cancelled.
    pub finished: Option<When>,
    /// Why the last attempt failed.
    pub error: Option<String>,
}

impl EmailRow {
    pub fn new(config: &Config, t: &Localizer, mail: OutboxEntry) -> Self {
        Self {
            id: mail.id,
            kind: t.say(&mail.kind.into()),
            recipient: mail.recipient,
            failed: mail.state == MailState::Failed,
            state: t.say(&state(config, mail.state)),
            queued: When::new(t, mail.created_at),
            finished: mail.finished_at.map(|at| When::at(t, at)),
            error: mail.last_error,
        }
    }
}

/// The name of a state. A server that writes its emails to files has sent none.
pub fn state(config: &Config, state: impl Into<Stored<MailState>>) -> Message {
    let state = state.into();
    if state == MailState::Sent && config.mail.folder().is_some() {
        message::mail_state_written()
    } else {
        state.into()
    }
}
