//! How many accounts have hashes of each cost, as far as this process knows: what the decoys for addresses without one are chosen by.

use std::collections::BTreeMap;

use crate::domain::sign_in::hash_cost::{HashCost, cost_at};

/// The accounts by the costs of their hashes.
#[derive(Debug)]
pub struct Accounts {
    today: HashCost,
    by_cost: BTreeMap<HashCost, u64>,
    are_counted: bool,
}

impl Accounts {
    /// Before anything is known, all hashes seem to be of today.
    pub fn new(today: HashCost) -> Self {
        Self { today, by_cost: [(today, 1)].into(), are_counted: false }
    }

    /// The cost that an address without a password has at this point.
    pub fn cost_at(&self, point: u64) -> HashCost {
        cost_at(&self.by_cost, point).unwrap_or(self.today)
    }

    /// They were counted.
    pub fn set(&mut self, by_cost: BTreeMap<HashCost, u64>) {
        (self.by_cost, self.are_counted) = (by_cost, true);
    }

    /// One has a new hash.
    pub fn count(&mut self, former: Option<HashCost>, new: HashCost) {
        if let Some(count) = former.and_then(|former| self.by_cost.get_mut(&former)) {
            *count = count.saturating_sub(1);
        }
        let count = self.by_cost.entry(new).or_default();
        *count = count.saturating_add(1);
    }

    /// These costs are in use, each as likely as the others, unless they were counted.
    pub fn assume(&mut self, costs: &[HashCost]) {
        if !self.are_counted {
            for cost in costs {
                self.by_cost.entry(*cost).or_insert(1);
            }
        }
    }

    /// Whether one of these costs was not known; from now on it is, without accounts until they are counted.
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
    fn decoys_follow_what_is_known_of_the_accounts() {
        let (today, bcrypt) = (cost("argon2id v=19 m=19456 t=2 p=1"), cost("bcrypt 12"));
        let mut accounts = Accounts::new(today);
        let costs = |accounts: &Accounts| {
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
