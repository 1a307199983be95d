//! A mail that only shows whether mails leave: sent at once, past the outbox.

use crate::clock::Clock;
use crate::config::Config;
use crate::domain::account::email::EmailAddress;
use crate::domain::addresses;
use crate::domain::id::MailId;
use crate::error::Result;
use crate::mail::message::{self, Content};
use crate::mail::{DeliveryError, Mail};
use crate::services::email::outbox;

/// Sends one, and says what the other side answered.
pub async fn send(config: &Config, clock: &Clock, to: &EmailAddress) -> Result<String> {
    let now = clock.now();
    let id = MailId::new(now);
    let content = Content {
        site_name: &config.site_name,
        site: config.public_url.to_string(),
        email: to.as_str(),
        link: config.public_url.link(addresses::HOME),
        lifetime: String::new(),
        forgot_link: config.public_url.link(addresses::FORGOT_PASSWORD),
        when: now.to_string(),
        address: "",
        detail: "",
    };
    let recipient = to.as_str().parse();
    let mail = Mail {
        id,
        message_id: outbox::message_id(config, id),
        from: config.mail_from.clone(),
        to: recipient.map_err(|_| DeliveryError::Final("no mail can be sent there".into()))?,
        created_at: now,
        texts: message::draw_test(&content)?,
        token: None,
    };
    Ok(config.mail.deliver(&mail).await?)
}
