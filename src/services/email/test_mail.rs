//! The email that only shows whether emails can be sent: sent at once, past the outbox.

use crate::clock::Clock;
use crate::config::Config;
use crate::domain::account::email::EmailAddress;
use crate::error::Result;
use crate::services::email::rendering;

/// Sends it, and returns the mail server's reply.
pub async fn send(config: &Config, clock: &Clock, to: &EmailAddress) -> Result<String> {
    let mail = rendering::render_test(config, to, clock.now())?;
    Ok(config.mail.deliver(&mail).await?)
}
