//! Reverse proxies: which ones are trusted to report a client's address, and which ones may ask the gate.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

/// Private and link-local networks, which are allowed to be wide (RFC 4193, RFC 4291).
const PRIVATE: [Ipv6Net; 2] = [
    Ipv6Net::new_assert(Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0), 7),
    Ipv6Net::new_assert(Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0), 10),
];

/// Maximum number of proxies in a chain.
const MOST_HOPS: u8 = 16;

/// The proxies whose `X-Forwarded-For` is trusted (`TRUSTED_PROXIES`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TrustedProxies {
    /// Proxies in these networks. The client is the rightmost address outside of them.
    Networks(Vec<IpNet>),
    /// Trusts every peer, because only proxies can connect. This many proxies are between client and server, and each adds the address of
    /// its peer. The client is the entry that the first proxy added, counted from the right.
    Hops(u8),
}

impl TrustedProxies {
    /// Parses networks separated by commas, or `hops:N`.
    pub fn parse(text: &str) -> Result<Self, String> {
        if !text.to_ascii_lowercase().contains("hops") {
            return networks(text).map(Self::Networks);
        }
        let hops = text.strip_prefix("hops:").and_then(|hops| hops.parse().ok());
        hops.filter(|hops| (1..=MOST_HOPS).contains(hops)).map(Self::Hops).ok_or_else(|| {
            format!("must be hops:N alone, with N from 1 to {MOST_HOPS}, or networks with commas between them")
        })
    }

    /// Whether this peer may report the client's address.
    #[must_use]
    pub fn trusts(&self, peer: IpAddr) -> bool {
        match self {
            Self::Networks(networks) => is_within(peer, networks),
            Self::Hops(_) => true,
        }
    }

    /// The client's address, from its peer and the values of all `X-Forwarded-For` headers in order.
    #[must_use]
    pub fn client(&self, peer: IpAddr, forwarded: &[String]) -> IpAddr {
        let peer = peer.to_canonical();
        match self {
            Self::Hops(hops) => match hop(*hops, forwarded) {
                Hop::Client(client) => client,
                Hop::Missing | Hop::NoAddress => peer,
            },
            // An invalid address ends the search: the client may have made up everything left of it.
            Self::Networks(networks) => {
                let mut entries = forwarded.iter().rev().flat_map(|value| value.rsplit(','));
                let mut client = peer;
                while is_within(client, networks) {
                    let Some(address) = entries.next().and_then(address) else { break };
                    client = address;
                }
                client
            }
        }
    }

    /// The proxies that may ask the gate by default. Hops and very wide networks do not identify proxies, so the default is then loopback.
    #[must_use]
    pub fn gate_default(&self) -> Vec<IpNet> {
        match self {
            Self::Networks(networks) if !is_nearly_everyone(networks) => networks.clone(),
            Self::Networks(_) | Self::Hops(_) => loopback(),
        }
    }
}

/// The entry that the first proxy added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hop {
    /// The client's address.
    Client(IpAddr),
    /// Not an address.
    NoAddress,
    /// There are fewer entries than proxies.
    Missing,
}

/// The entry that the first of this many proxies added, from the values of all `X-Forwarded-For` headers in order.
#[must_use]
pub fn hop(hops: u8, forwarded: &[String]) -> Hop {
    let mut entries = forwarded.iter().rev().flat_map(|value| value.rsplit(','));
    let entry = usize::from(hops).checked_sub(1).and_then(|before| entries.nth(before));
    entry.map_or(Hop::Missing, |entry| address(entry).map_or(Hop::NoAddress, Hop::Client))
}

fn loopback() -> Vec<IpNet> {
    let (four, six) = (Ipv4Addr::new(127, 0, 0, 0), Ipv6Addr::LOCALHOST);
    vec![Ipv4Net::new_assert(four, 8).into(), Ipv6Net::new_assert(six, 128).into()]
}

/// Parses addresses and networks separated by commas. IPv4 written as IPv6 (`::ffff:10.0.0.0/104`) counts as IPv4, as for peers.
pub fn networks(text: &str) -> Result<Vec<IpNet>, String> {
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    let networks =
        parts.map(|part| part.parse().or_else(|_| part.parse::<IpAddr>().map(IpNet::from)));
    let networks: Result<Vec<IpNet>, _> = networks.collect();
    let networks = networks.map_err(|_| {
        "must be addresses or networks with commas between them, such as 10.0.0.0/8,::1".to_owned()
    })?;
    Ok(networks.into_iter().map(canonical).collect())
}

/// The networks that are written with an address inside them, such as `10.0.0.5/8`. All of the network counts.
pub fn with_host_bits(networks: &[IpNet]) -> impl Iterator<Item = &IpNet> {
    networks.iter().filter(|network| **network != network.trunc())
}

fn canonical(network: IpNet) -> IpNet {
    let mapped = network.addr().to_canonical();
    match (network, mapped, network.prefix_len().checked_sub(96)) {
        (IpNet::V6(_), IpAddr::V4(address), Some(prefix)) => {
            Ipv4Net::new(address, prefix).map_or(network, IpNet::V4)
        }
        _ => network,
    }
}

/// Whether an address is in one of the networks.
#[must_use]
pub fn is_within(address: IpAddr, networks: &[IpNet]) -> bool {
    let address = address.to_canonical();
    networks.iter().any(|network| network.contains(&address))
}

/// Whether the networks together contain a large part of the internet: more than an IPv4 /8 or an IPv6 /16 in one piece. (Private
/// networks may be wider.)
#[must_use]
pub fn is_nearly_everyone(networks: &[IpNet]) -> bool {
    IpNet::aggregate(&networks.to_vec()).iter().any(|network| match network {
        IpNet::V4(network) => network.prefix_len() < 8,
        IpNet::V6(network) => {
            network.prefix_len() < 16 && !PRIVATE.iter().any(|it| it.contains(network))
        }
    })
}

/// An address as proxies write it: plain, in brackets, or with a port.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    let address =
        bare.parse().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|it| it.ip()))?;
    Some(IpAddr::to_canonical(&address))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn client(proxies: &str, peer: &str, forwarded: &[&str]) -> String {
        let forwarded: Vec<String> = forwarded.iter().map(|it| (*it).to_owned()).collect();
        let proxies = TrustedProxies::parse(proxies).unwrap();
        proxies.client(peer.parse().unwrap(), &forwarded).to_string()
    }

    #[test]
    fn only_trusted_proxies_count_starting_from_the_right() {
        let proxies = "127.0.0.0/8,::1/128,10.0.0.0/8";
        for (peer, forwarded, expected) in [
            ("192.0.2.1", &["198.51.100.7"][..], "192.0.2.1"),
            ("127.0.0.1", &[], "127.0.0.1"),
            ("127.0.0.1", &["198.51.100.7"], "198.51.100.7"),
            ("127.0.0.1", &["203.0.113.9, 198.51.100.7"], "198.51.100.7"),
            ("127.0.0.1", &["203.0.113.9, 198.51.100.7, 10.1.2.3"], "198.51.100.7"),
            ("127.0.0.1", &["203.0.113.9", "198.51.100.7"], "198.51.100.7"),
            ("127.0.0.1", &["10.0.0.1, 10.0.0.2"], "10.0.0.1"),
            ("127.0.0.1", &["203.0.113.9, nonsense"], "127.0.0.1"),
            ("127.0.0.1", &["203.0.113.9, nonsense, 10.0.0.2"], "10.0.0.2"),
            ("127.0.0.1", &["[2001:db8::7]:4711"], "2001:db8::7"),
            ("127.0.0.1", &["[2001:db8::7]"], "2001:db8::7"),
            ("127.0.0.1", &["198.51.100.7:4711"], "198.51.100.7"),
            ("::ffff:127.0.0.1", &["::ffff:198.51.100.7"], "198.51.100.7"),
            ("::1", &["198.51.100.7"], "198.51.100.7"),
        ] {
            assert_eq!(client(proxies, peer, forwarded), expected, "{peer} {forwarded:?}");
        }
        assert_eq!(client(",", "127.0.0.1", &["198.51.100.7"]), "127.0.0.1");
        assert_eq!(client("::ffff:10.0.0.0/104", "10.1.2.3", &["198.51.100.7"]), "198.51.100.7");
    }

    #[test]
    fn hops_count_entries_from_the_right() {
        for (hops, forwarded, expected) in [
            (1, &["198.51.100.7"][..], "198.51.100.7"),
            (1, &["203.0.113.9, 198.51.100.7"], "198.51.100.7"),
            (1, &["203.0.113.9", "198.51.100.7"], "198.51.100.7"),
            (2, &["203.0.113.9, 198.51.100.7, 10.1.2.3"], "198.51.100.7"),
            (2, &["203.0.113.9", "198.51.100.7, 10.1.2.3"], "198.51.100.7"),
            (2, &["203.0.113.9", "198.51.100.7", "10.1.2.3"], "198.51.100.7"),
            (2, &["198.51.100.7"], "192.0.2.1"),
            (1, &[], "192.0.2.1"),
            (1, &["198.51.100.7, unknown"], "192.0.2.1"),
            (1, &["198.51.100.7,"], "192.0.2.1"),
            (1, &["::ffff:198.51.100.7"], "198.51.100.7"),
            (3, &["a, b, [2001:db8::7]:443, x, y"], "2001:db8::7"),
        ] {
            let found = client(&format!("hops:{hops}"), "192.0.2.1", forwarded);
            assert_eq!(found, expected, "{hops} {forwarded:?}");
        }
    }

    #[test]
    fn proxies_are_networks_or_a_number_of_hops() {
        assert_eq!(TrustedProxies::parse("hops:16"), Ok(TrustedProxies::Hops(16)));
        let networks = TrustedProxies::parse("10.0.0.0/8, ::1").unwrap();
        assert_eq!(
            networks.gate_default(),
            ["10.0.0.0/8".parse().unwrap(), "::1/128".parse::<IpNet>().unwrap()]
        );
        for wrong in [
            "hops:0",
            "hops:17",
            "hops:",
            "hops: 1",
            "HOPS:1",
            "hops",
            "hops:1,10.0.0.0/8",
            "everyone",
        ] {
            TrustedProxies::parse(wrong).expect_err(wrong);
        }
        let here = TrustedProxies::Hops(1).gate_default();
        for (address, local) in [("127.0.0.1", true), ("::1", true), ("10.0.0.1", false)] {
            assert_eq!(is_within(address.parse().unwrap(), &here), local, "{address}");
        }
    }

    #[test]
    fn networks_with_a_large_part_of_the_internet_are_detected() {
        for (text, everyone) in [
            ("0.0.0.0/0", true),
            ("::/0", true),
            ("0.0.0.0/1,128.0.0.0/1", true),
            ("::ffff:0:0/96", true),
            ("::ffff:0:0/0", true),
            ("8.0.0.0/7", true),
            ("8.0.0.0/8,9.0.0.0/8", true),
            ("8.0.0.0/9,8.128.0.0/9,9.0.0.0/8", true),
            ("2000::/3", true),
            ("2001::/16,2000::/16", true),
            ("10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,127.0.0.0/8,fc00::/7,fe80::/10,::1", false),
            ("fdaa::/16,2400:cb00::/32,104.16.0.0/13", false),
            ("::ffff:10.0.0.0/104", false),
            ("", false),
        ] {
            assert_eq!(is_nearly_everyone(&networks(text).unwrap()), everyone, "{text}");
        }
    }

    proptest! {
        /// Anything that a client sends is to the left of the entries that the proxies add.
        #[test]
        fn a_client_behind_hops_cannot_choose_its_address(
            sent in prop::collection::vec("[ -~]{0,40}", 0..4),
            own in any::<[u8; 4]>(),
            between in prop::collection::vec(any::<[u8; 4]>(), 0..15),
            in_one_line in any::<bool>(),
        ) {
            let own = IpAddr::from(own);
            let added = [own].into_iter().chain(between.into_iter().map(IpAddr::from));
            let added: Vec<String> = added.map(|it| it.to_string()).collect();
            let hops = u8::try_from(added.len()).unwrap();
            let mut forwarded = sent;
            match forwarded.last_mut() {
                Some(last) if in_one_line => *last = format!("{last}, {}", added.join(", ")),
                _ => forwarded.extend(added),
            }
            let peer = IpAddr::from([192, 0, 2, 1]);
            prop_assert_eq!(TrustedProxies::Hops(hops).client(peer, &forwarded), own);
        }

        /// Like the test above, for proxies that are identified by their networks.
        #[test]
        fn a_client_behind_known_proxies_cannot_choose_its_address(
            sent in "[ -~]{0,80}",
            own in any::<[u8; 3]>(),
            between in prop::collection::vec(any::<[u8; 3]>(), 0..6),
        ) {
            let own = IpAddr::from([198, own[0], own[1], own[2]]);
            let between = between.into_iter().map(|it| IpAddr::from([10, it[0], it[1], it[2]]));
            let added: Vec<String> = [own].into_iter().chain(between).map(|it| it.to_string()).collect();
            let proxies = TrustedProxies::parse("10.0.0.0/8").unwrap();
            let peer = IpAddr::from([10, 0, 0, 1]);
            prop_assert_eq!(proxies.client(peer, &[format!("{sent}, {}", added.join(", "))]), own);
        }
    }
}
