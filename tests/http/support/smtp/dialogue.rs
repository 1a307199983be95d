//! The server's side of an SMTP connection.

use std::io;
use std::sync::atomic::Ordering;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use mail_parser::MessageParser;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use super::{Manner, Quirk, Received, Shared};

/// The state of a client's connection.
#[derive(Default)]
struct Visitor {
    encrypted: bool,
    user: Option<String>,
    from: String,
    to: String,
    mails: usize,
}

enum After {
    Close,
    StartTls,
}

impl Shared {
    fn manner(&self) -> Manner {
        *self.manner.lock().unwrap()
    }

    pub(super) async fn serve(&self, stream: TcpStream) {
        let mut visitor = Visitor::default();
        if self.manner().tls {
            let Ok(stream) = self.acceptor.accept(stream).await else { return };
            visitor.encrypted = true;
            let _ = self.talk(&mut BufReader::new(stream), &mut visitor, true).await;
            return;
        }
        let mut stream = BufReader::new(stream);
        if let Ok(After::StartTls) = self.talk(&mut stream, &mut visitor, true).await {
            let Ok(stream) = self.acceptor.accept(stream.into_inner()).await else { return };
            visitor = Visitor { encrypted: true, ..Visitor::default() };
            let _ = self.talk(&mut BufReader::new(stream), &mut visitor, false).await;
        }
    }

    async fn sign_in<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        stream: &mut BufReader<S>,
        visitor: &mut Visitor,
        how: &str,
    ) -> io::Result<()> {
        let told = match how.split_once(' ') {
            Some(("PLAIN", words)) => STANDARD.decode(words).unwrap(),
            None if how == "LOGIN" => {
                let user = ask(stream, "Username:").await?;
                let password = ask(stream, "Password:").await?;
                [&[0], &user[..], &[0], &password[..]].concat()
            }
            _ => panic!("AUTH {how}"),
        };
        let (user, password) = self.manner().user.unwrap();
        if told == format!("\0{user}\0{password}").as_bytes() {
            visitor.user = Some(user.to_owned());
            say(stream, "235 2.7.0 welcome").await
        } else {
            say(stream, "535 5.7.8 wrong name or password").await
        }
    }

    /// Receives an email and replies, or closes the connection.
    async fn take<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        stream: &mut BufReader<S>,
        visitor: &mut Visitor,
    ) -> io::Result<Option<After>> {
        say(stream, "354 go on").await?;
        let data = content(stream).await?;
        let token = token_in(&data);
        visitor.mails += 1;
        self.received.lock().unwrap().push(Received {
            from: visitor.from.clone(),
            to: visitor.to.clone(),
            data,
            encrypted: visitor.encrypted,
            user: visitor.user.clone(),
        });
        let n = self.contents.fetch_add(1, Ordering::SeqCst);
        match self.manner().quirk {
            Some(Quirk::StallInData) => std::future::pending().await,
            Some(Quirk::HangUpAfterData(times)) if n < times => return Ok(Some(After::Close)),
            Some(Quirk::HangUpOn(person)) if visitor.to == person => {
                return Ok(Some(After::Close));
            }
            Some(Quirk::Content(words)) => say(stream, words).await?,
            Some(Quirk::QuoteToken(words)) => {
                let (half, rest) = token.split_at(20);
                let words = words.replace("{half}", half).replace("{rest}", rest);
                say(stream, &words.replace("{}", &token)).await?;
            }
            Some(Quirk::CloseAfterMail) => {
                say(stream, "250 2.0.0 taken as 4F2A").await?;
                return Ok(Some(After::Close));
            }
            _ => say(stream, "250 2.0.0 taken as 4F2A").await?,
        }
        Ok(None)
    }

    async fn introduce<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        stream: &mut BufReader<S>,
        visitor: &Visitor,
    ) -> io::Result<()> {
        let manner = self.manner();
        if let Some(Quirk::Offer(words)) = manner.quirk {
            return say(stream, words).await;
        }
        if manner.starttls && !visitor.encrypted {
            say(stream, "250-STARTTLS").await?;
        }
        if manner.user.is_some() && (visitor.encrypted || !manner.starttls) {
            let offer = if manner.only_login { "250-AUTH LOGIN" } else { "250-AUTH PLAIN LOGIN" };
            say(stream, offer).await?;
        }
        say(stream, "250 HELP").await
    }

    async fn greet<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        stream: &mut BufReader<S>,
    ) -> io::Result<()> {
        match self.manner().quirk {
            Some(Quirk::Mute) => std::future::pending().await,
            Some(Quirk::Greet(words)) => say(stream, words).await,
            _ => say(stream, "220 mail.test ESMTP").await,
        }
    }

    async fn talk<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        stream: &mut BufReader<S>,
        visitor: &mut Visitor,
        greets: bool,
    ) -> io::Result<After> {
        if greets {
            self.greet(stream).await?;
        }
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).await? == 0 {
                return Ok(After::Close);
            }
            let line = line.trim_end();
            let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
            let manner = self.manner();
            let may_send = manner.user.is_none() || visitor.user.is_some();
            match word.to_uppercase().as_str() {
                "EHLO" if manner.quirk == Some(Quirk::Endless) => loop {
                    stream.write_all(&[b'a'; 8192]).await?;
                },
                "EHLO" if manner.quirk == Some(Quirk::OnlyHelo) => {
                    say(stream, "502 5.5.1 what?").await?;
                }
                "EHLO" => {
                    rest.clone_into(&mut self.hello.lock().unwrap());
                    self.introduce(stream, visitor).await?;
                }
                "HELO" => {
                    rest.clone_into(&mut self.hello.lock().unwrap());
                    say(stream, "250 mail.test").await?;
                }
                "STARTTLS" if manner.quirk == Some(Quirk::InjectAfterStartTls) => {
                    let injected = "220 go ahead\r\n250-mail.test\r\n250 AUTH PLAIN";
                    say(stream, injected).await?;
                    return Ok(After::StartTls);
                }
                "STARTTLS" if manner.starttls => {
                    say(stream, "220 go ahead").await?;
                    return Ok(After::StartTls);
                }
                "AUTH" => self.sign_in(stream, visitor, rest).await?,
                "MAIL" if !may_send => say(stream, "530 5.7.0 sign in first").await?,
                "MAIL" => {
                    if let Some(after) = self.sender(stream, visitor, rest).await? {
                        return Ok(after);
                    }
                }
                "RCPT" => self.recipient(stream, visitor, rest).await?,
                "DATA" => {
                    if let Some(after) = self.take(stream, visitor).await? {
                        return Ok(after);
                    }
                }
                "NOOP" => say(stream, "250 2.0.0 ok").await?,
                "QUIT" => {
                    say(stream, "221 2.0.0 bye").await?;
                    return Ok(After::Close);
                }
                _ => say(stream, "500 5.5.1 what?").await?,
            }
        }
    }

    async fn sender<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        stream: &mut BufReader<S>,
        visitor: &mut Visitor,
        rest: &str,
    ) -> io::Result<Option<After>> {
        visitor.from = inside(rest);
        match self.manner().quirk {
            Some(Quirk::Sender(words)) => say(stream, words).await?,
            Some(Quirk::MailsPerConnection(most)) if visitor.mails >= most => {
                say(stream, "421 4.7.0 enough mails on this connection").await?;
                return Ok(Some(After::Close));
            }
            _ => say(stream, "250 2.1.0 ok").await?,
        }
        Ok(None)
    }

    async fn recipient<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        stream: &mut BufReader<S>,
        visitor: &mut Visitor,
        rest: &str,
    ) -> io::Result<()> {
        visitor.to = inside(rest);
        let n = self.recipients.fetch_add(1, Ordering::SeqCst);
        match self.manner().quirk {
            Some(Quirk::StallAt(person)) if visitor.to == person => std::future::pending().await,
            Some(Quirk::Recipient(words, times)) if n < times => say(stream, words).await,
            _ => say(stream, "250 2.1.5 ok").await,
        }
    }
}

/// The token of the link in an email.
pub(super) fn token_in(data: &[u8]) -> String {
    let message = MessageParser::default().parse(data).unwrap();
    let text = message.body_text(0).unwrap();
    let link = text.lines().find(|line| line.contains("/auth/")).unwrap_or_default();
    link.rsplit('/').next().unwrap().to_owned()
}

/// Sends a prompt of AUTH LOGIN, and reads the reply.
async fn ask<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut BufReader<S>,
    question: &str,
) -> io::Result<Vec<u8>> {
    say(stream, &format!("334 {}", STANDARD.encode(question))).await?;
    let mut line = String::new();
    stream.read_line(&mut line).await?;
    Ok(STANDARD.decode(line.trim_end()).unwrap())
}

/// The address in `FROM:<…>` and `TO:<…>`.
fn inside(rest: &str) -> String {
    rest.split_once('<').unwrap().1.split_once('>').unwrap().0.to_owned()
}

/// Sends a reply in Latin-1.
async fn say<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut BufReader<S>,
    words: &str,
) -> io::Result<()> {
    let words: Vec<u8> = words.chars().map(|c| u8::try_from(c).expect("Latin-1")).collect();
    stream.write_all(&[&words[..], b"\r\n"].concat()).await?;
    stream.flush().await
}

/// Reads to the line with a single dot, and undoes dot-stuffing (RFC 5321, section 4.5.2).
async fn content<S: AsyncRead + Unpin>(stream: &mut BufReader<S>) -> io::Result<Vec<u8>> {
    let mut data = Vec::new();
    loop {
        let mut line = Vec::new();
        if stream.read_until(b'\n', &mut line).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        match line.strip_prefix(b".") {
            Some(b"\r\n") => return Ok(data),
            Some(rest) => data.extend_from_slice(rest),
            None => data.extend_from_slice(&line),
        }
    }
}
