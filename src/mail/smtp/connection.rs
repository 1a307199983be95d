//! A connection to the mail server.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::time::{Instant, timeout};

use super::conversation::Conversation;

const QUIT: Duration = Duration::from_secs(1);

/// A connection that is ready for emails: greeted, encrypted as configured, and signed in.
pub struct Connection {
    pub smtp: Conversation,
    pub address: SocketAddr,
    /// Why the connection is unencrypted although the server offered STARTTLS.
    pub tls_error: Option<String>,
    pub used_at: Instant,
}

/// Sends QUIT in the background.
pub fn farewell(smtp: Conversation) {
    tokio::spawn(async move {
        let _ = timeout(QUIT, smtp.quit()).await;
    });
}
