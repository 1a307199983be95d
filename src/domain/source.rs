//! Where a request came from, as sessions, mails and the audit log remember it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

/// Longer user agents are cut: nobody reads more.
const USER_AGENT_LENGTH: usize = 400;
/// What stands for the user agent where there is none.
const COMMAND_LINE: &str = "authflow (command line)";

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

    /// The network that shares throttles: the address itself, with IPv6 its /64 (ASVS 15.3.4).
    #[must_use]
    pub fn network(&self) -> IpNet {
        match self.address {
            IpAddr::V4(address) => Ipv4Net::from(address).into(),
            IpAddr::V6(address) => {
                let half = u128::from(address) >> 64 << 64;
                Ipv6Net::new_assert(Ipv6Addr::from(half), 64).into()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(address: &str) -> String {
        let source = Source::new(address.parse().unwrap(), "", String::new());
        source.network().to_string()
    }

    #[test]
    fn networks_are_single_ipv4_addresses_and_ipv6_halves() {
        assert_eq!(network("192.0.2.7"), "192.0.2.7/32");
        assert_eq!(network("::ffff:192.0.2.7"), "192.0.2.7/32");
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
    }

    #[test]
    fn user_agents_are_made_harmless() {
        let source = Source::new([127, 0, 0, 1].into(), "a\u{1b}[31mb\r\nc", String::new());
        assert_eq!(source.user_agent, "a[31mbc");
        let source = Source::new([127, 0, 0, 1].into(), &"x".repeat(5_000), String::new());
        assert_eq!(source.user_agent.len(), USER_AGENT_LENGTH);
    }
}
