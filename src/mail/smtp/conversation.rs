//! The client's side of an SMTP conversation (RFC 5321).
//!
//! It is our own because lettre's reads texts of replies as UTF-8 and keywords in upper case only, which some servers do not follow.

use std::io;
use std::sync::Arc;

use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio_rustls::TlsConnector;

use super::extensions::{Extensions, Mechanism};
use super::server_reply::{Reply, ReplyLine};
use super::smtp_url::SmtpUser;

/// The longest reply, in bytes.
const REPLY_LIMIT: usize = 128 * 1024;
/// Classes of reply codes: the command is complete, or the server waits for more.
const COMPLETE: u16 = 2;
const GO_ON: u16 = 3;
/// The server waits for the next part of the sign-in (RFC 4954, section 4).
const CHALLENGE: u16 = 334;

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub enum SmtpError {
    #[error("{}", .0.text())]
    Refused(Reply),
    #[error("it does not speak SMTP")]
    NotSmtp,
    #[error("its reply does not end")]
    Endless,
    /// Someone in the network may have sent them, to be read as if they came through TLS (CVE-2011-0411).
    #[error("it sent replies before TLS started")]
    Injected,
    #[error("the connection was closed")]
    Closed,
    #[error(transparent)]
    Broken(#[from] io::Error),
}

impl SmtpError {
    /// The server's reply, if there was one.
    pub fn reply(&self) -> Option<&Reply> {
        if let Self::Refused(reply) = self { Some(reply) } else { None }
    }
}

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// A connection whose greeting has been read.
pub struct Conversation {
    stream: BufReader<Box<dyn Stream>>,
    is_encrypted: bool,
    extensions: Extensions,
}

impl Conversation {
    /// Reads the greeting, and says EHLO with the name `hello`. `tls`: starts with TLS.
    pub async fn begin(
        stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
        hello: &str,
        tls: Option<(&Arc<ClientConfig>, &str)>,
    ) -> Result<Self, SmtpError> {
        let stream: Box<dyn Stream> = match tls {
            Some((config, host)) => encrypted(Box::new(stream), config, host).await?,
            None => Box::new(stream),
        };
        let mut this = Self {
            stream: BufReader::new(stream),
            is_encrypted: tls.is_some(),
            extensions: Extensions::default(),
        };
        this.reply(COMPLETE).await?;
        this.introduce(hello).await?;
        Ok(this)
    }

    pub fn is_encrypted(&self) -> bool {
        self.is_encrypted
    }

    pub fn can_start_tls(&self) -> bool {
        !self.is_encrypted && self.extensions.starttls
    }

    pub fn can_sign_in(&self) -> bool {
        self.extensions.sign_in.is_some()
    }

    async fn introduce(&mut self, hello: &str) -> Result<(), SmtpError> {
        self.extensions = match self.command(&format!("EHLO {hello}"), COMPLETE).await {
            Ok(reply) => Extensions::of(&reply),
            // Servers without extensions know only HELO (RFC 5321, section 3.2).
            Err(SmtpError::Refused(reply)) if reply.is_permanent() => {
                let old = self.command(&format!("HELO {hello}"), COMPLETE).await;
                old.map_err(|_| SmtpError::Refused(reply))?;
                Extensions::default()
            }
            Err(error) => return Err(error),
        };
        Ok(())
    }

    /// Starts TLS. What the server has said before does not count (RFC 3207, section 4.2).
    pub async fn start_tls(
        mut self,
        config: &Arc<ClientConfig>,
        host: &str,
        hello: &str,
    ) -> Result<Self, SmtpError> {
        self.command("STARTTLS", COMPLETE).await?;
        if !self.stream.buffer().is_empty() {
            return Err(SmtpError::Injected);
        }
        let stream = encrypted(self.stream.into_inner(), config, host).await?;
        self.stream = BufReader::new(stream);
        self.is_encrypted = true;
        self.introduce(hello).await?;
        Ok(self)
    }

    /// Signs in with a mechanism that the server offers.
    pub async fn sign_in(&mut self, user: &SmtpUser) -> Result<(), SmtpError> {
        let [plain, name, password] = user.encoded();
        let (first, parts) = match self.extensions.sign_in {
            Some(Mechanism::Login) => ("AUTH LOGIN".to_owned(), vec![name, password]),
            _ => (format!("AUTH PLAIN {}", plain.reveal()), vec![plain]),
        };
        self.send(&first).await?;
        for part in parts {
            let reply = self.read().await?;
            if reply.code != CHALLENGE {
                return check(reply, COMPLETE).map(drop);
            }
            self.send(part.reveal()).await?;
        }
        self.reply(COMPLETE).await.map(drop)
    }

    /// Sends a command that completes with its reply.
    pub async fn run(&mut self, command: &str) -> Result<Reply, SmtpError> {
        self.command(command, COMPLETE).await
    }

    /// Asks to send the message.
    pub async fn announce_message(&mut self) -> Result<(), SmtpError> {
        self.command("DATA", GO_ON).await.map(drop)
    }

    /// Sends the message after [`Self::announce_message`].
    pub async fn message(&mut self, message: &[u8]) -> Result<Reply, SmtpError> {
        self.stream.write_all(&as_data(message)).await?;
        self.stream.flush().await?;
        self.reply(COMPLETE).await
    }

    /// Ends the conversation.
    pub async fn quit(mut self) -> Result<(), SmtpError> {
        self.command("QUIT", COMPLETE).await?;
        self.stream.shutdown().await?;
        Ok(())
    }

    async fn command(&mut self, command: &str, class: u16) -> Result<Reply, SmtpError> {
        self.send(command).await?;
        self.reply(class).await
    }

    async fn send(&mut self, line: &str) -> Result<(), SmtpError> {
        self.stream.write_all(format!("{line}\r\n").as_bytes()).await?;
        self.stream.flush().await?;
        Ok(())
    }

    async fn reply(&mut self, class: u16) -> Result<Reply, SmtpError> {
        check(self.read().await?, class)
    }

    async fn read(&mut self) -> Result<Reply, SmtpError> {
        let (mut lines, mut left) = (Vec::new(), REPLY_LIMIT);
        loop {
            let mut line = Vec::new();
            left -= (&mut self.stream).take(left as u64).read_until(b'\n', &mut line).await?;
            if !line.ends_with(b"\n") {
                return Err(if left == 0 { SmtpError::Endless } else { SmtpError::Closed });
            }
            let line = ReplyLine::parse(&line).ok_or(SmtpError::NotSmtp)?;
            lines.push(line.text);
            if line.is_last {
                return Ok(Reply { code: line.code, lines });
            }
        }
    }
}

fn check(reply: Reply, class: u16) -> Result<Reply, SmtpError> {
    if reply.class() == class { Ok(reply) } else { Err(SmtpError::Refused(reply)) }
}

async fn encrypted(
    stream: Box<dyn Stream>,
    config: &Arc<ClientConfig>,
    host: &str,
) -> io::Result<Box<dyn Stream>> {
    let name = ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
    Ok(Box::new(TlsConnector::from(Arc::clone(config)).connect(name, stream).await?))
}

/// The message as it follows DATA: a line that begins with a dot gets another (RFC 5321, section 4.5.2), and a single dot ends it.
fn as_data(message: &[u8]) -> Vec<u8> {
    let mut data = Vec::with_capacity(message.len() + 16);
    for line in message.split_inclusive(|byte| *byte == b'\n') {
        if line.starts_with(b".") {
            data.push(b'.');
        }
        data.extend_from_slice(line);
    }
    if !data.ends_with(b"\r\n") {
        data.extend_from_slice(b"\r\n");
    }
    data.extend_from_slice(b".\r\n");
    data
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_of_a_message_ends_it() {
        for (message, data) in [
            ("a\r\n", "a\r\n.\r\n"),
            ("a", "a\r\n.\r\n"),
            (".\r\n", "..\r\n.\r\n"),
            ("a\r\n.\r\n..b\r\nc.\r\n", "a\r\n..\r\n...b\r\nc.\r\n.\r\n"),
        ] {
            assert_eq!(as_data(message.as_bytes()), data.as_bytes());
        }
    }
}
