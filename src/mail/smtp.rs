//! The `smtp` transport: sends emails through a mail server (RFC 5321, RFC 6409), over one connection that it reuses.

mod connection;
mod connector;
mod conversation;
mod extensions;
mod hello;
mod reply;
mod server_reply;
mod smtp_url;

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use lettre::Address;
use tokio::time::error::Elapsed;
use tokio::time::{Instant, timeout, timeout_at};

use self::connection::{Connection, farewell};
use self::connector::Connector;
use self::conversation::{Conversation, SmtpError};
use self::reply::is_about_sign_in;
use self::server_reply::Reply;
use self::smtp_url::{Security, SmtpUrl};
use crate::mail::mime::to_mime;
use crate::mail::outgoing::Mail;
use crate::mail::transport::{DeliveryError, MailTransport, TransportKind, TransportSettings};
use crate::tls;

/// `MAIL_TRANSPORT=smtp`
pub(super) const KIND: TransportKind = TransportKind {
    name: "smtp",
    variables: &["SMTP_URL", "SMTP_CA_FILE"],
    sends: true,
    make: |settings| Ok(Arc::new(SmtpTransport::read(settings)?)),
};

/// How long a kept connection may take to show that it still works.
const ALIVE: Duration = Duration::from_secs(5);
/// How long an unused connection is kept.
const IDLE: Duration = Duration::from_secs(30);

struct SmtpTransport {
    connector: Connector,
    sender: Address,
    /// `MAIL_TIMEOUT`: the time limit up to MAIL FROM, and again for the rest of the email.
    timeout: Duration,
    has_ca_file: bool,
    idle: Arc<Mutex<Option<Connection>>>,
}

impl fmt::Debug for SmtpTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SmtpTransport").field(&self.describe()).finish()
    }
}

impl SmtpTransport {
    fn read(settings: &TransportSettings<'_>) -> Result<Self, Vec<String>> {
        let example = "such as smtp://USER:PASSWORD@mail.example.org:587";
        let url = (settings.variable)("SMTP_URL")
            .ok_or_else(|| format!("SMTP_URL is required with MAIL_TRANSPORT=smtp, {example}"))
            .and_then(|url| SmtpUrl::parse(url).map_err(|why| format!("SMTP_URL {why}")));
        let url = url.map_err(|why| {
            let file = (settings.variable)("SMTP_CA_FILE").map(tls::authorities);
            let file = file.and_then(Result::err).map(|why| format!("SMTP_CA_FILE {why}"));
            [why].into_iter().chain(file).collect::<Vec<_>>()
        })?;
        Ok(Self {
            connector: Connector::new(url, settings).map_err(|why| vec![why])?,
            sender: settings.from.email.clone(),
            timeout: settings.timeout,
            has_ca_file: (settings.variable)("SMTP_CA_FILE").is_some(),
            idle: Arc::default(),
        })
    }

    /// A connection that has accepted the sender (MAIL FROM): that of the last email, or a new one.
    async fn begin(&self) -> Result<Connection, DeliveryError> {
        let kept = self.idle.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(mut kept) = kept {
            // Servers close connections after some time or some emails. A new connection shows whether there is a real problem.
            if matches!(timeout(ALIVE, kept.smtp.run(&self.mail_from())).await, Ok(Ok(_))) {
                return Ok(kept);
            }
            farewell(kept.smtp);
        }
        let url = &self.connector.url;
        let (mut connection, by) = self.connector.connect().await?;
        let why = match timeout_at(by, connection.smtp.run(&self.mail_from())).await {
            Ok(Ok(_)) => return Ok(connection),
            Ok(Err(error)) if is_final(&error) && !is_about_sign_in(&error) => {
                format!(
                    "the server refuses the sender (MAIL_FROM): {}",
                    reply::in_words(url, &error, None)
                )
            }
            Ok(Err(error)) => {
                format!("the server accepts no email: {}", reply::in_words(url, &error, None))
            }
            Err(_) => "the server did not respond to the sender".to_owned(),
        };
        farewell(connection.smtp);
        Err(DeliveryError::blocked(why))
    }

    fn mail_from(&self) -> String {
        // No extensions are needed, because addresses and messages are ASCII.
        format!("MAIL FROM:<{}>", self.sender)
    }

    /// Sends the commands after MAIL FROM (RFC 5321, section 3.3) one by one, so that the error can name the refused one. From here on, an
    /// error may concern only this email: a spam filter may stop responding or close the connection.
    async fn hand_over(
        &self,
        smtp: &mut Conversation,
        mail: &Mail,
        message: &[u8],
    ) -> Result<String, DeliveryError> {
        let by = Instant::now() + self.timeout;
        let to = format!("RCPT TO:<{}>", mail.to);
        self.judge("the recipient", mail, timeout_at(by, smtp.run(&to)).await)?;
        self.judge("the email", mail, timeout_at(by, smtp.announce_message()).await)?;
        let answer = self.judge("the email", mail, timeout_at(by, smtp.message(message)).await)?;
        Ok(reply::quote(&self.connector.url, &answer.text(), Some(mail)))
    }

    fn judge<T>(
        &self,
        what: &str,
        mail: &Mail,
        answer: Result<Result<T, SmtpError>, Elapsed>,
    ) -> Result<T, DeliveryError> {
        let error = match answer {
            Ok(Ok(answer)) => return Ok(answer),
            Ok(Err(error)) => error,
            Err(_) => {
                return Err(DeliveryError::Passing(format!(
                    "the server did not respond to {what}"
                )));
            }
        };
        let why = reply::in_words(&self.connector.url, &error, Some(mail));
        Err(match error.reply() {
            None => DeliveryError::Passing(format!("the connection was lost during {what}: {why}")),
            Some(_) if is_about_sign_in(&error) => {
                DeliveryError::blocked(format!("the server accepts no email: {why}"))
            }
            Some(reply) if reply.is_permanent() => {
                DeliveryError::Final(format!("the server refused {what}: {why}"))
            }
            Some(_) => DeliveryError::Passing(format!("the server deferred {what}: {why}")),
        })
    }

    /// Keeps the connection for the next email, and closes it after [`IDLE`].
    fn keep(&self, mut connection: Connection) {
        connection.used_at = Instant::now();
        *self.idle.lock().unwrap_or_else(PoisonError::into_inner) = Some(connection);
        let idle = Arc::clone(&self.idle);
        tokio::spawn(async move {
            tokio::time::sleep(IDLE).await;
            let mut kept = idle.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(connection) = kept.take_if(|kept| kept.used_at.elapsed() >= IDLE) {
                farewell(connection.smtp);
            }
        });
    }
}

fn is_final(error: &SmtpError) -> bool {
    error.reply().is_some_and(Reply::is_permanent)
}

#[async_trait]
impl MailTransport for SmtpTransport {
    fn describe(&self) -> String {
        let SmtpUrl { host, port, .. } = &self.connector.url;
        let how = match self.connector.url.security {
            Security::Implicit => "TLS",
            Security::StartTls => "STARTTLS",
            Security::OnThisMachine => "on this machine",
            Security::Off => "UNENCRYPTED",
        };
        let host = if host.contains(':') { format!("[{host}]") } else { host.clone() };
        format!("SMTP to {host}:{port}, {how}")
    }

    fn notes(&self) -> Vec<String> {
        let SmtpUrl { host, security, .. } = &self.connector.url;
        let is_plain = *security == Security::Off;
        let risk = (is_plain && !smtp_url::is_private(host)).then(|| {
            format!(
                "SMTP_URL leads to {host} with ?tls=off: the password and the links in emails, which give access to accounts, cross the \
                 network unencrypted. Use this only for a mail server in the same private network"
            )
        });
        let unused = (is_plain && self.has_ca_file)
            .then(|| "SMTP_CA_FILE has no effect: SMTP_URL has ?tls=off".to_owned());
        risk.into_iter().chain(unused).collect()
    }

    async fn deliver(&self, mail: &Mail) -> Result<String, DeliveryError> {
        let message = to_mime(mail)?.formatted();
        let mut connection = self.begin().await?;
        match self.hand_over(&mut connection.smtp, mail, &message).await {
            Ok(answer) => {
                let answer = format!("{} replied: {answer}", connection.address);
                self.keep(connection);
                Ok(answer)
            }
            Err(error) => {
                farewell(connection.smtp);
                Err(error)
            }
        }
    }

    async fn check(&self) -> Result<String, DeliveryError> {
        let Connection { smtp, address, .. } = self.begin().await?;
        let way = if smtp.is_encrypted() { "encrypted" } else { "unencrypted" };
        let user = match &self.connector.url.user {
            Some(user) => format!("signed in as {}", user.shown()),
            None => "without signing in".to_owned(),
        };
        farewell(smtp);
        Ok(format!("connected to {address}, {way}, {user}"))
    }
}
