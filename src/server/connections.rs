//! Which connections are open, what each waits for, and which is closed to make room for a new one.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use ipnet::IpNet;

use super::limits::Limits;
use super::peer::Peer;

/// How long a client may take for a request's header, or be idle, while many connections are open.
const SHORT_WAIT: Duration = Duration::from_secs(2);
/// How long a client may take for a request's body while all connections are taken.
const BODY_WAIT: Duration = Duration::from_secs(5);

/// What a connection waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// The client has to send the header of its first or next request.
    Header,
    /// The client has to send the body of its request.
    Body,
    /// The server has to answer.
    Work,
}

/// What becomes of a new connection.
#[derive(Debug, PartialEq, Eq)]
pub enum SlotDecision<T> {
    /// It is open under this number. The caller must close these others, which no longer count.
    Open(u64, Vec<T>),
    /// It is open under this number, but its peer is at its bound. The caller must close this other one, which no longer counts.
    InsteadOf(u64, T),
    /// Its peer is at its bound, and none of its connections can be closed.
    TooManyOfPeer,
    /// All connections are taken, and none can be closed.
    Full,
}

/// The open connections. `T` closes one.
#[derive(Debug)]
pub struct Connections<T> {
    limits: Limits,
    open: HashMap<u64, Connection<T>>,
    by_network: HashMap<IpNet, usize>,
    last: u64,
}

#[derive(Debug)]
struct Connection<T> {
    /// `None` for a trusted proxy.
    peer: Option<Peer>,
    phase: Phase,
    since: Instant,
    close: T,
}

impl<T> Connections<T> {
    /// No connection is open.
    pub fn new(limits: Limits) -> Self {
        Self { limits, open: HashMap::new(), by_network: HashMap::new(), last: 0 }
    }

    /// Opens a connection; `peer` is `None` for a trusted proxy.
    ///
    /// - A peer at its bound loses its connection that has waited longest for the client.
    /// - If many connections are open, those close that have waited for a header longer than [`SHORT_WAIT`].
    /// - If all connections are taken, the one closes that has waited longest for its client.
    /// - A connection whose request has arrived is never closed.
    pub fn open(&mut self, peer: Option<Peer>, close: T, now: Instant) -> SlotDecision<T> {
        if let Some(network) = peer.as_ref().and_then(|peer| self.full_network(peer)) {
            // This also makes room in the wider networks, which never exceed their bounds.
            let longest = self.longest_waiting(Some(network), now);
            return match longest.and_then(|id| self.close(id)) {
                Some(other) => SlotDecision::InsteadOf(self.insert(peer, close, now), other),
                None => SlotDecision::TooManyOfPeer,
            };
        }
        let mut closed = Vec::new();
        if self.open.len() >= self.limits.many() {
            let late = self.open.iter().filter(|(_, it)| it.has_waited(now) > SHORT_WAIT);
            let late: Vec<u64> = late.map(|(id, _)| *id).collect();
            closed.extend(late.into_iter().filter_map(|id| self.close(id)));
        }
        if self.open.len() >= self.limits.connections {
            match self.longest_waiting(None, now).and_then(|id| self.close(id)) {
                Some(close) => closed.push(close),
                None => return SlotDecision::Full,
            }
        }
        SlotDecision::Open(self.insert(peer, close, now), closed)
    }

    fn insert(&mut self, peer: Option<Peer>, close: T, now: Instant) -> u64 {
        for it in peer.iter().flat_map(|peer| &peer.0) {
            *self.by_network.entry(it.network).or_default() += 1;
        }
        self.last += 1;
        self.open.insert(self.last, Connection { peer, phase: Phase::Header, since: now, close });
        self.last
    }

    /// The narrowest network of this peer that is at its bound.
    fn full_network(&self, peer: &Peer) -> Option<IpNet> {
        let full = peer.0.iter().find(|it| {
            let bound = self.limits.per_peer * it.percent / 100;
            self.by_network.get(&it.network).is_some_and(|count| *count >= bound)
        });
        full.map(|it| it.network)
    }

    /// Sets what a connection waits for. `false` if it was closed.
    pub fn enter(&mut self, id: u64, phase: Phase, now: Instant) -> bool {
        let Some(connection) = self.open.get_mut(&id) else { return false };
        (connection.phase, connection.since) = (phase, now);
        true
    }

    /// The body of its request has arrived, or the server does not need it.
    pub fn has_body(&mut self, id: u64, now: Instant) {
        if self.open.get(&id).is_some_and(|it| it.phase == Phase::Body) {
            self.enter(id, Phase::Work, now);
        }
    }

    /// Removes a connection and returns what closes it. `None` if it was removed before.
    pub fn close(&mut self, id: u64) -> Option<T> {
        let connection = self.open.remove(&id)?;
        for it in connection.peer.iter().flat_map(|peer| &peer.0) {
            if let Some(count) = self.by_network.get_mut(&it.network) {
                *count -= 1;
                if *count == 0 {
                    self.by_network.remove(&it.network);
                }
            }
        }
        Some(connection.close)
    }

    /// The connection, of this network or of all, to close first among those that wait for their clients: idle connections and half-sent
    /// headers before bodies, and trusted proxies last.
    fn longest_waiting(&self, of: Option<IpNet>, now: Instant) -> Option<u64> {
        let is_of = |peer: &Option<Peer>| {
            of.is_none_or(|network| peer.as_ref().is_some_and(|peer| peer.is_in(network)))
        };
        let waiting = self.open.iter().filter(|(_, it)| match it.phase {
            Phase::Header => is_of(&it.peer),
            Phase::Body => is_of(&it.peer) && now.saturating_duration_since(it.since) > BODY_WAIT,
            Phase::Work => false,
        });
        let first = waiting
            .min_by_key(|(id, it)| (it.phase == Phase::Body, it.peer.is_none(), it.since, **id));
        first.map(|(id, _)| *id)
    }
}

impl<T> Connection<T> {
    /// How long it has waited for a header.
    fn has_waited(&self, now: Instant) -> Duration {
        match self.phase {
            Phase::Header => now.saturating_duration_since(self.since),
            Phase::Body | Phase::Work => Duration::ZERO,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LIMITS: Limits = Limits { connections: 8, per_peer: 3, header: SECOND };
    const SECOND: Duration = Duration::from_secs(1);

    fn peer(n: u8) -> Peer {
        Peer::new([192, 0, 2, n].into())
    }

    fn ipv6_peer(address: &str) -> Peer {
        Peer::new(address.parse().unwrap())
    }

    /// Opens a connection whose close handle is its own number.
    fn open(on: &mut Connections<u64>, peer: Option<Peer>, now: Instant) -> SlotDecision<u64> {
        on.open(peer, on.last + 1, now)
    }

    #[test]
    fn a_peer_has_a_limit_and_a_proxy_has_none() {
        let (mut all, now) = (Connections::new(LIMITS), Instant::now());
        for id in 1..=3 {
            assert_eq!(open(&mut all, Some(peer(1)), now), SlotDecision::Open(id, vec![]));
            all.enter(id, Phase::Work, now);
        }
        assert_eq!(open(&mut all, Some(peer(1)), now), SlotDecision::TooManyOfPeer);
        for id in 4..=7 {
            assert_eq!(open(&mut all, None, now), SlotDecision::Open(id, vec![]));
        }
        assert_eq!(all.close(2), Some(2));
        assert_eq!(all.close(2), None, "it is counted once");
        assert_eq!(open(&mut all, Some(peer(1)), now), SlotDecision::Open(8, vec![]));
        all.enter(8, Phase::Work, now);
        assert_eq!(open(&mut all, Some(peer(1)), now), SlotDecision::TooManyOfPeer);
    }

    #[test]
    fn a_peer_at_its_limit_loses_its_longest_waiting_connection() {
        let (mut all, start) = (Connections::new(LIMITS), Instant::now());
        open(&mut all, Some(peer(2)), start);
        for n in 1..=3 {
            open(&mut all, Some(peer(1)), start + n * SECOND);
        }
        all.enter(2, Phase::Work, start);
        all.enter(3, Phase::Body, start);
        let now = start + 4 * SECOND;
        assert_eq!(open(&mut all, Some(peer(1)), now), SlotDecision::InsteadOf(5, 4));
        assert_eq!(open(&mut all, Some(peer(1)), now), SlotDecision::InsteadOf(6, 5));
        all.enter(6, Phase::Work, now);
        assert_eq!(
            open(&mut all, Some(peer(1)), now),
            SlotDecision::TooManyOfPeer,
            "the body may still come"
        );
        let late = start + BODY_WAIT + SECOND;
        assert_eq!(open(&mut all, Some(peer(1)), late), SlotDecision::InsteadOf(7, 3));
        assert!(all.enter(1, Phase::Work, late), "other peers keep theirs");
    }

    #[test]
    fn many_ipv6_networks_of_one_site_cannot_take_every_connection() {
        let (mut all, now) = (Connections::new(LIMITS), Instant::now());
        let mut open_at_work = |address: &str| {
            let answer = open(&mut all, Some(ipv6_peer(address)), now);
            let is_open = matches!(answer, SlotDecision::Open(..));
            all.enter(all.last, Phase::Work, now);
            is_open
        };
        // One /56 has 4, and one /48 has 6.
        let opened: Vec<_> =
            (0..8).map(|n| open_at_work(&format!("2001:db8:1:{n:x}::1"))).collect();
        assert_eq!(opened, [true, true, true, true, false, false, false, false]);
        let opened: Vec<_> =
            (1..5).map(|n| open_at_work(&format!("2001:db8:1:{n:x}00::1"))).collect();
        assert_eq!(opened, [true, true, false, false]);
        assert!(open_at_work("2001:db8:2::1"), "another site");
    }

    #[test]
    fn a_nearly_full_server_closes_slow_clients() {
        let (mut all, start) = (Connections::new(LIMITS), Instant::now());
        for n in 1..=5 {
            open(&mut all, Some(peer(n)), start);
        }
        all.enter(2, Phase::Work, start);
        let later = start + 3 * SECOND;
        assert_eq!(
            open(&mut all, Some(peer(6)), later),
            SlotDecision::Open(6, vec![]),
            "not full enough"
        );
        let SlotDecision::Open(7, mut closed) = open(&mut all, Some(peer(7)), later) else {
            panic!()
        };
        closed.sort_unstable();
        assert_eq!(closed, [1, 3, 4, 5]);
        assert!(!all.enter(1, Phase::Work, later), "a late request isn't begun");
        assert!(all.enter(6, Phase::Work, later));
    }

    #[test]
    fn a_full_server_closes_the_longest_waiting_client_and_no_complete_request() {
        let (mut all, start) = (Connections::new(LIMITS), Instant::now());
        let at = |n: u32| start + n * SECOND / 10;
        open(&mut all, None, at(0));
        for n in 1..8 {
            open(&mut all, Some(peer(u8::try_from(n).unwrap())), at(n));
        }
        all.enter(2, Phase::Work, at(8));
        all.enter(3, Phase::Body, at(8));
        for (id, closed) in [(9, 4), (10, 5), (11, 6), (12, 7), (13, 8)] {
            assert_eq!(
                open(&mut all, Some(peer(99 + id)), at(9)),
                SlotDecision::Open(id.into(), vec![closed])
            );
            all.enter(id.into(), Phase::Work, at(9));
        }
        assert_eq!(
            open(&mut all, Some(peer(20)), at(9)),
            SlotDecision::Open(14, vec![1]),
            "proxies go last"
        );
        all.enter(14, Phase::Work, at(9));
        assert_eq!(
            open(&mut all, Some(peer(20)), at(50)),
            SlotDecision::Full,
            "the body may still come"
        );
        assert_eq!(open(&mut all, Some(peer(20)), at(59)), SlotDecision::Open(15, vec![3]));
        all.enter(15, Phase::Body, at(59));
        all.has_body(15, at(60));
        all.has_body(14, at(60));
        assert_eq!(open(&mut all, Some(peer(20)), at(9_000)), SlotDecision::Full);
        assert!(all.enter(2, Phase::Header, at(9_000)), "answered");
        assert_eq!(open(&mut all, Some(peer(20)), at(9_000)), SlotDecision::Open(16, vec![2]));
    }

    /// Any other is a proxy.
    const PEERS: [&str; 5] =
        ["192.0.2.1", "192.0.2.2", "2001:db8:1:1::1", "2001:db8:1:2::1", "2001:db8:1:100::1"];

    proptest! {
        #[test]
        fn the_limits_hold_and_requests_continue(
            steps in prop::collection::vec((0..5_u8, 0..6_u8, 0..60_u64, 0..3_000_u64), 1..300),
        ) {
            let (mut all, mut now) = (Connections::new(LIMITS), Instant::now());
            for (step, from, id, passes) in steps {
                now += Duration::from_millis(passes);
                let working = |all: &Connections<u64>| {
                    let working = all.open.iter().filter(|(_, it)| it.phase == Phase::Work);
                    working.map(|(id, _)| *id).collect::<std::collections::BTreeSet<_>>()
                };
                let before = working(&all);
                match step {
                    0 | 1 => {
                        let peer = PEERS.get(usize::from(from)).map(|it| ipv6_peer(it));
                        let closed = match open(&mut all, peer, now) {
                            SlotDecision::Open(_, closed) => closed,
                            SlotDecision::InsteadOf(_, closed) => vec![closed],
                            SlotDecision::TooManyOfPeer | SlotDecision::Full => vec![],
                        };
                        prop_assert!(closed.iter().all(|id| !all.open.contains_key(id)));
                        prop_assert_eq!(working(&all), before);
                    }
                    2 => { all.enter(id, Phase::Work, now); }
                    3 => { all.enter(id, Phase::Body, now); }
                    _ => { all.close(id); }
                }
                prop_assert!(all.open.len() <= LIMITS.connections);
                for it in PEERS.iter().flat_map(|it| ipv6_peer(it).0) {
                    let of_network = all.open.values().filter(|connection| {
                        connection.peer.as_ref().is_some_and(|peer| peer.is_in(it.network))
                    });
                    let of_network = of_network.count();
                    prop_assert!(of_network <= LIMITS.per_peer * it.percent / 100);
                    let counted = all.by_network.get(&it.network).copied().unwrap_or_default();
                    prop_assert_eq!(of_network, counted);
                }
            }
        }
    }
}
