//! The test email. It is sent directly, without the outbox.

use crate::clock::Clock;
use crate::config::Config;
use crate::domain::account::email::EmailAddress;
use crate::error::Result;
use crate::services::email::rendering;

/// Sends a test email, and returns the mail server's reply.
pub async fn send(config: &Config, clock: &Clock, to: &EmailAddress) -> Result<String> {
    let mail = rendering::render_test(config, to, clock.now())?;
    Ok(config.mail.deliver(&mail).await?)
}
