//! The cost of checking a password hash: the function and parameters, without salt and output.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use argon2::{Algorithm, Version};

/// Function and parameters of a password hash. Hashes with the same cost take equally long on one machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum HashCost {
    /// argon2, in the PHC format.
    Argon2 {
        /// argon2d, argon2i or argon2id.
        algorithm: Algorithm,
        /// 1.0 or 1.3.
        version: Version,
        /// KiB of memory.
        memory: u32,
        /// Passes over the memory.
        passes: u32,
        /// Lanes.
        lanes: u32,
    },
    /// bcrypt with this cost.
    Bcrypt(u32),
}

/// The text names no known function, or parameters are missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not the cost of a password hash")]
pub struct UnknownCost;

impl HashCost {
    /// The cost of a stored hash, from its first 64 characters. `None` if it is not a hash.
    #[must_use]
    pub fn of(hash: &str) -> Option<Self> {
        let mut parts = hash.strip_prefix('$')?.split('$');
        let function = parts.next()?;
        if ["2a", "2b", "2y"].contains(&function) {
            return Some(Self::Bcrypt(parts.next()?.parse().ok()?));
        }
        let part = parts.next()?;
        let (version, params) = match part.strip_prefix("v=") {
            Some(version) => (version.parse().ok()?, parts.next()?),
            None => (Version::V0x10.into(), part), // as the reference implementation reads it
        };
        Self::argon2(function, version, params.split(',')).ok()
    }

    fn argon2<'a>(
        algorithm: &str,
        version: u32,
        params: impl Iterator<Item = &'a str>,
    ) -> Result<Self, UnknownCost> {
        let (mut memory, mut passes, mut lanes) = (None, None, None);
        for (name, value) in params.filter_map(|param| param.split_once('=')) {
            let slot = match name {
                "m" => &mut memory,
                "t" => &mut passes,
                "p" => &mut lanes,
                _ => continue,
            };
            *slot = value.parse().ok();
        }
        Ok(Self::Argon2 {
            algorithm: Algorithm::new(algorithm).map_err(|_| UnknownCost)?,
            version: Version::try_from(version).map_err(|_| UnknownCost)?,
            memory: memory.ok_or(UnknownCost)?,
            passes: passes.ok_or(UnknownCost)?,
            lanes: lanes.ok_or(UnknownCost)?,
        })
    }

    /// An estimate of the time, until it is measured on this machine.
    #[must_use]
    pub fn guess(self) -> Duration {
        match self {
            Self::Argon2 { memory, passes, .. } => {
                Duration::from_nanos(500 * u64::from(memory) * u64::from(passes))
            }
            Self::Bcrypt(cost) => Duration::from_micros(60 << cost.min(31)),
        }
    }
}

/// The cost at a point of the `u64` range, which is divided among the costs in proportion to their accounts. `None` without accounts.
#[must_use]
pub fn cost_at(accounts: &BTreeMap<HashCost, u64>, point: u64) -> Option<HashCost> {
    let total: u128 = accounts.values().copied().map(u128::from).sum();
    // Less than the total, because the point is less than 2^64.
    let mut at = (u128::from(point) * total.min(u128::from(u64::MAX))) >> 64;
    for (cost, count) in accounts {
        match at.checked_sub(u128::from(*count)) {
            None => return Some(*cost),
            Some(rest) => at = rest,
        }
    }
    None
}

impl fmt::Display for HashCost {
    /// The canonical text, as the database stores it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Argon2 { algorithm, version, memory, passes, lanes } => {
                let version = u32::from(*version);
                write!(f, "{algorithm} v={version} m={memory} t={passes} p={lanes}")
            }
            Self::Bcrypt(cost) => write!(f, "bcrypt {cost}"),
        }
    }
}

impl FromStr for HashCost {
    type Err = UnknownCost;

    fn from_str(text: &str) -> Result<Self, UnknownCost> {
        let (function, params) = text.split_once(' ').ok_or(UnknownCost)?;
        if function == "bcrypt" {
            return Ok(Self::Bcrypt(params.parse().map_err(|_| UnknownCost)?));
        }
        let (version, params) = params.split_once(' ').ok_or(UnknownCost)?;
        let version = version.strip_prefix("v=").ok_or(UnknownCost)?;
        let version = version.parse().map_err(|_| UnknownCost)?;
        Self::argon2(function, version, params.split(' '))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_costs_share_of_points_is_its_share_of_accounts() {
        let cost = |n| HashCost::Bcrypt(n);
        for (accounts, expected) in [
            (vec![], [None; 4]),
            (vec![(4, 0)], [None; 4]),
            (vec![(4, 1)], [Some(4); 4]),
            (vec![(4, 0), (5, 2), (6, 0)], [Some(5); 4]),
            (vec![(4, 5), (5, 5)], [Some(4), Some(4), Some(5), Some(5)]),
            (vec![(4, 1), (5, 3)], [Some(4), Some(5), Some(5), Some(5)]),
            (vec![(4, u64::MAX), (5, 1)], [Some(4); 4]),
        ] {
            let by_cost = accounts.iter().map(|(n, count)| (cost(*n), *count)).collect();
            for (quarter, expected) in (0..4).zip(expected) {
                let point = quarter * (1 << 62) + (1 << 61);
                assert_eq!(cost_at(&by_cost, point), expected.map(cost), "{accounts:?} {quarter}");
            }
        }
    }

    proptest! {
        #[test]
        fn decoy_costs_are_distributed_like_those_of_accounts(
            counts in prop::collection::vec(0..1_000_u64, 1..6),
        ) {
            let by_cost: BTreeMap<_, _> = (4..).map(HashCost::Bcrypt).zip(counts).collect();
            let total: u64 = by_cost.values().sum();
            let mut found = BTreeMap::new();
            for n in 0..1_000 {
                if let Some(cost) = cost_at(&by_cost, u64::MAX / 1_000 * n) {
                    *found.entry(cost).or_insert(0_u64) += 1;
                }
            }
            for (cost, count) in by_cost {
                let found = found.get(&cost).copied().unwrap_or_default();
                prop_assert!(count > 0 || found == 0);
                prop_assert!((found * total).abs_diff(count * 1_000) <= 2 * total);
            }
        }
    }

    #[test]
    fn the_cost_is_parsed_from_the_start_of_a_hash() {
        let rest = "$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
        for (hash, cost) in [
            ("$argon2id$v=19$m=19456,t=2,p=1", Some("argon2id v=19 m=19456 t=2 p=1")),
            ("$argon2i$v=16$m=65536,t=3,p=4", Some("argon2i v=16 m=65536 t=3 p=4")),
            ("$argon2d$m=64,t=1,p=1,keyid=Hj5+dsK0", Some("argon2d v=16 m=64 t=1 p=1")),
            ("$2b$12$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK", Some("bcrypt 12")),
            ("$2a$04$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", Some("bcrypt 4")),
            ("$2y$15$XXXXXXXXXXXXXXXXXXXXXO", Some("bcrypt 15")),
            ("!$argon2id$v=19$m=19456,t=2,p=1", None),
            ("!", None),
            ("", None),
            ("$argon2id$v=19$m=19456,t=2", None),
            ("$argon2x$v=19$m=19456,t=2,p=1", None),
            ("$argon2id$v=20$m=19456,t=2,p=1", None),
            ("$2b$1x$", None),
            ("$6$salt", None),
        ] {
            let found = HashCost::of(&format!("{hash}{rest}"));
            assert_eq!(found.map(|it| it.to_string()).as_deref(), cost, "{hash}");
        }
    }

    #[test]
    fn the_canonical_text_can_be_parsed_again() {
        for text in ["argon2id v=19 m=19456 t=2 p=1", "argon2i v=16 m=64 t=3 p=4", "bcrypt 12"] {
            assert_eq!(text.parse::<HashCost>().unwrap().to_string(), text);
        }
        for text in ["", "bcrypt", "bcrypt x", "argon2id m=64 t=1 p=1", "scrypt v=1 m=2 t=3 p=4"] {
            assert_eq!(text.parse::<HashCost>(), Err(UnknownCost), "{text}");
        }
    }

    #[test]
    fn the_estimate_grows_with_the_cost() {
        let guess = |text: &str| text.parse::<HashCost>().unwrap().guess();
        assert!(guess("bcrypt 13") == 2 * guess("bcrypt 12"));
        assert!(guess("bcrypt 12") > guess("argon2id v=19 m=65536 t=2 p=1"));
        assert!(guess("argon2id v=19 m=65536 t=2 p=1") > guess("argon2id v=19 m=19456 t=2 p=1"));
    }
}
