//! The interface of all mail transports.

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use lettre::message::Mailbox;

use super::outgoing::Mail;
use crate::domain::public_url::PublicUrl;

/// A transport as the configuration selects it.
#[derive(Clone, Copy, Debug)]
pub struct TransportKind {
    /// Its name in `MAIL_TRANSPORT`.
    pub name: &'static str,
    /// The variables that only this transport reads.
    pub variables: &'static [&'static str],
    /// Whether it sends emails to other machines, so that they need a real sender address.
    pub sends: bool,
    /// Creates it, without connecting to anything. `Err`: all problems with the variables, without their values.
    pub make: fn(&TransportSettings<'_>) -> Made,
}

/// A transport, or all problems with its variables.
pub type Made = Result<Arc<dyn MailTransport>, Vec<String>>;

/// The settings from which a transport is created.
#[derive(Clone, Copy)]
#[expect(missing_debug_implementations, reason = "gives access to secrets")]
pub struct TransportSettings<'a> {
    /// Reads a variable. An empty value counts as unset.
    pub variable: &'a dyn Fn(&str) -> Option<&'a str>,
    /// `DATA_DIR`.
    pub data_dir: &'a Path,
    /// `PUBLIC_URL`.
    pub public_url: &'a PublicUrl,
    /// `MAIL_FROM`.
    pub from: &'a Mailbox,
    /// `MAIL_TIMEOUT`: how long the mail server may take for an email.
    pub timeout: Duration,
}

/// Why an email was not sent, in plain words for the operator, without secrets.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeliveryError {
    /// No email can be sent at present, to any recipient. For example, the server does not respond, the password is wrong, or the mail
    /// server limits the rate.
    #[error("{why}")]
    Blocked {
        /// What happened.
        why: String,
        /// How long the server asks to wait.
        pause: Option<Duration>,
    },
    /// This email may be accepted later.
    #[error("{0}")]
    Passing(String),
    /// This email will never be accepted.
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
    /// Describes to the operator where emails go. Never contains a secret.
    fn describe(&self) -> String;

    /// Sends the email and returns the reply. `Ok` means that the mail server (or the file system) has accepted the email, so that it
    /// survives a crash of this process.
    async fn deliver(&self, mail: &Mail) -> Result<String, DeliveryError>;

    /// Checks as much as possible without sending an email, and describes what was checked.
    async fn check(&self) -> Result<String, DeliveryError>;

    /// Warnings about a connection that is not secure, and about variables without effect.
    fn notes(&self) -> Vec<String> {
        Vec::new()
    }

    /// The folder of the emails, if they stay on this machine.
    fn folder(&self) -> Option<&Path> {
        None
    }
}
