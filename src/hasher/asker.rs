//! Who asks for a hash: the unit that takes turns in the queue.

use ipnet::IpNet;

use super::queue::Rank;
use crate::domain::id::UserId;
use crate::domain::source::Source;

/// The IPv6 prefix that takes turns as one network: the most that a provider gives one customer.
const WIDEST_PREFIX: u8 = 48;

/// Who asks for a hash. Accounts and networks take turns, and known askers go first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asker {
    pub(super) turn: AskerTurn,
    pub(super) rank: Rank,
}

/// What takes turns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AskerTurn {
    /// The server itself.
    Server,
    /// Visitors from this network who are not known.
    Network(IpNet),
    /// The owner of this account, from any network.
    Account(UserId),
}

impl Asker {
    /// A visitor who is not known. Each IPv4 address and each IPv6 /48 takes turns.
    #[must_use]
    pub fn stranger(source: &Source) -> Self {
        Self { turn: AskerTurn::Network(widest_network(source)), rank: Rank::Stranger }
    }

    /// A user who has proved that this is their account: by a session, an emailed link, or a browser that the account knows.
    /// Each account takes turns, so a user with many IP addresses gains nothing.
    #[must_use]
    pub fn known(account: UserId) -> Self {
        Self { turn: AskerTurn::Account(account), rank: Rank::Known }
    }

    /// The server itself.
    #[must_use]
    pub fn server() -> Self {
        Self { turn: AskerTurn::Server, rank: Rank::Known }
    }
}

fn widest_network(source: &Source) -> IpNet {
    let address = IpNet::from(source.address);
    let prefix = WIDEST_PREFIX.min(address.prefix_len());
    IpNet::new_assert(source.address, prefix).trunc()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_are_per_ipv4_address_and_ipv6_48() {
        for (address, network) in [
            ("192.0.2.7", "192.0.2.7/32"),
            ("::ffff:192.0.2.7", "192.0.2.7/32"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1::/48"),
        ] {
            let turn = AskerTurn::Network(network.parse().unwrap());
            let source = Source::new(address.parse().unwrap(), "", String::new());
            assert_eq!(Asker::stranger(&source), Asker { turn, rank: Rank::Stranger });
        }
    }
}
