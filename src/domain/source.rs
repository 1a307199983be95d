//! Where a request came from, as sessions, mails and the audit log remember it.

use std::net::{IpAddr, Ipv4Addr};

use ipnet::IpNet;

/// Longer user agents are cut: nobody reads more.
const USER_AGENT_LENGTH: usize = 400;
/// Prefixes of IPv4, and what each is allowed in percent of a single address. Neighbours in a /24 are mostly strangers to each
/// other.
const IPV4_SHARES: [(u8, i64); 2] = [(32, 100), (24, 800)];
/// The same for IPv6. A /64 is one network, a /56 mostly one household, a /48 one site or some hundred households.
const IPV6_SHARES: [(u8, i64); 3] = [(64, 100), (56, 125), (48, 400)];
/// What stands for the user agent where there is none.
const COMMAND_LINE: &str = "authflow (command line)";

/// A network whose clients share limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SharedNetwork {
    /// The network.
    pub network: IpNet,
    /// Its allowance, in percent of a limit.
    pub percent: i64,
}

/// Who sent a request, as far as that can be known.
#[derive(Clone, Debug)]
pub struct Source {
    /// The client's address, found behind trusted proxies.
    pub address: IpAddr,
    /// What the client says it is: untrusted text without control characters.
    pub user_agent: String,
    /// Ties audit entries and log lines together.
    pub request_id: String,
}

impl Source {
    /// Takes what the request said, made harmless.
    #[must_use]
    pub fn new(address: IpAddr, user_agent: &str, request_id: String) -> Self {
        let printable = user_agent.chars().filter(|c| !c.is_control());
        let user_agent = printable.take(USER_AGENT_LENGTH).collect();
        Self { address: address.to_canonical(), user_agent, request_id }
    }

    /// Whoever has a shell on the server.
    #[must_use]
    pub fn command_line() -> Self {
        Self::new(Ipv4Addr::LOCALHOST.into(), COMMAND_LINE, String::new())
    }

    /// The networks whose clients share limits, the narrowest first (ASVS 15.3.4). A limit counts in each of them, so that
    /// whoever has many addresses gains no more than the widest network allows.
    #[must_use]
    pub fn networks(&self) -> Vec<SharedNetwork> {
        let shares: &[(u8, i64)] = if self.address.is_ipv4() { &IPV4_SHARES } else { &IPV6_SHARES };
        let networks = shares.iter().map(|(prefix, percent)| SharedNetwork {
            network: IpNet::new_assert(self.address, *prefix).trunc(),
            percent: *percent,
        });
        networks.collect()
    }

    /// The narrowest of them: a household or a machine.
    #[must_use]
    pub fn network(&self) -> IpNet {
        self.network_of(IPV4_SHARES[0].0, IPV6_SHARES[0].0)
    }

    /// The widest of them.
    #[must_use]
    pub fn widest_network(&self) -> IpNet {
        self.network_of(IPV4_SHARES[1].0, IPV6_SHARES[2].0)
    }

    fn network_of(&self, ipv4: u8, ipv6: u8) -> IpNet {
        let prefix = if self.address.is_ipv4() { ipv4 } else { ipv6 };
        IpNet::new_assert(self.address, prefix).trunc()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn networks(address: &str) -> Vec<String> {
        let source = Source::new(address.parse().unwrap(), "", String::new());
        let all = source.networks();
        assert_eq!(all.first().unwrap().network, source.network());
        assert_eq!(all.last().unwrap().network, source.widest_network());
        all.iter().map(|it| format!("{} {}", it.network, it.percent)).collect()
    }

    #[test]
    fn networks_are_prefixes_from_the_narrowest_to_the_widest() {
        let ipv4 = ["192.0.2.7/32 100", "192.0.2.0/24 800"];
        assert_eq!(networks("192.0.2.7"), ipv4);
        assert_eq!(networks("::ffff:192.0.2.7"), ipv4);
        assert_eq!(
            networks("2001:db8:1:2345:3:4:5:6"),
            ["2001:db8:1:2345::/64 100", "2001:db8:1:2300::/56 125", "2001:db8:1::/48 400"]
        );
    }

    #[test]
    fn user_agents_are_made_harmless() {
        let source = Source::new([127, 0, 0, 1].into(), "a\u{1b}[31mb\r\nc", String::new());
        assert_eq!(source.user_agent, "a[31mbc");
        let source = Source::new([127, 0, 0, 1].into(), &"x".repeat(5_000), String::new());
        assert_eq!(source.user_agent.len(), USER_AGENT_LENGTH);
    }
}
