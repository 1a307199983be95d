//! Renders an email from the outbox into the message that a transport sends. Every attempt renders the same message.

use std::time::Duration;

use lettre::Address;

use crate::clock::Timestamp;
use crate::config::Config;
use crate::domain::account::email::EmailAddress;
use crate::domain::addresses::{self, SitePath};
use crate::domain::email::mail_kind::Destination;
use crate::domain::email::one_time_token::OneTimeToken;
use crate::domain::id::MailId;
use crate::domain::sign_in::emailed_code::EmailedCode;
use crate::error::Result;
use crate::i18n::languages::Languages;
use crate::i18n::localizer::Localizer;
use crate::i18n::zone::Zone;
use crate::mail::letters::letter::Content;
use crate::mail::texts;
use crate::mail::{DeliveryError, Mail, Texts};
use crate::repositories::mail_readers::MailReader;
use crate::repositories::outbox::QueuedMail;
use crate::repositories::sign_ups::Waiting;
use crate::secret::Secret;

/// The token in the link of an email.
pub struct LinkToken {
    pub token: OneTimeToken,
    /// How long the link works.
    pub lifetime: Duration,
}

/// The secrets in an email.
#[derive(Default)]
pub struct MailSecrets {
    pub link: Option<LinkToken>,
    pub code: Option<EmailedCode>,
}

/// Renders an email. `waiting`: the accounts that wait for approval, if the email is about them.
pub fn render(
    config: &Config,
    languages: &Languages,
    queued: &QueuedMail,
    to: &EmailAddress,
    secrets: &MailSecrets,
    waiting: Option<&Waiting>,
) -> Result<Mail> {
    let token = secrets.link.as_ref();
    let token_text = token.map(|it| it.token.reveal());
    let code = secrets.code.as_ref().map(EmailedCode::reveal);
    let page = page(queued.kind.facts().link, token_text.as_deref().unwrap_or_default());
    let content = Content {
        link: config.public_url.link(page),
        greeted: queued.reader.greeted.as_deref(),
        inviter: queued.reader.inviter.as_deref(),
        lifetime: token.map(|it| it.lifetime).unwrap_or_default(),
        code: code.as_deref().unwrap_or_default(),
        address: &queued.address,
        detail: queued.detail.as_deref().unwrap_or_default(),
        waiting: waiting.map_or(0, |it| it.count),
        first_waiting: waiting.map_or("", |it| it.email.as_str()),
        ..content(config, to, queued.created_at)
    };
    let texts = texts::render(queued.kind, &content, &reader_of(config, languages, queued))?;
    let mail = mail(config, queued.id, to, queued.created_at, texts)?;
    let secrets = [token_text, code].into_iter().flatten().map(Secret::new).collect();
    Ok(Mail { secrets, ..mail })
}

/// Renders the test email, for the default reader.
pub fn render_test(config: &Config, to: &EmailAddress, now: Timestamp) -> Result<Mail> {
    let (language, zone) = (&config.default_language, config.default_time_zone.clone());
    let reader = reader(config, Languages::embedded(), language, zone, now);
    let texts = texts::render_test(&content(config, to, now), &reader)?;
    mail(config, MailId::new(now), to, now, texts)
}

/// The reader that the row names. Rows from an earlier version name none.
fn reader_of(config: &Config, languages: &Languages, queued: &QueuedMail) -> Localizer {
    let MailReader { language, time_zone, .. } = &queued.reader;
    let language = language.as_deref().unwrap_or(&config.default_language);
    let zone = time_zone.as_deref().and_then(|name| name.parse().ok());
    reader(config, languages, language, zone.unwrap_or_else(Zone::utc), queued.created_at)
}

/// A reader of this language, or of the default one if this version does not have it.
fn reader(
    config: &Config,
    languages: &Languages,
    language: &str,
    zone: Zone,
    now: Timestamp,
) -> Localizer {
    let language = languages.find(language).or_else(|| languages.find(&config.default_language));
    Localizer { language: language.unwrap_or(languages.english()), zone, now: Some(now) }
}

/// The page that an email links to.
fn page(link: Destination, token: &str) -> SitePath {
    match link {
        Destination::None | Destination::Site => addresses::HOME.into(),
        Destination::ForgotPassword => addresses::FORGOT_PASSWORD.into(),
        Destination::WaitingSignUps => addresses::USERS.with(&[("status", "waiting")]),
        Destination::Invitation => addresses::INVITATION.of(token),
        Destination::OneTime(purpose) => purpose.page().of(token),
    }
}

fn content<'a>(config: &'a Config, to: &'a EmailAddress, created_at: Timestamp) -> Content<'a> {
    let url = &config.public_url;
    Content {
        site_name: &config.site_name,
        looks: &config.looks,
        site: url.to_string(),
        email: to.as_str(),
        link: url.link(addresses::HOME),
        greeted: None,
        inviter: None,
        lifetime: Duration::ZERO,
        code: "",
        forgot_link: url.link(addresses::FORGOT_PASSWORD),
        when: created_at,
        address: "",
        detail: "",
        waiting: 0,
        first_waiting: "",
    }
}

fn mail(
    config: &Config,
    id: MailId,
    to: &EmailAddress,
    created_at: Timestamp,
    texts: Texts,
) -> Result<Mail> {
    let recipient: Result<Address, _> = to.as_str().parse();
    Ok(Mail {
        id,
        message_id: message_id(config, id),
        from: config.mail_from.clone(),
        to: recipient.map_err(|error| DeliveryError::Final(error.to_string()))?,
        created_at,
        texts,
        secrets: Vec::new(),
    })
}

/// The Message-ID, with the site's own domain (RFC 5322, section 3.6.4) or, if it has none, the sender's.
fn message_id(config: &Config, id: MailId) -> String {
    let url = &config.public_url;
    let own = url.domain().filter(|_| !url.is_loopback());
    format!("{id}@{}", own.unwrap_or_else(|| config.mail_from.email.domain()))
}
