//! How mails leave: one trait, one file per transport.

pub mod file;
mod mime;
mod resend;
mod smtp;
pub mod texts;

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use lettre::Address;
use lettre::message::Mailbox;

use crate::clock::Timestamp;
use crate::config::PublicUrl;
use crate::domain::id::MailId;
use crate::mail::texts::{Texts, one_line};
use crate::secret::Secret;

/// Every kind of transport; the first is the default. Another one is a file, and a line here.
pub const KINDS: [Kind; 3] = [file::KIND, smtp::KIND, resend::KIND];

/// A kind of transport, as the configuration knows it.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// What `MAIL_TRANSPORT` calls it.
    pub name: &'static str,
    /// The variables that it alone reads.
    pub variables: &'static [&'static str],
    /// Whether mails leave this machine by it, and so need a sender that exists.
    pub sends: bool,
    /// Makes it, without connecting to anything. `Err`: what is wrong with the variables, without their values.
    pub make: fn(&Settings<'_>) -> Result<Arc<dyn MailTransport>, String>,
}

/// What a transport is made of.
#[derive(Clone, Copy)]
#[expect(missing_debug_implementations, reason = "leads to secrets")]
pub struct Settings<'a> {
    /// The variables; an empty one is none.
    pub variable: &'a dyn Fn(&str) -> Option<&'a str>,
    /// `DATA_DIR`.
    pub data_dir: &'a Path,
    /// `PUBLIC_URL`.
    pub public_url: &'a PublicUrl,
    /// `MAIL_FROM`.
    pub from: &'a Mailbox,
    /// `MAIL_TIMEOUT`: how long the other side may take over a mail.
    pub timeout: Duration,
}

/// A mail ready to go: the same in every detail each time it is drawn.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "may hold a link that opens an account")]
pub struct Mail {
    /// Names it.
    pub id: MailId,
    /// Its Message-ID, without the brackets.
    pub message_id: String,
    /// The site.
    pub from: Mailbox,
    /// The person.
    pub to: Address,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// What it says.
    pub texts: Texts,
    /// What makes the link in it good, if there is one: not to be repeated in what is told about the mail.
    pub token: Option<Secret<String>>,
}

/// Why a mail did not leave, in words for an operator, without secrets.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeliveryError {
    /// No mail can leave at present, whoever it is for: nobody answers, the password is wrong, too many were sent.
    #[error("{why}")]
    Blocked {
        /// What happened.
        why: String,
        /// How long the other side wants to be left alone.
        pause: Option<Duration>,
    },
    /// This one may be taken later.
    #[error("{0}")]
    Passing(String),
    /// This one never will be.
    #[error("{0}")]
    Final(String),
}

impl DeliveryError {
    /// No mail can leave at present.
    pub fn blocked(why: impl Into<String>) -> Self {
        Self::Blocked { why: why.into(), pause: None }
    }
}

/// A way for mails to leave.
#[async_trait]
pub trait MailTransport: fmt::Debug + Send + Sync {
    /// Where mails go, for an operator: never a secret.
    fn describe(&self) -> String;

    /// Hands the mail over, and says what the other side answered. `Ok` means that it is somebody else's to deliver, and survives
    /// a crash of this process.
    async fn deliver(&self, mail: &Mail) -> Result<String, DeliveryError>;

    /// Goes as far as it can without sending anything, and says how far that was.
    async fn check(&self) -> Result<String, DeliveryError>;

    /// What an operator should know about the way there, if anything.
    fn risk(&self) -> Option<String> {
        None
    }

    /// The folder of mails that stay on this machine, if they do.
    fn folder(&self) -> Option<&Path> {
        None
    }
}

/// What somebody else's program said, fit for a log and a terminal: a line of 300 characters at most, without any piece of these
/// secrets. Filters for spam like to quote the link that they dislike, whole, cut off or on two lines.
fn quote(text: &str, secrets: &[&str]) -> String {
    const PIECE: usize = 8;
    let is_piece = |run: &str| {
        let is_in = |secret: &&str| {
            let mut pieces = run.as_bytes().windows(PIECE);
            pieces.any(|piece| secret.as_bytes().windows(PIECE).any(|it| it == piece))
        };
        secrets.iter().any(is_in)
    };
    let mut clean = text.to_owned();
    for secret in secrets.iter().filter(|secret| secret.len() >= 4) {
        clean = clean.replace(secret, "…");
    }
    let is_of_token = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    for run in text.split(|c: char| !is_of_token(c)).filter(|run| is_piece(run)) {
        clean = clean.replace(run, "…");
    }
    one_line(&clean).chars().take(300).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_piece_of_a_secret_is_quoted() {
        let token = "B5H0ySCq-7_0123456789abcdefghijklmnopqrstuv";
        let (half, rest) = token.split_at(20);
        let spam = "x ".repeat(120);
        for (said, quoted) in [
            ("250 2.0.0\tok\r\nqueued".to_owned(), "250 2.0.0 ok queued"),
            (
                format!("554 https://x/auth/verify-email/{token} is bad"),
                "554 https://x/auth/verify-email/… is bad",
            ),
            (format!("554 https://x/auth/{half}"), "554 https://x/auth/…"),
            (format!("554-{half}\n554 {rest}"), "… 554 …"),
            ("535 p@ss:word is wrong".to_owned(), "535 … is wrong"),
        ] {
            assert_eq!(quote(&said, &[token, "p@ss:word"]), quoted);
        }
        let cut = quote(&format!("{spam}{token}"), &[token]);
        assert!(!cut.contains("B5H") && cut.len() <= 300, "{cut}");
        assert_eq!(quote(&"ä".repeat(999), &[]).chars().count(), 300);
    }
}
