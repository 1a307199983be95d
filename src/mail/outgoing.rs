//! An email ready to be sent.

use lettre::Address;
use lettre::message::Mailbox;

use crate::clock::Timestamp;
use crate::domain::id::MailId;
use crate::secret::Secret;

/// An email that is rendered identically on every attempt, so that mail servers can recognize a duplicate.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "may contain a link that opens an account")]
pub struct Mail {
    /// The ID of its row in the outbox.
    pub id: MailId,
    /// Its Message-ID, without the brackets.
    pub message_id: String,
    /// `MAIL_FROM`.
    pub from: Mailbox,
    /// The recipient.
    pub to: Address,
    /// When it was queued.
    pub created_at: Timestamp,
    /// The subject and the two parts.
    pub texts: Texts,
    /// The secret in its link and the code in its text, if it has them. Errors must not repeat them.
    pub secrets: Vec<Secret<String>>,
}

/// The rendered texts of an email.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "may contain a link that opens an account")]
pub struct Texts {
    /// The subject: one line, without secrets.
    pub subject: String,
    /// The plain text part. It is complete without the HTML part.
    pub text: String,
    /// The HTML part, with the same content.
    pub html: String,
}
