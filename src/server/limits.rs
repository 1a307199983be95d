//! The limits of the accept loop.

use std::time::Duration;

/// The number of open connections, and how long they may wait for their clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Connections of all peers together.
    pub connections: usize,
    /// Connections of one peer (an IPv4 address or an IPv6 /64) that is not a trusted proxy. Wider IPv6 networks may have more.
    pub per_peer: usize,
    /// How long a request's header may take, and how long a connection may be idle.
    pub header: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { connections: 1_024, per_peer: 128, header: Duration::from_secs(10) }
    }
}

impl Limits {
    /// The number of connections from which slow clients are disconnected.
    pub(super) fn many(self) -> usize {
        self.connections - self.connections / 4
    }
}
