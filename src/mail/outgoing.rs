//! An email ready to be sent.

use lettre::Address;
use lettre::message::Mailbox;

use crate::clock::Timestamp;
use crate::domain::id::MailId;
use crate::secret::Secret;

/// The same in every detail each time it is rendered, so that sending it twice does no harm.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "may hold a link that opens an account")]
pub struct Mail {
    /// Its row in the outbox.
    pub id: MailId,
    /// Its Message-ID, without the brackets.
    pub message_id: String,
    /// `MAIL_FROM`.
    pub from: Mailbox,
    /// The user.
    pub to: Address,
    /// When it was put into the outbox.
    pub created_at: Timestamp,
    /// Its subject and its two parts.
    pub texts: Texts,
    /// The secret of its link, if it has one: errors must not repeat it.
    pub token: Option<Secret<String>>,
}

/// The words of an email.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "may hold a link that opens an account")]
pub struct Texts {
    /// One line, without secrets.
    pub subject: String,
    /// The part that reads well on its own.
    pub text: String,
    /// The same for programs that show HTML.
    pub html: String,
}
