//! Which rules of the proxies this process has recorded within the last hour, so that the gate writes nothing for most requests.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::clock::Timestamp;
use crate::domain::gate::rule::Rule;

/// How often a rule is recorded again.
const EVERY: Duration = Duration::from_hours(1);

/// How many rules of one app are recorded. Only rules for the apps of `GATE_ORIGINS` are, so the memory is bounded.
pub const MOST: u32 = 50;

/// The rules that were recorded lately, by origin.
#[derive(Debug, Default)]
pub struct AskedRules(Mutex<HashMap<String, Vec<AskedRule>>>);

/// What a rule requires, as the proxy wrote it, and when it was recorded.
#[derive(Debug)]
struct AskedRule {
    roles: Vec<String>,
    second_factor: bool,
    recorded_at: Timestamp,
}

impl AskedRule {
    fn is_for(&self, rule: &Rule) -> bool {
        self.second_factor == rule.second_factor && self.roles == rule.roles
    }

    fn is_recent(&self, now: Timestamp) -> bool {
        self.recorded_at.is_within(EVERY, now)
    }
}

impl AskedRules {
    /// Whether it is time to record an app's rule. If so, the next time is an hour later, whether or not that works. Nearly every request of
    /// the gate ends here, so that a rule which is not due costs a comparison.
    pub fn is_due(&self, origin: &str, rule: &Rule, now: Timestamp) -> bool {
        let mut origins = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let rules = match origins.get_mut(origin) {
            Some(rules) => rules,
            None => origins.entry(origin.to_owned()).or_default(),
        };
        if let Some(known) = rules.iter_mut().find(|it| it.is_for(rule)) {
            let is_due = !known.is_recent(now);
            if is_due {
                known.recorded_at = now;
            }
            return is_due;
        }
        if rules.len() >= MOST as usize {
            rules.retain(|it| it.is_recent(now));
        }
        let is_due = rules.len() < MOST as usize;
        if is_due {
            let Rule { roles, second_factor, .. } = rule.clone();
            rules.push(AskedRule { roles, second_factor, recorded_at: now });
        }
        is_due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_000_000);
    const APP: &str = "https://app.example.org";

    fn rule(role: &str) -> Rule {
        Rule { roles: vec![role.into()], ..Rule::default() }
    }

    #[test]
    fn a_rule_is_recorded_once_an_hour() {
        let (asked, family) = (AskedRules::default(), rule("family"));
        for (seconds, is_due) in
            [(0, true), (0, false), (3_599, false), (3_600, true), (7_199, false)]
        {
            assert_eq!(asked.is_due(APP, &family, Timestamp(NOW.0 + seconds)), is_due, "{seconds}");
        }
        assert!(asked.is_due("https://other.example.org", &family, NOW));
        assert!(asked.is_due(APP, &Rule { second_factor: true, ..family.clone() }, NOW));
        // The clock was set back.
        assert!(asked.is_due(APP, &family, Timestamp(NOW.0 - 86_400)));
    }

    #[test]
    fn memory_and_writes_are_bounded() {
        let asked = AskedRules::default();
        let ask = |hours: i64| {
            let now = Timestamp(NOW.0 + hours * 3_600);
            let rules = (0..10_000).map(|number| rule(&format!("{hours}-{number}")));
            rules.filter(|rule| asked.is_due(APP, rule, now)).count()
        };
        assert_eq!((ask(0), ask(0), ask(1)), (MOST as usize, 0, MOST as usize));
        assert_eq!(asked.0.lock().unwrap()[APP].len(), MOST as usize);
    }
}
