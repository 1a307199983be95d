//! The `resend` transport: sends emails through Resend's HTTP API (<https://resend.com/docs/api-reference>).

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use reqwest::header::{CONTENT_TYPE, DATE, HeaderMap, HeaderName, RETRY_AFTER};
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder, Url};
use rustls::{ClientConfig, RootCertStore};
use serde::Deserialize;
use serde_json::json;
use url::Host;

use crate::mail::outgoing::Mail;
use crate::mail::quote::quote;
use crate::mail::transport::{DeliveryError, MailTransport, TransportKind, TransportSettings};
use crate::secret::Secret;
use crate::tls::{self, Trust};

/// `MAIL_TRANSPORT=resend`
pub(super) const KIND: TransportKind = TransportKind {
    name: "resend",
    variables: &["RESEND_API_KEY", "RESEND_API_URL"],
    sends: true,
    make: |settings| Ok(Arc::new(ResendTransport::read(settings)?)),
};

/// The default of `RESEND_API_URL`.
pub const RESEND_API_URL: &str = "https://api.resend.com";
/// The time limit for connecting, for all addresses of the host together.
const CONNECT: Duration = Duration::from_secs(10);
/// The maximum number of bytes read from a response.
const ANSWER_LIMIT: usize = 64 * 1024;

struct ResendTransport {
    client: Client,
    url: Url,
    key: Secret<String>,
    sender_domain: String,
}

/// A response from Resend.
#[derive(Debug)]
struct Answer {
    status: u16,
    /// `Retry-After`
    pause: Option<Duration>,
    body: Vec<u8>,
}

/// The body of an error response.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Refusal {
    name: String,
    message: String,
}

/// The body of the response to an accepted email.
#[derive(Deserialize)]
struct Taken {
    id: String,
}

#[derive(Deserialize)]
struct Domains {
    data: Vec<Domain>,
    #[serde(default)]
    has_more: bool,
}

#[derive(Deserialize)]
struct Domain {
    name: String,
    status: String,
}

impl fmt::Debug for ResendTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ResendTransport").field(&self.describe()).finish()
    }
}

/// `RESEND_API_KEY`
fn key(text: Option<&str>) -> Result<Secret<String>, String> {
    let key = text.ok_or("RESEND_API_KEY is required with MAIL_TRANSPORT=resend; create one at https://resend.com/api-keys")?;
    if !key.chars().all(|c| c.is_ascii_graphic()) {
        return Err("RESEND_API_KEY contains characters that are never part of a key".into());
    }
    Ok(Secret::new(key.to_owned()))
}

/// `RESEND_API_URL`
fn url(text: Option<&str>) -> Result<Url, String> {
    let url = Url::parse(text.unwrap_or(RESEND_API_URL)).ok().filter(is_safe);
    url.ok_or_else(|| {
        "RESEND_API_URL must begin with https:// or point to this machine, and have no user name, '?' or '#'".to_owned()
    })
}

impl ResendTransport {
    fn read(settings: &TransportSettings<'_>) -> Result<Self, Vec<String>> {
        let variable = settings.variable;
        let (key, url) = match (key(variable("RESEND_API_KEY")), url(variable("RESEND_API_URL"))) {
            (Ok(key), Ok(url)) => (key, url),
            (key, url) => return Err(key.err().into_iter().chain(url.err()).collect()),
        };
        let client = Self::client(&url, settings.timeout).map_err(|why| vec![why])?;
        let sender_domain = settings.from.email.domain().to_lowercase();
        Ok(Self { client, url, key, sender_domain })
    }

    fn client(url: &Url, timeout: Duration) -> Result<Client, String> {
        // Follows no redirects: the key must reach only this host (ASVS 15.3.2).
        let client = Client::builder()
            .redirect(Policy::none())
            .connect_timeout(CONNECT)
            .timeout(timeout)
            .user_agent(concat!("authflow/", env!("CARGO_PKG_VERSION")));
        // Without TLS, a proxy could read the key.
        let client = if url.scheme() == "http" { client.no_proxy() } else { client };
        let client = if tls::has_system_authorities() {
            client
        } else {
            let authorities = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
            let config = ClientConfig::builder();
            client.tls_backend_preconfigured(
                config.with_root_certificates(authorities).with_no_client_auth(),
            )
        };
        client.build().map_err(|error| {
            format!("MAIL_TRANSPORT=resend cannot be prepared: {}", tls::cause(&error))
        })
    }

    fn at(&self, path: &str) -> String {
        format!("{}{path}", self.url.as_str().trim_end_matches('/'))
    }

    async fn ask(&self, request: RequestBuilder) -> Result<Answer, DeliveryError> {
        let host = self.url.host_str().unwrap_or_default();
        let broken = |error: reqwest::Error| {
            let why = if error.is_timeout() {
                "it did not respond in time".to_owned()
            } else {
                tls::in_words(&error, host, Trust::System)
            };
            DeliveryError::blocked(format!("{host}: {why}"))
        };
        let mut response = request.bearer_auth(self.key.reveal()).send().await.map_err(broken)?;
        let (status, pause) = (response.status().as_u16(), pause(response.headers()));
        let mut body = Vec::new();
        while body.len() < ANSWER_LIMIT {
            match response.chunk().await {
                Ok(Some(piece)) => body.extend_from_slice(&piece),
                Ok(None) => break,
                // The email is accepted, even if the rest of the response is lost.
                Err(_) if response.status().is_success() => break,
                Err(error) => return Err(broken(error)),
            }
        }
        Ok(Answer { status, pause, body })
    }
}

/// Whether no one can read the API key on its way to this URL.
fn is_safe(url: &Url) -> bool {
    let is_local = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    let is_bare = url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    is_bare && (url.scheme() == "https" || (url.scheme() == "http" && is_local))
}

/// `Retry-After`: seconds, or a time by the server's clock (RFC 9110, section 10.2.3).
fn pause(headers: &HeaderMap) -> Option<Duration> {
    let text = |name: HeaderName| headers.get(name)?.to_str().ok();
    let wanted = text(RETRY_AFTER)?;
    if let Ok(seconds) = wanted.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let moment = |text: &str| httpdate::parse_http_date(text).ok();
    moment(wanted)?.duration_since(moment(text(DATE)?)?).ok()
}

impl Answer {
    fn refusal(&self) -> Refusal {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// Whether the request succeeded; if not, whether a retry makes sense. The error does not contain `secrets`.
    fn judge(&self, secrets: &[&str]) -> Result<(), DeliveryError> {
        let Refusal { name, message } = self.refusal();
        let what = quote(&format!("Resend answered {} {name} {message}", self.status), secrets);
        let blocked = DeliveryError::Blocked { why: what.clone(), pause: self.pause };
        Err(match (self.status, name.as_str()) {
            (200..=299, _) => return Ok(()),
            // The idempotency key was used for other content: an earlier attempt succeeded, and the content has changed since.
            (409, "invalid_idempotent_request") => DeliveryError::Final(format!(
                "{what}. The email was probably sent by an earlier attempt, before the configuration changed"
            )),
            (409, _) => DeliveryError::Passing(what),
            // A problem with the sender or the API key, whatever the status.
            (_, "invalid_from_address") => blocked,
            _ if message.contains("API key") => blocked,
            // Not a problem of this email, but of the API key, the sender's domain, the API URL, the rate limit, or Resend itself.
            (300..=399 | 401..=408 | 425 | 429 | 451 | 500.., _) => blocked,
            _ => DeliveryError::Final(what),
        })
    }
}

#[async_trait]
impl MailTransport for ResendTransport {
    fn describe(&self) -> String {
        format!("Resend at {}", self.url.as_str().trim_end_matches('/'))
    }

    async fn deliver(&self, mail: &Mail) -> Result<String, DeliveryError> {
        let body = json!({
            "from": mail.from.to_string(),
            "to": [mail.to.to_string()],
            "subject": mail.texts.subject,
            "text": mail.texts.text,
            "html": mail.texts.html,
            // Resend sets the Message-ID itself. This header keeps mail programs from grouping emails with the same subject.
            "headers": { "Auto-Submitted": "auto-generated", "X-Entity-Ref-ID": mail.message_id },
        });
        let request = self
            .client
            .post(self.at("/emails"))
            .header(CONTENT_TYPE, "application/json")
            .header("Idempotency-Key", mail.id.to_string())
            .body(body.to_string());
        let answer = self.ask(request).await?;
        let secrets = mail.secrets.iter().chain([&self.key]).map(|it| it.reveal().as_str());
        let secrets: Vec<_> = secrets.collect();
        answer.judge(&secrets)?;
        let taken = serde_json::from_slice(&answer.body).map(|Taken { id }| quote(&id, &secrets));
        Ok(format!("Resend answered {} {}", answer.status, taken.unwrap_or_default()))
    }

    async fn check(&self) -> Result<String, DeliveryError> {
        let answer = self.ask(self.client.get(self.at("/domains"))).await?;
        if answer.status == 401 && answer.refusal().name == "restricted_api_key" {
            return Ok("the key is valid, but only for sending: whether the sender's domain is verified cannot be checked"
                .into());
        }
        answer.judge(&[self.key.reveal()])?;
        let unreadable = "cannot parse the response; does RESEND_API_URL point to Resend?";
        let domains: Domains =
            serde_json::from_slice(&answer.body).map_err(|_| DeliveryError::blocked(unreadable))?;
        let sender = &self.sender_domain;
        match domains.data.iter().find(|domain| domain.name.eq_ignore_ascii_case(sender)) {
            Some(domain) if domain.status == "verified" => {
                Ok(format!("the key is valid, and {sender} is verified"))
            }
            Some(domain) => Err(DeliveryError::blocked(format!(
                "the key is valid, but the domain of MAIL_FROM, {sender}, is not verified ({}); see https://resend.com/domains",
                quote(&domain.status, &[])
            ))),
            // Every Resend account may send from this domain to its own address.
            None if sender == "resend.dev" || domains.has_more => Ok("the key is valid".into()),
            None => Err(DeliveryError::blocked(format!(
                "the key is valid, but the domain of MAIL_FROM, {sender}, is not listed at https://resend.com/domains"
            ))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(status: u16, name: &str) -> Result<(), DeliveryError> {
        let body =
            json!({ "statusCode": status, "name": name, "message": "why\r\nnot" }).to_string();
        Answer { status, pause: Some(Duration::from_secs(7)), body: body.into() }.judge(&[])
    }

    #[test]
    fn each_error_response_has_its_retry_decision() {
        for status in [200, 201, 202, 204] {
            assert_eq!(judge(status, ""), Ok(()), "{status}");
        }
        for (status, name) in [
            (302, ""),
            (401, "missing_api_key"),
            (403, "invalid_api_key"),
            (403, "validation_error"),
            (404, "not_found"),
            (405, "method_not_allowed"),
            (408, ""),
            (429, "rate_limit_exceeded"),
            (429, "daily_quota_exceeded"),
            (451, "security_error"),
            (500, "application_error"),
            (503, ""),
            (599, ""),
            (422, "invalid_from_address"),
        ] {
            let pause = Some(Duration::from_secs(7));
            let why = quote(&format!("Resend answered {status} {name} why not"), &[]);
            assert_eq!(judge(status, name), Err(DeliveryError::Blocked { why, pause }), "{status}");
        }
        for (status, name) in [
            (400, "validation_error"),
            (400, "invalid_idempotency_key"),
            (409, "invalid_idempotent_request"),
            (413, ""),
            (422, "missing_required_field"),
        ] {
            assert!(matches!(judge(status, name), Err(DeliveryError::Final(_))), "{status} {name}");
        }
        let key =
            json!({ "name": "validation_error", "message": "API key is invalid" }).to_string();
        let key = Answer { status: 400, pause: None, body: key.into() }.judge(&[]);
        assert!(matches!(key, Err(DeliveryError::Blocked { .. })));
        let concurrent = judge(409, "concurrent_idempotent_requests");
        assert!(matches!(concurrent, Err(DeliveryError::Passing(_))));
    }

    #[test]
    fn retry_after_is_in_seconds_or_a_date() {
        let headers = |pairs: &[(HeaderName, &str)]| {
            let pairs = pairs.iter().map(|(name, value)| (name.clone(), value.parse().unwrap()));
            pause(&pairs.collect())
        };
        let date = (DATE, "Mon, 23 Nov 2026 06:30:00 GMT");
        for (wanted, seconds) in [
            ("0", Some(0)),
            ("120", Some(120)),
            ("Mon, 23 Nov 2026 06:31:30 GMT", Some(90)),
            ("Mon, 23 Nov 2026 06:29:00 GMT", None),
            ("-1", None),
            ("soon", None),
        ] {
            let found = headers(&[date.clone(), (RETRY_AFTER, wanted)]);
            assert_eq!(found, seconds.map(Duration::from_secs), "{wanted}");
        }
        assert_eq!(headers(&[(RETRY_AFTER, "Mon, 23 Nov 2026 06:31:30 GMT")]), None);
        assert_eq!(headers(&[date]), None);
    }

    #[test]
    fn a_response_that_is_not_json_is_described_by_its_status() {
        let answer = Answer { status: 502, pause: None, body: b"<html>".to_vec() };
        assert_eq!(answer.judge(&[]), Err(DeliveryError::blocked("Resend answered 502")));
    }
}
