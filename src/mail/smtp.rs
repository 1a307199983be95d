//! The `smtp` transport: hands mails to a mail server (RFC 5321, RFC 6409), over one connection that stays open between them.

mod address;
mod line_stream;

use std::error::Error as StdError;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use lettre::transport::smtp::Error as SmtpError;
use lettre::transport::smtp::authentication::DEFAULT_MECHANISMS;
use lettre::transport::smtp::client::{
    AsyncSmtpConnection, Certificate, CertificateStore, TlsParameters, TlsParametersBuilder,
};
use lettre::transport::smtp::commands::{Data, Mail as MailFrom, Rcpt};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::response::Response;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use tokio::net::TcpStream;
use tokio::time::timeout;

use self::address::{Security, SmtpUrl};
use self::line_stream::LineStream;
use crate::mail::message::to_mime;
use crate::mail::{DeliveryError, Kind, Mail, MailTransport, Settings, quote, tls};

/// `MAIL_TRANSPORT=smtp`
pub(super) const KIND: Kind = Kind {
    name: "smtp",
    variables: &["SMTP_URL", "SMTP_CA_FILE"],
    sends: true,
    make: |settings| Ok(Arc::new(SmtpTransport::read(settings)?)),
};

/// For a name to become addresses.
const RESOLVE: Duration = Duration::from_secs(5);
/// For one address to take a connection: a dead one must not hold up the next for longer.
const CONNECT: Duration = Duration::from_secs(4);
/// For one address to greet, and to begin TLS: servers that keep spammers waiting take some seconds.
const GREET: Duration = Duration::from_secs(15);
/// For a command to be answered. `MAIL_TIMEOUT` may leave less for this and for what is above.
const ANSWER: Duration = Duration::from_secs(20);
/// For a kept connection to show that it is alive.
const ALIVE: Duration = Duration::from_secs(5);
/// How long a connection without a mail is kept.
const IDLE: Duration = Duration::from_secs(30);
/// For a good-bye.
const QUIT: Duration = Duration::from_secs(1);

/// Answers that are about the connection or our name there, and not about the mail: closing down, and sign-in required or refused
/// (RFC 5321, section 4.2.3; RFC 4954, section 6).
const NOT_ABOUT_THE_MAIL: [u16; 5] = [421, 530, 534, 535, 538];

struct SmtpTransport {
    url: SmtpUrl,
    tls: TlsParameters,
    /// How we introduce ourselves.
    hello: ClientId,
    /// For one address to greet, and to begin TLS.
    greet: Duration,
    /// For a command to be answered.
    answer: Duration,
    /// For a whole mail to be answered for: some servers look for viruses first (`MAIL_TIMEOUT`).
    take: Duration,
    /// The address that worked last: tried first.
    proven: Mutex<Option<SocketAddr>>,
    idle: Arc<Mutex<Option<Connection>>>,
}

/// A connection that has come as far as mails can be handed over.
struct Connection {
    smtp: AsyncSmtpConnection,
    address: SocketAddr,
    used_at: Instant,
}

impl fmt::Debug for SmtpTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SmtpTransport").field(&self.describe()).finish()
    }
}

impl SmtpTransport {
    fn read(settings: &Settings<'_>) -> Result<Self, String> {
        let example = "such as smtp://USER:PASSWORD@mail.example.org:587";
        let url = (settings.variable)("SMTP_URL")
            .ok_or(format!("SMTP_URL is required with MAIL_TRANSPORT=smtp, {example}"))?;
        let url = SmtpUrl::parse(url).map_err(|why| format!("SMTP_URL {why}"))?;

        let trusted = TlsParameters::builder(url.host.clone());
        let trusted = match (settings.variable)("SMTP_CA_FILE") {
            Some(file) => {
                let authorities = authorities(file).map_err(|why| format!("SMTP_CA_FILE {why}"))?;
                let trusted = trusted.certificate_store(CertificateStore::None);
                authorities.into_iter().fold(trusted, TlsParametersBuilder::add_root_certificate)
            }
            None if tls::has_system_authorities() => trusted,
            None => trusted.certificate_store(CertificateStore::WebpkiRoots),
        };
        let tls =
            trusted.build().map_err(|error| format!("SMTP_CA_FILE cannot be used: {error}"))?;

        let host = settings.public_url.host().trim_matches(['[', ']']);
        let hello = match host.parse() {
            Ok(IpAddr::V4(address)) => ClientId::Ipv4(address),
            Ok(IpAddr::V6(address)) => ClientId::Ipv6(address),
            Err(_) => ClientId::Domain(host.to_owned()),
        };
        Ok(Self {
            url,
            tls,
            hello,
            greet: GREET.min(settings.timeout),
            answer: ANSWER.min(settings.timeout),
            take: settings.timeout,
            proven: Mutex::default(),
            idle: Arc::default(),
        })
    }

    /// The connection that the last mail left by, if it is still good, or a new one.
    async fn connection(&self) -> Result<Connection, DeliveryError> {
        let kept = self.idle.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(mut kept) = kept
            && matches!(timeout(ALIVE, kept.smtp.test_connected()).await, Ok(true))
        {
            return Ok(kept);
        }
        self.connect().await
    }

    /// Tries one address after the other, each in a time of its own.
    async fn connect(&self) -> Result<Connection, DeliveryError> {
        let mut troubles = Vec::new();
        for address in self.addresses().await? {
            match self.greet(address).await {
                Ok(smtp) => {
                    *self.proven.lock().unwrap_or_else(PoisonError::into_inner) = Some(address);
                    let mut connection = Connection { smtp, address, used_at: Instant::now() };
                    if !troubles.is_empty() {
                        let troubles = troubles.join("; ");
                        tracing::info!(%address, troubles, "the mail server does not answer at every address");
                    }
                    self.sign_in(&mut connection).await?;
                    return Ok(connection);
                }
                Err(why) => troubles.push(format!("{address}: {why}")),
            }
        }
        Err(DeliveryError::blocked(troubles.join("; ")))
    }

    async fn addresses(&self) -> Result<Vec<SocketAddr>, DeliveryError> {
        let SmtpUrl { host, port, .. } = &self.url;
        let found = timeout(RESOLVE, tokio::net::lookup_host((host.as_str(), *port))).await;
        let found = found.map_err(|_| "the name server does not answer".to_owned());
        let found = found.and_then(|found| found.map_err(|error| tls::cause(&error)));
        let found = found.map_err(|why| {
            DeliveryError::blocked(format!("no address is known for {host}: {why}"))
        })?;
        let mut addresses: Vec<SocketAddr> = Vec::new();
        for address in found {
            if !addresses.contains(&address) {
                addresses.push(address);
            }
        }
        let proven = *self.proven.lock().unwrap_or_else(PoisonError::into_inner);
        addresses.sort_by_key(|address| Some(*address) != proven);
        Ok(addresses)
    }

    /// Connects, hears the greeting, and begins TLS.
    async fn greet(&self, address: SocketAddr) -> Result<AsyncSmtpConnection, String> {
        let mut smtp = self.introduce(address).await?;
        let offers_tls = smtp.can_starttls();
        // A name may lie about where it leads.
        let security = match self.url.security {
            Security::OnThisMachine if !address.ip().is_loopback() => Security::StartTls,
            security => security,
        };
        match security {
            Security::Implicit | Security::Off => {}
            Security::OnThisMachine if !offers_tls => {}
            Security::StartTls if !offers_tls => {
                farewell(smtp);
                return Err(
                    "it offers no STARTTLS, so that everybody on the way could read along; \
                            smtps:// has TLS from the start, and ?tls=off does without"
                        .into(),
                );
            }
            Security::StartTls | Security::OnThisMachine => {
                let begun = timeout(self.greet, smtp.starttls(self.tls.clone(), &self.hello)).await;
                match begun.map_err(|_| "TLS did not begin in time".to_owned()) {
                    Ok(Ok(())) => {}
                    // As safe as without STARTTLS: nobody is between.
                    Ok(Err(_)) if security == Security::OnThisMachine => {
                        smtp = self.introduce(address).await?;
                    }
                    Ok(Err(error)) => return Err(in_words(&error)),
                    Err(why) => return Err(why),
                }
            }
        }
        Ok(smtp)
    }

    async fn introduce(&self, address: SocketAddr) -> Result<AsyncSmtpConnection, String> {
        let greeted = async {
            if self.url.security == Security::Implicit {
                let tls = Some(self.tls.clone());
                return AsyncSmtpConnection::connect_tokio1(
                    address,
                    Some(CONNECT),
                    &self.hello,
                    tls,
                    None,
                )
                .await
                .map_err(|error| in_words(&error));
            }
            let stream = timeout(CONNECT, TcpStream::connect(address)).await;
            let stream = stream.map_err(|_| "it does not answer".to_owned())?;
            let stream = stream.map_err(|error| tls::cause(&error))?;
            let _ = stream.set_nodelay(true); // a mail's end follows its text at once
            let stream = Box::new(LineStream::new(stream));
            let greeted = AsyncSmtpConnection::connect_with_transport(stream, &self.hello).await;
            greeted.map_err(|error| in_words(&error))
        };
        timeout(self.greet, greeted).await.map_err(|_| "it does not say who it is".to_owned())?
    }

    async fn sign_in(&self, connection: &mut Connection) -> Result<(), DeliveryError> {
        let Some((user, credentials)) = &self.url.credentials else { return Ok(()) };
        let answer =
            timeout(self.answer, connection.smtp.auth(DEFAULT_MECHANISMS, credentials)).await;
        let why = match answer {
            Ok(Ok(_)) => return Ok(()),
            Ok(Err(error)) if error.is_client() => {
                "it offers no way to sign in that authflow knows (PLAIN, LOGIN)".into()
            }
            Ok(Err(error)) => format!("it does not let {user} in: {}", in_words(&error)),
            Err(_) => "it does not answer to the password".into(),
        };
        Err(DeliveryError::blocked(format!("{}: {why}", connection.address)))
    }

    /// One mail (RFC 5321, section 3.3). Step by step, so that what refused it is known.
    async fn hand_over(
        &self,
        smtp: &mut AsyncSmtpConnection,
        mail: &Mail,
        message: &[u8],
    ) -> Result<Response, DeliveryError> {
        // No extensions are needed: addresses and mails are ASCII alone.
        let from = MailFrom::new(Some(mail.from.email.clone()), Vec::new());
        let to = Rcpt::new(mail.to.clone(), Vec::new());
        step("the sender", self.answer, smtp.command(from)).await?;
        step("the recipient", self.answer, smtp.command(to)).await?;
        step("the mail", self.answer, smtp.command(Data)).await?;
        step("the mail", self.take, smtp.message(message)).await
    }

    /// Keeps the connection for the next mail, and closes it if there is none for a while.
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

#[async_trait]
impl MailTransport for SmtpTransport {
    fn describe(&self) -> String {
        let SmtpUrl { host, port, .. } = &self.url;
        let how = match self.url.security {
            Security::Implicit => "TLS",
            Security::StartTls => "STARTTLS",
            Security::OnThisMachine => "on this machine",
            Security::Off => "UNENCRYPTED",
        };
        let host = if host.contains(':') { format!("[{host}]") } else { host.clone() };
        format!("SMTP to {host}:{port}, {how}")
    }

    async fn deliver(&self, mail: &Mail) -> Result<String, DeliveryError> {
        let message = to_mime(mail)?.formatted();
        let mut connection = self.connection().await?;
        match self.hand_over(&mut connection.smtp, mail, &message).await {
            Ok(answer) => {
                let answer = format!("{} answered: {}", connection.address, quoted(&answer));
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
        let connection = self.connect().await?;
        let address = connection.address;
        let way = if connection.smtp.is_encrypted() { "encrypted" } else { "unencrypted" };
        let user = match &self.url.credentials {
            Some((user, _)) => format!("{user} is let in"),
            None => "nobody signs in".to_owned(),
        };
        farewell(connection.smtp);
        Ok(format!("{address} answers, {way}, {user}"))
    }
}

async fn step(
    what: &str,
    within: Duration,
    answer: impl Future<Output = Result<Response, SmtpError>>,
) -> Result<Response, DeliveryError> {
    match timeout(within, answer).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(error)) => Err(judge(what, &error)),
        Err(_) => Err(DeliveryError::blocked(format!("the server fell silent over {what}"))),
    }
}

fn judge(what: &str, error: &SmtpError) -> DeliveryError {
    let why = in_words(error);
    match error.status().map(u16::from) {
        None => DeliveryError::blocked(format!("the connection broke off over {what}: {why}")),
        Some(code) if NOT_ABOUT_THE_MAIL.contains(&code) => {
            DeliveryError::blocked(format!("the server takes no mail: {why}"))
        }
        Some(_) if error.is_permanent() => {
            DeliveryError::Final(format!("the server refused {what}: {why}"))
        }
        Some(_) => DeliveryError::Passing(format!("the server put {what} off: {why}")),
    }
}

/// Says good-bye without waiting for it.
fn farewell(mut smtp: AsyncSmtpConnection) {
    tokio::spawn(async move {
        let _ = timeout(QUIT, smtp.quit()).await;
    });
}

fn in_words(error: &SmtpError) -> String {
    match (error.status(), error.source()) {
        (Some(code), Some(text)) => quote(&format!("{code} {text}")),
        (Some(code), None) => code.to_string(),
        (None, _) if error.is_response() => quote(&format!("it does not speak SMTP ({error})")),
        (None, _) => tls::cause(error),
    }
}

fn quoted(answer: &Response) -> String {
    let text: Vec<&str> = answer.message().collect();
    quote(&format!("{} {}", answer.code(), text.join(" ")))
}

/// The certificates in a PEM file.
fn authorities(file: &str) -> Result<Vec<Certificate>, String> {
    let pem = std::fs::read(file).map_err(|error| format!("cannot be read ({error})"))?;
    let found = CertificateDer::pem_slice_iter(&pem)
        .map(|found| Certificate::from_der(found.ok()?.to_vec()).ok())
        .collect::<Option<Vec<_>>>();
    found.filter(|found| !found.is_empty()).ok_or_else(|| "holds no certificates in PEM".to_owned())
}
