//! Which rules of the proxies this process has recorded within the last hour, so that the gate writes nothing for most requests.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::clock::Timestamp;
use crate::domain::gate::requirement::Requirement;

/// How often a rule is recorded again.
const EVERY: Duration = Duration::from_hours(1);

/// How many rules of one app are recorded. Only proxies ask the gate, and only about the apps of `GATE_ORIGINS`, so the memory is bounded.
pub const MOST: usize = 50;

/// The rules that were recorded lately, by origin.
#[derive(Debug, Default)]
pub struct AskedRules(Mutex<HashMap<String, HashMap<Requirement, Timestamp>>>);

impl AskedRules {
    /// Whether it is time to record that an app's rule has this requirement. If so, the next time is an hour later, whether or not that
    /// works.
    pub fn is_due(&self, origin: &str, requirement: &Requirement, now: Timestamp) -> bool {
        let mut origins = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_recent = |at: &Timestamp| at.is_within(EVERY, now);
        let known = origins.get(origin).and_then(|rules| rules.get(requirement));
        if known.is_some_and(is_recent) {
            return false;
        }
        let rules = origins.entry(origin.to_owned()).or_default();
        if rules.len() >= MOST {
            rules.retain(|_, at| is_recent(at));
        }
        if rules.len() >= MOST && !rules.contains_key(requirement) {
            return false;
        }
        rules.insert(requirement.clone(), now);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_000_000);
    const APP: &str = "https://app.example.org";

    fn requirement(roles: &str) -> Requirement {
        Requirement { roles: roles.into(), second_factor: false }
    }

    #[test]
    fn a_rule_is_recorded_once_an_hour() {
        let (asked, family) = (AskedRules::default(), requirement("family"));
        for (seconds, is_due) in
            [(0, true), (0, false), (3_599, false), (3_600, true), (7_199, false)]
        {
            assert_eq!(asked.is_due(APP, &family, Timestamp(NOW.0 + seconds)), is_due, "{seconds}");
        }
        assert!(asked.is_due("https://other.example.org", &family, NOW));
        assert!(asked.is_due(APP, &Requirement { second_factor: true, ..family.clone() }, NOW));
        // The clock was set back.
        assert!(asked.is_due(APP, &family, Timestamp(NOW.0 - 86_400)));
    }

    #[test]
    fn memory_and_writes_are_bounded() {
        let asked = AskedRules::default();
        let ask = |hours: i64| {
            let now = Timestamp(NOW.0 + hours * 3_600);
            let rules = (0..10_000).map(|number| requirement(&format!("{hours}-{number}")));
            rules.filter(|rule| asked.is_due(APP, rule, now)).count()
        };
        assert_eq!((ask(0), ask(0), ask(1)), (MOST, 0, MOST));
        assert_eq!(asked.0.lock().unwrap()[APP].len(), MOST);
    }
}
