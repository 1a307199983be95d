//! A mail server in the test's process. It behaves as configured and stores what it receives.

mod dialogue;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use mail_parser::MessageParser;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use self::dialogue::token_in;
use super::{Certificate, wait_until};

/// How the server misbehaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quirk {
    /// Never sends its greeting.
    Mute,
    /// Greets with this line.
    Greet(&'static str),
    /// Replies to recipients with this, this many times.
    Recipient(&'static str, usize),
    /// Replies to a sender with this.
    Sender(&'static str),
    /// Replies to a complete email with this.
    Content(&'static str),
    /// Receives the email and never replies.
    StallInData,
    /// Receives the email and hangs up before the reply, this many times.
    HangUpAfterData(usize),
    /// Closes the connection after each email without a reply.
    CloseAfterMail,
    /// Sends injected replies after its own to STARTTLS.
    InjectAfterStartTls,
    /// Never replies for this recipient.
    StallAt(&'static str),
    /// Hangs up after receiving an email for this recipient.
    HangUpOn(&'static str),
    /// Closes a connection after this many emails, with a reply to the next sender.
    MailsPerConnection(usize),
    /// Replies to an email with this text, where `{}` is the token from its link.
    QuoteToken(&'static str),
    /// Never ends its reply to EHLO.
    Endless,
    /// Replies to EHLO with this.
    Offer(&'static str),
    /// Does not know EHLO.
    OnlyHelo,
}

/// The configuration of the server.
#[derive(Clone, Copy, Debug, Default)]
pub struct Manner {
    /// TLS from the first byte.
    pub tls: bool,
    /// Offers STARTTLS.
    pub starttls: bool,
    /// Accepts emails only from this user, and after TLS if it offers any.
    pub user: Option<(&'static str, &'static str)>,
    /// Offers only AUTH LOGIN.
    pub only_login: bool,
    /// How the server misbehaves.
    pub quirk: Option<Quirk>,
}

impl Manner {
    /// This quirk, without TLS and without a user.
    pub fn with(quirk: Quirk) -> Self {
        Self { quirk: Some(quirk), ..Self::default() }
    }
}

/// An email as the server received it.
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

    /// The token in the email's link.
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
    /// The authority that signed its certificate, in PEM.
    pub authority: String,
    shared: Arc<Shared>,
    accepting: tokio::task::JoinHandle<()>,
}

struct Shared {
    manner: Mutex<Manner>,
    hello: Mutex<String>,
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
            hello: Mutex::default(),
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

    /// Changes the configuration from now on.
    pub fn behave(&self, change: impl FnOnce(&mut Manner)) {
        change(&mut self.shared.manner.lock().unwrap());
    }

    /// All emails that arrived completely, whatever the reply was.
    pub fn received(&self) -> Vec<Received> {
        self.shared.received.lock().unwrap().clone()
    }

    /// The name that the last client said in EHLO or HELO.
    pub fn hello(&self) -> String {
        self.shared.hello.lock().unwrap().clone()
    }

    pub fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::SeqCst)
    }

    /// Waits until `count` emails have arrived.
    pub async fn wait_for(&self, count: usize) -> Vec<Received> {
        let arrived = wait_until(async || self.received().len() >= count).await;
        assert!(arrived, "{} of {count} emails arrived", self.received().len());
        self.received()
    }
}

impl Drop for SmtpServer {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}
