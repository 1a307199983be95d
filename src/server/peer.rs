//! The networks in which a connection counts.

use std::net::IpAddr;

use ipnet::IpNet;

/// IPv4 prefixes whose connections count together, and the bound of each in percent of `Limits::per_peer`.
const IPV4_BOUNDS: [(u8, usize); 1] = [(32, 100)];
/// The same for IPv6. A /64 is one network, a /56 usually one household, a /48 one site or several hundred households.
const IPV6_BOUNDS: [(u8, usize); 3] = [(64, 100), (56, 150), (48, 200)];

/// A client or proxy, as the networks in which its connections count, narrowest first. Each network has its own bound, so many addresses
/// in one network gain little.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer(pub Vec<PeerNetwork>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PeerNetwork {
    pub network: IpNet,
    /// The bound, in percent of `Limits::per_peer`.
    pub percent: usize,
}

impl Peer {
    /// The networks of this address.
    #[must_use]
    pub fn new(address: IpAddr) -> Self {
        let address = address.to_canonical();
        let bounds: &[_] = if address.is_ipv4() { &IPV4_BOUNDS } else { &IPV6_BOUNDS };
        let networks = bounds.iter().map(|(prefix, percent)| PeerNetwork {
            network: IpNet::new_assert(address, *prefix).trunc(),
            percent: *percent,
        });
        Self(networks.collect())
    }

    pub fn is_in(&self, network: IpNet) -> bool {
        self.0.iter().any(|it| it.network == network)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ipv6_peers_share_limits_by_prefix() {
        for (address, networks) in [
            ("192.0.2.7", ["192.0.2.7/32 100"].as_slice()),
            ("::ffff:192.0.2.7", &["192.0.2.7/32 100"]),
            (
                "2001:db8:1:2345:3:4:5:6",
                &["2001:db8:1:2345::/64 100", "2001:db8:1:2300::/56 150", "2001:db8:1::/48 200"],
            ),
        ] {
            let peer = Peer::new(address.parse().unwrap());
            let found = peer.0.iter().map(|it| format!("{} {}", it.network, it.percent));
            assert_eq!(found.collect::<Vec<_>>(), networks);
        }
    }
}
