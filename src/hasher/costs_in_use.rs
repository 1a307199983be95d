//! How many accounts have password hashes of each cost, as far as this process knows. Decoys for unknown email addresses follow this
//! distribution.

use std::collections::BTreeMap;

use crate::domain::sign_in::hash_cost::{HashCost, cost_at};

/// Numbers of accounts by the cost of their hash.
#[derive(Debug)]
pub struct CostsInUse {
    /// The cost of new hashes.
    current: HashCost,
    by_cost: BTreeMap<HashCost, u64>,
    are_counted: bool,
}

impl CostsInUse {
    /// Before the accounts are counted, all hashes are assumed to have the current cost.
    pub fn new(current: HashCost) -> Self {
        Self { current, by_cost: [(current, 1)].into(), are_counted: false }
    }

    /// The cost of the decoy for the email address with this point.
    pub fn cost_at(&self, point: u64) -> HashCost {
        cost_at(&self.by_cost, point).unwrap_or(self.current)
    }

    /// Replaces all numbers after the accounts were counted.
    pub fn set(&mut self, by_cost: BTreeMap<HashCost, u64>) {
        (self.by_cost, self.are_counted) = (by_cost, true);
    }

    /// An account got a new hash.
    pub fn count(&mut self, former: Option<HashCost>, new: HashCost) {
        if let Some(count) = former.and_then(|former| self.by_cost.get_mut(&former)) {
            *count = count.saturating_sub(1);
        }
        let count = self.by_cost.entry(new).or_default();
        *count = count.saturating_add(1);
    }

    /// Adds these costs as equally likely, unless the accounts were counted.
    pub fn assume(&mut self, costs: &[HashCost]) {
        if !self.are_counted {
            for cost in costs {
                self.by_cost.entry(*cost).or_insert(1);
            }
        }
    }

    /// Whether one of these costs was unknown. From now on all are known, with zero accounts until they are counted.
    pub fn is_news(&mut self, costs: &[HashCost]) -> bool {
        let before = self.by_cost.len();
        for cost in costs {
            self.by_cost.entry(*cost).or_default();
        }
        self.by_cost.len() > before
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cost(text: &str) -> HashCost {
        text.parse().unwrap()
    }

    #[test]
    fn decoys_follow_the_known_costs_of_accounts() {
        let (today, bcrypt) = (cost("argon2id v=19 m=19456 t=2 p=1"), cost("bcrypt 12"));
        let mut accounts = CostsInUse::new(today);
        let costs = |accounts: &CostsInUse| {
            [0, u64::MAX / 4, u64::MAX / 4 * 3, u64::MAX].map(|point| accounts.cost_at(point))
        };
        assert_eq!(costs(&accounts), [today; 4]);
        accounts.assume(&[bcrypt, today]);
        assert_eq!(costs(&accounts), [today, today, bcrypt, bcrypt]);
        accounts.set([(bcrypt, 1)].into());
        accounts.assume(&[today]);
        assert_eq!(costs(&accounts), [bcrypt; 4], "they were counted");
        accounts.count(Some(bcrypt), today);
        assert_eq!(costs(&accounts), [today; 4]);
        accounts.count(None, bcrypt);
        assert_eq!(costs(&accounts), [today, today, bcrypt, bcrypt]);
        accounts.set(BTreeMap::new());
        assert_eq!(costs(&accounts), [today; 4], "there are no accounts");
        assert!(accounts.is_news(&[bcrypt]));
        assert!(!accounts.is_news(&[bcrypt]));
        assert_eq!(costs(&accounts), [today; 4], "no account is known to have it");
    }
}
