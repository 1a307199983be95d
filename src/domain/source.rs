//! The client of a request, as stored with sessions, emails and audit events.

use std::net::{IpAddr, Ipv4Addr};

use ipnet::IpNet;

use crate::domain::submission::SubmissionKey;

/// Longer user agents are truncated.
const USER_AGENT_LENGTH: usize = 400;
/// IPv4 prefixes, and the allowance of each in percent of a single address. Neighbours in a /24 are mostly strangers.
const IPV4_SHARES: [(u8, i64); 2] = [(32, 100), (24, 800)];
/// IPv6 prefixes and their allowances. A /64 is one network, a /56 mostly one household, a /48 one site or several hundred households.
const IPV6_SHARES: [(u8, i64); 3] = [(64, 100), (56, 125), (48, 400)];
/// The user agent of actions on the command line.
const COMMAND_LINE: &str = "authflow (command line)";

/// A network whose clients share limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SharedNetwork {
    /// The common prefix.
    pub network: IpNet,
    /// Its allowance, in percent of a limit.
    pub percent: i64,
}

/// The client of a request.
#[derive(Clone, Debug)]
pub struct Source {
    /// The client's address, which may come from a trusted proxy.
    pub address: IpAddr,
    /// As the client sent it: untrusted text without control characters.
    pub user_agent: String,
    /// Links audit entries to log lines.
    pub request_id: String,
    /// The form of the request, if it has one that may be sent twice.
    pub submission: Option<SubmissionKey>,
}

impl Source {
    /// Truncates the user agent and removes its control characters.
    #[must_use]
    pub fn new(address: IpAddr, user_agent: &str, request_id: String) -> Self {
        let printable = user_agent.chars().filter(|c| !c.is_control());
        let user_agent = printable.take(USER_AGENT_LENGTH).collect();
        Self { address: address.to_canonical(), user_agent, request_id, submission: None }
    }

    /// The source of actions on the command line.
    #[must_use]
    pub fn command_line() -> Self {
        Self::new(Ipv4Addr::LOCALHOST.into(), COMMAND_LINE, String::new())
    }

    /// The networks whose clients share limits, the narrowest first (ASVS 15.3.4). A limit counts in each of them, so a client with many
    /// addresses gets no more than the widest network allows.
    #[must_use]
    pub fn networks(&self) -> Vec<SharedNetwork> {
        let shares: &[(u8, i64)] = if self.address.is_ipv4() { &IPV4_SHARES } else { &IPV6_SHARES };
        let networks = shares.iter().map(|(prefix, percent)| SharedNetwork {
            network: IpNet::new_assert(self.address, *prefix).trunc(),
            percent: *percent,
        });
        networks.collect()
    }

    /// The narrowest network: a household or a machine.
    #[must_use]
    pub fn network(&self) -> IpNet {
        self.network_of(IPV4_SHARES[0].0, IPV6_SHARES[0].0)
    }

    /// The widest network.
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
    fn user_agents_are_truncated_and_lose_control_characters() {
        let source = Source::new([127, 0, 0, 1].into(), "a\u{1b}[31mb\r\nc", String::new());
        assert_eq!(source.user_agent, "a[31mbc");
        let source = Source::new([127, 0, 0, 1].into(), &"x".repeat(5_000), String::new());
        assert_eq!(source.user_agent.len(), USER_AGENT_LENGTH);
    }
}
