//! How emails are sent.

use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use lettre::Address;
use lettre::message::Mailbox;

use super::reader::Reader;
use super::site::{NO_NAME, SiteSettings, is_name};
use crate::domain::account::email::EmailAddress;
use crate::domain::public_url::PublicUrl;
use crate::mail::{MailTransport, TRANSPORTS, TransportKind, TransportSettings};

pub struct MailSettings {
    pub from: Option<Mailbox>,
    pub transport: Option<Arc<dyn MailTransport>>,
    pub timeout: Option<Duration>,
    pub emails_per_minute: Option<u32>,
}

impl MailSettings {
    pub fn read(reader: &mut Reader, site: &SiteSettings, data_dir: &Path) -> Self {
        let url = &site.assumed_url;
        let kind = kind(reader, url);
        let from = sender(reader, url, kind, &site.name);
        let timeout = reader.duration("MAIL_TIMEOUT");
        let emails_per_minute = reader.number("EMAILS_PER_MINUTE");
        // If it is unknown which transport is wanted, each one that has a variable is checked.
        let is_candidate = |it: &&TransportKind| match kind {
            Some(kind) => it.name == kind.name,
            None => it.variables.iter().any(|name| reader.text(name).is_some()),
        };
        let candidates: Vec<_> = TRANSPORTS.iter().filter(is_candidate).collect();
        let mut wanted = None;
        for candidate in candidates {
            let made = transport(reader, candidate, url, from.as_ref(), timeout, data_dir);
            wanted = made.filter(|_| kind.is_some());
        }
        Self { from, transport: wanted, timeout, emails_per_minute }
    }
}

fn kind(reader: &mut Reader, public_url: &PublicUrl) -> Option<&'static TransportKind> {
    let kinds = TRANSPORTS.each_ref().map(|kind| (kind.name, kind));
    if reader.text("MAIL_TRANSPORT").is_none() && public_url.is_https() {
        reader.problem(
            "MAIL_TRANSPORT is not set, and with an https PUBLIC_URL emails would silently stay in files under DATA_DIR/mail. \
             Set it to smtp or resend; or if that is what you want, say so: MAIL_TRANSPORT=file.",
        );
        return None;
    }
    let kind = reader.choice_or("MAIL_TRANSPORT", kinds[0].0, &kinds)?;
    for other in TRANSPORTS.iter().filter(|other| other.name != kind.name) {
        for name in other.variables {
            if reader.text(name).is_some() {
                reader.warn(format!(
                    "{name} has no effect with MAIL_TRANSPORT={}; did you mean MAIL_TRANSPORT={}?",
                    kind.name, other.name
                ));
            }
        }
    }
    if !kind.sends && reader.text("MAIL_TIMEOUT").is_some() {
        reader.warn(format!("MAIL_TIMEOUT has no effect with MAIL_TRANSPORT={}.", kind.name));
    }
    Some(kind)
}

/// `MAIL_FROM`, with the name of the site if it has none.
fn sender(
    reader: &mut Reader,
    public_url: &PublicUrl,
    kind: Option<&TransportKind>,
    site_name: &str,
) -> Option<Mailbox> {
    let own = public_url.domain().map(|domain| format!("no-reply@{domain}"));
    let own = own.filter(|own| EmailAddress::parse(own).is_ok() && !public_url.is_loopback());
    if let Some(kind) = kind.filter(|kind| kind.sends)
        && own.is_none()
        && reader.text("MAIL_FROM").is_none()
    {
        let name = kind.name;
        reader.problem(format!(
            "MAIL_FROM is required with MAIL_TRANSPORT={name}, since the host in PUBLIC_URL cannot send email; write an address that \
             your mail server may send from."
        ));
        return None;
    }
    let default = own.unwrap_or_else(|| "no-reply@localhost".to_owned());
    let mailbox = reader.parsed_or("MAIL_FROM", &default, |text| {
        let why = "is not an email address; write noreply@example.org or \"My Site\" <noreply@example.org> (the quotes are needed around \
                   a name with a comma or brackets)";
        let mailbox = Mailbox::from_str(text).map_err(|_| why)?;
        if mailbox.name.as_deref().is_some_and(|name| !is_name(name)) {
            return Err(format!("has a name that is {NO_NAME}"));
        }
        let email = EmailAddress::parse(mailbox.email.as_ref());
        let email = email.ok().and_then(|email| email.as_str().parse().ok());
        Ok(Mailbox::new(mailbox.name, email.ok_or(why)?))
    })?;
    let name = mailbox.name.filter(|name| !name.trim().is_empty());
    Some(Mailbox::new(Some(name.unwrap_or_else(|| site_name.to_owned())), mailbox.email))
}

fn transport(
    reader: &mut Reader,
    kind: &TransportKind,
    public_url: &PublicUrl,
    from: Option<&Mailbox>,
    timeout: Option<Duration>,
    data_dir: &Path,
) -> Option<Arc<dyn MailTransport>> {
    // A placeholder for a missing sender, so that the variables of the transport are checked as well.
    let stand_in = Mailbox::new(None, Address::new("no-reply", "localhost").ok()?);
    let made = (kind.make)(&TransportSettings {
        variable: &|name| reader.text(name),
        data_dir,
        public_url,
        from: from.unwrap_or(&stand_in),
        timeout: timeout.unwrap_or_default(),
    });
    match made {
        Ok(transport) => {
            for note in transport.notes() {
                reader.warn(format!("{note}."));
            }
            Some(transport)
        }
        Err(why) => {
            for why in why {
                reader.problem(format!("{why}."));
            }
            None
        }
    }
}
