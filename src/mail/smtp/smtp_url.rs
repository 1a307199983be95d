//! `SMTP_URL`

use std::net::IpAddr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode_str;
use url::{ParseError, Url};

use crate::secret::Secret;

/// How the connection is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// TLS from the first byte (`smtps://`; RFC 8314).
    Implicit,
    /// Required STARTTLS (`smtp://`; RFC 3207).
    StartTls,
    /// STARTTLS if the server on this machine offers it, otherwise no encryption: the connection does not leave the machine.
    OnThisMachine,
    /// None (`?tls=off`).
    Off,
}

/// A parsed `SMTP_URL`.
#[derive(Debug)]
pub struct SmtpUrl {
    /// A name, or an IP address without brackets.
    pub host: String,
    pub port: u16,
    pub security: Security,
    pub user: Option<SmtpUser>,
}

/// The user who signs in to the mail server.
#[derive(Debug)]
pub struct SmtpUser {
    name: Secret<String>,
    pub password: Secret<String>,
}

impl SmtpUser {
    /// The user name for messages. Some providers use a secret as the user name, so only an email address is shown.
    pub fn shown(&self) -> &str {
        let name = self.name.reveal();
        if name.contains('@') { name } else { "the user of SMTP_URL" }
    }

    /// Name and password as they are sent to the server, which may repeat them: together for `PLAIN` (RFC 4616), then the name and the
    /// password for `LOGIN`.
    pub fn encoded(&self) -> [Secret<String>; 3] {
        let (name, password) = (self.name.reveal(), self.password.reveal());
        [format!("\0{name}\0{password}"), name.clone(), password.clone()]
            .map(|it| Secret::new(STANDARD.encode(it)))
    }
}

impl SmtpUrl {
    /// `Err`: the problem, without the password.
    pub fn parse(text: &str) -> Result<Self, String> {
        let encoded = "is not a URL; percent-encode special characters in the user name and password: @ as %40, : as %3A, / as %2F, # as %23, % as %25";
        if text.starts_with(['"', '\'']) {
            return Err(
                "starts with a quotation mark; only a shell and .env files remove those".into()
            );
        }
        let url = Url::parse(text).map_err(|error| match error {
            ParseError::InvalidPort => {
                format!("needs a port number up to 65535, or it {encoded}")
            }
            _ => encoded.to_owned(),
        })?;
        let is_implicit = match url.scheme() {
            "smtps" => true,
            "smtp" => false,
            _ => return Err("must begin with smtp:// or smtps://".into()),
        };
        if url.fragment().is_some() || !matches!(url.path(), "" | "/") {
            return Err(format!("must end after the host or its port, or it {encoded}"));
        }
        let host = decode(url.host_str().unwrap_or_default()).ok_or(encoded)?;
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let host = idna::domain_to_ascii(host).ok().filter(|host| !host.is_empty());
        let host = host.ok_or("names no host")?;

        let is_local = is_loopback(&host);
        let mut security = match is_implicit {
            true => Security::Implicit,
            false if is_local => Security::OnThisMachine,
            false => Security::StartTls,
        };
        for (n, (name, value)) in url.query_pairs().enumerate() {
            security = match (n, &*name, &*value) {
                (0, "tls", "required") if is_implicit => Security::Implicit,
                (0, "tls", "required") => Security::StartTls,
                (0, "tls", "off") if is_implicit => {
                    return Err(
                        "contradicts itself: smtps:// means TLS, ?tls=off means none".into()
                    );
                }
                (0, "tls", "off") => Security::Off,
                _ => return Err("may end in ?tls=required or ?tls=off, and nothing else".into()),
            };
        }
        let usual = match security {
            Security::Implicit => 465,
            Security::StartTls => 587,
            Security::Off | Security::OnThisMachine => 25,
        };
        let user = match (url.username(), url.password()) {
            ("", None) => None,
            (name, Some(password)) if !name.is_empty() => {
                let (name, password) =
                    (decode(name).ok_or(encoded)?, decode(password).ok_or(encoded)?);
                Some(SmtpUser { name: Secret::new(name), password: Secret::new(password) })
            }
            _ => return Err("must have both a user name and a password, or neither".into()),
        };
        Ok(Self { host, port: url.port().unwrap_or(usual), security, user })
    }
}

fn decode(text: &str) -> Option<String> {
    percent_decode_str(text).decode_utf8().ok().map(Into::into)
}

fn is_loopback(host: &str) -> bool {
    match host.parse::<IpAddr>() {
        Ok(address) => address.is_loopback(),
        Err(_) => host == "localhost" || host.ends_with(".localhost"),
    }
}

/// Whether a host is in a private network, judging by its name or IP address.
pub(super) fn is_private(host: &str) -> bool {
    match host.parse::<IpAddr>() {
        Ok(IpAddr::V4(it)) => it.is_loopback() || it.is_private() || it.is_link_local(),
        Ok(IpAddr::V6(it)) => {
            it.is_loopback() || it.is_unique_local() || it.is_unicast_link_local()
        }
        Err(_) => {
            let ends = [".localhost", ".local", ".lan", ".internal", ".home.arpa"];
            !host.contains('.') || ends.iter().any(|end| host.ends_with(end))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scheme_host_and_option_set_port_and_encryption() {
        use Security::{Implicit, Off, OnThisMachine, StartTls};
        for (text, host, port, security) in [
            ("smtp://mail.example.org", "mail.example.org", 587, StartTls),
            ("smtp://Mail.Example.org/", "mail.example.org", 587, StartTls),
            ("smtp://mail.example.org:2525", "mail.example.org", 2525, StartTls),
            ("smtps://mail.example.org", "mail.example.org", 465, Implicit),
            ("smtps://mail.example.org?tls=required", "mail.example.org", 465, Implicit),
            ("smtp://mail.lan?tls=off", "mail.lan", 25, Off),
            ("smtp://mail.lan:1025/?tls=off", "mail.lan", 1025, Off),
            ("smtp://bücher.example", "xn--bcher-kva.example", 587, StartTls),
            ("smtp://localhost", "localhost", 25, OnThisMachine),
            ("smtp://relay.localhost:1025", "relay.localhost", 1025, OnThisMachine),
            ("smtp://127.0.0.2:1025", "127.0.0.2", 1025, OnThisMachine),
            ("smtp://[::1]:1025", "::1", 1025, OnThisMachine),
            ("smtp://localhost?tls=required", "localhost", 587, StartTls),
            ("smtp://localhost?tls=off", "localhost", 25, Off),
            ("smtp://localhost.example.org", "localhost.example.org", 587, StartTls),
            ("smtp://192.0.2.1", "192.0.2.1", 587, StartTls),
            ("smtp://[2001:db8::1]", "2001:db8::1", 587, StartTls),
        ] {
            let read = SmtpUrl::parse(text).unwrap();
            assert_eq!((&*read.host, read.port, read.security), (host, port, security), "{text}");
            assert!(read.user.is_none());
        }
    }

    #[test]
    fn user_and_password_are_decoded() {
        let read =
            SmtpUrl::parse("smtp://ada%40example.org:p%40ss%3A%2F%23%25+%C3%BC@mail.example.org");
        let user = read.unwrap().user.unwrap();
        let [plain, ..] = user.encoded();
        assert_eq!(*plain.reveal(), STANDARD.encode("\0ada@example.org\0p@ss:/#%+ü"));
        assert_eq!(user.shown(), "ada@example.org");
        let token = SmtpUrl::parse("smtp://3f1c9a7e:3f1c9a7e@mail.example.org").unwrap();
        assert_eq!(token.user.unwrap().shown(), "the user of SMTP_URL");
    }

    #[test]
    fn wrong_urls_are_refused_without_repeating_the_password() {
        for (text, why) in [
            ("mail.example.org:587", "must begin with"),
            ("mail.example.org", "is not a URL"),
            ("https://mail.example.org", "must begin with"),
            ("smtp://", "names no host"),
            ("smtp://ada@mail.example.org", "both"),
            ("smtp://:hunter2@mail.example.org", "both"),
            ("smtp://ada:hun#ter2@mail.example.org", "percent-encode"),
            ("smtp://ada:hun/ter2@mail.example.org", "percent-encode"),
            ("smtp://ada:hunter2@mail.example.org/path", "percent-encode"),
            ("smtp://mail.example.org:99999", "needs a port number up to 65535"),
            ("\"smtp://mail.example.org\"", "quotation mark"),
            ("smtp://mail.example.org?tls=opportunistic", "?tls=required or ?tls=off"),
            ("smtp://mail.example.org?pool=5", "?tls=required or ?tls=off"),
            ("smtp://mail.example.org?tls=off&tls=required", "?tls=required or ?tls=off"),
            ("smtps://mail.example.org?tls=off", "contradicts"),
            ("smtp://ada:%FF@mail.example.org", "percent-encode"),
        ] {
            let found = SmtpUrl::parse(text).expect_err(text);
            assert!(found.contains(why), "{text}: {found}");
            assert!(!found.contains("hun"), "{found}");
        }
    }
}
