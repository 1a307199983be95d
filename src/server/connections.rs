//! Which connections are open, what each waits for, and which has to make room for a new one.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::{Duration, Instant};

use ipnet::IpNet;

/// How many connections may be open, and how long they may wait for their clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// In all.
    pub connections: usize,
    /// Of one peer that is not a trusted proxy (IPv4 address, IPv6 /64).
    pub per_peer: usize,
    /// How long a request's header may take, and how long a connection may idle.
    pub header: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { connections: 1_024, per_peer: 128, header: Duration::from_secs(10) }
    }
}

impl Limits {
    /// From here on the server is getting full.
    fn many(self) -> usize {
        self.connections - self.connections / 4
    }
}

/// How long a client may take for the header of a request, or idle, while the server is getting full.
const SHORT_WAIT: Duration = Duration::from_secs(2);
/// How long a client may take for a body in a full server.
const BODY_WAIT: Duration = Duration::from_secs(5);

/// What shares a bound.
#[must_use]
pub fn peer_network(peer: IpAddr) -> IpNet {
    let peer = peer.to_canonical();
    let prefix = if peer.is_ipv4() { 32 } else { 64 };
    IpNet::new_assert(peer, prefix).trunc()
}

/// What a connection waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// For the client: the header of a request, its first or the next.
    Header,
    /// For the client: the body of a request.
    Body,
    /// For us.
    Work,
}

/// An answer to a new connection.
#[derive(Debug, PartialEq, Eq)]
pub enum Answer<T> {
    /// It is open under this number. These others are to be closed; they count no longer.
    Open(u64, Vec<T>),
    /// Its peer has as many as it may have.
    TooManyOfPeer,
    /// Every connection is taken, and none can be closed.
    Full,
}

/// The open connections. `T` is what closes one.
#[derive(Debug)]
pub struct Connections<T> {
    limits: Limits,
    open: HashMap<u64, Connection<T>>,
    by_peer: HashMap<IpNet, usize>,
    last: u64,
}

#[derive(Debug)]
struct Connection<T> {
    /// Nothing for a trusted proxy.
    peer: Option<IpNet>,
    phase: Phase,
    since: Instant,
    close: T,
}

impl<T> Connections<T> {
    /// None.
    pub fn new(limits: Limits) -> Self {
        Self { limits, open: HashMap::new(), by_peer: HashMap::new(), last: 0 }
    }

    /// Opens one, for a peer that is not a trusted proxy, or for a proxy.
    ///
    /// Where many are open, those close that have waited for a header for more than [`SHORT_WAIT`]. Where all are, the one that has
    /// waited for its client for longest does. A connection whose request has arrived is never closed.
    pub fn open(&mut self, peer: Option<IpNet>, close: T, now: Instant) -> Answer<T> {
        if let Some(peer) = peer
            && self.by_peer.get(&peer).is_some_and(|count| *count >= self.limits.per_peer)
        {
            return Answer::TooManyOfPeer;
        }
        let mut closed = Vec::new();
        if self.open.len() >= self.limits.many() {
            let late = self.open.iter().filter(|(_, it)| it.has_waited(now) > SHORT_WAIT);
            let late: Vec<u64> = late.map(|(id, _)| *id).collect();
            closed.extend(late.into_iter().filter_map(|id| self.close(id)));
        }
        if self.open.len() >= self.limits.connections {
            match self.longest_waiting(now).and_then(|id| self.close(id)) {
                Some(close) => closed.push(close),
                None => return Answer::Full,
            }
        }
        self.last += 1;
        self.open.insert(self.last, Connection { peer, phase: Phase::Header, since: now, close });
        if let Some(peer) = peer {
            *self.by_peer.entry(peer).or_default() += 1;
        }
        Answer::Open(self.last, closed)
    }

    /// Takes note of what a connection waits for from now on; `false` if it was closed.
    pub fn enter(&mut self, id: u64, phase: Phase, now: Instant) -> bool {
        let Some(connection) = self.open.get_mut(&id) else { return false };
        (connection.phase, connection.since) = (phase, now);
        true
    }

    /// The body of its request has arrived, or is not wanted.
    pub fn has_body(&mut self, id: u64, now: Instant) {
        if self.open.get(&id).is_some_and(|it| it.phase == Phase::Body) {
            self.enter(id, Phase::Work, now);
        }
    }

    /// Takes a connection out; what closes it, unless that was done before.
    pub fn close(&mut self, id: u64) -> Option<T> {
        let connection = self.open.remove(&id)?;
        if let Some(peer) = connection.peer
            && let Some(count) = self.by_peer.get_mut(&peer)
        {
            *count -= 1;
            if *count == 0 {
                self.by_peer.remove(&peer);
            }
        }
        Some(connection.close)
    }

    /// The connection that waits for its client and can go: idle ones and half-sent headers first, and proxies last.
    fn longest_waiting(&self, now: Instant) -> Option<u64> {
        let waiting = self.open.iter().filter(|(_, it)| match it.phase {
            Phase::Header => true,
            Phase::Body => now.saturating_duration_since(it.since) > BODY_WAIT,
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

    fn peer(n: u8) -> IpNet {
        peer_network([192, 0, 2, n].into())
    }

    /// Opens one whose close handle is its own number.
    fn open(on: &mut Connections<u64>, peer: Option<IpNet>, now: Instant) -> Answer<u64> {
        on.open(peer, on.last + 1, now)
    }

    #[test]
    fn ipv6_peers_share_a_bound_by_64() {
        for (address, network) in [
            ("192.0.2.7", "192.0.2.7/32"),
            ("::ffff:192.0.2.7", "192.0.2.7/32"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ] {
            assert_eq!(peer_network(address.parse().unwrap()).to_string(), network);
        }
    }

    #[test]
    fn one_peer_has_a_bound_and_a_proxy_has_none() {
        let (mut all, now) = (Connections::new(LIMITS), Instant::now());
        for id in 1..=3 {
            assert_eq!(open(&mut all, Some(peer(1)), now), Answer::Open(id, vec![]));
        }
        assert_eq!(open(&mut all, Some(peer(1)), now), Answer::TooManyOfPeer);
        for id in 4..=7 {
            assert_eq!(open(&mut all, None, now), Answer::Open(id, vec![]));
        }
        assert_eq!(all.close(2), Some(2));
        assert_eq!(all.close(2), None, "it is counted once");
        assert_eq!(open(&mut all, Some(peer(1)), now), Answer::Open(8, vec![]));
        assert_eq!(open(&mut all, Some(peer(1)), now), Answer::TooManyOfPeer);
    }

    #[test]
    fn while_the_server_is_getting_full_clients_that_dawdle_are_closed() {
        let (mut all, start) = (Connections::new(LIMITS), Instant::now());
        for n in 1..=5 {
            open(&mut all, Some(peer(n)), start);
        }
        all.enter(2, Phase::Work, start);
        let later = start + 3 * SECOND;
        assert_eq!(
            open(&mut all, Some(peer(6)), later),
            Answer::Open(6, vec![]),
            "not full enough"
        );
        let Answer::Open(7, mut closed) = open(&mut all, Some(peer(7)), later) else { panic!() };
        closed.sort_unstable();
        assert_eq!(closed, [1, 3, 4, 5]);
        assert!(!all.enter(1, Phase::Work, later), "a late request isn't begun");
        assert!(all.enter(6, Phase::Work, later));
    }

    #[test]
    fn a_full_server_closes_who_has_waited_longest_and_no_request_that_has_arrived() {
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
                Answer::Open(id.into(), vec![closed])
            );
            all.enter(id.into(), Phase::Work, at(9));
        }
        assert_eq!(
            open(&mut all, Some(peer(20)), at(9)),
            Answer::Open(14, vec![1]),
            "proxies go last"
        );
        all.enter(14, Phase::Work, at(9));
        assert_eq!(open(&mut all, Some(peer(20)), at(50)), Answer::Full, "the body may still come");
        assert_eq!(open(&mut all, Some(peer(20)), at(59)), Answer::Open(15, vec![3]));
        all.enter(15, Phase::Body, at(59));
        all.has_body(15, at(60));
        all.has_body(14, at(60));
        assert_eq!(open(&mut all, Some(peer(20)), at(9_000)), Answer::Full);
        assert!(all.enter(2, Phase::Header, at(9_000)), "answered");
        assert_eq!(open(&mut all, Some(peer(20)), at(9_000)), Answer::Open(16, vec![2]));
    }

    proptest! {
        #[test]
        fn the_bounds_hold_and_requests_go_on(
            steps in prop::collection::vec((0..5_u8, 0..4_u8, 0..60_u64, 0..3_000_u64), 1..300),
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
                        let peer = (from > 0).then(|| peer(from));
                        if let Answer::Open(_, closed) = open(&mut all, peer, now) {
                            prop_assert!(closed.iter().all(|id| !all.open.contains_key(id)));
                        }
                        prop_assert_eq!(working(&all), before);
                    }
                    2 => { all.enter(id, Phase::Work, now); }
                    3 => { all.enter(id, Phase::Body, now); }
                    _ => { all.close(id); }
                }
                prop_assert!(all.open.len() <= LIMITS.connections);
                for n in 1..4 {
                    let of_peer = all.open.values().filter(|it| it.peer == Some(peer(n))).count();
                    prop_assert!(of_peer <= LIMITS.per_peer);
                    let counted = all.by_peer.get(&peer(n)).copied().unwrap_or_default();
                    prop_assert_eq!(of_peer, counted);
                }
            }
        }
    }
}
