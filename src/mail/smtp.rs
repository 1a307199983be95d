//! The `smtp` transport: hands mails to a mail server (RFC 5321, RFC 6409), over one connection that stays open between them.

mod address;
mod line_stream;

use std::error::Error as StdError;
use std::fmt;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use lettre::Address;
use lettre::transport::smtp::Error as SmtpError;
use lettre::transport::smtp::authentication::DEFAULT_MECHANISMS;
use lettre::transport::smtp::client::{
    AsyncSmtpConnection, Certificate, CertificateStore, TlsParameters, TlsParametersBuilder,
};
use lettre::transport::smtp::commands::{Data, Mail as MailFrom, Rcpt};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::response::Response;
use tokio::net::TcpStream;
use tokio::time::error::Elapsed;
use tokio::time::{Instant, timeout, timeout_at};

use self::address::{Security, SignIn, SmtpUrl};
use self::line_stream::LineStream;
use crate::mail::mime::to_mime;
use crate::mail::{DeliveryError, Kind, Mail, MailTransport, Settings, quote};
use crate::tls::{self, Trouble, Trust};

/// `MAIL_TRANSPORT=smtp`
pub(super) const KIND: Kind = Kind {
    name: "smtp",
    variables: &["SMTP_URL", "SMTP_CA_FILE"],
    sends: true,
    make: |settings| Ok(Arc::new(SmtpTransport::read(settings)?)),
};

/// For a name to become addresses.
const RESOLVE: Duration = Duration::from_secs(5);
/// For one address to take a connection, and to greet and begin TLS, while there is another to try. The last one has all the time
/// that `MAIL_TIMEOUT` allows: some servers keep those they do not know waiting.
const CONNECT: Duration = Duration::from_secs(4);
const GREET: Duration = Duration::from_secs(15);
/// For a connection that was kept to show that it is alive.
const ALIVE: Duration = Duration::from_secs(5);
/// How long a connection without a mail is kept.
const IDLE: Duration = Duration::from_secs(30);
/// For a good-bye.
const QUIT: Duration = Duration::from_secs(1);

/// Answers that are about our name there, whatever they follow: sign-in required or refused (RFC 4954, section 6).
const SIGN_IN: [u16; 4] = [530, 534, 535, 538];

struct SmtpTransport {
    url: SmtpUrl,
    tls: TlsParameters,
    /// How we introduce ourselves.
    hello: ClientId,
    sender: Address,
    /// `MAIL_TIMEOUT`: for the way to be made ready, and once more for a mail to be taken.
    timeout: Duration,
    /// The address that worked last: tried first.
    proven: Mutex<Option<SocketAddr>>,
    idle: Arc<Mutex<Option<Connection>>>,
}

/// A connection that has come as far as mails can be handed over.
struct Connection {
    smtp: AsyncSmtpConnection,
    address: SocketAddr,
    /// Why it is in plain although the server offered STARTTLS.
    tls_trouble: Option<String>,
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
                let authorities =
                    tls::authorities(file).map_err(|why| format!("SMTP_CA_FILE {why}"))?;
                let authorities = authorities.iter().map(|it| Certificate::from_der(it.to_vec()));
                let authorities = authorities.collect::<Result<Vec<_>, _>>();
                let authorities =
                    authorities.map_err(|error| format!("SMTP_CA_FILE cannot be used: {error}"))?;
                let trusted = trusted.certificate_store(CertificateStore::None);
                authorities.into_iter().fold(trusted, TlsParametersBuilder::add_root_certificate)
            }
            None if tls::has_system_authorities() => trusted,
            None => trusted.certificate_store(CertificateStore::WebpkiRoots),
        };
        let tls =
            trusted.build().map_err(|error| format!("SMTP_CA_FILE cannot be used: {error}"))?;

        let domain = settings.public_url.domain().filter(|_| !settings.public_url.is_loopback());
        let hello = domain.unwrap_or_else(|| settings.from.email.domain());
        Ok(Self {
            url,
            tls,
            hello: ClientId::Domain(hello.to_owned()),
            sender: settings.from.email.clone(),
            timeout: settings.timeout,
            proven: Mutex::default(),
            idle: Arc::default(),
        })
    }

    /// A connection that has taken our name as the sender of a mail: the one that the last mail left by, or a new one.
    async fn begin(&self) -> Result<Connection, DeliveryError> {
        let kept = self.idle.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(mut kept) = kept {
            // Servers end connections that were silent, or that carried enough mails. A new one tells whether there is more to it.
            if matches!(timeout(ALIVE, kept.smtp.command(self.mail_from())).await, Ok(Ok(_))) {
                return Ok(kept);
            }
            farewell(kept.smtp);
        }
        let (mut connection, by) = self.connect().await?;
        let why = match timeout_at(by, connection.smtp.command(self.mail_from())).await {
            Ok(Ok(_)) => return Ok(connection),
            Ok(Err(error)) if error.is_permanent() && !is_about_sign_in(&error) => {
                format!(
                    "the server refuses the sender (MAIL_FROM): {}",
                    self.in_words(&error, None)
                )
            }
            Ok(Err(error)) => format!("the server takes no mail: {}", self.in_words(&error, None)),
            Err(_) => "the server fell silent over the sender".to_owned(),
        };
        farewell(connection.smtp);
        Err(DeliveryError::blocked(why))
    }

    fn mail_from(&self) -> MailFrom {
        // No extensions are needed: addresses and mails are ASCII alone.
        MailFrom::new(Some(self.sender.clone()), Vec::new())
    }

    /// Tries one address after the other, each in a time of its own; says until when it has to have taken the sender.
    async fn connect(&self) -> Result<(Connection, Instant), DeliveryError> {
        let addresses = self.addresses().await?;
        let mut troubles = Vec::new();
        for (n, address) in addresses.iter().copied().enumerate() {
            let is_last = n + 1 == addresses.len();
            let [connect, greet] = [CONNECT, GREET]
                .map(|usual| if is_last { self.timeout } else { usual.min(self.timeout) });
            let by = Instant::now() + self.timeout;
            let greeted = timeout(greet, self.greet(address, connect)).await;
            match greeted.unwrap_or_else(|_| Err(self.silence())) {
                Ok((smtp, tls_trouble)) => {
                    if !troubles.is_empty() {
                        let troubles = troubles.join("; ");
                        tracing::info!(%address, troubles, "the mail server does not answer at every address");
                    }
                    let used_at = Instant::now();
                    let mut connection = Connection { smtp, address, tls_trouble, used_at };
                    self.sign_in(&mut connection, by).await?;
                    *self.proven.lock().unwrap_or_else(PoisonError::into_inner) = Some(address);
                    return Ok((connection, by));
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

    /// Connects, hears the greeting, and begins TLS; if that failed where it need not, why. `within`: how long the connection itself may take.
    async fn greet(
        &self,
        address: SocketAddr,
        within: Duration,
    ) -> Result<(AsyncSmtpConnection, Option<String>), String> {
        let mut smtp = self.introduce(address, within).await?;
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
                let why = "it offers no STARTTLS, so that everybody on the way could read along; smtps:// has TLS from the start, \
                           and ?tls=off does without";
                return Err(why.into());
            }
            Security::StartTls | Security::OnThisMachine => {
                match smtp.starttls(self.tls.clone(), &self.hello).await {
                    Ok(()) => {}
                    // As safe as without STARTTLS: nobody is between.
                    Err(error) if security == Security::OnThisMachine => {
                        let trouble = Some(self.in_words(&error, None));
                        return Ok((self.introduce(address, within).await?, trouble));
                    }
                    Err(error) => return Err(self.in_words(&error, None)),
                }
            }
        }
        Ok((smtp, None))
    }

    async fn introduce(
        &self,
        address: SocketAddr,
        within: Duration,
    ) -> Result<AsyncSmtpConnection, String> {
        let greeted = if self.url.security == Security::Implicit {
            let tls = Some(self.tls.clone());
            AsyncSmtpConnection::connect_tokio1(address, Some(within), &self.hello, tls, None).await
        } else {
            let stream = timeout(within, TcpStream::connect(address)).await;
            let stream = stream.map_err(|_| "it does not answer".to_owned())?;
            let stream = stream.map_err(|error| tls::cause(&error))?;
            let _ = stream.set_nodelay(true); // a mail's end follows its text at once
            let stream = Box::new(LineStream::new(stream));
            AsyncSmtpConnection::connect_with_transport(stream, &self.hello).await
        };
        greeted.map_err(|error| self.in_words(&error, None))
    }

    fn silence(&self) -> String {
        if self.url.security == Security::Implicit {
            "it takes connections, but TLS does not begin".into()
        } else {
            "it takes connections, but says nothing; where TLS begins at once (port 465), write smtps://".into()
        }
    }

    async fn sign_in(&self, connection: &mut Connection, by: Instant) -> Result<(), DeliveryError> {
        let Some(sign_in) = &self.url.sign_in else { return Ok(()) };
        let Connection { smtp, address, tls_trouble, .. } = connection;
        let why = if smtp.server_info().get_auth_mechanism(DEFAULT_MECHANISMS).is_none() {
            let hint = match tls_trouble {
                Some(trouble) => format!("; STARTTLS was offered, but failed: {trouble}"),
                None if smtp.can_starttls() => "; perhaps it does after STARTTLS".to_owned(),
                None => String::new(),
            };
            format!("it offers no way to sign in that authflow knows (PLAIN, LOGIN){hint}")
        } else {
            let credentials = sign_in.credentials();
            match timeout_at(by, smtp.auth(DEFAULT_MECHANISMS, &credentials)).await {
                Ok(Ok(_)) => return Ok(()),
                Ok(Err(error)) => {
                    let why = self.in_words(&error, None);
                    format!("it does not let {} in: {why}", sign_in.shown())
                }
                Err(_) => "it does not answer to the password".to_owned(),
            }
        };
        Err(DeliveryError::blocked(format!("{address}: {why}")))
    }

    /// The rest of one mail (RFC 5321, section 3.3), step by step, so that what refused it is known. Whatever goes wrong from here on
    /// may be about this mail alone: a filter that falls silent over it, or that hangs up.
    async fn hand_over(
        &self,
        smtp: &mut AsyncSmtpConnection,
        mail: &Mail,
        message: &[u8],
    ) -> Result<String, DeliveryError> {
        let by = Instant::now() + self.timeout;
        let to = Rcpt::new(mail.to.clone(), Vec::new());
        self.judge("the recipient", mail, timeout_at(by, smtp.command(to)).await)?;
        self.judge("the mail", mail, timeout_at(by, smtp.command(Data)).await)?;
        let answer = self.judge("the mail", mail, timeout_at(by, smtp.message(message)).await)?;
        let text: Vec<&str> = answer.message().collect();
        Ok(self.quote(&format!("{} {}", answer.code(), text.join("\n")), Some(mail)))
    }

    fn judge(
        &self,
        what: &str,
        mail: &Mail,
        answer: Result<Result<Response, SmtpError>, Elapsed>,
    ) -> Result<Response, DeliveryError> {
        let error = match answer {
            Ok(Ok(answer)) => return Ok(answer),
            Ok(Err(error)) => error,
            Err(_) => {
                return Err(DeliveryError::Passing(format!("the server fell silent over {what}")));
            }
        };
        let why = self.in_words(&error, Some(mail));
        Err(match error.status() {
            None => DeliveryError::Passing(format!("the connection broke off over {what}: {why}")),
            Some(_) if is_about_sign_in(&error) => {
                DeliveryError::blocked(format!("the server takes no mail: {why}"))
            }
            Some(_) if error.is_permanent() => {
                DeliveryError::Final(format!("the server refused {what}: {why}"))
            }
            Some(_) => DeliveryError::Passing(format!("the server put {what} off: {why}")),
        })
    }

    /// `mail`: which one it was about.
    fn in_words(&self, error: &SmtpError, mail: Option<&Mail>) -> String {
        let text = error.source().map(ToString::to_string).unwrap_or_default();
        match error.status() {
            Some(code) => self.quote(&format!("{code} {text}"), mail),
            // So lettre calls an answer that ends before it has begun.
            None if text == "incomplete response" => "the connection was closed".into(),
            None if error.is_response() => "it does not speak SMTP".into(),
            None if Trouble::of(error) == Some(Trouble::NoTls) => {
                format!("{}; smtp:// (STARTTLS) is for such ports", Trouble::NoTls)
            }
            None => tls::in_words(error, &self.url.host, Trust::Variable("SMTP_CA_FILE")),
        }
    }

    /// What the server said, without what only it and we may know.
    fn quote(&self, text: &str, mail: Option<&Mail>) -> String {
        let token = mail.and_then(|mail| mail.token.as_ref());
        let password = self.url.sign_in.as_ref().map(|sign_in| &sign_in.password);
        let secrets = [token, password].map(|secret| secret.map_or("", |it| it.reveal().as_str()));
        let encoded = self.url.sign_in.as_ref().map(SignIn::encoded);
        let encoded = encoded.iter().flatten().map(|it| it.reveal().as_str());
        quote(text, &secrets.into_iter().chain(encoded).collect::<Vec<_>>())
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

    fn risk(&self) -> Option<String> {
        let host = &self.url.host;
        let risky = self.url.security == Security::Off && !address::is_private(host);
        risky.then(|| {
            format!(
                "SMTP_URL leads to {host} with ?tls=off: the password and the links in emails, which open accounts, cross the network \
                 unencrypted. That is for a mail server in the same private network"
            )
        })
    }

    async fn deliver(&self, mail: &Mail) -> Result<String, DeliveryError> {
        let message = to_mime(mail)?.formatted();
        let mut connection = self.begin().await?;
        match self.hand_over(&mut connection.smtp, mail, &message).await {
            Ok(answer) => {
                let answer = format!("{} answered: {answer}", connection.address);
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
        let user = match &self.url.sign_in {
            Some(sign_in) => format!("{} is let in", sign_in.shown()),
            None => "nobody signs in".to_owned(),
        };
        farewell(smtp);
        Ok(format!("{address} answers, {way}, {user}"))
    }
}

fn is_about_sign_in(error: &SmtpError) -> bool {
    error.status().is_some_and(|code| SIGN_IN.contains(&code.into()))
}

/// Says good-bye without waiting for it.
fn farewell(mut smtp: AsyncSmtpConnection) {
    tokio::spawn(async move {
        let _ = timeout(QUIT, smtp.quit()).await;
    });
}
