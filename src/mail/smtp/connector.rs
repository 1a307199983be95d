//! Opens connections to the mail server.

use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use lettre::transport::smtp::authentication::DEFAULT_MECHANISMS;
use lettre::transport::smtp::client::{
    AsyncSmtpConnection, Certificate, CertificateStore, TlsParameters, TlsParametersBuilder,
};
use lettre::transport::smtp::extension::ClientId;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout, timeout_at};

use super::connection::{Connection, farewell};
use super::line_stream::LineStream;
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
    tls: TlsParameters,
    /// Our name in EHLO.
    hello: ClientId,
    /// `MAIL_TIMEOUT`
    timeout: Duration,
    /// The address that worked last is tried first.
    proven: Mutex<Option<SocketAddr>>,
}

impl Connector {
    pub fn new(url: SmtpUrl, settings: &TransportSettings<'_>) -> Result<Self, String> {
        let tls = tls_parameters(&url.host, (settings.variable)("SMTP_CA_FILE"))?;
        let domain = settings.public_url.domain().filter(|_| !settings.public_url.is_loopback());
        let hello = domain.unwrap_or_else(|| settings.from.email.domain());
        Ok(Self {
            url,
            tls,
            hello: ClientId::Domain(hello.to_owned()),
            timeout: settings.timeout,
            proven: Mutex::default(),
        })
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
    ) -> Result<(AsyncSmtpConnection, Option<String>), String> {
        let mut smtp = self.introduce(address, within).await?;
        let offers_tls = smtp.can_starttls();
        // A local host name may resolve to the address of another machine.
        let security = match self.url.security {
            Security::OnThisMachine if !address.ip().is_loopback() => Security::StartTls,
            security => security,
        };
        match security {
            Security::Implicit | Security::Off => {}
            Security::OnThisMachine if !offers_tls => {}
            Security::StartTls if !offers_tls => {
                farewell(smtp);
                let why = "it offers no STARTTLS, and without encryption anyone on the network could read the emails. smtps:// uses TLS from the \
                           start; ?tls=off allows plain text";
                return Err(why.into());
            }
            Security::StartTls | Security::OnThisMachine => {
                match smtp.starttls(self.tls.clone(), &self.hello).await {
                    Ok(()) => {}
                    // No less safe than a server without STARTTLS: the connection does not leave this machine.
                    Err(error) if security == Security::OnThisMachine => {
                        let tls_error = Some(reply::in_words(&self.url, &error, None));
                        return Ok((self.introduce(address, within).await?, tls_error));
                    }
                    Err(error) => return Err(reply::in_words(&self.url, &error, None)),
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
            let stream = stream.map_err(|_| "it does not respond".to_owned())?;
            let stream = stream.map_err(|error| tls::cause(&error))?;
            let _ = stream.set_nodelay(true); // sends the end of an email at once
            let stream = Box::new(LineStream::new(stream));
            AsyncSmtpConnection::connect_with_transport(stream, &self.hello).await
        };
        greeted.map_err(|error| reply::in_words(&self.url, &error, None))
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
        let why = if smtp.server_info().get_auth_mechanism(DEFAULT_MECHANISMS).is_none() {
            let hint = match tls_error {
                Some(error) => format!("; STARTTLS failed: {error}"),
                None if smtp.can_starttls() => "; perhaps it does after STARTTLS".to_owned(),
                None => String::new(),
            };
            format!("it offers no sign-in method that authflow supports (PLAIN, LOGIN){hint}")
        } else {
            let credentials = user.credentials();
            match timeout_at(by, smtp.auth(DEFAULT_MECHANISMS, &credentials)).await {
                Ok(Ok(_)) => return Ok(()),
                Ok(Err(error)) => {
                    let why = reply::in_words(&self.url, &error, None);
                    format!("signing in as {} failed: {why}", user.shown())
                }
                Err(_) => "it does not respond to the password".to_owned(),
            }
        };
        Err(DeliveryError::blocked(format!("{address}: {why}")))
    }
}

/// Trusts the authorities in `file`, or else those of the system.
fn tls_parameters(host: &str, file: Option<&str>) -> Result<TlsParameters, String> {
    let trusted = TlsParameters::builder(host.to_owned());
    let trusted = match file {
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
    trusted.build().map_err(|error| format!("SMTP_CA_FILE cannot be used: {error}"))
}
