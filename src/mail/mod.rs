//! How mails leave: one trait, one file per transport.

pub mod file;
pub mod message;

use async_trait::async_trait;
use lettre::Address;
use lettre::message::Mailbox;

use crate::clock::Timestamp;
use crate::domain::id::MailId;
use crate::mail::message::Texts;

/// A mail ready to go: the same in every detail each time it is drawn.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "may hold a link that opens an account")]
pub struct Mail {
    /// Names it; the root of its Message-ID.
    pub id: MailId,
    /// The site.
    pub from: Mailbox,
    /// The person.
    pub to: Address,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// What it says.
    pub texts: Texts,
}

/// Why a mail did not leave, in words for an operator, without secrets.
#[derive(Clone, Debug, thiserror::Error)]
pub enum DeliveryError {
    /// It may work later.
    #[error("{0}")]
    Passing(String),
    /// It never will.
    #[error("{0}")]
    Final(String),
}

/// A way for mails to leave.
#[async_trait]
pub trait MailTransport: Send + Sync {
    /// Hands the mail over. `Ok` means that it is somebody else's to deliver, and survives a crash of this process.
    async fn deliver(&self, mail: &Mail) -> Result<(), DeliveryError>;
}
