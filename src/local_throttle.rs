//! The limit on forms, counted in memory. It comes before the limits in the database and costs no query.

use std::collections::HashMap;
use std::hash::BuildHasher;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use ipnet::IpNet;

use crate::clock::Timestamp;
use crate::domain::id::UserId;
use crate::domain::sign_in::device::Device;
use crate::domain::sign_in::limit::{Count, Limit};
use crate::domain::source::Source;

/// Forms from one network, or from the browsers that one account knows.
const FORMS: Limit = Limit::Window { limit: 240, per: Duration::from_mins(1) };
/// Most networks and accounts with a count of their own.
const OWN_COUNTS: usize = 10_000;
/// Counts for each network width that are shared by senders without one of their own.
const SHARED_COUNTS: usize = 1_024;

/// Whose forms are counted in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Sender {
    Network(IpNet),
    /// The browsers that an account knows. Other senders in their network don't use up their allowance. They are counted by account,
    /// since an account can know any number of browsers; beyond that they count like others in their network.
    Account(UserId),
}

/// Counts forms in memory until the process ends. Memory is bounded: senders beyond [`OWN_COUNTS`] share counts, assigned by a
/// hash that senders cannot predict.
#[derive(Debug, Default)]
pub struct LocalThrottle(Mutex<LocalCounts>);

#[derive(Debug, Default)]
struct LocalCounts {
    counts: HashMap<Sender, Count>,
    shared: HashMap<(u8, u64), Count>,
    cleaned_at: Option<Timestamp>,
}

impl LocalThrottle {
    /// Counts a form. `device`: the browser's device cookie. `Err`: how long to wait.
    pub fn count(
        &self,
        source: &Source,
        device: Option<&Device>,
        now: Timestamp,
    ) -> Result<(), Duration> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.make_room(now);
        // The allowance of the account comes on top of the network's. A thief with access to the account uses up the former,
        // neighbours in the network the latter; neither uses up both.
        if let Some(user) = device.and_then(Device::latest)
            && counts.count(vec![(Sender::Account(user), FORMS)], now).is_ok()
        {
            return Ok(());
        }
        let networks = source.networks().into_iter();
        let networks = networks.map(|it| (Sender::Network(it.network), FORMS.shared(it.percent)));
        counts.count(networks.collect(), now)
    }
}

impl LocalCounts {
    /// Counts for all of these senders or, if one has reached its limit, for none.
    fn count(&mut self, senders: Vec<(Sender, Limit)>, now: Timestamp) -> Result<(), Duration> {
        let mut counted = Vec::with_capacity(senders.len());
        for (sender, rule) in senders {
            counted.push((sender, rule.count(self.get(&sender), now)?));
        }
        for (sender, next) in counted {
            self.set(sender, next);
        }
        Ok(())
    }

    /// Removes expired counts, at most once a second, however many networks send.
    fn make_room(&mut self, now: Timestamp) {
        if self.counts.len() >= OWN_COUNTS && self.cleaned_at != Some(now) {
            self.cleaned_at = Some(now);
            self.counts.retain(|_, count| now < FORMS.forgotten_at(*count));
        }
    }

    /// The shared count of this sender: only senders with the same allowance share one.
    fn shared_key(&self, sender: &Sender) -> (u8, u64) {
        let width = match sender {
            Sender::Network(network) => network.prefix_len(),
            Sender::Account(_) => 0,
        };
        (width, self.counts.hasher().hash_one(sender) % SHARED_COUNTS as u64)
    }

    fn get(&self, sender: &Sender) -> Option<Count> {
        let own = self.counts.get(sender);
        if own.is_some() || self.counts.len() < OWN_COUNTS {
            return own.copied();
        }
        self.shared.get(&self.shared_key(sender)).copied()
    }

    fn set(&mut self, sender: Sender, next: Count) {
        if self.counts.len() < OWN_COUNTS || self.counts.contains_key(&sender) {
            self.counts.insert(sender, next);
        } else {
            self.shared.insert(self.shared_key(&sender), next);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use proptest::prelude::*;

    use super::*;

    const NOW: Timestamp = Timestamp(1_000);

    fn source(address: impl Into<IpAddr>) -> Source {
        Source::new(address.into(), "", String::new())
    }

    #[test]
    fn forms_are_limited_per_network_and_memory_is_bounded() {
        let throttle = LocalThrottle::default();
        let from = |n: u32| source(IpAddr::V4(n.into()));
        for _ in 0..240 {
            assert!(throttle.count(&from(1), None, NOW).is_ok());
        }
        assert!(throttle.count(&from(1), None, NOW).is_err());
        assert!(throttle.count(&from(2), None, NOW).is_ok());
        assert!(throttle.count(&from(1), None, NOW.after(Duration::from_mins(1))).is_ok());
        for n in 10..30_000 {
            throttle.count(&from(n), None, NOW).unwrap();
        }
        let counts = throttle.0.lock().unwrap();
        assert!(counts.counts.len() <= OWN_COUNTS && counts.shared.len() <= 6 * SHARED_COUNTS);
    }

    #[test]
    fn more_networks_than_memory_holds_are_limited_together() {
        let throttle = LocalThrottle::default();
        let from = |n: u32| source(IpAddr::V4((n << 8).into())); // a /24 each
        let passed = (0..400_000).filter(|n| throttle.count(&from(*n), None, NOW).is_ok()).count();
        assert!(passed <= OWN_COUNTS + SHARED_COUNTS * 240, "{passed}");
        // A sender with a count of its own is not affected.
        assert!(throttle.count(&from(0), None, NOW).is_ok());
        assert!(throttle.count(&from(400_001), None, NOW.after(Duration::from_mins(1))).is_ok());
    }

    #[test]
    fn a_thief_in_an_account_does_not_use_up_the_owners_allowance_elsewhere() {
        let throttle = LocalThrottle::default();
        let device = Device::new(NOW).with(UserId::new(NOW), 0);
        let (thief, owner) = (source([192, 0, 2, 1]), source([198, 51, 100, 1]));
        let sent = (0..1_000).filter(|_| throttle.count(&thief, Some(&device), NOW).is_ok());
        assert_eq!(sent.count(), 480, "what the account allows, and what the network does");
        for _ in 0..240 {
            assert!(throttle.count(&owner, Some(&device), NOW).is_ok());
        }
    }

    #[test]
    fn a_known_browser_is_not_limited_by_its_network() {
        let throttle = LocalThrottle::default();
        let here = source([192, 0, 2, 7]);
        while throttle.count(&here, None, NOW).is_ok() {}
        let device = Device::new(NOW).with(UserId::new(NOW), 0);
        assert!(
            throttle.count(&here, Some(&Device::new(NOW)), NOW).is_err(),
            "no account knows it"
        );
        for _ in 0..240 {
            assert!(throttle.count(&here, Some(&device), NOW).is_ok());
        }
        assert!(throttle.count(&here, Some(&device), NOW).is_err());
    }

    proptest! {
        #[test]
        fn one_site_stays_within_its_allowance_whichever_addresses_it_uses(
            addresses in prop::collection::vec(any::<u128>(), 1..1_500),
            few in any::<bool>(),
        ) {
            let throttle = LocalThrottle::default();
            let site = 0x2001_0db8_0001_u128 << 80;
            let mut passed = HashMap::<IpNet, usize>::new();
            for address in addresses {
                let address = if few { address % (1 << 66) } else { address % (1 << 80) };
                let source = source(IpAddr::V6((site | address).into()));
                if throttle.count(&source, None, NOW).is_ok() {
                    for shared in source.networks() {
                        *passed.entry(shared.network).or_default() += 1;
                    }
                }
            }
            for (network, passed) in passed {
                let most = match network.prefix_len() { 64 => 240, 56 => 300, _ => 960 };
                prop_assert!(passed <= most, "{network}: {passed}");
            }
        }
    }
}
