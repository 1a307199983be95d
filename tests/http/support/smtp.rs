//! A mail server in this process: speaks SMTP as told, and keeps what it is given.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use mail_parser::MessageParser;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// What the server does instead of what it should.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quirk {
    /// Says nothing at all.
    Mute,
    /// Greets with this.
    Greet(&'static str),
    /// Answers a recipient with this, the first so many times.
    Recipient(&'static str, usize),
    /// Answers a sender with this.
    Sender(&'static str),
    /// Answers a whole mail with this.
    Content(&'static str),
    /// Takes the mail, and falls silent before the answer.
    StallInData,
    /// Takes the mail, and hangs up before the answer, the first so many times.
    HangUpAfterData(usize),
    /// Closes the connection after each mail without a word.
    CloseAfterMail,
    /// Puts an answer of somebody else's behind its own to STARTTLS.
    InjectAfterStartTls,
    /// Falls silent at this recipient.
    StallAt(&'static str),
    /// Hangs up when it has been given a mail for this recipient.
    HangUpOn(&'static str),
    /// Ends a connection after this many mails with an answer to the next sender.
    MailsPerConnection(usize),
    /// Answers a mail with the token of the link in it, put in for `{}`.
    QuoteToken(&'static str),
    /// Never ends its answer to EHLO.
    Endless,
}

/// How the server is reached.
#[derive(Clone, Copy, Debug, Default)]
pub struct Manner {
    /// TLS from the first byte.
    pub tls: bool,
    /// Offers STARTTLS.
    pub starttls: bool,
    /// Takes mails from this user with this password alone, and from nobody before TLS if there is any.
    pub user: Option<(&'static str, &'static str)>,
    /// Knows the older way to sign in alone.
    pub only_login: bool,
    /// What is wrong with it.
    pub quirk: Option<Quirk>,
}

impl Manner {
    /// In the clear, for everybody, and with this wrong.
    pub fn with(quirk: Quirk) -> Self {
        Self { quirk: Some(quirk), ..Self::default() }
    }
}

/// A mail as the server was given it.
#[derive(Clone, Debug)]
pub struct Received {
    pub from: String,
    pub to: String,
    pub data: Vec<u8>,
    pub encrypted: bool,
    pub user: Option<String>,
}

impl Received {
    pub fn message_id(&self) -> String {
        MessageParser::default().parse(&self.data).unwrap().message_id().unwrap().to_owned()
    }

    /// The token of its link.
    pub fn token(&self) -> String {
        token_in(&self.data)
    }

    pub fn text(&self) -> String {
        MessageParser::default().parse(&self.data).unwrap().body_text(0).unwrap().into_owned()
    }
}

/// A running server, until it is dropped.
pub struct SmtpServer {
    pub port: u16,
    /// The authority that has signed its certificate, in PEM.
    pub authority: String,
    shared: Arc<Shared>,
    accepting: tokio::task::JoinHandle<()>,
}

struct Shared {
    manner: Mutex<Manner>,
    acceptor: TlsAcceptor,
    received: Mutex<Vec<Received>>,
    connections: AtomicUsize,
    recipients: AtomicUsize,
    contents: AtomicUsize,
}

impl SmtpServer {
    /// Starts on 127.0.0.1, with a certificate for `localhost`.
    pub async fn start(manner: Manner) -> Self {
        Self::at("127.0.0.1:0", manner, &["localhost", "127.0.0.1"]).await
    }

    pub async fn at(address: &str, manner: Manner, names: &[&str]) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let certificate = Certificate::for_names(&format!("authority {port}"), names);
        let shared = Arc::new(Shared {
            manner: Mutex::new(manner),
            acceptor: certificate.acceptor(),
            received: Mutex::default(),
            connections: AtomicUsize::new(0),
            recipients: AtomicUsize::new(0),
            contents: AtomicUsize::new(0),
        });
        let serving = Arc::clone(&shared);
        let accepting = tokio::spawn(async move {
            loop {
                let Ok((stream, _)) = listener.accept().await else { return };
                serving.connections.fetch_add(1, Ordering::SeqCst);
                let shared = Arc::clone(&serving);
                tokio::spawn(async move { shared.serve(stream).await });
            }
        });
        Self { port, authority: certificate.authority, shared, accepting }
    }

    /// From now on.
    pub fn behave(&self, change: impl FnOnce(&mut Manner)) {
        change(&mut self.shared.manner.lock().unwrap());
    }

    /// What it was given whole, whatever it answered.
    pub fn received(&self) -> Vec<Received> {
        self.shared.received.lock().unwrap().clone()
    }

    pub fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::SeqCst)
    }

    /// Waits until it has been given so many mails.
    pub async fn wait_for(&self, count: usize) -> Vec<Received> {
        for _ in 0..400 {
            if self.received().len() >= count {
                return self.received();
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("{} of {count} mails came", self.received().len());
    }
}

impl Drop for SmtpServer {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// A certificate, its key and the authority that has signed it, in PEM.
pub struct Certificate {
    pub chain: String,
    pub key: String,
    pub authority: String,
}

impl Certificate {
    /// For these names, signed by an authority of its own.
    pub fn for_names(authority: &str, names: &[&str]) -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, authority);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let key = KeyPair::generate().unwrap();
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let leaf = CertificateParams::new(names).unwrap().signed_by(&key, &authority).unwrap();
        Self { chain: leaf.pem(), key: key.serialize_pem(), authority: authority.pem() }
    }

    fn acceptor(&self) -> TlsAcceptor {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider);
        let config = config.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
        let chain = vec![CertificateDer::from_pem_slice(self.chain.as_bytes()).unwrap()];
        let key = PrivateKeyDer::from_pem_slice(self.key.as_bytes()).unwrap();
        TlsAcceptor::from(Arc::new(config.with_single_cert(chain, key).unwrap()))
    }
}

/// Whom the server is talking to.
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

    async fn serve(&self, stream: TcpStream) {
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
    ) -> std::io::Result<()> {
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

    /// A whole mail, and what becomes of it.
    async fn take<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        stream: &mut BufReader<S>,
        visitor: &mut Visitor,
    ) -> std::io::Result<Option<After>> {
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
    ) -> std::io::Result<()> {
        let manner = self.manner();
        if manner.starttls && !visitor.encrypted {
            say(stream, "250-STARTTLS").await?;
        }
        if manner.user.is_some() && (visitor.encrypted || !manner.starttls) {
            let offer = if manner.only_login { "250-AUTH LOGIN" } else { "250-AUTH PLAIN LOGIN" };
            say(stream, offer).await?;
        }
        say(stream, "250 HELP").await
    }

    async fn talk<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        stream: &mut BufReader<S>,
        visitor: &mut Visitor,
        greets: bool,
    ) -> std::io::Result<After> {
        if greets {
            match self.manner().quirk {
                Some(Quirk::Mute) => std::future::pending().await,
                Some(Quirk::Greet(words)) => say(stream, words).await?,
                _ => say(stream, "220 mail.test ESMTP").await?,
            }
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
                "EHLO" => self.introduce(stream, visitor).await?,
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
                    visitor.from = inside(rest);
                    match manner.quirk {
                        Some(Quirk::Sender(words)) => say(stream, words).await?,
                        Some(Quirk::MailsPerConnection(most)) if visitor.mails >= most => {
                            say(stream, "421 4.7.0 enough mails on this connection").await?;
                            return Ok(After::Close);
                        }
                        _ => say(stream, "250 2.1.0 ok").await?,
                    }
                }
                "RCPT" => {
                    visitor.to = inside(rest);
                    let n = self.recipients.fetch_add(1, Ordering::SeqCst);
                    match manner.quirk {
                        Some(Quirk::StallAt(person)) if visitor.to == person => {
                            std::future::pending::<()>().await;
                        }
                        Some(Quirk::Recipient(words, times)) if n < times => {
                            say(stream, words).await?;
                        }
                        _ => say(stream, "250 2.1.5 ok").await?,
                    }
                }
                "DATA" => {
                    if let Some(After::Close) = self.take(stream, visitor).await? {
                        return Ok(After::Close);
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
}

/// The token of the link in a mail.
fn token_in(data: &[u8]) -> String {
    let message = MessageParser::default().parse(data).unwrap();
    let text = message.body_text(0).unwrap();
    let link = text.lines().find(|line| line.contains("/auth/")).unwrap_or_default();
    link.rsplit('/').next().unwrap().to_owned()
}

/// A question of the older way to sign in, and the answer.
async fn ask<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut BufReader<S>,
    question: &str,
) -> std::io::Result<Vec<u8>> {
    say(stream, &format!("334 {}", STANDARD.encode(question))).await?;
    let mut line = String::new();
    stream.read_line(&mut line).await?;
    Ok(STANDARD.decode(line.trim_end()).unwrap())
}

/// The address in `FROM:<…>` and `TO:<…>`.
fn inside(rest: &str) -> String {
    rest.split_once('<').unwrap().1.split_once('>').unwrap().0.to_owned()
}

async fn say<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut BufReader<S>,
    words: &str,
) -> std::io::Result<()> {
    stream.write_all(format!("{words}\r\n").as_bytes()).await?;
    stream.flush().await
}

/// Until the line that is a dot, with the dots that were doubled made single.
async fn content<S: AsyncRead + Unpin>(stream: &mut BufReader<S>) -> std::io::Result<Vec<u8>> {
    let mut data = Vec::new();
    loop {
        let mut line = Vec::new();
        if stream.read_until(b'\n', &mut line).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        match line.strip_prefix(b".") {
            Some(b"\r\n") => return Ok(data),
            Some(rest) => data.extend_from_slice(rest),
            None => data.extend_from_slice(&line),
        }
    }
}
