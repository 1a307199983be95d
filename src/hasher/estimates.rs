//! How long hashes of each cost take on this machine under the current load: measured, not configured.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::domain::sign_in::hash_cost::HashCost;

/// A failed sign-in waits this much longer than the costliest hash takes on average, so that a slow hash does not stand out either.
const LEAST_MARGIN: f64 = 0.12;
/// The same margin in mean deviations, for a busy machine on which hashes of one cost take unequally long.
const DEVIATIONS: f64 = 1.5;
const LARGEST_MARGIN: f64 = 1.0;
/// Weight of the newest hash in the load.
const LOAD_WEIGHT: f64 = 1.0 / 8.0;
/// Weight of the newest hash in the load of its own cost.
const OWN_LOAD_WEIGHT: f64 = 1.0 / 4.0;
/// How fast the load of an unused cost returns to the common load.
const RETURN_WEIGHT: f64 = 1.0 / 32.0;
/// Weight of the newest hash in the usual time of its cost, after [`FIRST`] measurements. Small, because the load changes much faster.
const USUAL_WEIGHT: f64 = 1.0 / 64.0;
/// Number of first measurements with equal weight.
const FIRST: u32 = 5;
/// A single hash counts for at most this many times the usual: the machine may have been suspended.
const MOST_AT_ONCE: f64 = 4.0;
/// The same for the work after a hash.
const LONGEST_REST: Duration = Duration::from_millis(200);
/// How much of the longest rest each further one leaves.
const REST_KEPT: f64 = 0.97;

/// A hash takes (the usual time of its cost) × (the load), and each measurement moves both. So the estimate of an unused costly hash
/// also grows while the machine is busy. Load does not slow all hashes equally, so each cost in recent use has its own load.
#[derive(Debug)]
pub struct Estimates {
    usual: BTreeMap<HashCost, Usual>,
    load: f64,
    rest: Duration,
}

#[derive(Clone, Copy, Debug)]
struct Usual {
    seconds: f64,
    measured: u32,
    /// The load of this cost.
    load: f64,
    /// Mean deviation of single hashes, as a fraction of the average.
    deviation: f64,
}

impl Default for Estimates {
    fn default() -> Self {
        Self { usual: BTreeMap::new(), load: 1.0, rest: Duration::ZERO }
    }
}

impl Estimates {
    /// Adds a measurement.
    pub fn observe(&mut self, cost: HashCost, took: Duration) {
        let took = took.as_secs_f64().max(1e-9);
        let load = self.load;
        let usual = self.usual.entry(cost).or_insert(Usual {
            seconds: took / load,
            measured: 0,
            load,
            deviation: 0.0,
        });
        let own_times = (took / usual.seconds / usual.load).clamp(1.0 / MOST_AT_ONCE, MOST_AT_ONCE);
        usual.load *= 1.0 + OWN_LOAD_WEIGHT * (own_times - 1.0);
        usual.deviation += LOAD_WEIGHT * ((own_times - 1.0).abs() - usual.deviation);
        let times = (took / usual.seconds / load).clamp(1.0 / MOST_AT_ONCE, MOST_AT_ONCE);
        usual.measured = usual.measured.saturating_add(1);
        let is_first = usual.measured <= FIRST;
        let weight = if is_first { 1.0 / f64::from(usual.measured) } else { USUAL_WEIGHT };
        usual.seconds *= 1.0 + weight * (times - 1.0);
        self.load *= 1.0 + LOAD_WEIGHT * (times - 1.0);
        for (_, other) in self.usual.iter_mut().filter(|(other, _)| **other != cost) {
            other.load += RETURN_WEIGHT * (self.load - other.load);
            other.deviation *= 1.0 - RETURN_WEIGHT;
        }
    }

    /// Whether this cost was measured.
    pub fn knows(&self, cost: HashCost) -> bool {
        self.usual.contains_key(&cost)
    }

    /// Adds how long a failed sign-in worked after its hash.
    pub fn observe_rest(&mut self, took: Duration) {
        self.rest = took.min(LONGEST_REST).max(self.rest.mul_f64(REST_KEPT));
    }

    /// How long a hash of this cost takes now.
    pub fn of(&self, cost: HashCost) -> Duration {
        match self.usual.get(&cost) {
            Some(usual) => Duration::from_secs_f64(usual.seconds * usual.load.max(self.load)),
            None => cost.guess(),
        }
    }

    /// The same with a margin that covers most hashes.
    fn most(&self, cost: HashCost) -> Duration {
        let deviation = self.usual.get(&cost).map_or(0.0, |usual| usual.deviation);
        let margin = (DEVIATIONS * deviation).clamp(LEAST_MARGIN, LARGEST_MARGIN);
        self.of(cost).mul_f64(1.0 + margin)
    }

    /// How long after the start of its hash a failed sign-in is answered, if hashes of these costs are in use.
    pub fn until_answer(&self, costs: impl IntoIterator<Item = HashCost>) -> Duration {
        let longest = costs.into_iter().map(|cost| self.most(cost)).max().unwrap_or_default();
        longest + self.rest
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const MILLISECOND: Duration = Duration::from_millis(1);

    fn cost(text: &str) -> HashCost {
        text.parse().unwrap()
    }

    fn today() -> HashCost {
        cost("argon2id v=19 m=19456 t=2 p=1")
    }

    /// `(cost, milliseconds)`
    fn measured(all: &[(&str, u32)]) -> Estimates {
        let mut estimates = Estimates::default();
        for (text, took) in all {
            estimates.observe(cost(text), *took * MILLISECOND);
        }
        estimates
    }

    fn is_near(found: Duration, expected: Duration) -> bool {
        found > expected.mul_f64(0.8) && found < expected.mul_f64(1.25)
    }

    #[test]
    fn the_most_expensive_hash_in_use_decides() {
        const TODAY: &str = "argon2id v=19 m=19456 t=2 p=1";
        const RAISED: &str = "argon2id v=19 m=65536 t=2 p=1";
        let estimates =
            measured(&[(TODAY, 20), (RAISED, 80), ("bcrypt 12", 250), ("bcrypt 15", 2_000)]);
        for (costs, longest) in [
            (&[TODAY][..], 20),
            (&[TODAY, RAISED], 80),
            (&[RAISED, TODAY], 80),
            (&[TODAY, "bcrypt 12", RAISED], 250),
            (&[TODAY, "bcrypt 15"], 2_000),
        ] {
            let until = estimates.until_answer(costs.iter().map(|text| cost(text)));
            let expected = (longest * MILLISECOND).mul_f64(1.0 + LEAST_MARGIN);
            assert!(until.abs_diff(expected) < MILLISECOND, "{costs:?}: {until:?}");
        }
    }

    #[test]
    fn an_unmeasured_cost_is_estimated() {
        let estimates = measured(&[("argon2id v=19 m=19456 t=2 p=1", 20)]);
        assert_eq!(estimates.of(cost("bcrypt 12")), cost("bcrypt 12").guess());
        assert!(!estimates.knows(cost("bcrypt 12")) && estimates.knows(today()));
    }

    #[test]
    fn the_estimate_of_an_unused_hash_follows_the_load() {
        let mut estimates = measured(&[("argon2id v=19 m=19456 t=2 p=1", 20); 5]);
        estimates.observe(cost("bcrypt 12"), 250 * MILLISECOND);
        let bcrypt = cost("bcrypt 12");
        for _ in 0..40 {
            estimates.observe(today(), 60 * MILLISECOND);
        }
        assert!(is_near(estimates.of(bcrypt), 750 * MILLISECOND), "{:?}", estimates.of(bcrypt));
        assert!(is_near(estimates.of(today()), 60 * MILLISECOND));
        for _ in 0..120 {
            estimates.observe(today(), 20 * MILLISECOND);
        }
        assert!(is_near(estimates.of(bcrypt), 250 * MILLISECOND), "{:?}", estimates.of(bcrypt));
    }

    #[test]
    fn one_hash_in_a_suspended_machine_does_not_make_sign_ins_slow() {
        let mut estimates = measured(&[("argon2id v=19 m=19456 t=2 p=1", 20); 9]);
        estimates.observe(today(), Duration::from_hours(8));
        assert!(estimates.of(today()) < 60 * MILLISECOND, "{:?}", estimates.of(today()));
        assert!(estimates.most(today()) < 90 * MILLISECOND, "{:?}", estimates.most(today()));
        for _ in 0..30 {
            estimates.observe(today(), 20 * MILLISECOND);
        }
        assert!(is_near(estimates.of(today()), 20 * MILLISECOND), "{:?}", estimates.of(today()));
    }

    #[test]
    fn a_cost_that_slows_more_under_load_is_measured_by_its_own_hashes() {
        let mut estimates = measured(&[("argon2id v=19 m=19456 t=2 p=1", 20); 5]);
        let bcrypt = cost("bcrypt 12");
        estimates.observe(bcrypt, 250 * MILLISECOND);
        // Under load, one in three is bcrypt, and takes from 400 to 600 ms.
        let mut late = 0;
        for n in 0..120 {
            for _ in 0..2 {
                estimates.observe(today(), 25 * MILLISECOND);
            }
            let took = (400 + n * 37 % 200) * MILLISECOND;
            late += u32::from(n >= 20 && took > estimates.until_answer([bcrypt]));
            estimates.observe(bcrypt, took);
        }
        assert!(late < 40, "{late} of 100 later than the common answer");
        // Later, without a sign-in with bcrypt.
        let busy = estimates.of(bcrypt);
        for _ in 0..300 {
            estimates.observe(today(), 20 * MILLISECOND);
        }
        assert!(estimates.of(bcrypt) < busy.mul_f64(0.9), "{:?}", estimates.of(bcrypt));
    }

    #[test]
    fn work_after_the_hash_is_added_and_decays_slowly() {
        let mut estimates = measured(&[("argon2id v=19 m=19456 t=2 p=1", 20)]);
        let before = estimates.until_answer([today()]);
        estimates.observe_rest(Duration::from_secs(5));
        assert_eq!(estimates.until_answer([today()]), before + LONGEST_REST);
        for _ in 0..200 {
            estimates.observe_rest(2 * MILLISECOND);
        }
        assert_eq!(estimates.until_answer([today()]), before + 2 * MILLISECOND);
    }

    proptest! {
        #[test]
        fn a_response_takes_at_least_as_long_as_any_hash_in_use(
            took in prop::collection::vec((0..4_u32, 1..5_000_u64), 0..100),
            rest in 0..300_u64,
        ) {
            let mut estimates = Estimates::default();
            let cost = |n| HashCost::Bcrypt(4 + n);
            for (n, took) in took {
                estimates.observe(cost(n), Duration::from_micros(took));
            }
            estimates.observe_rest(Duration::from_millis(rest));
            let until = estimates.until_answer((0..4).map(cost));
            for n in 0..4 {
                prop_assert!(until >= estimates.of(cost(n)));
            }
            prop_assert!(until < Duration::from_secs(10));
        }
    }
}
