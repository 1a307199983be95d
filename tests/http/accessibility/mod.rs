//! Every page in every state for everyone: with a screen reader, with the keyboard alone, in high contrast, and very large (WCAG 2.2 AA).

mod axe;
mod keyboard;
mod layout;
mod markup;
mod screen;
mod states;
mod weight;

use std::collections::BTreeMap;

/// What is wrong, and the states in which it is.
#[derive(Default)]
struct Faults(BTreeMap<String, Vec<String>>);

impl Faults {
    /// Adds each line of `found`.
    fn add(&mut self, state: &str, found: &str) {
        for fault in found.lines().filter(|it| !it.is_empty()) {
            let states = self.0.entry(fault.to_owned()).or_default();
            if states.last().is_none_or(|last| last != state) {
                states.push(state.to_owned());
            }
        }
    }

    /// Fails with all of them, if there are any.
    #[track_caller]
    fn are_none(&self) {
        let lines =
            self.0.iter().map(|(fault, states)| format!("{fault}\n    in {}", states.join("; ")));
        let lines: Vec<_> = lines.collect();
        assert!(lines.is_empty(), "{} faults:\n{}", lines.len(), lines.join("\n"));
    }
}
