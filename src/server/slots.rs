//! The slots of open connections, shared between the accept loop and the connections.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use super::connections::{Connections, Phase, SlotDecision};
use super::limits::Limits;
use super::log_limit::LogLimit;
use super::peer::Peer;

/// How often a full server checks whether a client has become slow enough to be disconnected.
const RECHECK: Duration = Duration::from_secs(1);

/// All open connections.
pub struct Slots {
    connections: Mutex<Connections<Arc<Notify>>>,
    one_closed: Notify,
    limits: Limits,
}

impl Slots {
    pub fn new(limits: Limits) -> Arc<Self> {
        let connections = Mutex::new(Connections::new(limits));
        Arc::new(Self { connections, one_closed: Notify::new(), limits })
    }

    fn lock(&self) -> MutexGuard<'_, Connections<Arc<Notify>>> {
        self.connections.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a slot. `None` if the peer is at its limit and none of its connections can be closed.
    pub async fn enter(
        self: &Arc<Self>,
        address: IpAddr,
        is_proxy: bool,
        logs: &mut Logs,
    ) -> Option<Slot> {
        let peer = (!is_proxy).then(|| Peer::new(address));
        loop {
            let close = Arc::new(Notify::new());
            let admission = self.lock().open(peer.clone(), Arc::clone(&close), Instant::now());
            let slot = |id| Some(Slot { slots: Arc::clone(self), id, close });
            match admission {
                SlotDecision::Open(id, closed) => {
                    for other in closed {
                        other.notify_one();
                    }
                    return slot(id);
                }
                SlotDecision::InsteadOf(id, other) => {
                    other.notify_one();
                    logs.at_limit(address, self.limits);
                    return slot(id);
                }
                SlotDecision::TooManyOfPeer => {
                    logs.at_limit(address, self.limits);
                    return None;
                }
                SlotDecision::Full => {
                    logs.full();
                    let _ = tokio::time::timeout(RECHECK, self.one_closed.notified()).await;
                }
            }
        }
    }
}

/// Log lines about refused and delayed connections, rate-limited.
#[derive(Default)]
pub struct Logs {
    at_limit: LogLimit,
    full: LogLimit,
}

impl Logs {
    fn at_limit(&mut self, address: IpAddr, limits: Limits) {
        self.at_limit.count(|count| {
            tracing::warn!(
                %address,
                count,
                limit = limits.per_peer,
                "closed connections over the limit of one address or network; if it is a proxy, add it to TRUSTED_PROXIES"
            );
        });
    }

    fn full(&mut self) {
        self.full.count(|count| {
            tracing::warn!(count, "all connections are in use; new ones wait");
        });
    }
}

/// The slot of one connection. Dropping it frees the slot.
pub struct Slot {
    slots: Arc<Slots>,
    id: u64,
    /// Notified when the connection has to close to make room for another.
    pub close: Arc<Notify>,
}

impl Slot {
    pub fn status(&self) -> ConnectionStatus {
        ConnectionStatus { slots: Arc::clone(&self.slots), id: self.id }
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.slots.lock().close(self.id);
        self.slots.one_closed.notify_one();
    }
}

/// Reports what a connection waits for.
#[derive(Clone)]
pub struct ConnectionStatus {
    slots: Arc<Slots>,
    id: u64,
}

impl ConnectionStatus {
    /// `false` if the connection was closed to make room.
    pub fn set(&self, phase: Phase) -> bool {
        self.slots.lock().enter(self.id, phase, Instant::now())
    }

    pub fn body_received(&self) {
        self.slots.lock().has_body(self.id, Instant::now());
    }
}
