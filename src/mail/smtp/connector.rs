//! Opens connections to the mail server.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout, timeout_at};

use super::connection::{Connection, farewell};
use super::conversation::Conversation;
use super::hello;
use super::reply;
use super::smtp_url::{Security, SmtpUrl};
use crate::mail::transport::{DeliveryError, TransportSettings};
use crate::tls;

/// The time limit for resolving the server's name.
const RESOLVE: Duration = Duration::from_secs(5);
/// The time limits for one address to accept the connection, and to greet and start TLS, while there is another address to try. The last
/// address may use all of `MAIL_TIMEOUT`: some servers delay their greeting to unknown clients.
const CONNECT: Duration = Duration::from_secs(4);
const GREET: Duration = Duration::from_secs(15);

pub struct Connector {
    pub url: SmtpUrl,
    tls: Arc<ClientConfig>,
    /// Our name in EHLO. `None`: our address.
    hello: Option<String>,
    /// `MAIL_TIMEOUT`
    timeout: Duration,
    /// The address that worked last is tried first.
    proven: Mutex<Option<SocketAddr>>,
}

impl Connector {
    pub fn new(url: SmtpUrl, settings: &TransportSettings<'_>) -> Result<Self, String> {
        let tls = tls_config((settings.variable)("SMTP_CA_FILE"))?;
        let domain = settings.public_url.domain().filter(|_| !settings.public_url.is_loopback());
        let hello = hello::name(domain.into_iter().chain([settings.from.email.domain()]));
        let hello = hello.map(ToOwned::to_owned);
        Ok(Self { url, tls, hello, timeout: settings.timeout, proven: Mutex::default() })
    }

    /// Tries the addresses in turn, each with its own time limit. Also returns the deadline for the server to accept the sender.
    pub async fn connect(&self) -> Result<(Connection, Instant), DeliveryError> {
        let addresses = self.addresses().await?;
        let mut errors = Vec::new();
        for (n, address) in addresses.iter().copied().enumerate() {
            let is_last = n + 1 == addresses.len();
            let [connect, greet] = [CONNECT, GREET]
                .map(|usual| if is_last { self.timeout } else { usual.min(self.timeout) });
            let by = Instant::now() + self.timeout;
            let greeted = timeout(greet, self.greet(address, connect)).await;
            match greeted.unwrap_or_else(|_| Err(self.silence())) {
                Ok((smtp, tls_error)) => {
                    if !errors.is_empty() {
                        let errors = errors.join("; ");
                        tracing::info!(%address, errors, "the mail server does not respond at some of its addresses");
                    }
                    let used_at = Instant::now();
                    let mut connection = Connection { smtp, address, tls_error, used_at };
                    self.sign_in(&mut connection, by).await?;
                    *self.proven.lock().unwrap_or_else(PoisonError::into_inner) = Some(address);
                    return Ok((connection, by));
                }
                Err(why) => errors.push(format!("{address}: {why}")),
            }
        }
        Err(DeliveryError::blocked(errors.join("; ")))
    }

    async fn addresses(&self) -> Result<Vec<SocketAddr>, DeliveryError> {
        let SmtpUrl { host, port, .. } = &self.url;
        let found = timeout(RESOLVE, tokio::net::lookup_host((host.as_str(), *port))).await;
        let found = found.map_err(|_| "the DNS server does not respond".to_owned());
        let found = found.and_then(|found| found.map_err(|error| tls::cause(&error)));
        let found =
            found.map_err(|why| DeliveryError::blocked(format!("cannot resolve {host}: {why}")))?;
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

    /// Connects, reads the greeting and starts TLS. If optional TLS failed, returns why. `within` limits the connection itself.
    async fn greet(
        &self,
        address: SocketAddr,
        within: Duration,
    ) -> Result<(Conversation, Option<String>), String> {
        let (smtp, hello) = self.introduce(address, within).await?;
        let offers_tls = smtp.can_start_tls();
        // A local host name may resolve to the address of another machine.
        let security = match self.url.security {
            Security::OnThisMachine if !address.ip().is_loopback() => Security::StartTls,
            security => security,
        };
        match security {
            Security::Implicit | Security::Off => Ok((smtp, None)),
            Security::OnThisMachine if !offers_tls => Ok((smtp, None)),
            Security::StartTls if !offers_tls => {
                farewell(smtp);
                let why = "it offers no STARTTLS, and without encryption anyone on the network could read the emails. smtps:// uses TLS from the \
                           start; ?tls=off allows plain text";
                Err(why.into())
            }
            Security::StartTls | Security::OnThisMachine => {
                match smtp.start_tls(&self.tls, &self.url.host, &hello).await {
                    Ok(smtp) => Ok((smtp, None)),
                    // No less safe than a server without STARTTLS: the connection does not leave this machine.
                    Err(error) if security == Security::OnThisMachine => {
                        let tls_error = Some(reply::in_words(&self.url, &error, None));
                        Ok((self.introduce(address, within).await?.0, tls_error))
                    }
                    Err(error) => Err(reply::in_words(&self.url, &error, None)),
                }
            }
        }
    }

    /// Connects and reads the greeting. Also returns our name in EHLO.
    async fn introduce(
        &self,
        address: SocketAddr,
        within: Duration,
    ) -> Result<(Conversation, String), String> {
        let stream = timeout(within, TcpStream::connect(address)).await;
        let stream = stream.map_err(|_| "it does not respond".to_owned())?;
        let stream = stream.map_err(|error| tls::cause(&error))?;
        let _ = stream.set_nodelay(true); // sends the end of an email at once
        let hello = match &self.hello {
            Some(hello) => hello.clone(),
            None => hello::literal(stream.local_addr().map_err(|error| tls::cause(&error))?),
        };
        let is_implicit = self.url.security == Security::Implicit;
        let tls = is_implicit.then_some((&self.tls, self.url.host.as_str()));
        let smtp = Conversation::begin(stream, &hello, tls).await;
        let smtp = smtp.map_err(|error| reply::in_words(&self.url, &error, None))?;
        Ok((smtp, hello))
    }

    fn silence(&self) -> String {
        if self.url.security == Security::Implicit {
            "it accepts connections, but TLS does not start".into()
        } else {
            "it accepts connections, but sends no greeting. For a port that starts with TLS (465), use smtps://".into()
        }
    }

    async fn sign_in(&self, connection: &mut Connection, by: Instant) -> Result<(), DeliveryError> {
        let Some(user) = &self.url.user else { return Ok(()) };
        let Connection { smtp, address, tls_error, .. } = connection;
        let why = if smtp.can_sign_in() {
            match timeout_at(by, smtp.sign_in(user)).await {
                Ok(Ok(())) => return Ok(()),
                Ok(Err(error)) => {
                    let why = reply::in_words(&self.url, &error, None);
                    format!("signing in as {} failed: {why}", user.shown())
                }
                Err(_) => "it does not respond to the password".to_owned(),
            }
        } else {
            let hint = match tls_error {
                Some(error) => format!("; STARTTLS failed: {error}"),
                None if smtp.can_start_tls() => "; perhaps it does after STARTTLS".to_owned(),
                None => String::new(),
            };
            format!("it offers no sign-in method that authflow supports (PLAIN, LOGIN){hint}")
        };
        Err(DeliveryError::blocked(format!("{address}: {why}")))
    }
}

/// Trusts the authorities in `file`, or else those of the system.
fn tls_config(file: Option<&str>) -> Result<Arc<ClientConfig>, String> {
    let mut trusted = RootCertStore::empty();
    match file {
        Some(file) => {
            let authorities =
                tls::authorities(file).map_err(|why| format!("SMTP_CA_FILE {why}"))?;
            trusted.add_parsable_certificates(authorities);
        }
        None if tls::has_system_authorities() => {
            trusted.add_parsable_certificates(tls::system_authorities().iter().cloned());
        }
        None => trusted.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
    }
    let config = ClientConfig::builder().with_root_certificates(trusted).with_no_client_auth();
    Ok(Arc::new(config))
}
