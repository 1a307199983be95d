//! What every transport of emails has in common.

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use lettre::message::Mailbox;

use super::outgoing::Mail;
use crate::domain::public_url::PublicUrl;

/// A transport as the configuration knows it.
#[derive(Clone, Copy, Debug)]
pub struct TransportKind {
    /// What `MAIL_TRANSPORT` calls it.
    pub name: &'static str,
    /// The variables that it alone reads.
    pub variables: &'static [&'static str],
    /// Whether emails leave this machine by it, and so need a sender address that exists.
    pub sends: bool,
    /// Makes it, without connecting to anything. `Err`: what is wrong with the variables, without their values.
    pub make: fn(&TransportSettings<'_>) -> Result<Arc<dyn MailTransport>, String>,
}

/// What a transport is made from.
#[derive(Clone, Copy)]
#[expect(missing_debug_implementations, reason = "leads to secrets")]
pub struct TransportSettings<'a> {
    /// Reads a variable; an empty one counts as none.
    pub variable: &'a dyn Fn(&str) -> Option<&'a str>,
    /// `DATA_DIR`.
    pub data_dir: &'a Path,
    /// `PUBLIC_URL`.
    pub public_url: &'a PublicUrl,
    /// `MAIL_FROM`.
    pub from: &'a Mailbox,
    /// `MAIL_TIMEOUT`: how long the mail server may take over an email.
    pub timeout: Duration,
}

/// Why an email was not sent, in words for an operator, without secrets.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeliveryError {
    /// No email can be sent at present, to any recipient: the server is silent, the password is wrong, too many were sent.
    #[error("{why}")]
    Blocked {
        /// What happened.
        why: String,
        /// How long the server asks us to wait.
        pause: Option<Duration>,
    },
    /// This one may be accepted later.
    #[error("{0}")]
    Passing(String),
    /// This one will never be accepted.
    #[error("{0}")]
    Final(String),
}

impl DeliveryError {
    /// No email can be sent at present, for an unknown time.
    pub fn blocked(why: impl Into<String>) -> Self {
        Self::Blocked { why: why.into(), pause: None }
    }
}

/// A way to send emails.
#[async_trait]
pub trait MailTransport: fmt::Debug + Send + Sync {
    /// Where emails go, for an operator: never a secret.
    fn describe(&self) -> String;

    /// Hands the email over and returns the reply. `Ok` means that another program is now responsible for it, and that it survives a
    /// crash of this process.
    async fn deliver(&self, mail: &Mail) -> Result<String, DeliveryError>;

    /// Goes as far as possible without sending anything, and says how far that was.
    async fn check(&self) -> Result<String, DeliveryError>;

    /// What an operator should know about the security of the connection, if anything.
    fn risk(&self) -> Option<String> {
        None
    }

    /// The folder of the emails, if they stay on this machine.
    fn folder(&self) -> Option<&Path> {
        None
    }
}
